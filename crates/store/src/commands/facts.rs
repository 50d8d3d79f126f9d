//! What the rules ask of a device: what it is, what it reported, what holds for it.
use super::open::is_open;
use crate::{StoreError, column::Column, pg::PgTime, statement::Statement};
use diesel::{
    prelude::Queryable,
    sql_types::{Array, Bool, Double, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    DeviceId, FarmId, HouseId, Timestamp,
    commands::{Action, Bounds, Interlocks, LinkLoss, Neighbour, Service, Stop, Switched, Target},
    devices::{DeviceKind, DeviceState, DeviceType},
};
use std::time::Duration;
use uuid::Uuid;

/// How far back starts are counted.
const HOUR: Duration = Duration::from_hours(1);

/// What is known of a device.
#[derive(Debug, Clone)]
pub(crate) struct Facts {
    pub(crate) device: DeviceId,
    pub(crate) farm: FarmId,
    pub(crate) kind: DeviceKind,
    pub(crate) device_type: DeviceType,
    pub(crate) house: Option<HouseId>,
    pub(crate) service: Service,
    pub(crate) bounds: Option<Bounds>,
    pub(crate) state: DeviceState,
    pub(crate) value: Option<f64>,
    pub(crate) since: Option<Timestamp>,
    pub(crate) starts: Vec<Timestamp>,
    pub(crate) newest: Option<Action>,
    pub(crate) interlocks: Interlocks,
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
            service: self.service,
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

type Time = Nullable<Timestamptz>;
type FactsColumns = (
    SqlUuid,
    SqlUuid,
    Text,
    Text,
    Nullable<SqlUuid>,
    Text,
    Nullable<Text>,
    Nullable<Double>,
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
    service: String,
    state: Option<String>,
    value: Option<f64>,
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
pub(super) async fn facts(
    connection: &mut AsyncPgConnection,
    devices: &[Uuid],
    now: Timestamp,
) -> Result<Vec<Facts>, StoreError> {
    let sql = concat!(
        "SELECT d.id, d.farm_id, d.kind::text, d.type::text, d.house_id,
            CASE WHEN NOT d.is_active OR d.node_id IS NULL THEN 'out'
                WHEN d.approved_at IS NULL THEN 'new' ELSE 'in_use' END,
            d.reported_state, d.reported_value,
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
            WHERE o.device_id = d.id AND ",
        is_open!("o"),
        "   ORDER BY o.place DESC LIMIT 1) newest ON true
        WHERE d.id = ANY (?) AND d.deleted_at IS NULL"
    );
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
            service: match self.service.as_str() {
                "in_use" => Service::InUse,
                "new" => Service::New,
                _ => Service::Out,
            },
            bounds,
            // what it last said counts while it is away too: it may be running
            state: DeviceState::of(self.state.as_deref(), true),
            value: self.value,
            since: self.since.map(Timestamp::from),
            starts: self.starts.into_iter().map(Timestamp::from).collect(),
            newest: self.newest.and_then(|name| Action::parse(&name, self.newest_value)),
            interlocks: interlocks(kind, self.interlocks),
        })
    }
}
