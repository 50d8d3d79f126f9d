//! How PostgreSQL carries out what a store function asks: the function's own statements are caught on
//! their way and explained, with the plan that serves every parameter.
use crate::sql;
use diesel::connection::InstrumentationEvent;
use diesel_async::{AsyncConnection, AsyncPgConnection};
use std::sync::{Arc, Mutex};
use store::Database;

/// Tables and partitions with at least this many rows may not be read from end to end.
const BIG: u32 = 10_000;

/// The statements that `work` sends to PostgreSQL.
pub async fn statements_of<T>(
    connection: &mut AsyncPgConnection,
    work: impl AsyncFnOnce(&mut AsyncPgConnection) -> T,
) -> (Vec<String>, T) {
    let caught = catch(connection);
    let answer = work(connection).await;
    connection.set_instrumentation(|_: InstrumentationEvent<'_>| {});
    (texts(&caught), answer)
}

/// The statements that `work` sends over the only connection of a pool.
pub async fn statements_over<T>(
    database: &Database,
    work: impl Future<Output = T>,
) -> (Vec<String>, T) {
    let caught = catch(&mut database.get().await.unwrap());
    let answer = work.await;
    database.get().await.unwrap().set_instrumentation(|_: InstrumentationEvent<'_>| {});
    (texts(&caught), answer)
}

type Caught = Arc<Mutex<Vec<String>>>;

fn catch(connection: &mut AsyncPgConnection) -> Caught {
    let caught = Caught::default();
    let catcher = Arc::clone(&caught);
    connection.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if let InstrumentationEvent::StartQuery { query, .. } = event {
            catcher.lock().unwrap().push(query.to_string());
        }
    });
    caught
}

fn texts(caught: &Caught) -> Vec<String> {
    let caught = caught.lock().unwrap();
    let statements = caught.iter().filter_map(|query| query.split(" -- binds").next());
    statements.map(str::to_owned).collect()
}

/// The plan of a statement with parameters.
pub async fn explain(connection: &mut AsyncPgConnection, statement: &str) -> String {
    sql::execute(
        connection,
        &format!("SET plan_cache_mode = force_generic_plan; PREPARE explained AS {statement}"),
    )
    .await;
    // Times decide which partitions are looked at before the plan is shown; nothing else does.
    let kinds =
        "SELECT CASE kind WHEN 'timestamptz'::regtype THEN 'now() - interval ''10 minutes'''
            ELSE 'NULL' END AS value
        FROM pg_prepared_statements, unnest(parameter_types) AS kind WHERE name = 'explained'";
    let arguments = sql::texts(connection, kinds).await.join(", ");
    let arguments = if arguments.is_empty() { arguments } else { format!("({arguments})") };
    let plan = explain_prepared(connection, &arguments).await;
    sql::execute(connection, "DEALLOCATE explained; RESET plan_cache_mode").await;
    plan
}

/// Asserts that a plan finds its rows in the big tables by an index.
pub async fn assert_uses_index(owner: &mut AsyncPgConnection, plan: &str) {
    let big = sql::texts(
        owner,
        &format!(
            "SELECT relname::text AS value FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND reltuples >= {BIG}"
        ),
    )
    .await;
    assert!(!big.is_empty(), "a table is big");
    let names_big = |line: &str| {
        let name = line.split(" on ").nth(1).and_then(|rest| rest.split_whitespace().next());
        name.is_some_and(|name| big.iter().any(|table| table == name))
    };
    for line in plan.lines().filter(|line| line.contains("Seq Scan on ")) {
        assert!(!names_big(line), "{line}\nin\n{plan}");
    }
    let uses = plan.lines().any(|line| {
        (line.contains("Index Scan")
            || line.contains("Index Only Scan")
            || line.contains("Bitmap Heap Scan"))
            && names_big(line)
    });
    assert!(uses, "no index on a big table in\n{plan}");
}

async fn explain_prepared(connection: &mut AsyncPgConnection, arguments: &str) -> String {
    use diesel::{QueryableByName, sql_query, sql_types::Text};
    use diesel_async::RunQueryDsl;
    #[derive(QueryableByName)]
    struct Line {
        #[diesel(sql_type = Text, column_name = "QUERY PLAN")]
        plan: String,
    }
    let lines: Vec<Line> =
        sql_query(format!("EXPLAIN EXECUTE explained{arguments}")).load(connection).await.unwrap();
    lines.iter().map(|line| line.plan.as_str()).collect::<Vec<_>>().join("\n")
}
