//! Past readings, as people look at them.
use crate::{StoreError, pg::PgTime, schema::sensor_readings as raw};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{DeviceId, Timestamp, readings::Quality};
use std::time::Duration;

/// The span of the specification's query "device history".
const DAY: Duration = Duration::from_secs(24 * 3600);

/// One raw reading of a device.
#[derive(Debug, Clone, PartialEq)]
pub struct PastReading {
    /// When it was measured.
    pub at: Timestamp,
    /// The quantity, such as `temperature`.
    pub sensor: String,
    /// Unit of the value.
    pub unit: String,
    /// The calibrated value.
    pub value: f64,
    /// How far it may be trusted.
    pub quality: Quality,
}

/// What a device measured in the 24 hours before `now`, oldest first.
pub async fn of_device_24h(
    connection: &mut AsyncPgConnection,
    device: DeviceId,
    now: Timestamp,
) -> Result<Vec<PastReading>, StoreError> {
    let rows: Vec<(PgTime, String, String, f64, i16)> = raw::table
        .filter(raw::device_id.eq(device.0))
        .filter(raw::time.gt(PgTime(now.minus(DAY))))
        .filter(raw::time.le(PgTime(now)))
        .order((raw::time, raw::sensor_type))
        .select((raw::time, raw::sensor_type, raw::unit, raw::value, raw::quality))
        .load(connection)
        .await?;
    let reading = |(at, sensor, unit, value, quality): (PgTime, _, _, _, i16)| PastReading {
        at: at.into(),
        sensor,
        unit,
        value,
        // A check of the table keeps it between 0 and 3.
        quality: Quality::try_from(quality).unwrap_or(Quality::Suspect),
    };
    Ok(rows.into_iter().map(reading).collect())
}
