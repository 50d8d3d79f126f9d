//! Plain SQL for tests that ask PostgreSQL about itself.
use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use serde::de::DeserializeOwned;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    value: String,
}

/// All rows of a query, read from their JSON.
pub async fn rows<T: DeserializeOwned>(connection: &mut AsyncPgConnection, query: &str) -> Vec<T> {
    let query = format!("SELECT to_json(answer)::text AS value FROM ({query}) AS answer");
    let rows: Vec<Row> = sql_query(&query)
        .load(connection)
        .await
        .unwrap_or_else(|error| panic!("{error}\nin {query}"));
    rows.iter()
        .map(|row| {
            serde_json::from_str(&row.value).unwrap_or_else(|e| panic!("{e}: {}", row.value))
        })
        .collect()
}

/// The texts of a query's one column `value`.
pub async fn texts(connection: &mut AsyncPgConnection, query: &str) -> Vec<String> {
    let rows: Vec<Row> = sql_query(query)
        .load(connection)
        .await
        .unwrap_or_else(|error| panic!("{error}\nin {query}"));
    rows.into_iter().map(|row| row.value).collect()
}

/// Runs statements that must succeed.
pub async fn execute(connection: &mut AsyncPgConnection, statements: &str) {
    connection
        .batch_execute(statements)
        .await
        .unwrap_or_else(|error| panic!("{error}\nin {statements}"));
}

/// Runs statements that must be refused, and tells PostgreSQL's words.
pub async fn refusal(connection: &mut AsyncPgConnection, statements: &str) -> String {
    match connection.batch_execute(statements).await {
        Ok(()) => panic!("not refused: {statements}"),
        Err(error) => error.to_string(),
    }
}
