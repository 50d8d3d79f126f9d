//! Answers that nobody asked for, at the running server.
use crate::support::{Binary, Broker, get, wait_until};
use diesel_async::SimpleAsyncConnection as _;
use std::time::Duration;

const FARM: &str = "00000000-0000-4000-8000-00000000000f";

#[tokio::test(flavor = "multi_thread")]
async fn what_a_node_answers_unasked_is_counted() {
    let database = testkit::database().await;
    let farm = format!(
        "INSERT INTO users (id, email, password_hash, name)
         VALUES (gen_random_uuid(), 'keeper@example.org', repeat('x', 97), 'Keeper');
         INSERT INTO farms (id, owner_id, name) SELECT '{FARM}', id, 'Farm' FROM users"
    );
    database.owner().get().await.unwrap().batch_execute(&farm).await.unwrap();
    let mut broker = Broker::planned();
    broker.start();
    let binary = Binary::for_database(&database).and_broker(&broker);
    let server = binary.serve(&["--roles", "ingest,jobs"]).await;
    let made = binary.json(&["node", "create", "--name", "coop-1", "--farm", FARM]);
    let password = made["password"].as_str().unwrap();
    let mut node = broker.connect_soon("coop-1", password, Duration::from_secs(10)).await;
    for number in 0..3 {
        let result = format!(
            r#"{{"command_id":"00000000-0000-4000-8000-00000000000{number}","status":"completed","state":"on"}}"#
        );
        node.publish_and_hear("tokkatot/coop-1/up/result", &result, false).await;
    }
    wait_until("three are counted", || {
        let (_, text) = get(server.admin, "/metrics");
        text.contains("tokkatot_ingest_refused_total{reason=\"unknown-command\"} 3\n")
    })
    .await;
}
