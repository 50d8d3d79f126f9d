//! Which nodes can be reached, and when each was last heard of.
//!
//! Whoever changes several rows of `nodes` or `devices` locks them first, by id, and nodes before
//! devices (`reports` does so too): two that did it in different orders would wait for each other.
use crate::{
    StoreError,
    column::Column,
    events::{self, NewEvent},
    fence::while_held,
    lease::Lease,
    pg::PgTime,
    readings::Fenced,
    schema::nodes,
    statement::Statement,
};
use diesel::{
    prelude::*,
    sql_types::{Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{DeviceId, FarmId, NodeId, NodeName, Timestamp, events::EventKind, live::LiveDevice};
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

/// A node that counts as online.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnlineNode {
    /// The node.
    pub node: NodeId,
    /// How often it is expected to show a sign of life.
    pub interval: Duration,
    /// Its last one.
    pub last_seen: Option<Timestamp>,
}

/// All nodes that count as online.
pub async fn online(connection: &mut AsyncPgConnection) -> Result<Vec<OnlineNode>, StoreError> {
    let rows: Vec<(Uuid, i32, Option<PgTime>)> = nodes::table
        .filter(nodes::is_online)
        .select((nodes::id, nodes::heartbeat_interval_s, nodes::last_seen_at))
        .load(connection)
        .await?;
    let node = |(id, seconds, seen): (Uuid, i32, Option<PgTime>)| OnlineNode {
        node: NodeId(id),
        interval: Duration::from_secs(u64::try_from(seconds).unwrap_or_default()),
        last_seen: seen.map(Timestamp::from),
    };
    Ok(rows.into_iter().map(node).collect())
}

/// A node whose reach changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The node.
    pub node: NodeId,
    /// Its name.
    pub name: NodeName,
    /// Its farm.
    pub farm: Option<FarmId>,
}

/// Sets which of `nodes` can be reached from `at` on, and their devices with them, with an event for
/// each; returns those for which that is news. Nothing is written if the lease is another's by now.
pub async fn set_online(
    connection: &mut AsyncPgConnection,
    lease: Lease,
    nodes: &[NodeId],
    is_online: bool,
    at: Timestamp,
) -> Result<Result<Vec<Changed>, Fenced>, StoreError> {
    while_held(connection, lease, async |connection| {
        let changed = write(connection, nodes, is_online, at).await?;
        record(connection, &changed, is_online, at).await?;
        Ok(changed)
    })
    .await
}

async fn record(
    connection: &mut AsyncPgConnection,
    changed: &[Changed],
    is_online: bool,
    at: Timestamp,
) -> Result<(), StoreError> {
    let kind = if is_online { EventKind::NodeOnline } else { EventKind::NodeOffline };
    for node in changed {
        let mut event = NewEvent::new(kind, at);
        event.farm = node.farm;
        event.data = json!({ "node": node.name });
        events::record(connection, &event).await?;
    }
    Ok(())
}

async fn write(
    connection: &mut AsyncPgConnection,
    nodes: &[NodeId],
    is_online: bool,
    at: Timestamp,
) -> Result<Vec<Changed>, StoreError> {
    let ids: Vec<Uuid> = nodes.iter().map(|node| node.0).collect();
    let sql = "WITH locked AS MATERIALIZED (
            SELECT id FROM nodes WHERE id = ANY (?) AND is_online <> ? AND deleted_at IS NULL
            ORDER BY id FOR NO KEY UPDATE),
        changed AS (
            UPDATE nodes n SET is_online = ?, online_changed_at = ? FROM locked
            WHERE n.id = locked.id
            RETURNING n.id, n.name, n.farm_id),
        locked_devices AS MATERIALIZED (
            SELECT d.id FROM changed JOIN devices d ON d.node_id = changed.id
            WHERE d.deleted_at IS NULL AND d.is_online <> ?
            ORDER BY d.id FOR NO KEY UPDATE OF d),
        devices_too AS (
            UPDATE devices d SET is_online = ? FROM locked_devices WHERE d.id = locked_devices.id)
        SELECT id, name, farm_id FROM changed";
    let rows: Vec<(Uuid, String, Option<Uuid>)> =
        Statement::<(SqlUuid, Text, Nullable<SqlUuid>)>::new(
            sql,
            &[&Column(&ids), &is_online, &is_online, &PgTime(at), &is_online, &is_online],
        )
        .load(connection)
        .await?;
    let changed = |(id, name, farm): (Uuid, String, Option<Uuid>)| {
        let (node, farm) = (NodeId(id), farm.map(FarmId));
        Some(Changed { node, name: name.try_into().ok()?, farm })
    };
    Ok(rows.into_iter().filter_map(changed).collect())
}

/// Notes when nodes, and with them their devices, were last heard of. A device that came up while its node became
/// reachable may have been missed then; it is reachable from now on.
pub async fn note_seen(
    connection: &mut AsyncPgConnection,
    seen: &[(NodeId, Timestamp)],
) -> Result<(), StoreError> {
    let ids: Vec<Uuid> = seen.iter().map(|(node, _)| node.0).collect();
    let times: Vec<Timestamp> = seen.iter().map(|(_, at)| *at).collect();
    let sql = "WITH seen AS MATERIALIZED (SELECT unnest(?) AS id, unnest(?) AS at),
        locked AS MATERIALIZED (
            SELECT n.id, seen.at FROM seen JOIN nodes n ON n.id = seen.id
            ORDER BY n.id FOR NO KEY UPDATE OF n),
        noted AS (
            UPDATE nodes n SET last_seen_at = locked.at FROM locked WHERE n.id = locked.id
            RETURNING n.id, locked.at, n.is_online),
        locked_devices AS MATERIALIZED (
            SELECT d.id, noted.at, noted.is_online FROM noted JOIN devices d ON d.node_id = noted.id
            WHERE d.deleted_at IS NULL
            ORDER BY d.id FOR NO KEY UPDATE OF d)
        UPDATE devices d SET last_heartbeat = locked_devices.at, is_online = locked_devices.is_online
        FROM locked_devices
        WHERE d.id = locked_devices.id";
    Statement::<()>::new(sql, &[&Column(&ids), &Column(&times)]).execute(connection).await?;
    Ok(())
}

/// The devices of these nodes as open pages know them, with their farms; new ones too.
pub async fn live_devices(
    connection: &mut AsyncPgConnection,
    nodes: &[NodeId],
) -> Result<Vec<(FarmId, LiveDevice)>, StoreError> {
    type Time = Nullable<Timestamptz>;
    type Columns = (SqlUuid, SqlUuid, Text, Text, Bool, Nullable<Text>, Nullable<Text>, Time, Time);
    type Row = (
        Uuid,
        Uuid,
        String,
        String,
        bool,
        Option<String>,
        Option<String>,
        Option<PgTime>,
        Option<PgTime>,
    );
    let ids: Vec<Uuid> = nodes.iter().map(|node| node.0).collect();
    let sql = "SELECT d.farm_id, d.id, n.name, d.channel, d.is_online, d.reported_state,
            d.reported_cause, d.reported_since, d.reported_at
        FROM devices d JOIN nodes n ON n.id = d.node_id
        WHERE n.id = ANY (?) AND d.deleted_at IS NULL";
    let rows: Vec<Row> = Statement::<Columns>::new(sql, &[&Column(&ids)]).load(connection).await?;
    let device = |(farm, id, node, channel, is_online, state, cause, since, at): Row| {
        let device = LiveDevice {
            device_id: DeviceId(id),
            node: node.try_into().ok()?,
            channel: channel.try_into().ok()?,
            is_online,
            state,
            cause,
            since: since.map(Timestamp::from),
            reported_at: at.map(Timestamp::from),
        };
        Some((FarmId(farm), device))
    };
    Ok(rows.into_iter().filter_map(device).collect())
}
