//! The audit trail is only ever added to, whoever asks.
use crate::{sql, world};

const ADD: &str = "INSERT INTO event_logs (event_type, event_category, severity, message)
    VALUES ('signed_in', 'user', 'info', 'A person signed in')";

#[tokio::test]
async fn every_role_may_add_an_event() {
    let database = testkit::database().await;
    for pool in [database.owner(), database.app(), database.worker()] {
        sql::execute(&mut pool.get().await.unwrap(), ADD).await;
    }
}

#[tokio::test]
async fn no_role_may_change_or_remove_an_event() {
    let database = testkit::database().await;
    world::fill(&mut database.owner().get().await.unwrap()).await;
    let statements = [
        "UPDATE event_logs SET message = 'nothing happened'",
        "UPDATE event_logs SET created_at = created_at - interval '400 days'",
        "DELETE FROM event_logs",
        "TRUNCATE event_logs",
        "TRUNCATE farms CASCADE",
    ];
    for pool in [database.owner(), database.app(), database.worker()] {
        for statement in statements {
            let refusal = sql::refusal(&mut pool.get().await.unwrap(), statement).await;
            let is_meant =
                refusal.contains("only added to") || refusal.contains("permission denied");
            assert!(is_meant, "{statement}: {refusal}");
        }
    }
}

#[tokio::test]
async fn not_even_in_a_partition() {
    let database = testkit::database().await;
    let pool = database.owner();
    let mut owner = pool.get().await.unwrap();
    sql::execute(&mut owner, ADD).await;
    sql::execute(
        &mut owner,
        "INSERT INTO event_logs (event_type, event_category, severity, message, created_at)
            VALUES ('signed_in', 'user', 'info', 'Long ago', '2001-01-01')",
    )
    .await;
    let partitions = sql::texts(
        &mut owner,
        "SELECT inhrelid::regclass::text AS value FROM pg_inherits
            WHERE inhparent = 'event_logs'::regclass",
    )
    .await;
    assert!(partitions.len() >= 2);
    for partition in partitions {
        let truncate = sql::refusal(&mut owner, &format!("TRUNCATE {partition}")).await;
        assert!(truncate.contains("only added to"), "{truncate}");
        let held = format!("SELECT 'row' AS value FROM {partition}");
        for _ in sql::texts(&mut owner, &held).await {
            let delete = sql::refusal(&mut owner, &format!("DELETE FROM {partition}")).await;
            assert!(delete.contains("only added to"), "{delete}");
        }
        for pool in [database.app(), database.worker()] {
            let read = sql::refusal(&mut pool.get().await.unwrap(), &held).await;
            assert!(read.contains("permission denied"), "{read}");
        }
    }
}
