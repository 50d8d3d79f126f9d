//! Channels and quantities that nobody has announced: what a known node sends is kept from the first
//! message on, and waits in the list of new devices for a manager's approval.
use crate::{
    StoreError,
    column::Column,
    events::{self, NewEvent},
    pg::PgTime,
    statement::{Parameter, Statement},
};
use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    DeviceId, FarmId, NodeId, SeriesId, Timestamp, devices::DeviceKind, events::EventKind,
};
use std::time::Duration;
use uuid::Uuid;

/// A channel that was heard of.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NewChannel<'a> {
    /// Its node, which must have a farm.
    pub node: NodeId,
    /// Its name there.
    pub channel: &'a str,
    /// The electrical type: `sensor` or `relay`.
    pub device_type: &'static str,
    /// What it seems to be, by [`DeviceKind::name`].
    pub kind: &'static str,
}

/// A quantity that was heard of.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NewSeries<'a> {
    /// Its node.
    pub node: NodeId,
    /// Its device's name there.
    pub channel: &'a str,
    /// The quantity.
    pub sensor: &'a str,
    /// The unit its values are stored in.
    pub unit: &'a str,
}

/// Adds the channels that are not there yet as devices to be approved. What a node had on another
/// farm stays there, off the list. Each has its event; call it in a transaction.
pub async fn add_devices(
    connection: &mut AsyncPgConnection,
    channels: &[NewChannel<'_>],
    now: Timestamp,
) -> Result<(), StoreError> {
    let nodes: Vec<Uuid> = channels.iter().map(|new| new.node.0).collect();
    let names: Vec<&str> = channels.iter().map(|new| new.channel).collect();
    let types: Vec<&str> = channels.iter().map(|new| new.device_type).collect();
    let kinds: Vec<&str> = channels.iter().map(|new| new.kind).collect();
    let sql = "UPDATE devices d SET deleted_at = ?
        FROM (SELECT unnest(?) AS node_id, unnest(?) AS channel) u JOIN nodes n ON n.id = u.node_id
        WHERE d.node_id = u.node_id AND d.channel = u.channel AND d.deleted_at IS NULL
            AND d.farm_id <> n.farm_id
        RETURNING d.farm_id, d.id, d.device_id::text";
    let parameters: [&dyn Parameter; 3] = [&PgTime(now), &Column(&nodes), &Column(&names)];
    let left: Vec<(Uuid, Uuid, String)> =
        Statement::<(SqlUuid, SqlUuid, Text)>::new(sql, &parameters).load(connection).await?;
    let sql = "INSERT INTO devices (farm_id, device_id, name, type, firmware_version, hardware_id,
            is_online, last_heartbeat, created_at, updated_at, node_id, channel, kind)
        SELECT n.farm_id, n.name || ':' || u.channel, u.channel, u.type::device_type,
            left(coalesce(n.firmware_version, 'unknown'), 20),
            -- serial numbers are unique only if their maker says the truth
            CASE WHEN EXISTS (SELECT FROM devices d WHERE d.deleted_at IS NULL
                    AND d.hardware_id = coalesce(n.serial, n.name) || ':' || u.channel)
                THEN n.id || ':' || u.channel
                ELSE coalesce(n.serial, n.name) || ':' || u.channel END,
            n.is_online, n.last_seen_at, ?, ?, n.id, u.channel, u.kind::device_kind
        FROM (SELECT DISTINCT ON (1, 2) unnest(?) AS node_id, unnest(?) AS channel,
                unnest(?) AS type, unnest(?) AS kind) u
        JOIN nodes n ON n.id = u.node_id AND n.farm_id IS NOT NULL
        ON CONFLICT DO NOTHING
        RETURNING farm_id, id, device_id::text";
    let found: Vec<(Uuid, Uuid, String)> = Statement::<(SqlUuid, SqlUuid, Text)>::new(
        sql,
        &[
            &PgTime(now),
            &PgTime(now),
            &Column(&nodes),
            &Column(&names),
            &Column(&types),
            &Column(&kinds),
        ],
    )
    .load(connection)
    .await?;
    let left = left.into_iter().map(|device| (EventKind::DeviceLeft, device));
    let found = found.into_iter().map(|device| (EventKind::DeviceFound, device));
    for (kind, device) in left.chain(found) {
        record(connection, kind, device, now).await?;
    }
    Ok(())
}

/// Records that a device came to its farm or left it: the farm, the device, and what it is called by its node.
pub(crate) async fn record(
    connection: &mut AsyncPgConnection,
    kind: EventKind,
    (farm, device, name): (Uuid, Uuid, String),
    now: Timestamp,
) -> Result<(), StoreError> {
    let event = NewEvent {
        farm: Some(FarmId(farm)),
        device: Some(DeviceId(device)),
        data: serde_json::json!({ "device": name }),
        ..NewEvent::new(kind, now)
    };
    events::record(connection, &event).await
}

/// Adds the quantities that are not there yet to their devices.
pub async fn add(
    connection: &mut AsyncPgConnection,
    series: &[NewSeries<'_>],
    now: Timestamp,
) -> Result<(), StoreError> {
    let nodes: Vec<Uuid> = series.iter().map(|new| new.node.0).collect();
    let channels: Vec<&str> = series.iter().map(|new| new.channel).collect();
    let sensors: Vec<&str> = series.iter().map(|new| new.sensor).collect();
    let units: Vec<&str> = series.iter().map(|new| new.unit).collect();
    let sql = "INSERT INTO series (farm_id, device_id, sensor, unit, created_at)
        SELECT d.farm_id, d.id, u.sensor, u.unit, ?
        FROM (SELECT DISTINCT ON (1, 2, 3) unnest(?) AS node_id, unnest(?) AS channel,
                unnest(?) AS sensor, unnest(?) AS unit) u
        JOIN nodes n ON n.id = u.node_id
        JOIN devices d ON d.node_id = n.id AND d.channel = u.channel AND d.farm_id = n.farm_id
            AND d.deleted_at IS NULL
        ON CONFLICT DO NOTHING";
    Statement::<()>::new(
        sql,
        &[&PgTime(now), &Column(&nodes), &Column(&channels), &Column(&sensors), &Column(&units)],
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes how often series are expected to have a reading, each at most once.
pub async fn set_intervals(
    connection: &mut AsyncPgConnection,
    intervals: &[(SeriesId, Duration)],
) -> Result<(), StoreError> {
    let series: Vec<i32> = intervals.iter().map(|(series, _)| series.0).collect();
    let whole = |interval: &Duration| i32::try_from(interval.as_secs()).unwrap_or(i32::MAX).max(1);
    let seconds: Vec<i32> = intervals.iter().map(|(_, interval)| whole(interval)).collect();
    let sql = "UPDATE series s SET interval_s = u.seconds
        FROM (SELECT unnest(?) AS id, unnest(?) AS seconds) u WHERE s.id = u.id";
    Statement::<()>::new(sql, &[&Column(&series), &Column(&seconds)]).execute(connection).await?;
    Ok(())
}

/// The kind a channel of this name, which sends this quantity (if it is a sensor), is likely to be.
pub fn likely_kind(channel: &str, sensor: Option<&str>) -> DeviceKind {
    match sensor {
        Some("temperature" | "humidity") => DeviceKind::Climate,
        Some("water_level" | "feed_level") => DeviceKind::WaterLevel,
        Some("weight") => DeviceKind::Scale,
        Some(_) => DeviceKind::Other,
        None => {
            let kind =
                DeviceKind::parse(channel.trim_end_matches(|c: char| !c.is_ascii_alphabetic()));
            if kind.is_sensor() { DeviceKind::Other } else { kind }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_switch_is_known_by_its_name_and_a_sensor_by_its_quantity() {
        assert_eq!(likely_kind("fan1", None), DeviceKind::Fan);
        assert_eq!(likely_kind("heater-2", None), DeviceKind::Heater);
        assert_eq!(likely_kind("relay3", None), DeviceKind::Other);
        assert_eq!(likely_kind("scale1", None), DeviceKind::Other, "whatever it is called");
        assert_eq!(likely_kind("air", Some("temperature")), DeviceKind::Climate);
    }
}
