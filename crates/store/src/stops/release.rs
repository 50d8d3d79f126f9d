//! Letting a stopped farm or house go on.
use crate::{
    Database, FarmScope, Origin, StoreError, commands::lock, events, pg::PgTime,
    statement::Statement,
};
use diesel::{
    OptionalExtension as _,
    sql_types::{Nullable, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{DeviceId, StopId, Timestamp, events::EventKind};
use serde_json::json;
use uuid::Uuid;

/// Lets the farm or the house go on. False if there is no such stop, or it was released before. What was
/// told to go off stays off.
pub async fn release(
    database: &Database,
    scope: &FarmScope,
    stop: StopId,
    origin: &Origin<'_>,
) -> Result<bool, StoreError> {
    scope
        .run(database, async |conn| {
            let sql =
                "UPDATE emergency_stops SET released_by = ?, released_at = greatest(?, pressed_at)
                WHERE id = ? AND farm_id = ? AND released_at IS NULL
                RETURNING house_id";
            let at = PgTime(origin.at);
            let released: Option<Option<Uuid>> = Statement::<Nullable<SqlUuid>>::new(
                sql,
                &[&scope.user().0, &at, &stop.0, &scope.farm().0],
            )
            .get_result(conn)
            .await
            .optional()?;
            let Some(house) = released else { return Ok(false) };
            let over = cancel_waiting(conn, stop, origin.at).await?;
            let data = json!({ "stop": stop, "house": house });
            let mut all = vec![origin.event_of(EventKind::StopReleased, (scope, None), data)];
            all.extend(over.into_iter().map(|(command, device)| {
                let data = json!({ "command": command, "stop": stop, "reason": "cancelled" });
                origin.event_of(EventKind::CommandCancelled, (scope, Some(device)), data)
            }));
            events::record_all(conn, &all).await?;
            Ok(true)
        })
        .await
}

/// Takes back what has yet to be sent, and waits no longer for who can not be reached.
async fn cancel_waiting(
    conn: &mut AsyncPgConnection,
    stop: StopId,
    at: Timestamp,
) -> Result<Vec<(Uuid, DeviceId)>, StoreError> {
    let sql = "SELECT DISTINCT device_id FROM device_commands
        WHERE stop_id = ? AND status IN ('queued', 'sent')";
    let devices: Vec<Uuid> = Statement::<SqlUuid>::new(sql, &[&stop.0]).load(conn).await?;
    lock(conn, &devices).await?;
    let sql = "UPDATE device_commands c SET status = 'failed', reason = 'cancelled', completed_at = ?,
            due_at = NULL
        FROM devices d
        WHERE d.id = c.device_id AND c.stop_id = ? AND (c.status = 'queued' AND c.attempted_at IS NULL
            OR c.status = 'sent' AND NOT d.is_online)
        RETURNING c.id, c.device_id";
    let over: Vec<(Uuid, Uuid)> =
        Statement::<(SqlUuid, SqlUuid)>::new(sql, &[&PgTime(at), &stop.0]).load(conn).await?;
    Ok(over.into_iter().map(|(id, device)| (id, DeviceId(device))).collect())
}
