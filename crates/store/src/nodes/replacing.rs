//! New hardware for a controller: all its devices go on at another one, with their names and their history.
use crate::{
    Database, FarmScope, Origin, StoreError,
    commands::{Effect, let_go},
    devices::Replaced,
    pg::PgTime,
    statement::Statement,
};
use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{FarmId, NodeId, events::EventKind};
use serde_json::json;
use uuid::Uuid;

/// Moves all devices of a farm's controller to another one of the farm, channel by channel, and shuts the old one
/// out for good.
pub async fn replace(
    database: &Database,
    scope: &FarmScope,
    (old, new): (NodeId, NodeId),
    origin: &Origin<'_>,
) -> Result<Effect<Replaced>, StoreError> {
    scope
        .run(database, async |conn| {
            let from = super::find(conn, scope.farm(), old).await?;
            let to = super::find(conn, scope.farm(), new).await?;
            let (Some(from), Some(to)) = (from, to) else {
                return Ok(Effect::none(Replaced::Missing));
            };
            let sql = "SELECT replace_node(?, ?, ?)";
            let outcome: String =
                Statement::<Text>::new(sql, &[&old.0, &new.0, &PgTime(origin.at)])
                    .get_result(conn)
                    .await?;
            let replaced = Replaced::parse(&outcome);
            let mut changes = Vec::new();
            if replaced == Replaced::Done {
                let moved = devices_of(conn, scope.farm(), new).await?;
                // what was asked of the old hardware is not asked of the new
                let over = let_go(conn, (scope, origin), &moved, "replaced").await?;
                changes = over.changes;
                let data = json!({ "node": from.name, "from": from.name, "to": to.name });
                origin.record_of(conn, EventKind::NodeReplaced, (scope, None), data).await?;
            }
            Ok(Effect { outcome: replaced, changes })
        })
        .await
}

/// The devices of a controller, which the transaction has locked.
async fn devices_of(
    conn: &mut AsyncPgConnection,
    farm: FarmId,
    node: NodeId,
) -> Result<Vec<Uuid>, StoreError> {
    let sql = "SELECT id FROM devices WHERE node_id = ? AND farm_id = ? AND deleted_at IS NULL ORDER BY id";
    Ok(Statement::<SqlUuid>::new(sql, &[&node.0, &farm.0]).load(conn).await?)
}
