//! Those who note what nodes say of themselves do not wait for each other for ever.
use crate::sql;
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection as _};
use domain::{DeviceId, NodeId, Timestamp};
use std::borrow::Cow;
use store::{
    DatabaseSettings, StoreError,
    lease::Lease,
    presence,
    readings::{self, Fenced},
    reports::{self, Figures, Held, Report},
};
use testkit::{DatabaseRole, TestDatabase};

const COUNT: u128 = 9;
const NOON: Timestamp = Timestamp::from_millis(1_790_000_000_000);

/// Nodes and devices 1 to 9, made in another order.
const NODES: &str = "
INSERT INTO users (id, username, name, password_hash)
    VALUES (md5('a')::uuid, 'neath', 'Neath', repeat('x', 97));
INSERT INTO farms (id, owner_id, name) VALUES (md5('a')::uuid, md5('a')::uuid, 'Farm');
INSERT INTO nodes (id, farm_id, name, password_hash)
    SELECT lpad(n::text, 32, '0')::uuid, md5('a')::uuid, 'n' || n, '$7$x'
    FROM unnest(ARRAY[5, 9, 1, 7, 3, 8, 2, 6, 4]) n;
INSERT INTO devices (id, farm_id, node_id, channel, device_id, hardware_id, name, type, firmware_version)
    SELECT id, farm_id, id, 'fan', name || ':fan', name || ':fan', 'Fan', 'relay', '1' FROM nodes;
INSERT INTO leases (name, holder, epoch, expires_at) VALUES ('ingest', 'one', 2, now())";

const LEASE: Lease = Lease { name: "ingest", epoch: 2 };

fn ids(backwards: bool) -> Vec<uuid::Uuid> {
    let mut ids: Vec<_> = (1..=COUNT).map(uuid::Uuid::from_u128).collect();
    if backwards {
        ids.reverse();
    }
    ids
}

/// A connection as ingest has it, which takes rows in the order they are named in.
async fn connect(database: &TestDatabase) -> AsyncPgConnection {
    let settings = DatabaseSettings::new(database.url(DatabaseRole::Worker), 1);
    readings::connect(&settings).await.unwrap()
}

/// Until so many connections wait for others.
pub async fn until_waiting(owner: &mut AsyncPgConnection, count: usize) {
    let waiting = "SELECT pid::text AS value FROM pg_stat_activity
        WHERE datname = current_database() AND pg_blocking_pids(pid) <> '{}'";
    for _ in 0..400 {
        if sql::texts(owner, waiting).await.len() == count {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    panic!("{count} connections do not wait for a row");
}

/// Two that both meet a locked row in the middle, the first having come from one end and the second
/// from the other, unless they go the same way.
async fn meet<A, B>(
    middle: &str,
    first: impl AsyncFnOnce(AsyncPgConnection) -> Result<A, StoreError>,
    second: impl AsyncFnOnce(AsyncPgConnection) -> Result<B, StoreError>,
) {
    let database = testkit::database().await;
    let pool = database.owner();
    let mut owner = pool.get().await.unwrap();
    sql::execute(&mut owner, NODES).await;
    let mut locker = pool.get().await.unwrap();
    sql::execute(&mut locker, &format!("BEGIN; {middle} WHERE id = lpad('5', 32, '0')::uuid"))
        .await;
    let (one, two) = (connect(&database).await, connect(&database).await);
    let gate = async {
        until_waiting(&mut owner, 2).await;
        sql::execute(&mut locker, "COMMIT").await;
        Ok(())
    };
    tokio::try_join!(first(one), second(two), gate).unwrap();
}

async fn note_figures(mut connection: AsyncPgConnection) -> Result<(), StoreError> {
    let figures = |id| Figures {
        node: NodeId(id),
        uptime_s: Some(1),
        rssi_dbm: None,
        battery_pct: None,
        heap_free: None,
    };
    let figures: Vec<_> = ids(true).into_iter().map(figures).collect();
    reports::note_figures(&mut connection, &figures).await
}

async fn note_states(mut connection: AsyncPgConnection) -> Result<Vec<DeviceId>, StoreError> {
    let report = |id| Report {
        device: DeviceId(id),
        state: Cow::Borrowed("on"),
        value: None,
        cause: None,
        since: None,
        at: NOON,
    };
    let states: Vec<_> = ids(true).into_iter().map(report).collect();
    reports::note_states(&mut connection, &states).await
}

async fn note_seen(mut connection: AsyncPgConnection) -> Result<(), StoreError> {
    let seen: Vec<_> = ids(false).into_iter().map(|id| (NodeId(id), NOON)).collect();
    presence::note_seen(&mut connection, &seen).await
}

async fn set_online(mut connection: AsyncPgConnection) -> Result<(), StoreError> {
    let nodes: Vec<_> = ids(false).into_iter().map(NodeId).collect();
    presence::set_online(&mut connection, LEASE, &nodes, true, NOON).await.map(drop)
}

/// What ingest holds before it writes figures, states and answers together.
async fn hold(mut connection: AsyncPgConnection) -> Result<(), StoreError> {
    let nodes: Vec<_> = ids(true).into_iter().map(NodeId).collect();
    let devices: Vec<_> = ids(true).into_iter().map(DeviceId).collect();
    let held = Held { nodes: &nodes, renewed: &nodes[..3], devices: &devices, answers: &[] };
    connection.batch_execute("BEGIN").await?;
    reports::hold(&mut connection, &held).await?;
    connection.batch_execute("COMMIT").await?;
    Ok(())
}

const A_NODE: &str = "UPDATE nodes SET uptime_s = 0";
const A_DEVICE: &str = "UPDATE devices SET reported_value = 0";

#[tokio::test]
async fn figures_and_the_last_signs_of_life() {
    meet(A_NODE, note_figures, note_seen).await;
}

#[tokio::test]
async fn figures_and_who_is_online() {
    meet(A_NODE, note_figures, set_online).await;
}

#[tokio::test]
async fn states_and_the_last_signs_of_life() {
    meet(A_DEVICE, note_states, note_seen).await;
}

#[tokio::test]
async fn states_and_who_is_online() {
    meet(A_DEVICE, note_states, set_online).await;
}

#[tokio::test]
async fn all_that_a_batch_writes_and_the_last_signs_of_life() {
    meet(A_NODE, hold, note_seen).await;
    meet(A_DEVICE, hold, note_seen).await;
}

#[tokio::test]
async fn all_that_a_batch_writes_and_who_is_online() {
    meet(A_NODE, hold, set_online).await;
    meet(A_DEVICE, hold, set_online).await;
}

#[tokio::test]
async fn a_server_that_lost_its_lease_takes_nobody_offline() {
    let database = testkit::database().await;
    let pool = database.owner();
    let mut owner = pool.get().await.unwrap();
    sql::execute(&mut owner, NODES).await;
    let mut connection = connect(&database).await;
    let nodes: Vec<_> = ids(false).into_iter().map(NodeId).collect();
    let lost = Lease { epoch: 1, ..LEASE };
    let written = presence::set_online(&mut connection, lost, &nodes, true, NOON).await.unwrap();
    assert_eq!(written, Err(Fenced));
    let written = "SELECT concat((SELECT count(*) FROM nodes WHERE is_online), '/',
        (SELECT count(*) FROM event_logs)) AS value";
    assert_eq!(sql::texts(&mut owner, written).await, ["0/0"]);
    let changed = presence::set_online(&mut connection, LEASE, &nodes, true, NOON).await.unwrap();
    assert_eq!(changed.unwrap().len(), nodes.len());
    assert_eq!(sql::texts(&mut owner, written).await, ["9/9"]);
}
