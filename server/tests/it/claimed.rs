//! A box that is plugged in first and claimed then, as the page asks for it: the example firmware.
use crate::{
    node_check::firmware,
    support::{Binary, Broker, Folder},
};
use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::{RunQueryDsl as _, SimpleAsyncConnection as _};
use std::time::Duration;
use testkit::TestDatabase;
use tokio::time::Instant;

const PATIENCE: Duration = Duration::from_secs(30);

async fn execute(database: &TestDatabase, sql: &str) {
    database.owner().get().await.unwrap().batch_execute(sql).await.unwrap();
}

async fn text(database: &TestDatabase, query: &str) -> String {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        value: String,
    }
    let owner = database.owner();
    let mut connection = owner.get().await.unwrap();
    let query = format!("SELECT coalesce(({query})::text, '') AS value");
    let row: Row = sql_query(query).get_result(&mut *connection).await.unwrap();
    row.value
}

async fn until(database: &TestDatabase, query: &str, wanted: &str) {
    let end = Instant::now() + PATIENCE;
    while text(database, query).await != wanted {
        assert!(Instant::now() < end, "{query}: {:?}", text(database, query).await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_node_kept_before_its_claim_comes_after_it_and_all_its_switches_too() {
    let (database, folder) = (testkit::database().await, Folder::new());
    let farm = uuid::Uuid::new_v4();
    let farms = format!(
        "INSERT INTO users (id, username, name, password_hash)
             VALUES ('{farm}', 'neath', 'Neath', repeat('x', 97));
         INSERT INTO farms (id, owner_id, name) VALUES ('{farm}', '{farm}', 'Farm')"
    );
    execute(&database, &farms).await;
    let broker = Broker::kept_for(&database).await;
    let binary = Binary::for_database(&database).and_broker(&broker);
    let server = binary.serve(&["--roles", "ingest"]).await;
    server.hears_the_broker().await;
    let made = binary.json(&["node", "create", "--name", "esp"]);
    let _node = firmware::start(&folder, broker.port(), made["password"].as_str().unwrap());

    // connected for a while, so that it keeps some messages that nobody takes
    let kept = "SELECT is_online AND online_changed_at < clock_timestamp() - interval '2 seconds'
        FROM nodes";
    until(&database, kept, "true").await;
    let claim = format!("UPDATE nodes SET farm_id = '{farm}', claimed_at = clock_timestamp()");
    execute(&database, &claim).await;

    let devices = "SELECT string_agg(channel, ' ' ORDER BY channel) FROM devices";
    until(&database, devices, "air fan1 light").await;
    let backlog =
        "SELECT count(*) >= 10 FROM sensor_readings r, nodes n WHERE r.time < n.claimed_at";
    until(&database, backlog, "true").await;
}
