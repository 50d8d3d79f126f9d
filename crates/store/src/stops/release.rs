//! Letting a stopped farm or house go on.
use crate::{
    Database, FarmScope, Origin, StoreError,
    commands::{Effect, Ended, end, is_open, lock, of_devices},
    events,
    pg::PgTime,
    statement::Statement,
};
use diesel::{
    OptionalExtension as _,
    sql_types::{Nullable, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    StopId, Timestamp,
    commands::{Progress, Reason},
    events::EventKind,
};
use serde_json::json;
use uuid::Uuid;

/// Lets the farm or the house go on. False if there is no such stop, or it was released before. What was
/// told to go off stays off.
pub async fn release(
    database: &Database,
    scope: &FarmScope,
    stop: StopId,
    origin: &Origin<'_>,
) -> Result<Effect<bool>, StoreError> {
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
            let Some(house) = released else { return Ok(Effect::none(false)) };
            let over = cancel_waiting(conn, stop, origin.at).await?;
            let data = json!({ "stop": stop, "house": house });
            let mut all = vec![origin.event_of(EventKind::StopReleased, (scope, None), data)];
            all.extend(over.iter().map(|Ended { change, .. }| {
                let data =
                    json!({ "command": change.command, "stop": stop, "reason": "cancelled" });
                origin.event_of(EventKind::CommandCancelled, (scope, Some(change.device)), data)
            }));
            events::record_all(conn, &all).await?;
            Ok(Effect { outcome: true, changes: Ended::changes(&over) })
        })
        .await
}

/// Takes back what has yet to be sent, and waits no longer for who can not be reached.
async fn cancel_waiting(
    conn: &mut AsyncPgConnection,
    stop: StopId,
    at: Timestamp,
) -> Result<Vec<Ended>, StoreError> {
    let sql = concat!(
        "SELECT DISTINCT c.device_id FROM device_commands c
        WHERE c.stop_id = ? AND c.status <> 'executing' AND ",
        is_open!("c")
    );
    let devices: Vec<Uuid> = Statement::<SqlUuid>::new(sql, &[&stop.0]).load(conn).await?;
    let devices = lock(conn, &devices).await?;
    let mut opens = of_devices(conn, &devices).await?;
    opens.retain(|open| {
        open.stop == Some(stop)
            && match open.command.progress {
                Progress::Queued => true,
                Progress::Sent { .. } => !open.is_reachable,
                Progress::Attempted { .. }
                | Progress::Executing { .. }
                | Progress::Ended { .. } => false,
            }
    });
    end(conn, &opens, Reason::Cancelled, at).await
}
