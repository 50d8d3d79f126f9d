//! Corrections of sensors. Ingest applies the one that held when a reading was measured (`routes`); what the
//! sensor said is kept beside the corrected value.
use super::{Parameter, Saved, begin, end};
use crate::{
    Database, FarmScope, Origin, StoreError,
    commands::lock,
    pg::PgTime,
    routes::{CALIBRATION_PREFIX, Dated},
    statement::Statement,
};
use diesel::{
    OptionalExtension as _,
    sql_types::{Double, Integer, Jsonb, Nullable, SmallInt, Text, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    DeviceId, FarmId, SeriesId, Timestamp,
    events::EventKind,
    readings::{Calibration, Quality},
};
use serde_json::{Value, json};

/// One quantity of a device, as it is corrected.
#[derive(Debug, Clone, PartialEq)]
pub struct SensorFacts {
    /// The series.
    pub series: SeriesId,
    /// The quantity's name, such as `temperature`.
    pub sensor: String,
    /// The stored unit.
    pub unit: String,
    /// What the sensor itself said last, when, and how far it may be trusted.
    pub raw: Option<(f64, Timestamp, Quality)>,
    /// The correction that holds, and since when.
    pub calibration: Option<Dated<Calibration>>,
    /// What there was before, if anything was ever set.
    pub undo: Option<Undo>,
    /// When that was changed last: whoever takes the change back says which one is meant.
    pub changed_at: Option<Timestamp>,
}

/// What taking the last change back leads to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Undo {
    /// To this correction.
    To(Calibration),
    /// To none.
    ToNone,
}

impl Undo {
    /// The correction that holds then.
    pub const fn calibration(self) -> Option<Calibration> {
        match self {
            Self::To(calibration) => Some(calibration),
            Self::ToNone => None,
        }
    }
}

/// The quantities of a farm's device, in the order in which they were first heard of.
pub async fn sensors(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
    device: DeviceId,
) -> Result<Vec<SensorFacts>, StoreError> {
    type Columns =
        (Integer, Text, Text, Nullable<Double>, Nullable<Timestamptz>, Nullable<SmallInt>);
    type Row = (i32, String, String, Option<f64>, Option<PgTime>, Option<i16>);
    let sql = "SELECT s.id, s.sensor, s.unit, coalesce(r.value_raw, v.value), v.ts, v.quality
        FROM series s
        LEFT JOIN latest_values v ON v.series_id = s.id AND v.farm_id = ?
        LEFT JOIN LATERAL (SELECT r.value_raw FROM sensor_readings r
            WHERE r.device_id = s.device_id AND r.sensor_type = s.sensor AND r.time = v.ts LIMIT 1) r ON true
        WHERE s.device_id = ? AND s.farm_id = ? ORDER BY s.id";
    let rows: Vec<Row> =
        Statement::<Columns>::new(sql, &[&farm.0, &device.0, &farm.0]).load(connection).await?;
    let mut sensors = Vec::with_capacity(rows.len());
    for (series, sensor, unit, raw, at, quality) in rows {
        let quality = quality.and_then(|quality| Quality::try_from(quality).ok());
        let raw = raw.zip(at).zip(quality).map(|((raw, at), quality)| (raw, at.into(), quality));
        let history = history(connection, device, &sensor).await?;
        sensors.push(SensorFacts {
            series: SeriesId(series),
            sensor,
            unit,
            raw,
            calibration: history.current(),
            undo: history.undo(),
            changed_at: history.changed_at(),
        });
    }
    Ok(sensors)
}

/// The last two corrections of a sensor, the newest first.
struct History(Vec<Dated<Calibration>>);

impl History {
    fn current(&self) -> Option<Dated<Calibration>> {
        self.0.as_slice().first().filter(|dated| dated.until.is_none()).copied()
    }

    fn changed_at(&self) -> Option<Timestamp> {
        self.0.as_slice().first().map(|newest| newest.until.unwrap_or(newest.from))
    }

    fn undo(&self) -> Option<Undo> {
        let (newest, before) = (self.0.as_slice().first()?, self.0.get(1));
        if newest.until.is_some() {
            return Some(Undo::To(newest.value));
        }
        // one that ended long before is none that was replaced
        let before = before.filter(|before| before.until == Some(newest.from));
        Some(before.map_or(Undo::ToNone, |before| Undo::To(before.value)))
    }
}

async fn history(
    connection: &mut AsyncPgConnection,
    device: DeviceId,
    sensor: &str,
) -> Result<History, StoreError> {
    type Row = (Value, PgTime, Option<PgTime>);
    let sql = "SELECT parameter_value, created_at, deleted_at FROM device_configs
        WHERE device_id = ? AND parameter_name = ?
        ORDER BY created_at DESC, deleted_at DESC NULLS FIRST LIMIT 2";
    let parameter = format!("{CALIBRATION_PREFIX}{sensor}");
    let rows: Vec<Row> = Statement::<(Jsonb, Timestamptz, Nullable<Timestamptz>)>::new(
        sql,
        &[&device.0, &parameter.as_str()],
    )
    .load(connection)
    .await?;
    let dated = |(value, from, until): Row| {
        let value = serde_json::from_value(value).ok()?;
        Some(Dated { from: from.into(), until: until.map(Timestamp::from), value })
    };
    Ok(History(rows.into_iter().filter_map(dated).collect()))
}

/// Corrects a sensor from now on, or no more.
pub async fn calibrate(
    database: &Database,
    scope: &FarmScope,
    (device, sensor, calibration): (DeviceId, &str, Option<Calibration>),
    origin: &Origin<'_>,
) -> Result<Saved, StoreError> {
    scope
        .run(database, async |conn| {
            let Some(unit) = hold(conn, scope, (device, sensor)).await? else {
                return Ok(Saved::NoDevice);
            };
            let before = history(conn, device, sensor).await?.current().map(|dated| dated.value);
            write(conn, scope, (device, sensor, &unit), (before, calibration), origin).await
        })
        .await
}

/// Takes the last change of a sensor's correction back, if that is the one of `changed_at`: a second tap is no second
/// change.
pub async fn undo_calibration(
    database: &Database,
    scope: &FarmScope,
    (device, sensor, changed_at): (DeviceId, &str, Timestamp),
    origin: &Origin<'_>,
) -> Result<Saved, StoreError> {
    scope
        .run(database, async |conn| {
            let Some(unit) = hold(conn, scope, (device, sensor)).await? else {
                return Ok(Saved::NoDevice);
            };
            let history = history(conn, device, sensor).await?;
            let is_meant = history.changed_at() == Some(changed_at);
            let Some(undo) = history.undo().filter(|_| is_meant) else { return Ok(Saved::Same) };
            let before = history.current().map(|dated| dated.value);
            let change = (before, undo.calibration());
            write(conn, scope, (device, sensor, &unit), change, origin).await
        })
        .await
}

/// Locks the device; the unit of one of its quantities, if it has that.
async fn hold(
    conn: &mut AsyncPgConnection,
    scope: &FarmScope,
    (device, sensor): (DeviceId, &str),
) -> Result<Option<String>, StoreError> {
    if lock(conn, &[device.0]).await?.is_empty() {
        return Ok(None);
    }
    let sql = "SELECT unit FROM series WHERE device_id = ? AND farm_id = ? AND sensor = ?
        ORDER BY id LIMIT 1";
    Ok(Statement::<Text>::new(sql, &[&device.0, &scope.farm().0, &sensor])
        .get_result(conn)
        .await
        .optional()?)
}

async fn write(
    conn: &mut AsyncPgConnection,
    scope: &FarmScope,
    (device, sensor, unit): (DeviceId, &str, &str),
    (before, calibration): (Option<Calibration>, Option<Calibration>),
    origin: &Origin<'_>,
) -> Result<Saved, StoreError> {
    if before == calibration {
        return Ok(Saved::Same);
    }
    let name = format!("{CALIBRATION_PREFIX}{sensor}");
    end(conn, (device, &name), origin.at).await?;
    if let Some(calibration) = calibration {
        let parameter = Parameter {
            name: &name,
            value: json!(calibration),
            unit,
            bounds: None,
            is_calibrated: true,
        };
        begin(conn, (scope.farm(), device), &parameter, origin.at).await?;
    }
    let data = json!({ "sensor": sensor, "from": before, "to": calibration });
    let of = (scope, Some(device));
    origin.record_of(conn, EventKind::SensorCalibrated, of, data).await?;
    Ok(Saved::Changed)
}
