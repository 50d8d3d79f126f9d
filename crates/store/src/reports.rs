//! What nodes and devices say of themselves. Rows are locked by id, as in `presence`.
use crate::{
    StoreError,
    column::Column,
    commands::{self, Answer},
    pg::PgTime,
    statement::Statement,
    switchings::switched_sql,
};
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{DeviceId, NodeId, Timestamp};
use std::borrow::Cow;
use uuid::Uuid;

/// A device's own words, its newest.
#[derive(Debug, Clone, PartialEq)]
pub struct Report<'a> {
    /// The device.
    pub device: DeviceId,
    /// Such as `on` or `off`.
    pub state: Cow<'a, str>,
    /// The number that goes with it.
    pub value: Option<f64>,
    /// Why it is so.
    pub cause: Option<Cow<'a, str>>,
    /// Since when, by the corrected time of the device.
    pub since: Option<Timestamp>,
    /// When it said so, by the corrected time of the device.
    pub at: Timestamp,
}

/// Notes what devices said, each at most once, and what they have switched by it; an older report never
/// replaces a newer one. Returns those for which it was news.
pub async fn note_states(
    connection: &mut AsyncPgConnection,
    reports: &[Report<'_>],
) -> Result<Vec<DeviceId>, StoreError> {
    let devices: Vec<Uuid> = reports.iter().map(|report| report.device.0).collect();
    let states: Vec<&str> = reports.iter().map(|report| &*report.state).collect();
    let values: Vec<Option<f64>> = reports.iter().map(|report| report.value).collect();
    let causes: Vec<Option<&str>> = reports.iter().map(|report| report.cause.as_deref()).collect();
    let since: Vec<Option<Timestamp>> = reports.iter().map(|report| report.since).collect();
    let at: Vec<Timestamp> = reports.iter().map(|report| report.at).collect();
    let sql = concat!(
        "WITH said AS MATERIALIZED (
            SELECT unnest(?) AS id, unnest(?) AS state, unnest(?) AS value, unnest(?) AS cause,
                unnest(?) AS since, unnest(?) AS at),
        u AS MATERIALIZED (
            SELECT said.*, d.farm_id FROM said JOIN devices d ON d.id = said.id
            WHERE d.reported_at IS NULL OR d.reported_at <= said.at
            ORDER BY d.id FOR NO KEY UPDATE OF d),
        noted AS (
            UPDATE devices d SET reported_state = u.state, reported_value = u.value,
                reported_cause = u.cause, reported_since = u.since, reported_at = u.at
            FROM u WHERE d.id = u.id
            RETURNING d.id),
        ",
        switched_sql!(),
        " SELECT id FROM noted"
    );
    let noted: Vec<Uuid> = Statement::<SqlUuid>::new(
        sql,
        &[
            &Column(&devices),
            &Column(&states),
            &Column(&values),
            &Column(&causes),
            &Column(&since),
            &Column(&at),
        ],
    )
    .load(connection)
    .await?;
    Ok(noted.into_iter().map(DeviceId).collect())
}

/// What one transaction is going to write.
#[derive(Debug, Clone, Copy)]
pub struct Held<'a> {
    /// Nodes, be it for their figures, their firmware or what they sent wrongly.
    pub nodes: &'a [NodeId],
    /// Those of them whose firmware is written to their devices too.
    pub renewed: &'a [NodeId],
    /// Devices that report.
    pub devices: &'a [DeviceId],
    /// Answers to commands.
    pub answers: &'a [Answer<'a>],
}

/// Locks all rows that a transaction of several of these statements is going to write, nodes before devices and
/// each by id: whoever took them one statement after the other could wait for one that waits for it.
/// Tells which devices there are.
pub async fn hold(
    connection: &mut AsyncPgConnection,
    held: &Held<'_>,
) -> Result<Vec<DeviceId>, StoreError> {
    let nodes: Vec<Uuid> = held.nodes.iter().map(|node| node.0).collect();
    if !nodes.is_empty() {
        let sql = "SELECT id FROM nodes WHERE id = ANY (?) ORDER BY id FOR NO KEY UPDATE";
        let _: Vec<Uuid> =
            Statement::<SqlUuid>::new(sql, &[&Column(&nodes)]).load(connection).await?;
    }
    let mut devices = held.devices.to_vec();
    if !held.renewed.is_empty() {
        let renewed: Vec<Uuid> = held.renewed.iter().map(|node| node.0).collect();
        let sql = "SELECT id FROM devices WHERE node_id = ANY (?) AND deleted_at IS NULL";
        let of_nodes: Vec<Uuid> =
            Statement::<SqlUuid>::new(sql, &[&Column(&renewed)]).load(connection).await?;
        devices.extend(of_nodes.into_iter().map(DeviceId));
    }
    commands::hold_devices(connection, held.answers, &devices).await
}

/// A node's figures about itself, its newest; `None` leaves what was known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// The node.
    pub node: NodeId,
    /// Seconds since it started.
    pub uptime_s: Option<i64>,
    /// Strength of its radio signal in dBm.
    pub rssi_dbm: Option<i32>,
    /// Charge of its battery in percent.
    pub battery_pct: Option<i32>,
    /// Free memory in bytes.
    pub heap_free: Option<i64>,
}

/// Notes nodes' figures, each node at most once.
pub async fn note_figures(
    connection: &mut AsyncPgConnection,
    figures: &[Figures],
) -> Result<(), StoreError> {
    let nodes: Vec<Uuid> = figures.iter().map(|figures| figures.node.0).collect();
    let uptimes: Vec<Option<i64>> = figures.iter().map(|figures| figures.uptime_s).collect();
    let signals: Vec<Option<i32>> = figures.iter().map(|figures| figures.rssi_dbm).collect();
    let batteries: Vec<Option<i32>> = figures.iter().map(|figures| figures.battery_pct).collect();
    let heaps: Vec<Option<i64>> = figures.iter().map(|figures| figures.heap_free).collect();
    let sql = "WITH said AS MATERIALIZED (
            SELECT unnest(?) AS id, unnest(?) AS uptime_s, unnest(?) AS rssi_dbm,
                unnest(?) AS battery_pct, unnest(?) AS heap_free),
        u AS MATERIALIZED (
            SELECT said.* FROM said JOIN nodes n ON n.id = said.id
            ORDER BY n.id FOR NO KEY UPDATE OF n)
        UPDATE nodes n SET uptime_s = coalesce(u.uptime_s, n.uptime_s),
            rssi_dbm = coalesce(u.rssi_dbm, n.rssi_dbm),
            battery_pct = coalesce(u.battery_pct, n.battery_pct),
            heap_free = coalesce(u.heap_free, n.heap_free)
        FROM u WHERE n.id = u.id";
    Statement::<()>::new(
        sql,
        &[
            &Column(&nodes),
            &Column(&uptimes),
            &Column(&signals),
            &Column(&batteries),
            &Column(&heaps),
        ],
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes the firmware a node says it runs, for itself and its devices.
pub async fn note_firmware(
    connection: &mut AsyncPgConnection,
    node: NodeId,
    firmware: &str,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE nodes SET firmware_version = ?, updated_at = ? WHERE id = ?";
    Statement::<()>::new(sql, &[&firmware, &PgTime(now), &node.0]).execute(connection).await?;
    let sql = "WITH locked AS MATERIALIZED (
            SELECT id FROM devices WHERE node_id = ? AND deleted_at IS NULL
            ORDER BY id FOR NO KEY UPDATE)
        UPDATE devices d SET firmware_version = left(?, 20), updated_at = ?
        FROM locked WHERE d.id = locked.id";
    Statement::<()>::new(sql, &[&node.0, &firmware, &PgTime(now)]).execute(connection).await?;
    Ok(())
}
