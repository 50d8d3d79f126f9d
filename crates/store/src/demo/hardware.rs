//! The rows of a planted farm's hardware, one statement a table.
use super::{Device, Farm, Setting};
use crate::{StoreError, column::Column, pg::PgTime, statement::Statement};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::Timestamp;
use uuid::Uuid;

/// Adds nodes, devices with their settings, and series.
pub(super) async fn insert(
    connection: &mut AsyncPgConnection,
    farm: &Farm,
    now: Timestamp,
) -> Result<(), StoreError> {
    nodes(connection, farm, now).await?;
    devices(connection, farm, now).await?;
    settings(connection, farm).await?;
    series(connection, farm).await
}

async fn nodes(
    connection: &mut AsyncPgConnection,
    farm: &Farm,
    now: Timestamp,
) -> Result<(), StoreError> {
    let at = PgTime(farm.created_at);
    let nodes = &farm.nodes;
    let ids: Vec<Uuid> = nodes.iter().map(|node| node.id.0).collect();
    let names: Vec<&str> = nodes.iter().map(|node| node.name.as_str()).collect();
    let serials: Vec<&str> = nodes.iter().map(|node| node.serial.as_str()).collect();
    let hashes: Vec<&str> = nodes.iter().map(|node| node.password_hash.as_str()).collect();
    let firmware: Vec<&str> = nodes.iter().map(|node| node.firmware.as_str()).collect();
    let sql =
        "INSERT INTO nodes (farm_id, claimed_at, created_at, updated_at, last_seen_at, id, name,
            serial, password_hash, firmware_version)
        SELECT ?, ?, ?, ?, ?, unnest(?), unnest(?), unnest(?), unnest(?), unnest(?)";
    Statement::<()>::new(
        sql,
        &[
            &farm.id.0,
            &at,
            &at,
            &at,
            &PgTime(now),
            &Column(&ids),
            &Column(&names),
            &Column(&serials),
            &Column(&hashes),
            &Column(&firmware),
        ],
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn devices(
    connection: &mut AsyncPgConnection,
    farm: &Farm,
    now: Timestamp,
) -> Result<(), StoreError> {
    let at = PgTime(farm.created_at);
    let devices = &farm.devices;
    let ids: Vec<Uuid> = devices.iter().map(|device| device.id.0).collect();
    let nodes: Vec<Uuid> = devices.iter().map(|device| device.node.0).collect();
    let houses: Vec<Uuid> = devices.iter().map(|device| device.house.0).collect();
    let channels: Vec<&str> = devices.iter().map(|device| device.channel.as_str()).collect();
    let names: Vec<&str> = devices.iter().map(|device| device.name.as_str()).collect();
    let kinds: Vec<&str> = devices.iter().map(|device| device.kind.name()).collect();
    let types: Vec<&str> = devices.iter().map(|device| device.electrical).collect();
    let models: Vec<&str> = devices.iter().map(|device| device.model).collect();
    let states: Vec<Option<&str>> = devices.iter().map(state).collect();
    let since: Vec<Option<Timestamp>> = devices.iter().map(|d| d.reported.map(|r| r.1)).collect();
    let places: Vec<i32> = (1..).take(devices.len()).collect();
    let sql =
        "INSERT INTO devices (farm_id, created_at, updated_at, approved_at, id, node_id, house_id,
            channel, device_id, hardware_id, firmware_version, name, kind, type, model,
            reported_state, reported_since, reported_at, reported_cause, position, last_heartbeat)
        SELECT ?, ?, ?, ?, u.id, u.node_id, u.house_id, u.channel, n.name || ':' || u.channel,
            n.serial || ':' || u.channel, n.firmware_version, u.name, u.kind::device_kind,
            u.type::device_type, u.model, u.state, u.since,
            CASE WHEN u.state IS NULL THEN NULL ELSE n.last_seen_at END,
            CASE WHEN u.state IS NULL THEN NULL ELSE 'auto' END, u.position, ?
        FROM (SELECT unnest(?) AS id, unnest(?) AS node_id, unnest(?) AS house_id,
                unnest(?) AS channel, unnest(?) AS name, unnest(?) AS kind, unnest(?) AS type,
                unnest(?) AS model, unnest(?) AS state, unnest(?) AS since,
                unnest(?) AS position) u
        JOIN nodes n ON n.id = u.node_id";
    Statement::<()>::new(
        sql,
        &[
            &farm.id.0,
            &at,
            &at,
            &at,
            &PgTime(now),
            &Column(&ids),
            &Column(&nodes),
            &Column(&houses),
            &Column(&channels),
            &Column(&names),
            &Column(&kinds),
            &Column(&types),
            &Column(&models),
            &Column(&states),
            &Column(&since),
            &Column(&places),
        ],
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn settings(connection: &mut AsyncPgConnection, farm: &Farm) -> Result<(), StoreError> {
    let at = PgTime(farm.created_at);
    let with_device = |device: &Device| -> Vec<(Uuid, Setting)> {
        device.settings.iter().map(|setting| (device.id.0, *setting)).collect()
    };
    let settings: Vec<(Uuid, Setting)> = farm.devices.iter().flat_map(with_device).collect();
    let devices: Vec<Uuid> = settings.iter().map(|(device, _)| *device).collect();
    let names: Vec<&str> = settings.iter().map(|(_, setting)| setting.name).collect();
    let values: Vec<f64> = settings.iter().map(|(_, setting)| setting.value).collect();
    let units: Vec<&str> = settings.iter().map(|(_, setting)| setting.unit).collect();
    let sql =
        "INSERT INTO device_configs (farm_id, created_at, updated_at, device_id, parameter_name,
            parameter_value, unit)
        SELECT ?, ?, ?, unnest(?), unnest(?), to_jsonb(unnest(?)), unnest(?)";
    Statement::<()>::new(
        sql,
        &[
            &farm.id.0,
            &at,
            &at,
            &Column(&devices),
            &Column(&names),
            &Column(&values),
            &Column(&units),
        ],
    )
    .execute(connection)
    .await?;
    Ok(())
}

async fn series(connection: &mut AsyncPgConnection, farm: &Farm) -> Result<(), StoreError> {
    let all: Vec<(Uuid, &super::Series)> = farm
        .devices
        .iter()
        .flat_map(|device| device.series.iter().map(|series| (device.id.0, series)))
        .collect();
    let devices: Vec<Uuid> = all.iter().map(|(device, _)| *device).collect();
    let sensors: Vec<&str> = all.iter().map(|(_, series)| series.sensor.name()).collect();
    let units: Vec<&str> = all.iter().map(|(_, series)| series.sensor.unit()).collect();
    let intervals: Vec<i32> = all.iter().map(|(_, series)| series.interval_s).collect();
    let sql = "INSERT INTO series (farm_id, created_at, device_id, sensor, unit, interval_s)
        SELECT ?, ?, unnest(?), unnest(?), unnest(?), unnest(?)";
    Statement::<()>::new(
        sql,
        &[
            &farm.id.0,
            &PgTime(farm.created_at),
            &Column(&devices),
            &Column(&sensors),
            &Column(&units),
            &Column(&intervals),
        ],
    )
    .execute(connection)
    .await?;
    Ok(())
}

fn state(device: &Device) -> Option<&'static str> {
    device.reported.map(|(is_on, _)| if is_on { "on" } else { "off" })
}
