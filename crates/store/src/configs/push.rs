//! What is to be told to controllers now, and what became of it on the way. It is committed that a version is on
//! its way before it is; who may have lost it gets it again, which harms nobody.
use crate::{
    StoreError,
    column::Column,
    commands::{InterlocksColumns, InterlocksRow, interlocks},
    fence::{NotWritten, hold, unfence},
    lease::Lease,
    pg::PgTime,
    readings::Fenced,
    statement::Statement,
    transaction,
};
use diesel::sql_types::{BigInt, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    Channel, FarmId, NodeId, NodeName, Timestamp,
    configs::{POLLING_INTERVAL, parameters},
    devices::DeviceKind,
    protocol,
};
use serde_json::{Map, Value};
use std::{collections::BTreeMap, time::Duration};
use uuid::Uuid;

/// A version of a controller's configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Pushed {
    /// The controller.
    pub node: NodeId,
    /// Which version.
    pub version: i64,
}

/// A configuration to publish.
#[derive(Debug, Clone, PartialEq)]
pub struct Sending {
    /// Which.
    pub pushed: Pushed,
    /// The controller's name.
    pub name: NodeName,
    /// What each of its devices is told.
    pub devices: BTreeMap<Channel, Map<String, Value>>,
}

impl Sending {
    /// Where it is published.
    pub fn topic(&self) -> String {
        protocol::Config::topic(self.name.as_str())
    }

    /// What is published.
    pub fn payload(&self) -> protocol::Config<'_> {
        let devices = self.devices.iter().map(|(channel, told)| (channel.as_str(), told.clone()));
        protocol::Config { version: self.pushed.version, devices: devices.collect() }
    }
}

/// Takes up to `limit` configurations that wait to be sent to controllers that can be reached. Others get theirs
/// when they are back.
pub async fn attempt(
    connection: &mut AsyncPgConnection,
    lease: Lease,
    limit: i64,
) -> Result<Result<Vec<Sending>, Fenced>, StoreError> {
    transaction::begin(connection).await?;
    let written = async {
        let mut sendings = pick(connection, limit).await?;
        if !sendings.is_empty() {
            // whoever changes one of these waits for us, so that this is what the version says
            load(connection, &mut sendings).await?;
        }
        hold(connection, lease, sendings.into_values().collect()).await
    };
    let written: Result<Vec<Sending>, NotWritten> = written.await;
    unfence(transaction::end(connection, written).await)
}

async fn pick(
    connection: &mut AsyncPgConnection,
    limit: i64,
) -> Result<BTreeMap<Uuid, Sending>, StoreError> {
    let sql = "WITH due AS MATERIALIZED (
            SELECT c.node_id, n.name FROM node_configs c
            JOIN nodes n ON n.id = c.node_id AND n.farm_id = c.farm_id
            WHERE c.attempted_version IS DISTINCT FROM c.version AND n.is_online
                AND n.revoked_at IS NULL AND n.deleted_at IS NULL
            ORDER BY c.node_id LIMIT ? FOR NO KEY UPDATE OF c)
        UPDATE node_configs c SET attempted_version = c.version FROM due
        WHERE c.node_id = due.node_id RETURNING c.node_id, due.name, c.version";
    let rows: Vec<(Uuid, String, i64)> =
        Statement::<(SqlUuid, Text, BigInt)>::new(sql, &[&limit]).load(connection).await?;
    let sending = |(node, name, version): (Uuid, String, i64)| {
        let pushed = Pushed { node: NodeId(node), version };
        let name = name.try_into().ok()?;
        Some((node, Sending { pushed, name, devices: BTreeMap::new() }))
    };
    Ok(rows.into_iter().filter_map(sending).collect())
}

async fn load(
    connection: &mut AsyncPgConnection,
    sendings: &mut BTreeMap<Uuid, Sending>,
) -> Result<(), StoreError> {
    type Columns = (SqlUuid, Text, Text, Nullable<Jsonb>, InterlocksColumns);
    type Row = (Uuid, String, String, Option<Value>, InterlocksRow);
    let sql = "SELECT d.node_id, d.channel, d.kind::text,
            (SELECT jsonb_object_agg(c.parameter_name, c.parameter_value) FROM device_configs c
                WHERE c.device_id = d.id AND c.deleted_at IS NULL
                    AND (c.parameter_name = 'polling_interval'
                        OR c.parameter_name LIKE '%\\_threshold\\_%')),
            i.max_on_s, i.min_on_s, i.min_off_s, i.max_starts_per_hour, i.exclusive_group,
            i.excludes_heat_and_cooling, i.on_link_loss::text
        FROM devices d JOIN nodes n ON n.id = d.node_id AND n.farm_id = d.farm_id
        LEFT JOIN interlocks i ON i.device_id = d.id
        WHERE d.node_id = ANY (?) AND d.approved_at IS NOT NULL AND d.deleted_at IS NULL";
    let nodes: Vec<Uuid> = sendings.keys().copied().collect();
    let rows: Vec<Row> =
        Statement::<Columns>::new(sql, &[&Column(&nodes)]).load(connection).await?;
    for (node, channel, kind, configs, row) in rows {
        let (Some(sending), Ok(channel)) = (sendings.get_mut(&node), channel.try_into()) else {
            continue;
        };
        let kind = DeviceKind::parse(&kind);
        let mut configs = configs.and_then(|value| value.as_object().cloned()).unwrap_or_default();
        let polling = configs.remove(POLLING_INTERVAL).and_then(|value| value.as_u64());
        let limits = configs.into_iter().filter_map(|(name, value)| Some((name, value.as_f64()?)));
        let polling = polling.map(Duration::from_secs);
        let told = parameters(kind, polling, limits, &interlocks(kind, row));
        if !told.is_empty() {
            sending.devices.insert(channel, told);
        }
    }
    Ok(())
}

/// The broker has taken these. Returns the farms whose pages show that.
pub async fn sent(
    connection: &mut AsyncPgConnection,
    pushed: &[Pushed],
    now: Timestamp,
) -> Result<Vec<FarmId>, StoreError> {
    let (nodes, versions) = columns(pushed);
    let sql = "WITH said AS MATERIALIZED (SELECT unnest(?) AS node, unnest(?) AS version),
        held AS MATERIALIZED (SELECT c.node_id, said.version FROM said
            JOIN node_configs c ON c.node_id = said.node ORDER BY c.node_id FOR NO KEY UPDATE OF c)
        UPDATE node_configs c SET sent_version = held.version, sent_at = ? FROM held
        WHERE c.node_id = held.node_id AND (c.sent_version IS NULL OR c.sent_version <= held.version)
        RETURNING c.farm_id";
    let mut farms: Vec<FarmId> =
        Statement::<SqlUuid>::new(sql, &[&Column(&nodes), &Column(&versions), &PgTime(now)])
            .load(connection)
            .await?
            .into_iter()
            .map(FarmId)
            .collect();
    farms.sort_unstable();
    farms.dedup();
    Ok(farms)
}

/// These never left this server: they are due again.
pub async fn unsent(
    connection: &mut AsyncPgConnection,
    pushed: &[Pushed],
) -> Result<(), StoreError> {
    let (nodes, versions) = columns(pushed);
    let sql = "WITH said AS MATERIALIZED (SELECT unnest(?) AS node, unnest(?) AS version),
        held AS MATERIALIZED (SELECT c.node_id FROM said
            JOIN node_configs c ON c.node_id = said.node AND c.attempted_version = said.version
            ORDER BY c.node_id FOR NO KEY UPDATE OF c)
        UPDATE node_configs c SET attempted_version = NULL FROM held WHERE c.node_id = held.node_id";
    Statement::<()>::new(sql, &[&Column(&nodes), &Column(&versions)]).run(connection).await?;
    Ok(())
}

/// Whose configurations may be lost on their way.
#[derive(Debug, Clone, Copy)]
pub enum Lost<'a> {
    /// Our link to the broker, or another server that had it: all that the broker has not taken.
    Link,
    /// These controllers, which have come back: the broker's queue, or their memory.
    Nodes(&'a [NodeId]),
}

/// Lets what may be lost go out again.
pub async fn requeue(connection: &mut AsyncPgConnection, lost: Lost<'_>) -> Result<(), StoreError> {
    let Lost::Nodes(nodes) = lost else {
        let sql = "WITH held AS MATERIALIZED (SELECT node_id FROM node_configs
                WHERE attempted_version IS NOT NULL AND sent_version IS DISTINCT FROM attempted_version
                ORDER BY node_id FOR NO KEY UPDATE)
            UPDATE node_configs c SET attempted_version = NULL FROM held WHERE c.node_id = held.node_id";
        Statement::<()>::new(sql, &[]).run(connection).await?;
        return Ok(());
    };
    let nodes: Vec<Uuid> = nodes.iter().map(|node| node.0).collect();
    let sql = "WITH held AS MATERIALIZED (SELECT node_id FROM node_configs
            WHERE node_id = ANY (?) AND attempted_version IS NOT NULL
            ORDER BY node_id FOR NO KEY UPDATE)
        UPDATE node_configs c SET attempted_version = NULL FROM held WHERE c.node_id = held.node_id";
    Statement::<()>::new(sql, &[&Column(&nodes)]).run(connection).await?;
    Ok(())
}

fn columns(pushed: &[Pushed]) -> (Vec<Uuid>, Vec<i64>) {
    pushed.iter().map(|pushed| (pushed.node.0, pushed.version)).unzip()
}
