//! Pausing a farm, and taking it up again. Meanwhile it is away for all its members, and what its devices
//! send is kept all the same.
use crate::{
    Database, FarmScope, Origin, StoreError, pg::PgTime, scope::run, statement::Statement,
};
use diesel::sql_types::{Bool, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl as _;
use domain::{FarmId, Timestamp, UserId, events::EventKind};
use serde_json::Value;
use uuid::Uuid;

/// A farm that one of its admins has paused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PausedFarm {
    /// Identity.
    pub id: FarmId,
    /// What it is called.
    pub name: String,
    /// Since when.
    pub paused_at: Timestamp,
}

/// Pauses a farm. False if the person may not, or it is away already.
pub async fn pause(
    database: &Database,
    scope: &FarmScope,
    origin: &Origin<'_>,
) -> Result<bool, StoreError> {
    scope
        .run(database, async |conn| {
            let sql = "SELECT pause_farm(?, ?)";
            let is_paused: bool =
                Statement::<Bool>::new(sql, &[&scope.farm().0, &PgTime(origin.at)])
                    .get_result(conn)
                    .await?;
            if is_paused {
                let who = (Some(scope.user()), Some(scope.farm()));
                origin.record(conn, EventKind::FarmPaused, who, Value::Null).await?;
            }
            Ok(is_paused)
        })
        .await
}

/// The farms that a person may take up again, last paused first.
pub async fn paused(database: &Database, user: UserId) -> Result<Vec<PausedFarm>, StoreError> {
    run(database, user, &[], async |conn| {
        let sql = "SELECT farm_id, name, paused_at FROM paused_farms()";
        let rows: Vec<(Uuid, String, PgTime)> =
            Statement::<(SqlUuid, Text, Timestamptz)>::new(sql, &[]).load(conn).await?;
        let farm = |(id, name, at): (Uuid, String, PgTime)| PausedFarm {
            id: FarmId(id),
            name,
            paused_at: at.into(),
        };
        Ok(rows.into_iter().map(farm).collect())
    })
    .await
}

/// Takes a paused farm up again. False if the person may not, or it is not paused.
pub async fn resume(
    database: &Database,
    user: UserId,
    farm: FarmId,
    origin: &Origin<'_>,
) -> Result<bool, StoreError> {
    // the farm is in the transaction's scope for its event; whether it may be touched the function decides
    run(database, user, &[farm], async |conn| {
        let sql = "SELECT resume_farm(?)";
        let is_resumed: bool = Statement::<Bool>::new(sql, &[&farm.0]).get_result(conn).await?;
        if is_resumed {
            let who = (Some(user), Some(farm));
            origin.record(conn, EventKind::FarmResumed, who, Value::Null).await?;
        }
        Ok(is_resumed)
    })
    .await
}
