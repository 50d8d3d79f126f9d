//! The emergency stop: one transaction ends what is under way and tells everything to go off; it stands until
//! a manager releases it.
mod held;
mod looking;
mod release;
mod retry;

pub use looking::{Notice, Standing, Told, is_there, standing, told};
pub use release::release;
pub(crate) use retry::retry;

use crate::{
    Database, FarmScope, Origin, StoreError,
    commands::{Off, end_open, tell_off},
    events,
    overrides::end_all,
    pg::PgTime,
    statement::Statement,
};
use diesel::sql_types::{Bool, Nullable, Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use domain::{
    FarmId, HouseId, StopId, Timestamp,
    commands::{Reason, Stop},
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
    /// It, or one like it, was pressed before and stands.
    Again,
    /// It was pressed before and released since: who wants to stop again is asked again.
    Released,
    /// There is no such house.
    NotFound,
}

/// Presses it. Whoever presses a stop that stands as it is presses that one. Whoever presses another one under
/// the identity of an earlier one, such as with the fans this time, presses it under a new identity.
///
/// A device that somebody holds for longer than a second keeps none of the others back: it is told once it is
/// free, by `commands::sweep`.
pub async fn press(
    database: &Database,
    scope: &FarmScope,
    new: &NewStop,
    origin: &Origin<'_>,
) -> Result<Pressed, StoreError> {
    match press_once(database, scope, new, origin, Wait::ASecond).await {
        Err(error) if error.is_lock_timeout() => {
            press_once(database, scope, new, origin, Wait::NotAtAll).await
        }
        pressed => pressed,
    }
}

/// How long to wait for devices that another transaction has in hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Wait {
    ASecond,
    NotAtAll,
}

async fn press_once(
    database: &Database,
    scope: &FarmScope,
    new: &NewStop,
    origin: &Origin<'_>,
    wait: Wait,
) -> Result<Pressed, StoreError> {
    scope
        .run(database, async |conn| {
            if let Some(house) = new.house
                && !is_house(conn, scope.farm(), house).await?
            {
                return Ok(Pressed::NotFound);
            }
            let stop = match begin(conn, scope, new, origin.at).await? {
                Ok(stop) => stop,
                Err(pressed) => return Ok(pressed),
            };
            let devices = stopped(conn, scope.farm(), &stop, wait).await?;
            // with the device or not: nothing comes before a stop
            let over = end_open(conn, &devices, Reason::Superseded, origin.at).await?;
            // nobody holds by hand what was stopped
            end_all(conn, &devices, origin.at).await?;
            let by = Some(scope.user());
            let off = Off { farm: scope.farm(), by, stop: Some(stop.id), at: origin.at };
            tell_off(conn, &off, &devices).await?;
            let data = json!({
                "stop": stop.id,
                "house": new.house,
                "includes_fans": new.includes_fans,
                "devices": devices.len(),
            });
            let mut all = vec![origin.event_of(EventKind::StopPressed, (scope, None), data)];
            all.extend(over.into_iter().map(|ended| {
                let (command, action) = (ended.command, ended.action);
                let data = json!({
                    "command": command, "action": action, "stop": stop.id, "reason": "superseded"
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

/// The stop that stands from now on, under the identity of the tap or, if that is another stop's, a new one; or
/// why there is no new one.
async fn begin(
    conn: &mut AsyncPgConnection,
    scope: &FarmScope,
    new: &NewStop,
    at: Timestamp,
) -> Result<Result<Stop, Pressed>, StoreError> {
    let stop = |id| Stop { id, house: new.house, includes_fans: new.includes_fans, since: at };
    if insert(conn, scope, new, at).await? {
        return Ok(Ok(stop(new.id)));
    }
    match earlier(conn, scope, new).await? {
        Some(true) => return Ok(Err(Pressed::Again)),
        Some(false) => return Ok(Err(Pressed::Released)),
        None => {}
    }
    let fresh = NewStop { id: new_id(), ..*new };
    let is_new = insert(conn, scope, &fresh, at).await?;
    // one like it was pressed in the meantime
    Ok(if is_new { Ok(stop(fresh.id)) } else { Err(Pressed::Again) })
}

/// False if the identity is taken, or one like it stands.
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

/// Whether a stop of the same place and fans stands, be it under another identity; false if the one of this
/// identity was released.
async fn earlier(
    conn: &mut AsyncPgConnection,
    scope: &FarmScope,
    new: &NewStop,
) -> Result<Option<bool>, StoreError> {
    let sql = "SELECT bool_or(released_at IS NULL) FROM emergency_stops
        WHERE farm_id = ? AND house_id IS NOT DISTINCT FROM ? AND includes_fans = ?
            AND (id = ? OR released_at IS NULL)";
    let house = new.house.map(|house| house.0);
    let found: Option<bool> = Statement::<Nullable<Bool>>::new(
        sql,
        &[&scope.farm().0, &house, &new.includes_fans, &new.id.0],
    )
    .get_result(conn)
    .await?;
    Ok(found)
}

macro_rules! stopped_sql {
    ($wait:literal) => {
        concat!(
            "SELECT id, kind::text, type::text, house_id FROM devices
            WHERE farm_id = ? AND deleted_at IS NULL AND node_id IS NOT NULL
            ORDER BY id FOR NO KEY UPDATE",
            $wait
        )
    };
}

/// The devices that a stop holds, locked: new ones too, and those out of use, since they may be running.
async fn stopped(
    conn: &mut AsyncPgConnection,
    farm: FarmId,
    stop: &Stop,
    wait: Wait,
) -> Result<Vec<Uuid>, StoreError> {
    type Row = (Uuid, String, String, Option<Uuid>);
    let sql = match wait {
        Wait::ASecond => stopped_sql!(""),
        Wait::NotAtAll => stopped_sql!(" SKIP LOCKED"),
    };
    if wait == Wait::ASecond {
        conn.batch_execute("SET LOCAL lock_timeout = '1s'").await?;
    }
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
