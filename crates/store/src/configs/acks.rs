//! What controllers say of their configurations.
use crate::{
    StoreError,
    column::Column,
    events::{self, NewEvent},
    pg::PgTime,
    statement::Statement,
};
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{FarmId, NodeId, Timestamp, configs, events::EventKind};
use serde_json::json;
use uuid::Uuid;

/// A controller's word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Acked<'a> {
    /// The controller.
    pub node: NodeId,
    /// The version that it has in force.
    pub version: i64,
    /// The version that it was sent and refuses.
    pub refused: Option<i64>,
    /// Why it does.
    pub error: Option<&'a str>,
}

/// What the words of controllers came to.
#[derive(Debug, Default)]
pub struct Learned {
    /// The farms whose pages show it, each once.
    pub farms: Vec<FarmId>,
    /// Whether a controller has a version above what is wanted.
    pub is_any_ahead: bool,
    /// Words of controllers that had nothing to be told.
    pub unknown: usize,
}

struct Noted {
    farm: Uuid,
    name: String,
    version: i64,
    is_ahead: bool,
    is_confirmed: bool,
    is_refused: bool,
    why: Option<String>,
}

/// Notes what controllers say, each its last word, with an event where a wanted version is confirmed or refused
/// for the first time.
pub async fn note_acks(
    connection: &mut AsyncPgConnection,
    acks: &[Acked<'_>],
    now: Timestamp,
) -> Result<Learned, StoreError> {
    let noted = write(connection, acks, now).await?;
    let mut learned =
        Learned { unknown: acks.len().saturating_sub(noted.len()), ..Learned::default() };
    for Noted { farm, name, version, is_ahead, is_confirmed, is_refused, why } in noted {
        learned.farms.push(FarmId(farm));
        learned.is_any_ahead |= is_ahead;
        let told = [
            (is_confirmed, EventKind::ConfigConfirmed, json!({ "node": name, "version": version })),
            (
                is_refused,
                EventKind::ConfigRefused,
                json!({ "node": name, "version": version, "error": why }),
            ),
        ];
        for (_, kind, data) in told.into_iter().filter(|(is_told, ..)| *is_told) {
            let event = NewEvent { farm: Some(FarmId(farm)), data, ..NewEvent::new(kind, now) };
            events::record(connection, &event).await?;
        }
    }
    learned.farms.sort_unstable();
    learned.farms.dedup();
    Ok(learned)
}

async fn write(
    connection: &mut AsyncPgConnection,
    acks: &[Acked<'_>],
    now: Timestamp,
) -> Result<Vec<Noted>, StoreError> {
    type Columns = (SqlUuid, Text, BigInt, Bool, Bool, Bool, Nullable<Text>);
    type Row = (Uuid, String, i64, bool, bool, bool, Option<String>);
    let sql = "WITH said AS MATERIALIZED (
            SELECT unnest(?) AS node, unnest(?) AS version, unnest(?) AS refused, unnest(?) AS why),
        held AS MATERIALIZED (
            SELECT c.node_id, c.farm_id, n.name, c.version, said.version AS said, said.why,
                said.version > c.version AS is_ahead,
                said.version = c.version AS confirms,
                coalesce(said.refused = c.version AND said.version <> c.version, false) AS refuses,
                c.confirmed_version, c.refused_version
            FROM said JOIN node_configs c ON c.node_id = said.node JOIN nodes n ON n.id = c.node_id
            ORDER BY c.node_id FOR NO KEY UPDATE OF c),
        noted AS (
            UPDATE node_configs c SET heard_version = held.said, heard_at = ?,
                confirmed_version = CASE WHEN held.confirms THEN held.version ELSE c.confirmed_version END,
                refused_version = CASE WHEN held.refuses THEN held.version ELSE c.refused_version END,
                refused_at = CASE WHEN held.refuses THEN ? ELSE c.refused_at END,
                refusal = CASE WHEN held.refuses THEN held.why ELSE c.refusal END
            FROM held WHERE c.node_id = held.node_id)
        SELECT farm_id, name, version, is_ahead,
            confirms AND confirmed_version IS DISTINCT FROM version,
            refuses AND refused_version IS DISTINCT FROM version, why FROM held";
    let nodes: Vec<Uuid> = acks.iter().map(|ack| ack.node.0).collect();
    let versions: Vec<i64> = acks.iter().map(|ack| ack.version).collect();
    let refused: Vec<Option<i64>> = acks.iter().map(|ack| ack.refused).collect();
    let errors: Vec<Option<&str>> = acks.iter().map(|ack| ack.error).collect();
    let at = PgTime(now);
    let rows: Vec<Row> = Statement::<Columns>::new(
        sql,
        &[&Column(&nodes), &Column(&versions), &Column(&refused), &Column(&errors), &at, &at],
    )
    .load(connection)
    .await?;
    let noted = |(farm, name, version, is_ahead, is_confirmed, is_refused, why): Row| Noted {
        farm,
        name,
        version,
        is_ahead,
        is_confirmed,
        is_refused,
        why,
    };
    Ok(rows.into_iter().map(noted).collect())
}

/// Wants a version above what a controller has that another server, or a checker, has told more than we have.
/// Returns how many were overtaken.
pub async fn overtake(
    connection: &mut AsyncPgConnection,
    now: Timestamp,
) -> Result<usize, StoreError> {
    type Columns = (SqlUuid, BigInt, BigInt, Nullable<Timestamptz>);
    let sql = "SELECT node_id, version, heard_version, raised_at FROM node_configs
        WHERE heard_version > version ORDER BY node_id";
    let rows: Vec<(Uuid, i64, i64, Option<PgTime>)> =
        Statement::<Columns>::new(sql, &[]).load(connection).await?;
    let wanted: Vec<(Uuid, i64)> = rows
        .into_iter()
        .filter_map(|(node, version, heard, raised)| {
            Some((node, configs::overtake(version, heard, raised.map(Timestamp::from), now)?))
        })
        .collect();
    if wanted.is_empty() {
        return Ok(0);
    }
    let (nodes, versions): (Vec<Uuid>, Vec<i64>) = wanted.into_iter().unzip();
    // it may have grown meanwhile, but never shrinks
    let sql = "WITH said AS MATERIALIZED (SELECT unnest(?) AS node, unnest(?) AS version),
        held AS MATERIALIZED (SELECT c.node_id, said.version FROM said
            JOIN node_configs c ON c.node_id = said.node AND c.version < said.version
            ORDER BY c.node_id FOR NO KEY UPDATE OF c)
        UPDATE node_configs c SET version = greatest(c.version, held.version), raised_at = ? FROM held
        WHERE c.node_id = held.node_id";
    Statement::<()>::new(sql, &[&Column(&nodes), &Column(&versions), &PgTime(now)])
        .run(connection)
        .await
}
