//! `tokkatot node`: what it prints, what the broker then does, and what is written down of it.
use crate::support::{Binary, Broker};
use diesel::{QueryableByName, sql_query, sql_types::Text};
use diesel_async::{RunQueryDsl, SimpleAsyncConnection};
use std::time::Duration;
use testkit::TestDatabase;

const SECOND: Duration = Duration::from_secs(1);
const FARM: &str = "00000000-0000-4000-8000-00000000000f";

async fn add_farm(database: &TestDatabase) {
    let statement = format!(
        "INSERT INTO users (id, email, password_hash, name)
         VALUES (gen_random_uuid(), 'keeper@example.org', repeat('x', 97), 'Keeper');
         INSERT INTO farms (id, owner_id, name) SELECT '{FARM}', id, 'Farm' FROM users"
    );
    database.owner().get().await.unwrap().batch_execute(&statement).await.unwrap();
}

async fn texts(database: &TestDatabase, query: &str) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Row {
        #[diesel(sql_type = Text)]
        text: String,
    }
    let owner = database.owner();
    let mut connection = owner.get().await.unwrap();
    let rows: Vec<Row> = sql_query(query).load(&mut *connection).await.unwrap();
    rows.into_iter().map(|row| row.text).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registered_node_is_let_in_within_a_second() {
    let database = testkit::database().await;
    let broker = Broker::kept_for(&database).await;
    let made = Binary::for_database(&database).json(&["node", "create", "--name", "coop-1"]);
    assert_eq!((&made["node"], &made["username"]), (&"coop-1".into(), &"coop-1".into()));
    let code = made["claim_code"].as_str().unwrap();
    assert_eq!(code.len(), 8);
    assert!(made["claim_link"].as_str().unwrap().ends_with(&format!("/claim?code={code}")));
    let password = made["password"].as_str().unwrap();
    broker.connect_soon("coop-1", password, SECOND).await;
    assert!(broker.connect("coop-1", "another").await.is_err());
    assert!(broker.connect("coop-2", password).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_node_is_disconnected_within_a_second_and_stays_out() {
    let database = testkit::database().await;
    let broker = Broker::kept_for(&database).await;
    let binary = Binary::for_database(&database);
    let made = binary.json(&["node", "create", "--name", "coop-1"]);
    let password = made["password"].as_str().unwrap();
    let node = broker.connect_soon("coop-1", password, SECOND).await;
    let revoked =
        tokio::task::block_in_place(|| binary.json(&["node", "revoke", "--name", "coop-1"]));
    assert_eq!(revoked["revoked"], true);
    assert!(node.disconnected(SECOND).await <= SECOND);
    assert!(broker.connect("coop-1", password).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_password_ends_the_old_one() {
    let database = testkit::database().await;
    let broker = Broker::kept_for(&database).await;
    let binary = Binary::for_database(&database);
    let made = binary.json(&["node", "create", "--name", "coop-1"]);
    let old = made["password"].as_str().unwrap();
    let node = broker.connect_soon("coop-1", old, SECOND).await;
    let rotated = binary.json(&["node", "rotate", "--name", "coop-1"]);
    node.disconnected(SECOND).await;
    broker.connect_soon("coop-1", rotated["password"].as_str().unwrap(), SECOND).await;
    assert!(broker.connect("coop-1", old).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_registered_while_the_broker_is_away_is_let_in_once_it_is_back() {
    let database = testkit::database().await;
    let mut broker = Broker::planned();
    broker.keep_files(&database);
    let made = Binary::for_database(&database).json(&["node", "create", "--name", "coop-1"]);
    crate::support::wait_until("the file has the node", || {
        std::fs::read_to_string(broker.file("passwords")).unwrap().contains("coop-1:$7$")
    })
    .await;
    broker.start();
    broker.connect_soon("coop-1", made["password"].as_str().unwrap(), SECOND).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_change_is_written_down_and_no_password_is() {
    let database = testkit::database().await;
    add_farm(&database).await;
    let binary = Binary::for_database(&database);
    let made = binary.json(&["node", "create", "--name", "coop-1", "--farm", FARM]);
    assert_eq!(made["claim_code"], serde_json::Value::Null);
    binary.json(&["node", "rotate", "--name", "coop-1"]);
    binary.json(&["node", "revoke", "--name", "coop-1"]);
    let events = texts(
        &database,
        "SELECT concat_ws(' ', event_type, farm_id, event_data) AS text FROM event_logs ORDER BY id",
    )
    .await;
    let expected = ["node_registered", "node_rotated", "node_revoked"]
        .map(|kind| format!("{kind} {FARM} {{\"node\": \"coop-1\"}}"));
    assert_eq!(events, expected);
    let hashes = texts(&database, "SELECT password_hash AS text FROM nodes").await;
    assert!(hashes[0].starts_with("$7$101$"), "{hashes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_released_node_leaves_its_farm_and_can_be_claimed_again() {
    let database = testkit::database().await;
    add_farm(&database).await;
    let binary = Binary::for_database(&database);
    binary.json(&["node", "create", "--name", "coop-1", "--farm", FARM]);
    let devices = format!(
        "INSERT INTO devices (farm_id, device_id, hardware_id, name, type, firmware_version, node_id,
                channel, reported_state)
            SELECT '{FARM}', 'coop-1:fan1', 'coop-1:fan1', 'Big fan', 'relay', '1', id, 'fan1', 'on'
            FROM nodes;
         UPDATE nodes SET is_online = true"
    );
    database.owner().get().await.unwrap().batch_execute(&devices).await.unwrap();
    let refused = binary.run(&["node", "release", "--name", "coop-1"]);
    assert_eq!((refused.code, refused.out.as_str()), (1, ""), "{refused:?}");
    assert!(refused.err.contains("Big fan"), "{refused:?}");

    let off = "UPDATE devices SET reported_state = 'off'";
    database.owner().get().await.unwrap().batch_execute(off).await.unwrap();
    let released = binary.json(&["node", "release", "--name", "coop-1", "--claim-days", "2"]);
    let code = released["claim_code"].as_str().unwrap();
    assert!(released["claim_link"].as_str().unwrap().ends_with(&format!("/claim?code={code}")));
    let left = texts(
        &database,
        "SELECT concat_ws(' ', n.farm_id, n.claimed_at, n.claim_code,
            n.claim_expires_at BETWEEN now() + '47 hours' AND now() + '2 days', d.deleted_at IS NULL) AS text
         FROM nodes n JOIN devices d ON d.node_id = n.id",
    )
    .await;
    assert_eq!(left, [format!("{code} t f")]);
    let events = texts(
        &database,
        "SELECT concat_ws(' ', event_type, farm_id, event_data) AS text FROM event_logs
         ORDER BY id OFFSET 1",
    )
    .await;
    let expected = [
        format!("device_left {FARM} {{\"device\": \"coop-1:fan1\"}}"),
        format!("node_released {FARM} {{\"node\": \"coop-1\"}}"),
    ];
    assert_eq!(events, expected);

    let again = binary.json(&["node", "release", "--name", "coop-1"]);
    assert_ne!(again["claim_code"], released["claim_code"], "a code that was lost is made anew");
    binary.json(&["node", "revoke", "--name", "coop-1"]);
    let revoked = binary.run(&["node", "release", "--name", "coop-1"]);
    assert_eq!((revoked.code, revoked.out.as_str()), (1, ""), "{revoked:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nodes_are_listed_with_what_became_of_them() {
    let database = testkit::database().await;
    add_farm(&database).await;
    let binary = Binary::for_database(&database);
    binary.json(&["node", "create", "--name", "b", "--farm", FARM]);
    binary.json(&["node", "create", "--name", "a"]);
    binary.json(&["node", "revoke", "--name", "a"]);
    let listed = binary.run(&["node", "list"]).out;
    insta::assert_snapshot!(listed);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_registered_is_refused_in_the_operators_words() {
    let database = testkit::database().await;
    let binary = Binary::for_database(&database);
    binary.json(&["node", "create", "--name", "coop-1"]);
    binary.json(&["node", "revoke", "--name", "coop-1"]);
    let refusals = [
        &["node", "create", "--name", "coop-1"][..],
        &["node", "create", "--name", "coop-2", "--farm", FARM],
        &["node", "create", "--name", "tokkatot-server"],
        &["node", "rotate", "--name", "coop-1"],
        &["node", "revoke", "--name", "coop-1"],
        &["node", "revoke", "--name", "coop-9"],
    ]
    .map(|arguments| {
        let said = binary.run(arguments);
        assert_eq!((said.code, said.out.as_str()), (1, ""), "{said:?}");
        format!("{}\n{}", arguments.join(" "), said.err)
    });
    insta::assert_snapshot!(refusals.join("\n"));
}

#[tokio::test(flavor = "multi_thread")]
async fn names_that_would_break_a_topic_are_refused() {
    let database = testkit::database().await;
    let binary = Binary::for_database(&database);
    let long = "x".repeat(51);
    for name in ["a+b", "a#", "a/b", "$SYS", "a b", "ទ្រុង", "a\nb", "", long.as_str()] {
        let said = binary.run(&["node", "create", "--name", name]);
        assert_eq!(said.code, 2, "{name:?}: {said:?}");
    }
    assert_eq!(texts(&database, "SELECT name AS text FROM nodes").await, Vec::<String>::new());
}
