//! Deleting a farm, and bringing it back within 30 days.
use crate::{
    Database, FarmScope, Origin, StoreError, pg::PgTime, scope::run, statement::Statement,
};
use diesel::sql_types::{Bool, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl as _;
use domain::{FarmId, Timestamp, UserId, events::EventKind};
use serde_json::Value;
use uuid::Uuid;

/// A deleted farm that can still be brought back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeletedFarm {
    /// Identity.
    pub id: FarmId,
    /// What it is called.
    pub name: String,
    /// When it was deleted.
    pub deleted_at: Timestamp,
}

/// Deletes a farm: for its members it is gone, for 30 days its admins may bring it back. False if it was
/// deleted before.
pub async fn delete(
    database: &Database,
    scope: &FarmScope,
    origin: &Origin<'_>,
) -> Result<bool, StoreError> {
    scope
        .run(database, async |conn| {
            let sql = "UPDATE farms SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL";
            let deleted =
                Statement::<()>::new(sql, &[&PgTime(origin.at), &scope.farm().0]).run(conn).await?;
            if deleted > 0 {
                let who = (Some(scope.user()), Some(scope.farm()));
                origin.record(conn, EventKind::FarmDeleted, who, Value::Null).await?;
            }
            Ok(deleted > 0)
        })
        .await
}

/// The farms that a person may bring back, last deleted first.
pub async fn deleted(
    database: &Database,
    user: UserId,
    now: Timestamp,
) -> Result<Vec<DeletedFarm>, StoreError> {
    run(database, user, &[], async |conn| {
        let sql = "SELECT farm_id, name, deleted_at FROM deleted_farms(?)";
        let rows: Vec<(Uuid, String, PgTime)> =
            Statement::<(SqlUuid, Text, Timestamptz)>::new(sql, &[&PgTime(now)]).load(conn).await?;
        let farm = |(id, name, at): (Uuid, String, PgTime)| DeletedFarm {
            id: FarmId(id),
            name,
            deleted_at: at.into(),
        };
        Ok(rows.into_iter().map(farm).collect())
    })
    .await
}

/// Brings a farm back. False if the person may not, or not any more.
pub async fn restore(
    database: &Database,
    user: UserId,
    farm: FarmId,
    origin: &Origin<'_>,
) -> Result<bool, StoreError> {
    // the farm is in the transaction's scope for its event; whether it may be touched the function decides
    run(database, user, &[farm], async |conn| {
        let sql = "SELECT restore_farm(?, ?)";
        let is_restored: bool =
            Statement::<Bool>::new(sql, &[&farm.0, &PgTime(origin.at)]).get_result(conn).await?;
        if is_restored {
            let who = (Some(user), Some(farm));
            origin.record(conn, EventKind::FarmRestored, who, Value::Null).await?;
        }
        Ok(is_restored)
    })
    .await
}
