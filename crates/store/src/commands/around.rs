//! What the rules ask before something is done with devices: they themselves, what runs beside them, which
//! stops stand. It is read after the devices are locked, in statements of its own: what another transaction
//! did meanwhile is seen.
use super::{
    facts::{Facts, InterlocksColumns, InterlocksRow, facts, interlocks},
    open::is_open,
};
use crate::{StoreError, column::Column, pg::PgTime, statement::Statement};
use diesel::{
    prelude::Queryable,
    sql_types::{Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    DeviceId, FarmId, HouseId, StopId, Timestamp,
    commands::{Action, Neighbour, Place, Stop},
    devices::DeviceKind,
};
use uuid::Uuid;

/// Devices, and what runs and stands around them.
#[derive(Debug, Clone)]
pub(crate) struct Around {
    pub(crate) devices: Vec<Facts>,
    pub(crate) running: Vec<Running>,
    pub(crate) stops: Vec<(FarmId, Stop)>,
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

    /// When a device ends by itself what it does, if that is known.
    pub(crate) fn ends_at(&self, device: DeviceId) -> Option<Timestamp> {
        self.running.iter().find(|running| running.device == device)?.ends_at
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

type RunningColumns =
    (SqlUuid, SqlUuid, Text, Nullable<SqlUuid>, Nullable<Timestamptz>, Bool, InterlocksColumns);

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
    let sql = concat!(
        "SELECT d.id, d.farm_id, d.kind::text, d.house_id,
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
            WHERE o.device_id = d.id AND ",
        is_open!("o"),
        "       AND o.command_type <> 'off'
                AND (o.command_params ->> 'value')::float8 IS DISTINCT FROM 0) told
        WHERE d.farm_id = ANY (?) AND d.deleted_at IS NULL AND (d.reported_state = 'on' OR told.is_on)"
    );
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
async fn stops(
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
