//! How a controller becomes a farm's: somebody who may types the code of its box.
use crate::{Database, FarmScope, Origin, StoreError, pg::PgTime, statement::Statement};
use diesel::{
    OptionalExtension as _,
    sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{NodeId, NodeName, Timestamp, codes::Code, events::EventKind};
use serde_json::json;
use uuid::Uuid;

/// What typing a code came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Claim {
    /// The controller is this farm's from now on.
    Claimed(NodeId),
    /// It was already.
    Yours(NodeId),
    /// It is another farm's.
    Taken,
    /// The code came too late.
    Expired,
    /// There is no such code, or who asks may not claim any more.
    Unknown,
}

/// Makes the controller of a code the farm's, once; of two who type it at the same time one is told that it is
/// taken.
pub async fn claim(
    database: &Database,
    scope: &FarmScope,
    code: &Code,
    origin: &Origin<'_>,
) -> Result<Claim, StoreError> {
    type Row = (String, Option<Uuid>, Option<String>);
    scope
        .run(database, async |conn| {
            let sql = "SELECT outcome, node_id, node_name FROM claim_node(?, ?, ?)";
            let row: Option<Row> = Statement::<(Text, Nullable<SqlUuid>, Nullable<Text>)>::new(
                sql,
                &[&code.as_str(), &scope.farm().0, &PgTime(origin.at)],
            )
            .get_result(conn)
            .await
            .optional()?;
            let Some((outcome, node, name)) = row else { return Ok(Claim::Unknown) };
            let claim = match (outcome.as_str(), node.map(NodeId)) {
                ("claimed", Some(node)) => Claim::Claimed(node),
                ("yours", Some(node)) => Claim::Yours(node),
                ("expired", _) => Claim::Expired,
                _ => Claim::Taken,
            };
            if let Claim::Claimed(_) = claim {
                let data = json!({ "node": name });
                origin.record_of(conn, EventKind::NodeClaimed, (scope, None), data).await?;
            }
            Ok(claim)
        })
        .await
}

/// A controller that was claimed while it was connected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedOnline {
    /// Identity.
    pub id: NodeId,
    /// Its MQTT user name and client id.
    pub name: NodeName,
    /// When it became the farm's.
    pub claimed_at: Timestamp,
}

/// The controllers that were claimed after `since`, were connected then, and are in the same connection
/// still. Who was registered for a farm was never without one. For the worker.
pub async fn claimed_online(
    connection: &mut AsyncPgConnection,
    since: Timestamp,
) -> Result<Vec<ClaimedOnline>, StoreError> {
    type Row = (Uuid, String, PgTime);
    let sql = "SELECT id, name, claimed_at FROM nodes
        WHERE claimed_at > ? AND claimed_at > created_at AND farm_id IS NOT NULL
            AND is_online AND (online_changed_at IS NULL OR online_changed_at < claimed_at)
            AND revoked_at IS NULL AND deleted_at IS NULL
        ORDER BY id";
    let rows: Vec<Row> = Statement::<(SqlUuid, Text, Timestamptz)>::new(sql, &[&PgTime(since)])
        .load(connection)
        .await?;
    let node = |(id, name, claimed_at): Row| {
        // the table's own check holds the same rule as the type
        let name = name.parse().ok()?;
        Some(ClaimedOnline { id: NodeId(id), name, claimed_at: claimed_at.into() })
    };
    Ok(rows.into_iter().filter_map(node).collect())
}
