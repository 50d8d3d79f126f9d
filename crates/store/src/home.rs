//! Everything Home shows of one farm, in two queries.
use crate::{FarmScope, StoreError, pg::PgTime, statement::Statement};
use chrono::NaiveDate;
use diesel::{
    OptionalExtension, Queryable,
    sql_types::{
        BigInt, Bool, Date, Double, Integer, Jsonb, Nullable, SmallInt, Text, Timestamptz, Uuid,
    },
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    Channel, DeviceId, FarmId, HouseId, NodeId, NodeName, SeriesId, Timestamp,
    devices::{DeviceIcon, DeviceKind, DeviceType},
    poultry::{BirdKind, GoodRange, Side},
    readings::{Quality, SensorKind},
};
use serde_json::Value;
use std::time::Duration;

/// A farm and what stands on it, as last known.
#[derive(Debug, Clone, PartialEq)]
pub struct Farm {
    /// Identity.
    pub id: FarmId,
    /// What it is called.
    pub name: String,
    /// Its IANA time zone.
    pub timezone: String,
    /// The houses, in the order of pages.
    pub houses: Vec<House>,
    /// The devices, in the order of pages; new ones too.
    pub devices: Vec<Device>,
}

/// A coop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct House {
    /// Identity.
    pub id: HouseId,
    /// What it is called.
    pub name: String,
    /// What lives in it.
    pub birds: BirdKind,
    /// How many.
    pub bird_count: Option<i64>,
    /// Day 0, on the farm's calendar.
    pub placed_on: Option<NaiveDate>,
}

/// A device with its values.
#[derive(Debug, Clone, PartialEq)]
pub struct Device {
    /// Identity.
    pub id: DeviceId,
    /// What the farmer calls it.
    pub name: String,
    /// What it is for.
    pub kind: DeviceKind,
    /// How its channel is driven, or what it measures with.
    pub device_type: DeviceType,
    /// Its picture, where that is not the one of its kind.
    pub icon: Option<DeviceIcon>,
    /// Its house; `None` if it serves the whole farm.
    pub house: Option<HouseId>,
    /// False until a manager has accepted it.
    pub is_approved: bool,
    /// Its node and its name there.
    pub place: Option<Place>,
    /// What it last reported, such as `on`.
    pub reported_state: Option<String>,
    /// Why it is so, such as `schedule`.
    pub reported_cause: Option<String>,
    /// Since when.
    pub reported_since: Option<Timestamp>,
    /// When it said so.
    pub reported_at: Option<Timestamp>,
    /// Its quantities.
    pub series: Vec<Series>,
    /// The limits that were set for it.
    pub limits: Limits,
}

/// Where a device is wired.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    /// The node.
    pub id: NodeId,
    /// Its name.
    pub node: NodeName,
    /// The device's name on it.
    pub channel: Channel,
    /// Whether the node can be reached.
    pub is_online: bool,
    /// Its last sign of life.
    pub last_seen: Option<Timestamp>,
}

/// One quantity of a device and its newest value.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Identity.
    pub id: SeriesId,
    /// The quantity's name, such as `temperature`.
    pub sensor: String,
    /// The stored unit.
    pub unit: String,
    /// How often it reports, once that is known.
    pub interval: Option<Duration>,
    /// The newest value, if there is one.
    pub latest: Option<Latest>,
}

/// A newest value.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Latest {
    /// Calibrated.
    pub value: f64,
    /// When it was measured.
    pub at: Timestamp,
    /// How far it may be trusted.
    pub quality: Quality,
}

/// Limits from `device_configs`: `temp_threshold_high` and the like.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Limits {
    /// °C.
    pub temperature: GoodRange,
    /// %.
    pub humidity: GoodRange,
    /// %.
    pub water_level: GoodRange,
}

impl Limits {
    /// The limits set for one quantity.
    pub fn of(&self, sensor: SensorKind) -> GoodRange {
        match sensor {
            SensorKind::Temperature => self.temperature,
            SensorKind::Humidity => self.humidity,
            SensorKind::WaterLevel => self.water_level,
            SensorKind::WaterVolume
            | SensorKind::FlowRate
            | SensorKind::FeedLevel
            | SensorKind::Weight => GoodRange::default(),
        }
    }

    fn read(configs: &Value) -> Self {
        let range = |name: &str| {
            let limit = |end| configs.get(format!("{name}_threshold_{end}"))?.as_f64();
            GoodRange { low: limit("low"), high: limit("high") }
        };
        Self {
            temperature: range("temp"),
            humidity: range("humidity"),
            water_level: range("water_level"),
        }
    }
}

/// All of a farm. Nothing if the farm is gone.
pub async fn load(
    conn: &mut AsyncPgConnection,
    scope: &FarmScope,
) -> Result<Option<Farm>, StoreError> {
    let sql = "SELECT f.name, f.timezone::text, h.id, h.name, h.bird_kind::text,
            h.bird_count::bigint, h.placed_on
        FROM farms f LEFT JOIN houses h ON h.farm_id = f.id AND h.deleted_at IS NULL
        WHERE f.id = ? AND f.is_active AND f.deleted_at IS NULL
        ORDER BY h.position, h.name, h.id";
    let houses: Vec<HouseRow> =
        Statement::<HouseColumns>::new(sql, &[&scope.farm().0]).load(conn).await?;
    let Some(first) = houses.as_slice().first() else { return Ok(None) };
    let (name, timezone) = (first.farm.clone(), first.timezone.clone());
    let sql =
        "SELECT d.id, d.name, d.kind::text, d.type::text, d.icon, d.house_id, d.approved_at IS NOT NULL, n.id, n.name, d.channel,
            coalesce(n.is_online, d.is_online), n.last_seen_at, d.reported_state, d.reported_cause,
            d.reported_since, d.reported_at, s.id, s.sensor, s.unit, s.interval_s, v.ts, v.value,
            v.quality,
            (SELECT jsonb_object_agg(c.parameter_name, c.parameter_value) FROM device_configs c
                WHERE c.device_id = d.id AND c.deleted_at IS NULL
                    AND c.parameter_name LIKE '%\\_threshold\\_%')
        FROM devices d
        LEFT JOIN nodes n ON n.id = d.node_id
        LEFT JOIN series s ON s.device_id = d.id AND s.farm_id = d.farm_id
        -- the farm once more: by it the view finds its series
        LEFT JOIN latest_values v ON v.series_id = s.id AND v.farm_id = ?
        WHERE d.farm_id = ? AND d.is_active AND d.deleted_at IS NULL
        ORDER BY d.position, d.name, d.id, s.id";
    let farm = scope.farm().0;
    let rows: Vec<DeviceRow> =
        Statement::<DeviceColumns>::new(sql, &[&farm, &farm]).load(conn).await?;
    let mut devices: Vec<Device> = Vec::new();
    for row in rows {
        let series = row.series();
        match devices.last_mut() {
            Some(device) if device.id.0 == row.id => device.series.extend(series),
            _ => devices.push(row.device(series)),
        }
    }
    Ok(Some(Farm {
        id: scope.farm(),
        name,
        timezone,
        houses: houses.into_iter().filter_map(HouseRow::house).collect(),
        devices,
    }))
}

macro_rules! past_limit_sql {
    ($within:literal) => {
        concat!(
            "WITH within AS (SELECT max(time) AS last FROM sensor_readings
                WHERE device_id = ? AND sensor_type = ? AND value ",
            $within,
            " ? AND quality < 3 AND time > ?)
            SELECT min(r.time) FROM within, sensor_readings r
            WHERE r.device_id = ? AND r.sensor_type = ? AND r.time > within.last AND quality < 3"
        )
    };
}

/// Since when a value has been past its limit without a break, looking back a day; nothing if it was
/// so all that time.
pub async fn past_limit_since(
    conn: &mut AsyncPgConnection,
    device: DeviceId,
    sensor: SensorKind,
    past: (Side, f64),
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    let sql = match past.0 {
        Side::High => past_limit_sql!("<="),
        Side::Low => past_limit_sql!(">="),
    };
    let (sensor, day_ago) = (sensor.name(), PgTime(now.minus(Duration::from_secs(24 * 3600))));
    let since: Option<Option<PgTime>> = Statement::<Nullable<Timestamptz>>::new(
        sql,
        &[&device.0, &sensor, &past.1, &day_ago, &device.0, &sensor],
    )
    .get_result(conn)
    .await
    .optional()?;
    Ok(since.flatten().map(Timestamp::from))
}

type HouseColumns =
    (Text, Text, Nullable<Uuid>, Nullable<Text>, Nullable<Text>, Nullable<BigInt>, Nullable<Date>);

#[derive(Queryable)]
struct HouseRow {
    farm: String,
    timezone: String,
    id: Option<uuid::Uuid>,
    name: Option<String>,
    bird_kind: Option<String>,
    bird_count: Option<i64>,
    placed_on: Option<NaiveDate>,
}

impl HouseRow {
    fn house(self) -> Option<House> {
        Some(House {
            id: HouseId(self.id?),
            name: self.name?,
            birds: BirdKind::parse(&self.bird_kind?),
            bird_count: self.bird_count,
            placed_on: self.placed_on,
        })
    }
}

type DeviceColumns = (
    Uuid,
    Text,
    Text,
    Text,
    Nullable<Text>,
    Nullable<Uuid>,
    Bool,
    Nullable<Uuid>,
    Nullable<Text>,
    Nullable<Text>,
    Bool,
    Nullable<Timestamptz>,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Timestamptz>,
    Nullable<Timestamptz>,
    Nullable<Integer>,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Integer>,
    Nullable<Timestamptz>,
    Nullable<Double>,
    Nullable<SmallInt>,
    Nullable<Jsonb>,
);

#[derive(Queryable)]
struct DeviceRow {
    id: uuid::Uuid,
    name: String,
    kind: String,
    device_type: String,
    icon: Option<String>,
    house_id: Option<uuid::Uuid>,
    approved: bool,
    node_id: Option<uuid::Uuid>,
    node: Option<String>,
    channel: Option<String>,
    is_online: bool,
    last_seen_at: Option<PgTime>,
    reported_state: Option<String>,
    reported_cause: Option<String>,
    reported_since: Option<PgTime>,
    reported_at: Option<PgTime>,
    series_id: Option<i32>,
    sensor: Option<String>,
    unit: Option<String>,
    interval_s: Option<i32>,
    ts: Option<PgTime>,
    value: Option<f64>,
    quality: Option<i16>,
    limits: Option<Value>,
}

impl DeviceRow {
    fn series(&self) -> Option<Series> {
        let latest = || {
            Some(Latest {
                value: self.value?,
                at: self.ts?.into(),
                // a check of the table keeps it between 0 and 3
                quality: Quality::try_from(self.quality?).unwrap_or(Quality::Suspect),
            })
        };
        Some(Series {
            id: SeriesId(self.series_id?),
            sensor: self.sensor.clone()?,
            unit: self.unit.clone()?,
            interval: self
                .interval_s
                .and_then(|seconds| u64::try_from(seconds).ok())
                .map(Duration::from_secs),
            latest: latest(),
        })
    }

    fn device(self, series: Option<Series>) -> Device {
        let (is_online, last_seen) = (self.is_online, self.last_seen_at.map(Timestamp::from));
        let names = self.node_id.zip(self.node).zip(self.channel);
        let place = names.and_then(|((id, node), channel)| {
            Some(Place {
                id: NodeId(id),
                node: node.try_into().ok()?,
                channel: channel.try_into().ok()?,
                is_online,
                last_seen,
            })
        });
        Device {
            id: DeviceId(self.id),
            name: self.name,
            kind: DeviceKind::parse(&self.kind),
            // the database knows no others; what we did not know would be stopped, not passed over
            device_type: DeviceType::parse(&self.device_type).unwrap_or(DeviceType::Relay),
            icon: self.icon.as_deref().and_then(DeviceIcon::parse),
            house: self.house_id.map(HouseId),
            is_approved: self.approved,
            place,
            reported_state: self.reported_state,
            reported_cause: self.reported_cause,
            reported_since: self.reported_since.map(Timestamp::from),
            reported_at: self.reported_at.map(Timestamp::from),
            series: series.into_iter().collect(),
            limits: self.limits.as_ref().map(Limits::read).unwrap_or_default(),
        }
    }
}
