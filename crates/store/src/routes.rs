//! What ingest must know of a node to place its messages: its farm, devices, series, calibrations.
//! Loaded for many nodes at once and kept in memory until a notification drops it.
use crate::{
    StoreError,
    pg::PgTime,
    schema::{device_configs, devices, latest_readings, nodes, series},
};
use diesel::prelude::*;
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{
    Channel, DeviceId, FarmId, NodeId, NodeName, SeriesId, Timestamp, readings::Calibration,
};
use serde_json::Value;
use std::{collections::HashMap, time::Duration};
use uuid::Uuid;

/// Channels that say which node's devices, configuration or series changed.
pub const CHANNELS: [&str; 2] = ["tokkatot_nodes", "tokkatot_devices"];
/// `device_configs.parameter_name` of a calibration: this and the sensor's name. Its value is
/// `{"a": 1.02, "b": -0.4}`.
pub const CALIBRATION_PREFIX: &str = "calibration_";

/// A node and all it leads to.
#[derive(Debug, Clone, PartialEq)]
pub struct Route {
    /// The node.
    pub node: NodeId,
    /// Its name.
    pub name: NodeName,
    /// Its farm; `None` until somebody claims it.
    pub farm: Option<FarmId>,
    /// When somebody claimed it; `None` if it was registered for its farm, or has none.
    pub claimed_at: Option<Timestamp>,
    /// Whether its credential was withdrawn or it was taken off the list.
    pub is_revoked: bool,
    /// How often it is expected to show a sign of life.
    pub interval: Duration,
    /// As its last heartbeat said.
    pub firmware: Option<String>,
    /// Its devices on that farm.
    pub devices: Vec<RouteDevice>,
    /// Their series.
    pub series: Vec<RouteSeries>,
}

/// One channel of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RouteDevice {
    /// Identity.
    pub id: DeviceId,
    /// Its name on the node.
    pub channel: Channel,
}

/// One quantity of a device.
#[derive(Debug, Clone, PartialEq)]
pub struct RouteSeries {
    /// Identity.
    pub id: SeriesId,
    /// Where its device stands in [`Route::devices`].
    pub device: usize,
    /// The quantity.
    pub sensor: String,
    /// The unit its values are stored in.
    pub unit: String,
    /// How often it is expected to have a reading, once that is known.
    pub interval: Option<Duration>,
    /// When its newest reading was measured.
    pub latest: Option<Timestamp>,
    /// Its calibrations, newest first.
    pub calibrations: Vec<Dated<Calibration>>,
}

/// Something that holds for a span of time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Dated<T> {
    /// From when on.
    pub from: Timestamp,
    /// Until when; `None` is still.
    pub until: Option<Timestamp>,
    /// What holds.
    pub value: T,
}

impl RouteSeries {
    /// The calibration that held at `ts`.
    pub fn calibration(&self, ts: Timestamp) -> Option<Calibration> {
        let held = |dated: &&Dated<Calibration>| {
            ts >= dated.from && dated.until.is_none_or(|until| ts < until)
        };
        self.calibrations.iter().find(held).map(|dated| dated.value)
    }
}

/// The nodes of these names; unknown ones are left out.
pub async fn load(
    connection: &mut AsyncPgConnection,
    names: &[&str],
) -> Result<Vec<Route>, StoreError> {
    let rows: Vec<NodeRow> = nodes::table
        .filter(nodes::name.eq_any(names))
        .select(NodeRow::as_select())
        .load(connection)
        .await?;
    let mut routes: Vec<Route> = rows.into_iter().filter_map(NodeRow::into_route).collect();
    let mut places = load_devices(connection, &mut routes).await?;
    load_series(connection, &mut routes, &mut places).await?;
    load_calibrations(connection, &mut routes, &places).await?;
    Ok(routes)
}

/// Where a device stands: the route's place and the device's place in it.
type Places = HashMap<Uuid, (usize, usize)>;

async fn load_devices(
    connection: &mut AsyncPgConnection,
    routes: &mut [Route],
) -> Result<Places, StoreError> {
    let ids: Vec<Uuid> = routes.iter().map(|route| route.node.0).collect();
    let rows: Vec<DeviceRow> = devices::table
        .filter(devices::node_id.eq_any(&ids))
        .filter(devices::deleted_at.is_null())
        .order((devices::created_at, devices::id))
        .select(DeviceRow::as_select())
        .load(connection)
        .await?;
    let place_of: HashMap<Uuid, usize> = ids.into_iter().zip(0..).collect();
    let mut places = Places::new();
    for row in rows {
        let place = row.node_id.and_then(|node| place_of.get(&node).copied());
        let Some((place, channel)) = place.zip(row.channel.and_then(|c| c.try_into().ok())) else {
            continue;
        };
        let Some(route) = routes.get_mut(place) else { continue };
        if route.farm == Some(FarmId(row.farm_id)) {
            places.insert(row.id, (place, route.devices.len()));
            route.devices.push(RouteDevice { id: DeviceId(row.id), channel });
        }
    }
    Ok(places)
}

async fn load_series(
    connection: &mut AsyncPgConnection,
    routes: &mut [Route],
    places: &mut Places,
) -> Result<(), StoreError> {
    let devices: Vec<Uuid> = places.keys().copied().collect();
    type Row = (i32, Uuid, String, String, Option<i32>, Option<PgTime>);
    let rows: Vec<Row> = series::table
        .left_join(latest_readings::table.on(latest_readings::series_id.eq(series::id)))
        .filter(series::device_id.eq_any(&devices))
        .order(series::id)
        .select((
            series::id,
            series::device_id,
            series::sensor,
            series::unit,
            series::interval_s,
            latest_readings::ts.nullable(),
        ))
        .load(connection)
        .await?;
    for (id, device, sensor, unit, seconds, latest) in rows {
        let Some((place, device)) = places.get(&device).copied() else { continue };
        if let Some(route) = routes.get_mut(place) {
            let latest = latest.map(Timestamp::from);
            let interval = seconds.and_then(|seconds| u64::try_from(seconds).ok());
            let interval = interval.map(Duration::from_secs);
            let (id, calibrations) = (SeriesId(id), Vec::new());
            route.series.push(RouteSeries {
                id,
                device,
                sensor,
                unit,
                interval,
                latest,
                calibrations,
            });
        }
    }
    Ok(())
}

async fn load_calibrations(
    connection: &mut AsyncPgConnection,
    routes: &mut [Route],
    places: &Places,
) -> Result<(), StoreError> {
    let devices: Vec<Uuid> = places.keys().copied().collect();
    let rows: Vec<(Uuid, String, Value, PgTime, Option<PgTime>)> = device_configs::table
        .filter(device_configs::device_id.eq_any(&devices))
        .filter(device_configs::parameter_name.like("calibration\\_%"))
        .order(device_configs::created_at.desc())
        .select((
            device_configs::device_id,
            device_configs::parameter_name,
            device_configs::parameter_value,
            device_configs::created_at,
            device_configs::deleted_at,
        ))
        .load(connection)
        .await?;
    for (device, parameter, value, from, until) in rows {
        let Ok(value) = serde_json::from_value::<Calibration>(value) else {
            tracing::warn!(device.id = %device, parameter, "A calibration is not {{\"a\":…,\"b\":…}}");
            continue;
        };
        let (Some((place, device)), Some(sensor)) =
            (places.get(&device).copied(), parameter.strip_prefix(CALIBRATION_PREFIX))
        else {
            continue;
        };
        let until = until.map(Timestamp::from);
        let series = routes.get_mut(place).into_iter().flat_map(|route| &mut route.series);
        for series in series.filter(|s| s.device == device && s.sensor == sensor) {
            series.calibrations.push(Dated { from: from.into(), until, value });
        }
    }
    Ok(())
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = nodes, check_for_backend(diesel::pg::Pg))]
struct NodeRow {
    id: Uuid,
    name: String,
    farm_id: Option<Uuid>,
    revoked_at: Option<PgTime>,
    deleted_at: Option<PgTime>,
    heartbeat_interval_s: i32,
    firmware_version: Option<String>,
    claimed_at: Option<PgTime>,
    created_at: PgTime,
}

impl NodeRow {
    /// `None` if the name breaks the rule of names, which the database checks too.
    fn into_route(self) -> Option<Route> {
        let seconds = u64::try_from(self.heartbeat_interval_s).unwrap_or_default();
        Some(Route {
            node: NodeId(self.id),
            name: self.name.try_into().ok()?,
            farm: self.farm_id.map(FarmId),
            claimed_at: self
                .claimed_at
                .map(Timestamp::from)
                .filter(|at| self.farm_id.is_some() && *at > self.created_at.into()),
            is_revoked: self.revoked_at.is_some() || self.deleted_at.is_some(),
            interval: Duration::from_secs(seconds),
            firmware: self.firmware_version,
            devices: Vec::new(),
            series: Vec::new(),
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = devices, check_for_backend(diesel::pg::Pg))]
struct DeviceRow {
    id: Uuid,
    node_id: Option<Uuid>,
    farm_id: Uuid,
    channel: Option<String>,
}
