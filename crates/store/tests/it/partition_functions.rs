//! Partitions are made ahead and dropped by the owner's functions, on behalf of the worker.
use crate::{sql, world};
use diesel_async::AsyncPgConnection;
use domain::Timestamp;
use std::time::Duration;
use store::{Database, DatabaseSettings, health, partitions};
use testkit::{DatabaseRole, TestDatabase};

/// 2031-01-30T00:00:00Z, two days before the month ends.
const DAY: Timestamp = Timestamp::from_millis(1_927_497_600_000);

async fn names(connection: &mut AsyncPgConnection, parent: &str) -> Vec<String> {
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

/// Adds a reading every so many seconds of that day and of the next, in the default partition.
async fn add_readings(owner: &mut AsyncPgConnection, seconds: u32) {
    let insert = format!(
        "INSERT INTO readings (ts, value, batch_id, series_id)
        SELECT at, 1, 1, 1 FROM generate_series('2031-01-30 00:00+00'::timestamptz,
            '2031-01-31 23:59+00', interval '{seconds} seconds') AS at"
    );
    sql::execute(owner, &insert).await;
}

/// Makes one partition, at most `most_rows` rows of which may have come before it.
async fn make_one(worker: &mut AsyncPgConnection, most_rows: u32) -> Option<String> {
    let call = format!("make_partition('2031-01-30', 2, {most_rows})");
    sql::texts(worker, &format!("SELECT coalesce({call}, '') AS value"))
        .await
        .pop()
        .filter(|name| !name.is_empty())
}

#[tokio::test]
async fn days_and_months_are_made_once() {
    let database = testkit::database().await;
    let pool = database.worker();
    let mut worker = pool.get().await.unwrap();
    assert_eq!(partitions::ensure(&mut worker, DAY, 5).await.unwrap(), 5 + 2 + 2);
    assert_eq!(partitions::ensure(&mut worker, DAY, 5).await.unwrap(), 0);
    let days = names(&mut worker, "readings").await;
    assert!(days.contains(&"readings_20310130".to_owned()));
    assert!(days.contains(&"readings_20310203".to_owned()));
    let months = names(&mut worker, "event_logs").await;
    assert!(months.contains(&"event_logs_203102".to_owned()));
}

#[tokio::test]
async fn a_day_is_utcs_whatever_the_sessions_zone() {
    let database = testkit::database().await;
    let pool = database.worker();
    let mut worker = pool.get().await.unwrap();
    sql::execute(&mut worker, "SET timezone = 'Asia/Phnom_Penh'").await;
    partitions::ensure(&mut worker, DAY, 1).await.unwrap();
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
    assert_eq!(health::out_of_place(&mut worker).await.unwrap(), ["event_logs", "readings"]);
    partitions::ensure(&mut worker, DAY, 1).await.unwrap();
    assert_eq!(health::out_of_place(&mut worker).await.unwrap(), Vec::<String>::new());
    assert_eq!(number(&mut owner, "SELECT count(*) FROM readings_20310130").await, 1);
    assert_eq!(number(&mut owner, "SELECT count(*) FROM event_logs_203101").await, 1);
    for table in ["event_logs_203101", "event_logs"] {
        let refusal = sql::refusal(&mut owner, &format!("DELETE FROM {table}")).await;
        assert!(refusal.contains("only added to"), "{table}: {refusal}");
    }
    for table in ["event_logs_203101", "event_logs_default", "event_logs"] {
        let refusal = sql::refusal(&mut owner, &format!("TRUNCATE {table}")).await;
        assert!(refusal.contains("only added to"), "{table}: {refusal}");
    }
    let asleep = "SELECT count(*) FROM pg_trigger WHERE tgenabled <> 'O'";
    assert_eq!(number(&mut owner, asleep).await, 0);
}

#[tokio::test]
async fn a_backlog_moves_in_bounded_steps_and_stays_in_sight() {
    let database = testkit::database().await;
    let (owner, worker) = (database.owner(), database.worker());
    let (mut owner, mut worker) = (owner.get().await.unwrap(), worker.get().await.unwrap());
    add_readings(&mut owner, 3600).await;
    let moved = "SELECT count(*) FROM readings WHERE tableoid <> 'readings_default'::regclass";
    let mut seen = Vec::new();
    let mut before = 0;
    while let Some(name) = make_one(&mut worker, 10).await {
        let now = number(&mut owner, moved).await;
        assert!(now - before <= 10, "{name} took {}", now - before);
        assert_eq!(number(&mut owner, "SELECT count(*) FROM readings").await, 48);
        before = now;
        seen.push(name);
    }
    assert_eq!(before, 48);
    let newest_first = ["readings_20310131_1800", "readings_20310131_0900"];
    let of_readings = seen.iter().filter(|name| name.starts_with("readings_"));
    assert_eq!(of_readings.take(2).collect::<Vec<_>>(), newest_first);
    let days = health::partitions_ahead(&mut worker, DAY).await.unwrap();
    assert_eq!(days, 2, "the pieces cover both days");
}

#[tokio::test]
async fn the_time_limit_of_other_statements_does_not_stop_it() {
    let database = testkit::database().await;
    let pool = database.owner();
    let mut owner = pool.get().await.unwrap();
    add_readings(&mut owner, 1).await;
    let mut settings = DatabaseSettings::new(database.url(DatabaseRole::Worker), 1);
    settings.statement_timeout = Duration::from_millis(50);
    let hurried = Database::new(&settings).await.unwrap();
    let mut worker = hurried.get().await.unwrap();
    assert_eq!(partitions::ensure(&mut worker, DAY, 2).await.unwrap(), 2 + 1 + 1);
    let limit = sql::texts(&mut worker, "SELECT current_setting('statement_timeout') AS value");
    assert_eq!(limit.await, ["50ms"], "and holds again for what comes after");
}

#[tokio::test]
async fn a_detached_table_does_not_stand_for_its_partition() {
    let database = testkit::database().await;
    let (owner, worker) = (database.owner(), database.worker());
    let (mut owner, mut worker) = (owner.get().await.unwrap(), worker.get().await.unwrap());
    partitions::ensure(&mut worker, DAY, 3).await.unwrap();
    assert_eq!(health::partitions_ahead(&mut worker, DAY).await.unwrap(), 3);
    let detach = "ALTER TABLE readings DETACH PARTITION readings_20310131";
    sql::execute(&mut owner, detach).await;
    assert_eq!(health::partitions_ahead(&mut worker, DAY).await.unwrap(), 1);
    assert_eq!(partitions::ensure(&mut worker, DAY, 3).await.unwrap(), 1);
    assert_eq!(health::partitions_ahead(&mut worker, DAY).await.unwrap(), 3);
}

#[tokio::test]
async fn months_count_as_days_ahead_too() {
    let database = testkit::database().await;
    let (owner, worker) = (database.owner(), database.worker());
    let (mut owner, mut worker) = (owner.get().await.unwrap(), worker.get().await.unwrap());
    partitions::ensure(&mut worker, DAY, 5).await.unwrap();
    assert_eq!(health::partitions_ahead(&mut worker, DAY).await.unwrap(), 5);
    sql::execute(&mut owner, "DROP TABLE event_logs_203102").await;
    assert_eq!(health::partitions_ahead(&mut worker, DAY).await.unwrap(), 2);
}

#[tokio::test]
async fn old_days_are_dropped_whole_and_the_rest_stays() {
    let database = testkit::database().await;
    let (owner, worker) = (database.owner(), database.worker());
    let (mut owner, mut worker) = (owner.get().await.unwrap(), worker.get().await.unwrap());
    // 2021-01-30T00:00:00Z
    let day = Timestamp::from_millis(1_611_964_800_000);
    partitions::ensure(&mut worker, day, 3).await.unwrap();
    sql::execute(
        &mut owner,
        "INSERT INTO readings (ts, value, batch_id, series_id)
        SELECT at, 1, 1, 1 FROM unnest(ARRAY['2001-01-01', '2021-01-30', '2021-01-31',
            '2021-02-01']::timestamptz[]) AS at",
    )
    .await;
    let third = day.plus(Duration::from_secs(2 * 86_400));
    assert_eq!(partitions::drop_readings_before(&mut worker, third).await.unwrap(), 2);
    assert_eq!(number(&mut owner, "SELECT count(*) FROM readings").await, 1);
}

#[tokio::test]
async fn the_readings_of_a_week_are_never_dropped() {
    let database = testkit::database().await;
    let pool = database.worker();
    let mut worker = pool.get().await.unwrap();
    sql::execute(&mut worker, "SELECT drop_readings_before(current_date - 7)").await;
    let refusal = sql::refusal(&mut worker, "SELECT drop_readings_before(current_date - 6)").await;
    assert!(refusal.contains("kept for 7 days at least"), "{refusal}");
}

#[tokio::test]
async fn the_app_neither_makes_nor_drops_partitions() {
    let database: TestDatabase = testkit::database().await;
    let pool = database.app();
    let mut app = pool.get().await.unwrap();
    for call in ["make_partition('2031-01-30', 1)", "drop_readings_before('2001-01-01')"] {
        let refusal = sql::refusal(&mut app, &format!("SELECT {call}")).await;
        assert!(refusal.contains("permission denied"), "{refusal}");
    }
}
