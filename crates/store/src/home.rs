//! Everything Home shows of one farm, in two queries.
use crate::{FarmScope, StoreError, pg::PgTime};
use chrono::NaiveDate;
use diesel::{
    OptionalExtension, QueryableByName, sql_query,
    sql_types::{
        BigInt, Bool, Date, Double, Integer, Jsonb, Nullable, SmallInt, Text, Timestamptz, Uuid,
    },
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    Channel, DeviceId, FarmId, HouseId, NodeName, SeriesId, Timestamp,
    devices::DeviceKind,
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
    let houses: Vec<HouseRow> = sql_query(
        "SELECT f.name AS farm, f.timezone::text AS timezone, h.id, h.name, \
             h.bird_kind::text AS bird_kind, h.bird_count::bigint AS bird_count, h.placed_on \
         FROM farms f LEFT JOIN houses h ON h.farm_id = f.id AND h.deleted_at IS NULL \
         WHERE f.id = $1 AND f.is_active AND f.deleted_at IS NULL \
         ORDER BY h.position, h.name, h.id",
    )
    .bind::<Uuid, _>(scope.farm().0)
    .load(conn)
    .await?;
    let Some(first) = houses.as_slice().first() else { return Ok(None) };
    let (name, timezone) = (first.farm.clone(), first.timezone.clone());
    let rows: Vec<DeviceRow> = sql_query(
        "SELECT d.id, d.name, d.kind::text AS kind, d.house_id, d.approved_at IS NOT NULL AS approved, \
             n.name AS node, d.channel, coalesce(n.is_online, d.is_online) AS is_online, \
             n.last_seen_at, d.reported_state, d.reported_cause, d.reported_since, d.reported_at, \
             s.id AS series_id, s.sensor, s.unit, s.interval_s, v.ts, v.value, v.quality, \
             (SELECT jsonb_object_agg(c.parameter_name, c.parameter_value) FROM device_configs c \
              WHERE c.device_id = d.id AND c.deleted_at IS NULL \
                  AND c.parameter_name LIKE '%\\_threshold\\_%') AS limits \
         FROM devices d \
         LEFT JOIN nodes n ON n.id = d.node_id \
         LEFT JOIN series s ON s.device_id = d.id AND s.farm_id = d.farm_id \
         LEFT JOIN latest_values v ON v.series_id = s.id \
         WHERE d.farm_id = $1 AND d.is_active AND d.deleted_at IS NULL \
         ORDER BY d.position, d.name, d.id, s.id",
    )
    .bind::<Uuid, _>(scope.farm().0)
    .load(conn)
    .await?;
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

/// Since when a value has been past its limit without a break, looking back a day; nothing if it was
/// so all that time.
pub async fn past_limit_since(
    conn: &mut AsyncPgConnection,
    device: DeviceId,
    sensor: SensorKind,
    past: (Side, f64),
    now: Timestamp,
) -> Result<Option<Timestamp>, StoreError> {
    #[derive(QueryableByName)]
    struct Since {
        #[diesel(sql_type = Nullable<Timestamptz>)]
        since: Option<PgTime>,
    }
    let unharmed = match past.0 {
        Side::High => "value <= $3",
        Side::Low => "value >= $3",
    };
    let query = format!(
        "WITH within AS (SELECT max(time) AS last FROM sensor_readings \
             WHERE device_id = $1 AND sensor_type = $2 AND {unharmed} AND quality < 3 AND time > $4) \
         SELECT min(r.time) AS since FROM within, sensor_readings r \
         WHERE r.device_id = $1 AND r.sensor_type = $2 AND r.time > within.last AND quality < 3"
    );
    let since: Option<Since> = sql_query(query)
        .bind::<Uuid, _>(device.0)
        .bind::<Text, _>(sensor.name())
        .bind::<Double, _>(past.1)
        .bind::<Timestamptz, _>(PgTime(now.minus(Duration::from_secs(24 * 3600))))
        .get_result(conn)
        .await
        .optional()?;
    Ok(since.and_then(|row| row.since).map(Timestamp::from))
}

#[derive(QueryableByName)]
struct HouseRow {
    #[diesel(sql_type = Text)]
    farm: String,
    #[diesel(sql_type = Text)]
    timezone: String,
    #[diesel(sql_type = Nullable<Uuid>)]
    id: Option<uuid::Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    bird_kind: Option<String>,
    #[diesel(sql_type = Nullable<BigInt>)]
    bird_count: Option<i64>,
    #[diesel(sql_type = Nullable<Date>)]
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

#[derive(QueryableByName)]
struct DeviceRow {
    #[diesel(sql_type = Uuid)]
    id: uuid::Uuid,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Nullable<Uuid>)]
    house_id: Option<uuid::Uuid>,
    #[diesel(sql_type = Bool)]
    approved: bool,
    #[diesel(sql_type = Nullable<Text>)]
    node: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    channel: Option<String>,
    #[diesel(sql_type = Bool)]
    is_online: bool,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    last_seen_at: Option<PgTime>,
    #[diesel(sql_type = Nullable<Text>)]
    reported_state: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    reported_cause: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    reported_since: Option<PgTime>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    reported_at: Option<PgTime>,
    #[diesel(sql_type = Nullable<Integer>)]
    series_id: Option<i32>,
    #[diesel(sql_type = Nullable<Text>)]
    sensor: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    unit: Option<String>,
    #[diesel(sql_type = Nullable<Integer>)]
    interval_s: Option<i32>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    ts: Option<PgTime>,
    #[diesel(sql_type = Nullable<Double>)]
    value: Option<f64>,
    #[diesel(sql_type = Nullable<SmallInt>)]
    quality: Option<i16>,
    #[diesel(sql_type = Nullable<Jsonb>)]
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
        let names = self.node.zip(self.channel);
        let place = names.and_then(|(node, channel)| {
            Some(Place {
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
