//! Partitions are made ahead and dropped by the owner's functions, on behalf of the worker.
use crate::{sql, world};
use diesel_async::AsyncPgConnection;

async fn partitions(connection: &mut AsyncPgConnection, parent: &str) -> Vec<String> {
    let query = format!(
        "SELECT inhrelid::regclass::text AS value FROM pg_inherits
        WHERE inhparent = '{parent}'::regclass ORDER BY 1"
    );
    sql::texts(connection, &query).await
}

async fn number(connection: &mut AsyncPgConnection, query: &str) -> i64 {
    let query = format!("SELECT ({query})::text AS value");
    sql::texts(connection, &query).await[0].parse().unwrap()
}

#[tokio::test]
async fn days_and_months_are_made_once() {
    let database = testkit::database().await;
    let pool = database.worker();
    let mut worker = pool.get().await.unwrap();
    let ensure = "SELECT ensure_partitions('2031-01-30', 5)";
    assert_eq!(number(&mut worker, ensure).await, 5 + 2 + 2);
    assert_eq!(number(&mut worker, ensure).await, 0);
    let days = partitions(&mut worker, "readings").await;
    assert!(days.contains(&"readings_20310130".to_owned()));
    assert!(days.contains(&"readings_20310203".to_owned()));
    let months = partitions(&mut worker, "event_logs").await;
    assert!(months.contains(&"event_logs_203102".to_owned()));
}

#[tokio::test]
async fn a_day_is_utcs_whatever_the_sessions_zone() {
    let database = testkit::database().await;
    let pool = database.worker();
    let mut worker = pool.get().await.unwrap();
    sql::execute(&mut worker, "SET timezone = 'Asia/Phnom_Penh'").await;
    number(&mut worker, "SELECT ensure_partitions('2031-01-30', 1)").await;
    sql::execute(&mut worker, "SET timezone = 'UTC'").await;
    let bounds = sql::texts(
        &mut worker,
        "SELECT pg_get_expr(relpartbound, oid) AS value FROM pg_class WHERE relname = 'readings_20310130'",
    )
    .await;
    assert_eq!(
        bounds,
        ["FOR VALUES FROM ('2031-01-30 00:00:00+00') TO ('2031-01-31 00:00:00+00')"]
    );
}

#[tokio::test]
async fn rows_that_came_before_their_partition_move_into_it() {
    let database = testkit::database().await;
    let (owner, worker) = (database.owner(), database.worker());
    let (mut owner, mut worker) = (owner.get().await.unwrap(), worker.get().await.unwrap());
    world::fill(&mut owner).await;
    sql::execute(
        &mut owner,
        "INSERT INTO readings (ts, value, batch_id, series_id) VALUES ('2031-01-30 12:00+00', 1, 1, 1);
        INSERT INTO event_logs (created_at, event_type, event_category, severity, message)
            VALUES ('2031-01-30 12:00+00', 'signed_in', 'user', 'info', '')",
    )
    .await;
    number(&mut worker, "SELECT ensure_partitions('2031-01-30', 1)").await;
    assert_eq!(number(&mut owner, "SELECT count(*) FROM readings_20310130").await, 1);
    assert_eq!(number(&mut owner, "SELECT count(*) FROM readings_default").await, 0);
    assert_eq!(number(&mut owner, "SELECT count(*) FROM event_logs_203101").await, 1);
    for table in ["event_logs_203101", "event_logs"] {
        let refusal = sql::refusal(&mut owner, &format!("DELETE FROM {table}")).await;
        assert!(refusal.contains("only added to"), "{table}: {refusal}");
        let refusal = sql::refusal(&mut owner, &format!("TRUNCATE {table}")).await;
        assert!(refusal.contains("only added to"), "{table}: {refusal}");
    }
}

#[tokio::test]
async fn old_days_are_dropped_whole_and_the_rest_stays() {
    let database = testkit::database().await;
    let (owner, worker) = (database.owner(), database.worker());
    let (mut owner, mut worker) = (owner.get().await.unwrap(), worker.get().await.unwrap());
    number(&mut worker, "SELECT ensure_partitions('2021-01-30', 3)").await;
    sql::execute(
        &mut owner,
        "INSERT INTO readings (ts, value, batch_id, series_id)
        SELECT at, 1, 1, 1 FROM unnest(ARRAY['2001-01-01', '2021-01-30', '2021-01-31',
            '2021-02-01']::timestamptz[]) AS at",
    )
    .await;
    assert_eq!(number(&mut worker, "SELECT drop_readings_before('2021-02-01')").await, 2);
    assert_eq!(number(&mut owner, "SELECT count(*) FROM readings").await, 1);
    let future = "SELECT drop_readings_before((now() + interval '2 days')::date)";
    let refusal = sql::refusal(&mut worker, future).await;
    assert!(refusal.contains("in the future"), "{refusal}");
}

#[tokio::test]
async fn the_app_neither_makes_nor_drops_partitions() {
    let database = testkit::database().await;
    let pool = database.app();
    let mut app = pool.get().await.unwrap();
    for call in ["ensure_partitions('2031-01-30', 1)", "drop_readings_before('2001-01-01')"] {
        let refusal = sql::refusal(&mut app, &format!("SELECT {call}")).await;
        assert!(refusal.contains("permission denied"), "{refusal}");
    }
}
