//! What servers keep in memory is announced when it changes, and signs of life are not.
use crate::{sql, world};
use futures::StreamExt;
use std::time::Duration;
use testkit::{DatabaseRole, TestDatabase};

/// What is heard on both channels while `statements` are run by the owner, as `channel payload`.
async fn heard(database: &TestDatabase, statements: &str) -> Vec<String> {
    let mut listener =
        store::connect(&store::DatabaseSettings::new(database.url(DatabaseRole::Worker), 1))
            .await
            .unwrap();
    sql::execute(&mut listener, "LISTEN tokkatot_nodes; LISTEN tokkatot_devices").await;
    let pool = database.owner();
    let mut owner = pool.get().await.unwrap();
    sql::execute(&mut owner, statements).await;
    sql::execute(&mut owner, "NOTIFY tokkatot_nodes, 'the end'").await;
    let mut heard = Vec::new();
    let mut stream = std::pin::pin!(listener.notifications_stream());
    loop {
        let next = tokio::time::timeout(Duration::from_secs(10), stream.next());
        let news = next.await.expect("the end is heard").unwrap().unwrap();
        if news.payload == "the end" {
            return heard;
        }
        heard.push(format!("{} {}", news.channel, news.payload));
    }
}

#[tokio::test]
async fn a_nodes_credential_farm_and_interval_are_announced() {
    let database = filled().await;
    let update = "UPDATE nodes SET password_hash = '$7$other' WHERE name = 'taken-a'";
    assert_eq!(heard(&database, update).await, ["tokkatot_nodes taken-a"]);
    let update = "UPDATE nodes SET farm_id = NULL WHERE name = 'taken-b'";
    assert_eq!(heard(&database, update).await, ["tokkatot_nodes taken-b"]);
    let update = "UPDATE nodes SET heartbeat_interval_s = 300 WHERE name = 'taken-a'";
    assert_eq!(heard(&database, update).await, ["tokkatot_nodes taken-a"]);
    let insert = "INSERT INTO nodes (name, password_hash) VALUES ('fresh', '$7$x')";
    assert_eq!(heard(&database, insert).await, ["tokkatot_nodes fresh"]);
}

#[tokio::test]
async fn a_devices_settings_are_announced_with_its_nodes_name() {
    let database = filled().await;
    for update in [
        "UPDATE devices SET approved_at = now() WHERE device_id = 'taken-a:air'",
        "UPDATE series SET unit = '°F' WHERE device_id = md5('devices a')::uuid",
        "UPDATE device_configs SET parameter_value = '36' WHERE device_id = md5('devices a')::uuid",
        "INSERT INTO device_configs (farm_id, device_id, parameter_name, parameter_value)
            VALUES (md5('farms a')::uuid, md5('devices a')::uuid, 'calibration_temperature', '{\"a\":1}')",
    ] {
        assert_eq!(heard(&database, update).await, ["tokkatot_devices taken-a"], "{update}");
    }
}

#[tokio::test]
async fn signs_of_life_and_reports_are_not_announced() {
    let database = filled().await;
    let life = "UPDATE nodes SET last_seen_at = now(), is_online = true, rssi_dbm = -60;
        UPDATE devices SET is_online = true, last_heartbeat = now(), reported_state = 'on',
            reported_at = now();
        UPDATE series SET interval_s = 5";
    assert_eq!(heard(&database, life).await, Vec::<String>::new());
    let same = "UPDATE nodes SET farm_id = farm_id; UPDATE devices SET name = name";
    assert_eq!(heard(&database, same).await, Vec::<String>::new());
}

#[tokio::test]
async fn signs_of_life_do_not_count_as_edits() {
    let database = filled().await;
    let pool = database.owner();
    let mut owner = pool.get().await.unwrap();
    let edited = "SELECT count(*)::text AS value FROM devices WHERE updated_at > created_at";
    sql::execute(&mut owner, "UPDATE devices SET is_online = true, last_heartbeat = now()").await;
    assert_eq!(sql::texts(&mut owner, edited).await, ["0"]);
    sql::execute(&mut owner, "UPDATE devices SET name = 'other'").await;
    assert_eq!(sql::texts(&mut owner, edited).await, ["2"]);
}

#[tokio::test]
async fn a_sign_in_does_not_count_as_an_edit_of_the_account() {
    let database = filled().await;
    let pool = database.owner();
    let mut owner = pool.get().await.unwrap();
    let edited = "SELECT count(*)::text AS value FROM users WHERE updated_at > created_at";
    sql::execute(&mut owner, "UPDATE users SET last_login = now()").await;
    assert_eq!(sql::texts(&mut owner, edited).await, ["0"]);
    let columns = "SELECT quote_ident(attname) AS value FROM pg_attribute
        WHERE attrelid = 'users'::regclass AND attnum > 0
            AND attname NOT IN ('id', 'last_login', 'totp_step', 'created_at', 'updated_at')";
    for column in sql::texts(&mut owner, columns).await {
        let touch = format!("BEGIN; UPDATE users SET {column} = {column}");
        sql::execute(&mut owner, &touch).await;
        assert_eq!(sql::texts(&mut owner, edited).await, ["2"], "{column}");
        sql::execute(&mut owner, "ROLLBACK").await;
    }
}

async fn filled() -> TestDatabase {
    let database = testkit::database().await;
    world::fill(&mut database.owner().get().await.unwrap()).await;
    database
}
