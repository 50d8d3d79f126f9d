//! How a controller becomes a farm's: somebody who may types the code of its box.
use crate::{Database, FarmScope, Origin, StoreError, pg::PgTime, statement::Statement};
use diesel::{
    OptionalExtension as _,
    sql_types::{Nullable, Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl as _;
use domain::{NodeId, codes::Code, events::EventKind};
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
