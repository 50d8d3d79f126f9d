//! The order of devices on pages: one for the farm, in which people move a device among those of its house.
use crate::{Database, FarmScope, Origin, StoreError, column::Column, statement::Statement};
use diesel::sql_types::{Integer, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl as _;
use domain::{DeviceId, HouseId, devices::put_at, events::EventKind};
use serde_json::json;
use uuid::Uuid;

/// Puts a device in use at a place among those of its house, counted from 0; past the end is the end. False if
/// the farm has no such device in use. Doing it twice is doing it once.
pub async fn put(
    database: &Database,
    scope: &FarmScope,
    (device, place): (DeviceId, usize),
    origin: &Origin<'_>,
) -> Result<bool, StoreError> {
    type Columns = (SqlUuid, Nullable<SqlUuid>, Integer, Text);
    scope
        .run(database, async |conn| {
            let farm = scope.farm().0;
            // locked by id, as everywhere
            let lock = "SELECT id FROM devices WHERE farm_id = ? AND deleted_at IS NULL
                ORDER BY id FOR NO KEY UPDATE";
            Statement::<SqlUuid>::new(lock, &[&farm]).load::<Uuid>(conn).await?;
            let sql = "SELECT id, house_id, position, name FROM devices
                WHERE farm_id = ? AND is_active AND approved_at IS NOT NULL AND deleted_at IS NULL
                ORDER BY position, name, id";
            let rows: Vec<(Uuid, Option<Uuid>, i32, String)> =
                Statement::<Columns>::new(sql, &[&farm]).load(conn).await?;
            let Some((.., name)) = rows.iter().find(|(id, ..)| *id == device.0) else {
                return Ok(false);
            };
            let before: Vec<_> =
                rows.iter().map(|(id, house, ..)| (DeviceId(*id), house.map(HouseId))).collect();
            let after = put_at(&before, device, place);
            if before.iter().map(|(id, _)| *id).eq(after.iter().copied()) {
                return Ok(true);
            }
            let ids: Vec<Uuid> = after.into_iter().map(|id| id.0).collect();
            let positions: Vec<i32> = (0..).take(ids.len()).collect();
            let sql = "UPDATE devices d SET position = u.position
                FROM (SELECT unnest(?) AS id, unnest(?) AS position) u
                WHERE d.id = u.id AND d.position <> u.position";
            Statement::<()>::new(sql, &[&Column(&ids), &Column(&positions)]).run(conn).await?;
            let data = json!({ "device": name, "place": place });
            origin.record_of(conn, EventKind::DeviceOrdered, (scope, Some(device)), data).await?;
            Ok(true)
        })
        .await
}
