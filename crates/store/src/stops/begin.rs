//! Noting a stop: one that stands already is not pressed a second time.
use super::{NewStop, Pressed, new_id};
use crate::{FarmScope, StoreError, pg::PgTime, statement::Statement};
use diesel::sql_types::{Bool, Nullable};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{Timestamp, commands::Stop};

/// The stop that stands from now on, under the identity of the tap or, if that is another stop's, a new one; or
/// why there is no new one.
pub(super) async fn begin(
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
