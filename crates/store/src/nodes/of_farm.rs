//! A farm's controllers, as its members see them.
use crate::{
    Database, FarmScope, Origin, StoreError, pg::PgTime, schema::nodes, statement::Statement,
};
use diesel::{
    prelude::*,
    sql_types::{BigInt, Nullable, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{FarmId, NodeId, NodeName, Timestamp, events::EventKind, nodes::answers_wrongly};
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

/// A controller of a farm, and how it was when it was last heard of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FarmNode {
    /// Identity.
    pub id: NodeId,
    /// Its MQTT user name.
    pub name: NodeName,
    /// Whether it can be reached.
    pub is_online: bool,
    /// Since when it can be reached, or can not.
    pub online_changed_at: Option<Timestamp>,
    /// Its last sign of life.
    pub last_seen_at: Option<Timestamp>,
    /// How often it is expected to show one.
    pub interval: Duration,
    /// As its last heartbeat said.
    pub firmware_version: Option<String>,
    /// Strength of its radio signal in dBm.
    pub rssi_dbm: Option<i32>,
    /// Charge of its battery in percent.
    pub battery_pct: Option<i32>,
    /// Free memory in bytes.
    pub heap_free: Option<i64>,
    /// How long it had run.
    pub uptime: Option<Duration>,
    /// When it became the farm's.
    pub claimed_at: Option<Timestamp>,
    /// When its credential was withdrawn.
    pub revoked_at: Option<Timestamp>,
    /// When its password ended, if it was given away since and has no other yet.
    pub password_ended_at: Option<Timestamp>,
    /// The controller that has taken its place.
    pub replaced_by: Option<NodeId>,
    /// What it sent that can not be read, if it ever did.
    pub wrong: Option<Wrong>,
}

impl FarmNode {
    /// What it sends wrongly, unless it has been heard for a while without that.
    pub fn answers_wrongly(&self) -> Option<&Wrong> {
        self.wrong.as_ref().filter(|wrong| answers_wrongly(wrong.last, self.last_seen_at))
    }
}

/// That a controller sends what can not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wrong {
    /// Since when.
    pub since: Timestamp,
    /// When it last did, to the minute.
    pub last: Timestamp,
    /// What was wrong, as in the quarantine: a short code in kebab case.
    pub why: String,
}

/// How often a controller has started, and when it did last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Runs {
    /// How often.
    pub count: i64,
    /// The last time.
    pub last: Option<Timestamp>,
}

/// The controllers of a farm that may sign in, by name.
pub async fn of_farm(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
) -> Result<Vec<FarmNode>, StoreError> {
    let rows: Vec<Row> = nodes::table
        .filter(nodes::farm_id.eq(farm.0))
        .filter(nodes::revoked_at.is_null())
        .filter(nodes::deleted_at.is_null())
        .order((nodes::name, nodes::id))
        .select(Row::as_select())
        .load(connection)
        .await?;
    Ok(rows.into_iter().filter_map(Row::into_node).collect())
}

/// One of a farm's controllers, also one that was shut out.
pub async fn find(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
    node: NodeId,
) -> Result<Option<FarmNode>, StoreError> {
    let row: Option<Row> = nodes::table
        .filter(nodes::id.eq(node.0))
        .filter(nodes::farm_id.eq(farm.0))
        .filter(nodes::deleted_at.is_null())
        .select(Row::as_select())
        .first(connection)
        .await
        .optional()?;
    Ok(row.and_then(Row::into_node))
}

/// How often a controller of the request's farm has started.
pub async fn runs(connection: &mut AsyncPgConnection, node: NodeId) -> Result<Runs, StoreError> {
    let sql = "SELECT runs, last_started_at FROM node_runs(?)";
    let (count, last): (i64, Option<PgTime>) =
        Statement::<(BigInt, Nullable<Timestamptz>)>::new(sql, &[&node.0])
            .get_result(connection)
            .await?;
    Ok(Runs { count, last: last.map(Timestamp::from) })
}

/// Gives a farm's controller another password, by the hash that the broker keeps of it; the old one ends with
/// the broker's next reload. Its event remembers `mark`, by which [`rotation`] knows it again. Nothing if the
/// farm has no such controller, or it was shut out.
pub async fn rotate_of_farm(
    database: &Database,
    scope: &FarmScope,
    (node, password_hash, mark): (NodeId, &str, &str),
    origin: &Origin<'_>,
) -> Result<Option<NodeName>, StoreError> {
    scope
        .run(database, async |conn| {
            let sql = "UPDATE nodes SET password_hash = ?
                WHERE id = ? AND farm_id = ? AND revoked_at IS NULL AND deleted_at IS NULL
                RETURNING name";
            let name: Option<String> =
                Statement::<Text>::new(sql, &[&password_hash, &node.0, &scope.farm().0])
                    .get_result(conn)
                    .await
                    .optional()?;
            let Some(name) = name else { return Ok(None) };
            let data = json!({ "node": name, "mark": mark });
            origin.record_of(conn, EventKind::NodeRotated, (scope, None), data).await?;
            Ok(name.parse().ok())
        })
        .await
}

/// A password that a controller was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rotation {
    /// When.
    pub at: Timestamp,
    /// Whether it was given none since.
    pub is_newest: bool,
}

/// When a farm's controller was given the password of this mark; nothing if it never was.
pub async fn rotation(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
    (node, mark): (&NodeName, &str),
) -> Result<Option<Rotation>, StoreError> {
    let sql = "SELECT max(created_at) FILTER (WHERE event_data ->> 'mark' = ?), max(created_at)
        FROM event_logs
        WHERE farm_id = ? AND event_type = 'node_rotated' AND event_data ->> 'node' = ?";
    let (of_mark, newest): (Option<PgTime>, Option<PgTime>) =
        Statement::<(Nullable<Timestamptz>, Nullable<Timestamptz>)>::new(
            sql,
            &[&mark, &farm.0, &node.as_str()],
        )
        .get_result(connection)
        .await?;
    let (of_mark, newest) = (of_mark.map(Timestamp::from), newest.map(Timestamp::from));
    Ok(of_mark.map(|at| Rotation { at, is_newest: newest == Some(at) }))
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = nodes, check_for_backend(diesel::pg::Pg))]
struct Row {
    id: Uuid,
    name: String,
    is_online: bool,
    online_changed_at: Option<PgTime>,
    last_seen_at: Option<PgTime>,
    heartbeat_interval_s: i32,
    firmware_version: Option<String>,
    rssi_dbm: Option<i32>,
    battery_pct: Option<i32>,
    heap_free: Option<i64>,
    uptime_s: Option<i64>,
    claimed_at: Option<PgTime>,
    revoked_at: Option<PgTime>,
    password_ended_at: Option<PgTime>,
    replaced_by: Option<Uuid>,
    answers_wrongly_since: Option<PgTime>,
    answered_wrongly_at: Option<PgTime>,
    answered_wrongly_why: Option<String>,
}

impl Row {
    fn into_node(self) -> Option<FarmNode> {
        let wrong = self.answers_wrongly_since.zip(self.answered_wrongly_at);
        let wrong = wrong.zip(self.answered_wrongly_why).map(|((since, last), why)| Wrong {
            since: since.into(),
            last: last.into(),
            why,
        });
        let span = |seconds: i64| u64::try_from(seconds).map(Duration::from_secs).ok();
        Some(FarmNode {
            id: NodeId(self.id),
            name: self.name.parse().ok()?,
            is_online: self.is_online,
            online_changed_at: self.online_changed_at.map(Timestamp::from),
            last_seen_at: self.last_seen_at.map(Timestamp::from),
            interval: span(self.heartbeat_interval_s.into()).unwrap_or_default(),
            firmware_version: self.firmware_version,
            rssi_dbm: self.rssi_dbm,
            battery_pct: self.battery_pct,
            heap_free: self.heap_free,
            uptime: self.uptime_s.and_then(span),
            claimed_at: self.claimed_at.map(Timestamp::from),
            revoked_at: self.revoked_at.map(Timestamp::from),
            password_ended_at: self.password_ended_at.map(Timestamp::from),
            replaced_by: self.replaced_by.map(NodeId),
            wrong,
        })
    }
}
