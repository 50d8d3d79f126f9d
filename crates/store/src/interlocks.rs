//! What devices must keep to. Without a row the usual for a device's kind holds.
use crate::{
    Database, FarmScope, Origin, StoreError,
    commands::{InterlocksColumns, InterlocksRow, interlocks, lock},
    pg::PgTime,
    statement::Statement,
};
use diesel::{OptionalExtension as _, sql_types::Text};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{DeviceId, FarmId, commands::Interlocks, devices::DeviceKind, events::EventKind};
use serde_json::json;
use std::time::Duration;

/// What a device must keep to; nothing if the farm has no such device.
pub async fn find(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
    device: DeviceId,
) -> Result<Option<Interlocks>, StoreError> {
    let sql = "SELECT d.kind::text, i.max_on_s, i.min_on_s, i.min_off_s, i.max_starts_per_hour,
            i.exclusive_group, i.excludes_heat_and_cooling, i.on_link_loss::text
        FROM devices d LEFT JOIN interlocks i ON i.device_id = d.id
        WHERE d.id = ? AND d.farm_id = ? AND d.deleted_at IS NULL";
    let found: Option<(String, InterlocksRow)> =
        Statement::<(Text, InterlocksColumns)>::new(sql, &[&device.0, &farm.0])
            .get_result(connection)
            .await
            .optional()?;
    Ok(found.map(|(kind, row)| interlocks(DeviceKind::parse(&kind), row)))
}

/// Sets what a device must keep to from now on, checked before by [`Interlocks::check`]. False if the farm
/// has no such device.
pub async fn set(
    database: &Database,
    scope: &FarmScope,
    (device, interlocks): (DeviceId, &Interlocks),
    origin: &Origin<'_>,
) -> Result<bool, StoreError> {
    scope
        .run(database, async |conn| {
            if lock(conn, &[device.0]).await?.is_empty() {
                return Ok(false);
            }
            let Some(before) = find(conn, scope.farm(), device).await? else { return Ok(false) };
            change(conn, scope, (device, &before, interlocks), origin).await?;
            Ok(true)
        })
        .await
}

/// The same within a transaction that has locked the device and knows what held `before`. Whether anything is
/// another now.
pub(crate) async fn change(
    conn: &mut AsyncPgConnection,
    scope: &FarmScope,
    (device, before, interlocks): (DeviceId, &Interlocks, &Interlocks),
    origin: &Origin<'_>,
) -> Result<bool, StoreError> {
    if before == interlocks {
        return Ok(false);
    }
    write(conn, scope.farm(), (device, interlocks), origin).await?;
    let data = json!({ "from": told(before), "to": told(interlocks) });
    origin.record_of(conn, EventKind::InterlocksChanged, (scope, Some(device)), data).await?;
    Ok(true)
}

async fn write(
    conn: &mut AsyncPgConnection,
    farm: FarmId,
    (device, interlocks): (DeviceId, &Interlocks),
    origin: &Origin<'_>,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO interlocks (device_id, farm_id, max_on_s, min_on_s, min_off_s,
            max_starts_per_hour, exclusive_group, excludes_heat_and_cooling, on_link_loss, created_at)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?::link_loss, ?)
        ON CONFLICT (device_id) DO UPDATE SET max_on_s = excluded.max_on_s,
            min_on_s = excluded.min_on_s, min_off_s = excluded.min_off_s,
            max_starts_per_hour = excluded.max_starts_per_hour,
            exclusive_group = excluded.exclusive_group,
            excludes_heat_and_cooling = excluded.excludes_heat_and_cooling,
            on_link_loss = excluded.on_link_loss";
    let starts = interlocks.max_starts_per_hour.and_then(|starts| i32::try_from(starts).ok());
    Statement::<()>::new(
        sql,
        &[
            &device.0,
            &farm.0,
            &seconds(interlocks.max_on),
            &seconds(interlocks.min_on),
            &seconds(interlocks.min_off),
            &starts,
            &interlocks.exclusive_group.as_deref(),
            &interlocks.excludes_heat_and_cooling,
            &interlocks.on_link_loss.name(),
            &PgTime(origin.at),
        ],
    )
    .run(conn)
    .await?;
    Ok(())
}

fn seconds(span: Option<Duration>) -> Option<i32> {
    span.and_then(|span| i32::try_from(span.as_secs()).ok())
}

fn told(interlocks: &Interlocks) -> serde_json::Value {
    json!({
        "max_on_s": seconds(interlocks.max_on),
        "min_on_s": seconds(interlocks.min_on),
        "min_off_s": seconds(interlocks.min_off),
        "max_starts_per_hour": interlocks.max_starts_per_hour,
        "exclusive_group": interlocks.exclusive_group,
        "excludes_heat_and_cooling": interlocks.excludes_heat_and_cooling,
        "on_link_loss": interlocks.on_link_loss,
    })
}
