//! What the stops that stand hold: the devices that are there now, not those that were there when one was
//! pressed. What comes into a stopped house, or is switched on beside the server, is told to go off too.
use crate::{StoreError, column::Column, commands::is_open, pg::PgTime, statement::Statement};
use diesel::{
    prelude::Queryable,
    sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    DeviceId, FarmId, HouseId, StopId, Timestamp,
    commands::{Reason, Status, Stop},
    devices::{DeviceKind, DeviceType},
};
use uuid::Uuid;

/// A device that a standing stop holds.
#[derive(Debug, Clone, Copy)]
pub(super) struct Held {
    pub(super) farm: FarmId,
    pub(super) stop: Stop,
    pub(super) device: DeviceId,
    pub(super) is_reachable: bool,
    /// Whether it has said that it is off, and nothing else since.
    pub(super) has_answered: bool,
    /// Whether some stop's off is on its way to it.
    pub(super) is_being_told: bool,
    /// What this stop told it last, if anything yet.
    pub(super) told: Option<(Status, Option<Reason>, Timestamp)>,
    /// How often this stop has told it since its node came back or it was switched on.
    pub(super) times: u32,
}

/// A device has answered if an off of the stop is done, unless it has said since that it runs: both by the
/// device's own time. It is told less and less often while nothing happens to it: since its node came back, and since
/// it was switched on last, is counted from anew.
macro_rules! held_sql {
    ($which:literal) => {
        concat!(
            "SELECT s.farm_id, s.id, s.house_id, s.includes_fans, s.pressed_at,
                d.id, d.kind::text, d.type::text, d.house_id, d.is_online,
                coalesce(last.has_answered, false),
                EXISTS (SELECT FROM device_commands o WHERE o.device_id = d.id AND o.stop_id IS NOT NULL AND ",
            is_open!("o"),
            "   ), last.status, last.reason, last.requested_at, coalesce(last.times, 0)
            FROM emergency_stops s
            JOIN devices d ON d.farm_id = s.farm_id AND d.deleted_at IS NULL AND d.node_id IS NOT NULL
            CROSS JOIN LATERAL (
                SELECT greatest(
                    (SELECT n.online_changed_at FROM nodes n WHERE n.id = d.node_id AND n.is_online),
                    (SELECT max(w.at) FROM switchings w WHERE w.device_id = d.id AND w.is_on)) AS since) anew
            LEFT JOIN LATERAL (
                SELECT c.status::text AS status, c.reason, c.requested_at,
                    bool_or(c.status = 'completed' AND c.reason IS NULL
                        AND (d.reported_state = 'on' AND d.reported_at > coalesce(
                            to_timestamp((c.response_data ->> 'at')::float8 / 1000),
                            c.completed_at)) IS NOT TRUE) OVER () AS has_answered,
                    count(*) FILTER (WHERE (c.requested_at < anew.since) IS NOT TRUE) OVER () AS times
                FROM device_commands c WHERE c.stop_id = s.id AND c.device_id = d.id
                ORDER BY c.place DESC LIMIT 1) last ON true
            WHERE s.released_at IS NULL AND ",
            $which,
            " ORDER BY s.pressed_at, s.id, d.position, d.name, d.id"
        )
    };
}

/// What is held on a farm, by stop, the first pressed first, and in the order of pages.
pub(super) async fn on_farm(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
) -> Result<Vec<Held>, StoreError> {
    let sql = held_sql!("s.farm_id = ?");
    let rows: Vec<Row> = Statement::<Columns>::new(sql, &[&farm.0]).load(connection).await?;
    Ok(rows.into_iter().filter_map(Row::held).collect())
}

/// All reachable devices that are held.
pub(super) async fn reachable(connection: &mut AsyncPgConnection) -> Result<Vec<Held>, StoreError> {
    let rows: Vec<Row> =
        Statement::<Columns>::new(held_sql!("d.is_online"), &[]).load(connection).await?;
    Ok(rows.into_iter().filter_map(Row::held).collect())
}

/// The same of some devices.
pub(super) async fn of_devices(
    connection: &mut AsyncPgConnection,
    devices: &[Uuid],
) -> Result<Vec<Held>, StoreError> {
    let sql = held_sql!("d.id = ANY (?)");
    let rows: Vec<Row> =
        Statement::<Columns>::new(sql, &[&Column(devices)]).load(connection).await?;
    Ok(rows.into_iter().filter_map(Row::held).collect())
}

type Columns = (
    SqlUuid,
    SqlUuid,
    Nullable<SqlUuid>,
    Bool,
    Timestamptz,
    SqlUuid,
    Text,
    Text,
    Nullable<SqlUuid>,
    Bool,
    Bool,
    Bool,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<Timestamptz>,
    BigInt,
);

#[derive(Queryable)]
struct Row {
    farm: Uuid,
    stop: Uuid,
    stopped_house: Option<Uuid>,
    includes_fans: bool,
    since: PgTime,
    device: Uuid,
    kind: String,
    device_type: String,
    house: Option<Uuid>,
    is_reachable: bool,
    has_answered: bool,
    is_being_told: bool,
    status: Option<String>,
    reason: Option<String>,
    asked_at: Option<PgTime>,
    times: i64,
}

impl Row {
    /// Nothing of a device that the stop does not hold, or of another release, whose words are not known.
    fn held(self) -> Option<Held> {
        let stop = Stop {
            id: StopId(self.stop),
            house: self.stopped_house.map(HouseId),
            includes_fans: self.includes_fans,
            since: self.since.into(),
        };
        let what = (DeviceKind::parse(&self.kind), DeviceType::parse(&self.device_type)?);
        if !stop.holds(what, self.house.map(HouseId)) {
            return None;
        }
        let told = match (self.status, self.asked_at) {
            (Some(status), Some(at)) => {
                let reason = self.reason.as_deref().and_then(Reason::parse);
                Some((Status::parse(&status)?, reason, at.into()))
            }
            _ => None,
        };
        Some(Held {
            farm: FarmId(self.farm),
            stop,
            device: DeviceId(self.device),
            is_reachable: self.is_reachable,
            has_answered: self.has_answered,
            is_being_told: self.is_being_told,
            told,
            times: u32::try_from(self.times).unwrap_or(u32::MAX),
        })
    }
}
