//! The PostgreSQL of the tests, and saying things to it as its superuser.
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use std::env;

/// The variable that names a superuser's URL.
const VARIABLE: &str = "TOKKATOT_TEST_PG_URL";

pub(super) fn superuser_url() -> String {
    env::var(VARIABLE).unwrap_or_else(|_| {
        panic!("{VARIABLE} is not set: run the tests by `make test`, which starts their services")
    })
}

/// The superuser's URL with another user and database. The roles have no password: the PostgreSQL of
/// the tests trusts its own machine.
pub(super) fn url_of(user: &str, database: &str) -> String {
    let url = superuser_url();
    let rest = url.split_once("://").map_or(url.as_str(), |(_, rest)| rest);
    let host = rest.split('/').next().unwrap_or(rest);
    let host = host.rsplit('@').next().unwrap_or(host);
    format!("postgres://{user}@{host}/{database}")
}

/// The superuser's URL with another database.
pub(super) fn superuser_url_of(database: &str) -> String {
    let url = superuser_url();
    let server = url.rsplit_once('/').map_or(url.as_str(), |(server, _)| server);
    format!("{server}/{database}")
}

pub(super) async fn admin() -> AsyncPgConnection {
    connect(&superuser_url()).await
}

pub(super) async fn connect(url: &str) -> AsyncPgConnection {
    AsyncPgConnection::establish(url).await.unwrap_or_else(|error| {
        panic!("the PostgreSQL of the tests ({VARIABLE}) does not answer: {error}")
    })
}

pub(super) async fn execute(connection: &mut AsyncPgConnection, statement: &str) {
    connection
        .batch_execute(statement)
        .await
        .unwrap_or_else(|error| panic!("PostgreSQL refused `{statement}`: {error}"));
}

/// The one text that `query` gives.
pub(super) async fn text(connection: &mut AsyncPgConnection, query: &str) -> String {
    #[derive(diesel::QueryableByName)]
    struct Row {
        #[diesel(sql_type = diesel::sql_types::Text)]
        value: String,
    }
    let query = format!("SELECT value FROM ({query}) AS answer (value)");
    let row: Row = diesel::sql_query(&query)
        .get_result(connection)
        .await
        .unwrap_or_else(|error| panic!("PostgreSQL refused `{query}`: {error}"));
    row.value
}
