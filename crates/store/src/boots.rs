//! Runs of a node between two power cuts: how far each is acknowledged, and its clock's correction.
use crate::{StoreError, column::Column, pg::PgTime, statement::Statement};
use diesel::sql_types::{BigInt, Bool, Integer, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{BootId, NodeId, Timestamp};
use uuid::Uuid;

/// One run of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Boot {
    /// Identity.
    pub id: BootId,
    /// The node.
    pub node: NodeId,
    /// The node's own name for the run.
    pub boot: String,
    /// Everything up to this number is durable and was acknowledged.
    pub acked_seq: Option<i64>,
    /// Milliseconds to add to all its times, if its clock is wrong.
    pub correction_ms: Option<i64>,
    /// The first number whose times are right although the earlier ones are corrected.
    pub clock_set_seq: Option<i64>,
    /// Whether it had never been heard of before.
    pub is_new: bool,
    /// Whether its node had never had another one.
    pub is_first: bool,
}

/// The runs of these names, each made if it is new.
pub async fn open(
    connection: &mut AsyncPgConnection,
    runs: &[(NodeId, &str)],
    now: Timestamp,
) -> Result<Vec<Boot>, StoreError> {
    type Number = Nullable<BigInt>;
    type Columns = (Integer, SqlUuid, Text, Number, Number, Number, Bool, Bool);
    type Row = (i32, Uuid, String, Option<i64>, Option<i64>, Option<i64>, bool, bool);
    let nodes: Vec<Uuid> = runs.iter().map(|(node, _)| node.0).collect();
    let names: Vec<&str> = runs.iter().map(|(_, name)| *name).collect();
    let sql = "WITH wanted AS (SELECT DISTINCT unnest(?) AS node_id, unnest(?) AS boot),
        made AS (
            INSERT INTO node_boots (node_id, boot, first_seen_at)
            SELECT node_id, boot, ? FROM wanted
            ON CONFLICT (node_id, boot) DO NOTHING
            RETURNING id, node_id, boot)
        SELECT id, node_id, boot, NULL::bigint, NULL::bigint, NULL::bigint, true,
            NOT EXISTS (SELECT FROM node_boots other WHERE other.node_id = made.node_id)
        FROM made
        UNION ALL
        SELECT id, node_id, boot, acked_seq, clock_offset_ms, clock_set_seq, false, false
        FROM node_boots JOIN wanted USING (node_id, boot)";
    let rows: Vec<Row> =
        Statement::<Columns>::new(sql, &[&Column(&nodes), &Column(&names), &PgTime(now)])
            .load(connection)
            .await?;
    let boot =
        |(id, node, boot, acked_seq, correction_ms, clock_set_seq, is_new, is_first): Row| Boot {
            id: BootId(id),
            node: NodeId(node),
            boot,
            acked_seq,
            correction_ms,
            clock_set_seq,
            is_new,
            is_first,
        };
    Ok(rows.into_iter().map(boot).collect())
}

/// Fixes the correction of a run's clock, unless it has one; returns the one that holds.
pub async fn fix_clock(
    connection: &mut AsyncPgConnection,
    boot: BootId,
    correction_ms: i64,
) -> Result<i64, StoreError> {
    let sql = "UPDATE node_boots SET clock_offset_ms = coalesce(clock_offset_ms, ?) WHERE id = ?
        RETURNING clock_offset_ms";
    Ok(Statement::<BigInt>::new(sql, &[&correction_ms, &boot.0]).get_result(connection).await?)
}

/// Notes from which number on a run's clock is right, unless that is known.
pub async fn note_set_clock(
    connection: &mut AsyncPgConnection,
    boot: BootId,
    seq: i64,
) -> Result<(), StoreError> {
    let sql = "UPDATE node_boots SET clock_set_seq = coalesce(clock_set_seq, ?) WHERE id = ?";
    Statement::<()>::new(sql, &[&seq, &boot.0]).execute(connection).await?;
    Ok(())
}
