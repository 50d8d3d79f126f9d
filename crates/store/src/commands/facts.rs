//! What the rules ask of devices before something is done with them. It is read after the devices are
//! locked, in statements of its own: what another transaction did meanwhile is seen.
use crate::{StoreError, column::Column, pg::PgTime, statement::Statement};
use diesel::{
    prelude::Queryable,
    sql_types::{Array, Bool, Double, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    DeviceId, FarmId, HouseId, StopId, Timestamp,
    commands::{Action, Bounds, Interlocks, LinkLoss, Neighbour, Place, Stop, Switched, Target},
    devices::{DeviceKind, DeviceState, DeviceType},
};
use std::time::Duration;
use uuid::Uuid;

/// How far back starts are counted.
const HOUR: Duration = Duration::from_hours(1);

/// Devices, and what runs and stands around them.
#[derive(Debug, Clone)]
pub(crate) struct Around {
    pub(crate) devices: Vec<Facts>,
    pub(crate) running: Vec<Running>,
    pub(crate) stops: Vec<(FarmId, Stop)>,
}

/// What is known of a device.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) device: DeviceId,
    pub(crate) farm: FarmId,
    pub(crate) kind: DeviceKind,
    pub(crate) device_type: DeviceType,
    pub(crate) house: Option<HouseId>,
    pub(crate) is_in_use: bool,
    pub(crate) bounds: Option<Bounds>,
    pub(crate) state: DeviceState,
    pub(crate) since: Option<Timestamp>,
    pub(crate) starts: Vec<Timestamp>,
    pub(crate) newest: Option<Action>,
    pub(crate) interlocks: Interlocks,
}

/// A device that runs or was told to.
#[derive(Debug, Clone)]
pub(crate) struct Running {
    farm: FarmId,
    device: DeviceId,
    kind: DeviceKind,
    house: Option<HouseId>,
    group: Option<String>,
    excludes_heat_and_cooling: bool,
    ends_at: Option<Timestamp>,
    /// It does not run, and what it was told is not on its way.
    is_only_wanted: bool,
}

impl Around {
    /// All about these devices.
    pub(crate) async fn load(
        connection: &mut AsyncPgConnection,
        devices: &[Uuid],
        now: Timestamp,
    ) -> Result<Self, StoreError> {
        let devices = facts(connection, devices, now).await?;
        let mut farms: Vec<Uuid> = devices.iter().map(|facts| facts.farm.0).collect();
        farms.sort_unstable();
        farms.dedup();
        let running = running(connection, &farms, now).await?;
        Ok(Self { devices, running, stops: stops(connection, &farms).await? })
    }

    /// What is known of a device.
    pub(crate) fn find(&self, device: DeviceId) -> Option<&Facts> {
        self.devices.iter().find(|facts| facts.device == device)
    }

    /// The stop that holds a device; of several the one that was pressed first.
    pub(crate) fn stop_of(&self, facts: &Facts) -> Option<Stop> {
        let stops = self.stops.iter().filter(|(farm, _)| *farm == facts.farm).map(|(_, stop)| stop);
        let what = (facts.kind, facts.device_type);
        stops.copied().find(|stop| stop.holds(what, facts.house))
    }

    /// What runs beside a device, with what has yet to be sent if `wanted_too`.
    pub(crate) fn neighbours(&self, facts: &Facts, wanted_too: bool) -> Vec<Neighbour<'_>> {
        let is_other = |other: &&Running| {
            other.farm == facts.farm
                && other.device != facts.device
                && (wanted_too || !other.is_only_wanted)
        };
        self.running.iter().filter(is_other).map(Running::neighbour).collect()
    }

    /// A device was told something: what is asked next must know.
    pub(crate) fn told(&mut self, device: DeviceId, action: Action) {
        let Some(facts) = self.devices.iter_mut().find(|facts| facts.device == device) else {
            return;
        };
        facts.newest = Some(action);
        let running = Running {
            farm: facts.farm,
            device,
            kind: facts.kind,
            house: facts.house,
            group: facts.interlocks.exclusive_group.clone(),
            excludes_heat_and_cooling: facts.interlocks.excludes_heat_and_cooling,
            ends_at: None,
            is_only_wanted: false,
        };
        if !action.is_off() {
            self.running.push(running);
        }
    }
}

impl Facts {
    /// As the rules want it.
    pub(crate) fn target<'a>(
        &'a self,
        running: &'a [Neighbour<'a>],
        stop: Option<Stop>,
    ) -> Target<'a> {
        Target {
            kind: self.kind,
            device_type: self.device_type,
            is_in_use: self.is_in_use,
            bounds: self.bounds,
            newest: self.newest,
            interlocks: &self.interlocks,
            switched: self.switched(running),
            stop,
        }
    }

    /// What it switched.
    pub(crate) fn switched<'a>(&'a self, running: &'a [Neighbour<'a>]) -> Switched<'a> {
        let (state, since, house) = (self.state, self.since, self.house);
        Switched { state, since, starts: &self.starts, house, running }
    }
}

impl Running {
    fn neighbour(&self) -> Neighbour<'_> {
        Neighbour {
            device: self.device,
            place: Place {
                house: self.house,
                kind: self.kind,
                group: self.group.as_deref(),
                excludes_heat_and_cooling: self.excludes_heat_and_cooling,
            },
            ends_at: self.ends_at,
        }
    }
}

type Time = Nullable<Timestamptz>;
type FactsColumns = (
    SqlUuid,
    SqlUuid,
    Text,
    Text,
    Nullable<SqlUuid>,
    Bool,
    Nullable<Text>,
    Time,
    Nullable<Double>,
    Nullable<Double>,
    Nullable<Text>,
    Nullable<Double>,
    Array<Timestamptz>,
    InterlocksColumns,
);
/// The columns of `interlocks`, all NULL where nobody has set any.
pub(crate) type InterlocksColumns = (
    Nullable<Integer>,
    Nullable<Integer>,
    Nullable<Integer>,
    Nullable<Integer>,
    Nullable<Text>,
    Nullable<Bool>,
    Nullable<Text>,
);

#[derive(Queryable)]
struct FactsRow {
    device: Uuid,
    farm: Uuid,
    kind: String,
    device_type: String,
    house: Option<Uuid>,
    is_in_use: bool,
    state: Option<String>,
    since: Option<PgTime>,
    least: Option<f64>,
    most: Option<f64>,
    newest: Option<String>,
    newest_value: Option<f64>,
    starts: Vec<PgTime>,
    interlocks: InterlocksRow,
}

/// A row of `interlocks`.
pub(crate) type InterlocksRow = (
    Option<i32>,
    Option<i32>,
    Option<i32>,
    Option<i32>,
    Option<String>,
    Option<bool>,
    Option<String>,
);

/// The interlocks of a device of this kind, the usual ones without a row.
pub(crate) fn interlocks(kind: DeviceKind, row: InterlocksRow) -> Interlocks {
    let (max_on, min_on, min_off, starts, group, excludes, loss) = row;
    let Some(on_link_loss) = loss.as_deref().and_then(LinkLoss::parse) else {
        return Interlocks::usual(kind);
    };
    let seconds = |seconds: Option<i32>| Some(Duration::from_secs(u64::try_from(seconds?).ok()?));
    Interlocks {
        max_on: seconds(max_on),
        min_on: seconds(min_on),
        min_off: seconds(min_off),
        max_starts_per_hour: starts.and_then(|starts| u32::try_from(starts).ok()),
        exclusive_group: group,
        excludes_heat_and_cooling: excludes.unwrap_or_default(),
        on_link_loss,
    }
}

/// A device's own bounds stand in its configuration, under `value` or, of a servo, `angle`.
async fn facts(
    connection: &mut AsyncPgConnection,
    devices: &[Uuid],
    now: Timestamp,
) -> Result<Vec<Facts>, StoreError> {
    let sql = "SELECT d.id, d.farm_id, d.kind::text, d.type::text, d.house_id,
            d.approved_at IS NOT NULL AND d.is_active AND d.node_id IS NOT NULL,
            d.reported_state,
            coalesce((SELECT max(s.at) FROM switchings s WHERE s.device_id = d.id),
                d.reported_since, d.reported_at),
            c.min_value::float8, c.max_value::float8, newest.command_type, newest.value,
            ARRAY(SELECT s.at FROM switchings s
                WHERE s.device_id = d.id AND s.is_on AND s.at > ? ORDER BY s.at),
            i.max_on_s, i.min_on_s, i.min_off_s, i.max_starts_per_hour, i.exclusive_group,
            i.excludes_heat_and_cooling, i.on_link_loss::text
        FROM devices d
        LEFT JOIN interlocks i ON i.device_id = d.id
        LEFT JOIN device_configs c ON c.device_id = d.id AND c.deleted_at IS NULL
            AND c.parameter_name = CASE d.type WHEN 'servo' THEN 'angle' ELSE 'value' END
        LEFT JOIN LATERAL (
            SELECT o.command_type::text AS command_type, (o.command_params ->> 'value')::float8 AS value
            FROM device_commands o
            WHERE o.device_id = d.id AND o.status IN ('queued', 'sent', 'executing')
            ORDER BY o.place DESC LIMIT 1) newest ON true
        WHERE d.id = ANY (?) AND d.deleted_at IS NULL";
    let hour_ago = PgTime(now.minus(HOUR));
    let rows: Vec<FactsRow> = Statement::<FactsColumns>::new(sql, &[&hour_ago, &Column(devices)])
        .load(connection)
        .await?;
    Ok(rows.into_iter().filter_map(FactsRow::facts).collect())
}

impl FactsRow {
    fn facts(self) -> Option<Facts> {
        let kind = DeviceKind::parse(&self.kind);
        let bounds = (self.least.is_some() || self.most.is_some()).then(|| Bounds {
            least: self.least.unwrap_or(f64::NEG_INFINITY),
            most: self.most.unwrap_or(f64::INFINITY),
        });
        Some(Facts {
            device: DeviceId(self.device),
            farm: FarmId(self.farm),
            kind,
            device_type: DeviceType::parse(&self.device_type)?,
            house: self.house.map(HouseId),
            is_in_use: self.is_in_use,
            bounds,
            // what it last said counts while it is away too: it may be running
            state: DeviceState::of(self.state.as_deref(), true),
            since: self.since.map(Timestamp::from),
            starts: self.starts.into_iter().map(Timestamp::from).collect(),
            newest: self.newest.and_then(|name| Action::parse(&name, self.newest_value)),
            interlocks: interlocks(kind, self.interlocks),
        })
    }
}

type RunningColumns = (SqlUuid, SqlUuid, Text, Nullable<SqlUuid>, Time, Bool, InterlocksColumns);

#[derive(Queryable)]
struct RunningRow {
    device: Uuid,
    farm: Uuid,
    kind: String,
    house: Option<Uuid>,
    ends_at: Option<PgTime>,
    is_only_wanted: bool,
    interlocks: InterlocksRow,
}

/// What runs on these farms, or was told to.
async fn running(
    connection: &mut AsyncPgConnection,
    farms: &[Uuid],
    now: Timestamp,
) -> Result<Vec<Running>, StoreError> {
    let sql = "SELECT d.id, d.farm_id, d.kind::text, d.house_id,
            (SELECT done.ends_at FROM (
                SELECT c.completed_at
                    + (c.command_params ->> 'duration_ms')::float8 * interval '1 millisecond' AS ends_at
                FROM device_commands c WHERE c.device_id = d.id AND c.status = 'completed'
                ORDER BY c.place DESC LIMIT 1) done WHERE done.ends_at > ?),
            d.reported_state IS DISTINCT FROM 'on' AND NOT told.is_sent,
            i.max_on_s, i.min_on_s, i.min_off_s, i.max_starts_per_hour, i.exclusive_group,
            i.excludes_heat_and_cooling, i.on_link_loss::text
        FROM devices d
        LEFT JOIN interlocks i ON i.device_id = d.id
        CROSS JOIN LATERAL (
            SELECT count(*) > 0 AS is_on, count(o.attempted_at) > 0 AS is_sent
            FROM device_commands o
            WHERE o.device_id = d.id AND o.status IN ('queued', 'sent', 'executing')
                AND o.command_type <> 'off'
                AND (o.command_params ->> 'value')::float8 IS DISTINCT FROM 0) told
        WHERE d.farm_id = ANY (?) AND d.deleted_at IS NULL AND (d.reported_state = 'on' OR told.is_on)";
    let rows: Vec<RunningRow> =
        Statement::<RunningColumns>::new(sql, &[&PgTime(now), &Column(farms)])
            .load(connection)
            .await?;
    let running = |row: RunningRow| {
        let kind = DeviceKind::parse(&row.kind);
        let interlocks = interlocks(kind, row.interlocks);
        Running {
            farm: FarmId(row.farm),
            device: DeviceId(row.device),
            kind,
            house: row.house.map(HouseId),
            group: interlocks.exclusive_group,
            excludes_heat_and_cooling: interlocks.excludes_heat_and_cooling,
            ends_at: row.ends_at.map(Timestamp::from),
            is_only_wanted: row.is_only_wanted,
        }
    };
    Ok(rows.into_iter().map(running).collect())
}

/// The emergency stops that stand on these farms, first pressed first.
pub(crate) async fn stops(
    connection: &mut AsyncPgConnection,
    farms: &[Uuid],
) -> Result<Vec<(FarmId, Stop)>, StoreError> {
    type Row = (Uuid, Uuid, Option<Uuid>, bool, PgTime);
    let sql = "SELECT farm_id, id, house_id, includes_fans, pressed_at FROM emergency_stops
        WHERE farm_id = ANY (?) AND released_at IS NULL ORDER BY pressed_at, id";
    let rows: Vec<Row> =
        Statement::<(SqlUuid, SqlUuid, Nullable<SqlUuid>, Bool, Timestamptz)>::new(
            sql,
            &[&Column(farms)],
        )
        .load(connection)
        .await?;
    let stop = |(farm, id, house, includes_fans, since): Row| {
        let house = house.map(HouseId);
        (FarmId(farm), Stop { id: StopId(id), house, includes_fans, since: since.into() })
    };
    Ok(rows.into_iter().map(stop).collect())
}
