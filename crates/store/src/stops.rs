//! The emergency stop: one transaction ends what is under way and tells everything to go off; it stands until
//! a manager releases it.
mod looking;
mod release;
mod retry;

pub use looking::{Notice, Standing, Told, is_there, standing, told};
pub use release::release;
pub(crate) use retry::retry;

use crate::{
    Database, FarmScope, Origin, StoreError, column::Column, commands::end_open, events,
    overrides::end_all, pg::PgTime, statement::Statement,
};
use diesel::sql_types::{Bool, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    FarmId, HouseId, StopId, Timestamp, UserId,
    commands::{Action, Reason, Stop, life},
    devices::{DeviceKind, DeviceType},
    events::EventKind,
};
use serde_json::json;
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

/// An identity that no stop has.
pub fn new_id() -> StopId {
    StopId(Uuid::new_v4())
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
            // with the device or not: nothing comes before a stop
            let over = end_open(conn, &devices, Reason::Superseded, origin.at).await?;
            // nobody holds by hand what was stopped
            end_all(conn, &devices, origin.at).await?;
            tell_off(conn, (scope.farm(), Some(scope.user())), (new.id, &devices), origin.at)
                .await?;
            let data = json!({
                "stop": new.id,
                "house": new.house,
                "includes_fans": new.includes_fans,
                "devices": devices.len(),
            });
            let mut all = vec![origin.event_of(EventKind::StopPressed, (scope, None), data)];
            all.extend(over.into_iter().map(|ended| {
                let (command, action) = (ended.command, ended.action);
                let data = json!({
                    "command": command, "action": action, "stop": new.id, "reason": "superseded"
                });
                origin.event_of(EventKind::CommandSuperseded, (scope, Some(ended.device)), data)
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
