//! Taking devices out of use and bringing them back. What one sends meanwhile is kept, under its name.
use crate::{
    Database, FarmScope, Origin, StoreError,
    commands::let_go,
    pg::PgTime,
    statement::{Parameter, Statement},
};
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
    turn(database, scope, (device, Turn::Off), origin).await
}

/// Brings a device back into use, in its house if that is still there. False if the farm has no such device;
/// one that is in use already stays so.
pub async fn restore(
    database: &Database,
    scope: &FarmScope,
    device: DeviceId,
    origin: &Origin<'_>,
) -> Result<bool, StoreError> {
    turn(database, scope, (device, Turn::On), origin).await
}

/// Into use or out of it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Turn {
    On,
    Off,
}

async fn turn(
    database: &Database,
    scope: &FarmScope,
    (device, to): (DeviceId, Turn),
    origin: &Origin<'_>,
) -> Result<bool, StoreError> {
    scope
        .run(database, async |conn| {
            let Some((name, is_active)) = lock(conn, scope, device).await? else {
                return Ok(false);
            };
            let kind = match (to, is_active) {
                (Turn::Off, true) => {
                    let sql = "UPDATE devices SET is_active = false, retired_at = ? WHERE id = ?";
                    let parameters: [&dyn Parameter; 2] = [&PgTime(origin.at), &device.0];
                    Statement::<()>::new(sql, &parameters).run(conn).await?;
                    let_go(conn, (scope, origin), &[device.0], "retired").await?;
                    EventKind::DeviceRetired
                }
                (Turn::On, false) => {
                    let sql = "UPDATE devices d SET is_active = true, retired_at = NULL,
                            house_id = (SELECT h.id FROM houses h
                                WHERE h.id = d.house_id AND h.deleted_at IS NULL)
                        WHERE d.id = ?";
                    Statement::<()>::new(sql, &[&device.0]).run(conn).await?;
                    EventKind::DeviceRestored
                }
                (Turn::Off, false) | (Turn::On, true) => return Ok(true),
            };
            let data = json!({ "device": name });
            origin.record_of(conn, kind, (scope, Some(device)), data).await?;
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
