//! The emergency stop: one transaction ends what is under way and tells everything to go off; it stands until
//! a manager releases it.
mod release;
mod retry;

pub use release::release;
pub(crate) use retry::retry;

use crate::{
    Database, FarmScope, Origin, StoreError,
    column::Column,
    events::{self, NewEvent},
    pg::PgTime,
    statement::Statement,
};
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    DeviceId, FarmId, HouseId, StopId, Timestamp, UserId,
    commands::{Action, Stop, life},
    devices::{DeviceKind, DeviceType},
    events::EventKind,
};
use serde_json::{Value, json};
use uuid::Uuid;

/// An emergency stop to press.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewStop {
    /// Its identity, from the first tap.
    pub id: StopId,
    /// The house; `None` is the whole farm.
    pub house: Option<HouseId>,
    /// Whether fans are to stand still too.
    pub includes_fans: bool,
}

/// What pressing came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pressed {
    /// So many devices are told to go off.
    Stopped(usize),
    /// It was pressed before, and stands or was released.
    Again,
    /// There is no such house.
    NotFound,
}

/// A stop that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// What the rules see.
    pub stop: Stop,
    /// Who pressed it.
    pub by: UserId,
    /// How many devices it told to go off and have not answered yet.
    pub unanswered: i64,
}

/// The stops that stand on a farm, first pressed first.
pub async fn standing(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
) -> Result<Vec<Standing>, StoreError> {
    type Columns = (SqlUuid, Nullable<SqlUuid>, Bool, Timestamptz, SqlUuid, BigInt);
    type Row = (Uuid, Option<Uuid>, bool, PgTime, Uuid, i64);
    let sql = "SELECT s.id, s.house_id, s.includes_fans, s.pressed_at, s.pressed_by,
            (SELECT count(*) FROM (
                SELECT bool_or(c.status = 'completed' AND c.reason IS NULL) AS has_answered
                FROM device_commands c WHERE c.stop_id = s.id GROUP BY c.device_id) told
                WHERE NOT told.has_answered)
        FROM emergency_stops s WHERE s.farm_id = ? AND s.released_at IS NULL ORDER BY s.pressed_at, s.id";
    let rows: Vec<Row> = Statement::<Columns>::new(sql, &[&farm.0]).load(connection).await?;
    let standing = |(id, house, includes_fans, since, by, unanswered): Row| Standing {
        stop: Stop {
            id: StopId(id),
            house: house.map(HouseId),
            includes_fans,
            since: since.into(),
        },
        by: UserId(by),
        unanswered,
    };
    Ok(rows.into_iter().map(standing).collect())
}

/// Presses it. Whoever presses a stop that stands as it is presses that one.
pub async fn press(
    database: &Database,
    scope: &FarmScope,
    new: &NewStop,
    origin: &Origin<'_>,
) -> Result<Pressed, StoreError> {
    scope
        .run(database, async |conn| {
            if let Some(house) = new.house
                && !is_house(conn, scope.farm(), house).await?
            {
                return Ok(Pressed::NotFound);
            }
            if !insert(conn, scope, new, origin.at).await? {
                return Ok(Pressed::Again);
            }
            let stop = Stop {
                id: new.id,
                house: new.house,
                includes_fans: new.includes_fans,
                since: origin.at,
            };
            let devices = stopped(conn, scope.farm(), &stop).await?;
            let over = end_commands(conn, &devices, origin.at).await?;
            end_overrides(conn, &devices, origin.at).await?;
            tell_off(conn, (scope.farm(), Some(scope.user())), (new.id, &devices), origin.at)
                .await?;
            let data = json!({
                "stop": new.id,
                "house": new.house,
                "includes_fans": new.includes_fans,
                "devices": devices.len(),
            });
            let mut all = vec![event(scope, (EventKind::StopPressed, None), data, origin)];
            all.extend(over.into_iter().map(|(command, device, action)| {
                let data = json!({
                    "command": command, "action": action, "stop": new.id, "reason": "superseded"
                });
                event(scope, (EventKind::CommandSuperseded, Some(device)), data, origin)
            }));
            events::record_all(conn, &all).await?;
            Ok(Pressed::Stopped(devices.len()))
        })
        .await
}

async fn is_house(
    conn: &mut AsyncPgConnection,
    farm: FarmId,
    house: HouseId,
) -> Result<bool, StoreError> {
    let sql =
        "SELECT true FROM houses WHERE id = ? AND farm_id = ? AND deleted_at IS NULL FOR KEY SHARE";
    let found: Vec<bool> = Statement::<Bool>::new(sql, &[&house.0, &farm.0]).load(conn).await?;
    Ok(!found.is_empty())
}

/// False if it is there, or one as it stands.
async fn insert(
    conn: &mut AsyncPgConnection,
    scope: &FarmScope,
    new: &NewStop,
    at: Timestamp,
) -> Result<bool, StoreError> {
    let sql =
        "INSERT INTO emergency_stops (id, farm_id, house_id, includes_fans, pressed_by, pressed_at)
        VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING";
    let house = new.house.map(|house| house.0);
    let inserted = Statement::<()>::new(
        sql,
        &[&new.id.0, &scope.farm().0, &house, &new.includes_fans, &scope.user().0, &PgTime(at)],
    )
    .run(conn)
    .await?;
    Ok(inserted > 0)
}

/// The devices that a stop holds, locked.
async fn stopped(
    conn: &mut AsyncPgConnection,
    farm: FarmId,
    stop: &Stop,
) -> Result<Vec<Uuid>, StoreError> {
    type Row = (Uuid, String, String, Option<Uuid>);
    let sql = "SELECT id, kind::text, type::text, house_id FROM devices
        WHERE farm_id = ? AND deleted_at IS NULL AND is_active AND approved_at IS NOT NULL
            AND node_id IS NOT NULL
        ORDER BY id FOR NO KEY UPDATE";
    let rows: Vec<Row> =
        Statement::<(SqlUuid, Text, Text, Nullable<SqlUuid>)>::new(sql, &[&farm.0])
            .load(conn)
            .await?;
    let held = |(id, kind, device_type, house): Row| {
        let what = (DeviceKind::parse(&kind), DeviceType::parse(&device_type)?);
        stop.holds(what, house.map(HouseId)).then_some(id)
    };
    Ok(rows.into_iter().filter_map(held).collect())
}

/// Ends what was asked of them, with the device or not, and tells what it was.
async fn end_commands(
    conn: &mut AsyncPgConnection,
    devices: &[Uuid],
    at: Timestamp,
) -> Result<Vec<(Uuid, DeviceId, String)>, StoreError> {
    let sql =
        "UPDATE device_commands SET status = 'failed', reason = 'superseded', completed_at = ?,
            due_at = NULL
        WHERE device_id = ANY (?) AND status IN ('queued', 'sent', 'executing')
        RETURNING id, device_id, command_type::text";
    let over: Vec<(Uuid, Uuid, String)> =
        Statement::<(SqlUuid, SqlUuid, Text)>::new(sql, &[&PgTime(at), &Column(devices)])
            .load(conn)
            .await?;
    Ok(over.into_iter().map(|(id, device, action)| (id, DeviceId(device), action)).collect())
}

/// Nobody holds by hand what was stopped.
async fn end_overrides(
    conn: &mut AsyncPgConnection,
    devices: &[Uuid],
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE overrides SET ended_at = ? WHERE device_id = ANY (?) AND ended_at IS NULL";
    Statement::<()>::new(sql, &[&PgTime(at), &Column(devices)]).run(conn).await?;
    Ok(())
}

/// Tells devices to go off.
async fn tell_off(
    conn: &mut AsyncPgConnection,
    (farm, by): (FarmId, Option<UserId>),
    (stop, devices): (StopId, &[Uuid]),
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO device_commands (farm_id, device_id, command_type, requested_by, source, status,
            requested_at, created_at, expires_at, stop_id)
        SELECT ?, unnest(?), 'off', ?, 'safety', 'queued', ?, ?, ?, ?";
    // every kind's off lives as long
    let expires_at = at.plus(life(DeviceKind::Other, Action::Off));
    let (by, at) = (by.map(|by| by.0), PgTime(at));
    Statement::<()>::new(
        sql,
        &[&farm.0, &Column(devices), &by, &at, &at, &PgTime(expires_at), &stop.0],
    )
    .run(conn)
    .await?;
    let sql = "UPDATE devices SET desired_state = 'off' WHERE id = ANY (?)";
    Statement::<()>::new(sql, &[&Column(devices)]).run(conn).await?;
    Ok(())
}

fn event<'o>(
    scope: &FarmScope,
    (kind, device): (EventKind, Option<DeviceId>),
    data: Value,
    origin: &Origin<'o>,
) -> NewEvent<'o> {
    NewEvent {
        farm: Some(scope.farm()),
        device,
        user: Some(scope.user()),
        data,
        address: origin.address,
        user_agent: origin.user_agent,
        ..NewEvent::new(kind, origin.at)
    }
}
