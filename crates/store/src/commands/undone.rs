//! What is left of a command that was surely not done: nobody holds the device by hand for it, and what is wanted
//! is what is.
use super::advance::Advance;
use crate::{StoreError, column::Column, events, overrides, pg::PgTime, statement::Statement};
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{DeviceId, FarmId, Timestamp, commands::Reason};
use uuid::Uuid;

/// Takes back what those of ended commands had brought that were not done, with events.
pub(super) async fn undo(
    connection: &mut AsyncPgConnection,
    ended: &[Advance<'_>],
    now: Timestamp,
) -> Result<(), StoreError> {
    let undone = ended.iter().filter(|advance| advance.reason().is_some_and(is_undone));
    let undone: Vec<Uuid> = undone.map(|advance| advance.open.command.id.0).collect();
    let freed = take_back(connection, &undone, now).await?;
    let event = |(farm, device)| overrides::ended_event(farm, device, "undone", now);
    events::record_all(connection, &freed.into_iter().map(event).collect::<Vec<_>>()).await
}

/// Whether the device surely did nothing. Of what it did not answer nobody knows.
const fn is_undone(reason: Reason) -> bool {
    matches!(
        reason,
        Reason::Expired
            | Reason::Cancelled
            | Reason::Forbidden
            | Reason::Interlocked
            | Reason::Stopped
            | Reason::Refused
    )
}

/// Ends the overrides that came with commands, unless somebody has set another since, and tells which.
pub(super) async fn take_back(
    connection: &mut AsyncPgConnection,
    commands: &[Uuid],
    now: Timestamp,
) -> Result<Vec<(FarmId, DeviceId)>, StoreError> {
    if commands.is_empty() {
        return Ok(Vec::new());
    }
    let sql = "UPDATE devices d
        SET desired_state = CASE WHEN d.reported_state IN ('on', 'off') THEN d.reported_state END
        FROM device_commands c
        WHERE c.id = ANY (?) AND d.id = c.device_id AND NOT EXISTS (SELECT FROM device_commands n
            WHERE n.device_id = c.device_id AND n.place > c.place)";
    Statement::<()>::new(sql, &[&Column(commands)]).run(connection).await?;
    let sql = "UPDATE overrides o SET ended_at = ? FROM device_commands c
        WHERE c.id = ANY (?) AND o.device_id = c.device_id AND o.set_by = c.requested_by
            AND o.began_at = c.requested_at AND o.ended_at IS NULL AND o.until_at > ?
        RETURNING o.farm_id, o.device_id";
    let now = PgTime(now);
    let freed: Vec<(Uuid, Uuid)> =
        Statement::<(SqlUuid, SqlUuid)>::new(sql, &[&now, &Column(commands), &now])
            .load(connection)
            .await?;
    Ok(freed.into_iter().map(|(farm, device)| (FarmId(farm), DeviceId(device))).collect())
}
