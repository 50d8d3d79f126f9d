//! Taking devices out of use and bringing them back. What one sends meanwhile is kept, under its name.
use crate::{Database, FarmScope, Origin, StoreError, pg::PgTime, statement::Statement};
use diesel::{
    OptionalExtension as _,
    sql_types::{Bool, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{DeviceId, events::EventKind};
use serde_json::json;

/// Takes a device out of use: it leaves all other pages. False if the farm has no such device; one that is
/// out of use already stays so.
pub async fn retire(
    database: &Database,
    scope: &FarmScope,
    device: DeviceId,
    origin: &Origin<'_>,
) -> Result<bool, StoreError> {
    scope
        .run(database, async |conn| {
            let Some((name, true)) = lock(conn, scope, device).await? else {
                return is_there(conn, scope, device).await;
            };
            let sql = "UPDATE devices SET is_active = false, retired_at = ? WHERE id = ?";
            Statement::<()>::new(sql, &[&PgTime(origin.at), &device.0]).run(conn).await?;
            let data = json!({ "device": name });
            origin.record_of(conn, EventKind::DeviceRetired, (scope, Some(device)), data).await?;
            Ok(true)
        })
        .await
}

/// Brings a device back into use, in its house if that is still there. False if the farm has no such device;
/// one that is in use already stays so.
pub async fn restore(
    database: &Database,
    scope: &FarmScope,
    device: DeviceId,
    origin: &Origin<'_>,
) -> Result<bool, StoreError> {
    scope
        .run(database, async |conn| {
            let Some((name, false)) = lock(conn, scope, device).await? else {
                return is_there(conn, scope, device).await;
            };
            let sql = "UPDATE devices d SET is_active = true, retired_at = NULL,
                    house_id = (SELECT h.id FROM houses h
                        WHERE h.id = d.house_id AND h.deleted_at IS NULL)
                WHERE d.id = ?";
            Statement::<()>::new(sql, &[&device.0]).run(conn).await?;
            let data = json!({ "device": name });
            origin.record_of(conn, EventKind::DeviceRestored, (scope, Some(device)), data).await?;
            Ok(true)
        })
        .await
}

/// A device's name, and whether it is in use; nobody changes that meanwhile.
async fn lock(
    connection: &mut AsyncPgConnection,
    scope: &FarmScope,
    device: DeviceId,
) -> Result<Option<(String, bool)>, StoreError> {
    let sql = "SELECT name, is_active FROM devices
        WHERE id = ? AND farm_id = ? AND deleted_at IS NULL FOR NO KEY UPDATE";
    let row = Statement::<(Text, Bool)>::new(sql, &[&device.0, &scope.farm().0])
        .get_result(connection)
        .await
        .optional()?;
    Ok(row)
}

async fn is_there(
    connection: &mut AsyncPgConnection,
    scope: &FarmScope,
    device: DeviceId,
) -> Result<bool, StoreError> {
    Ok(lock(connection, scope, device).await?.is_some())
}
