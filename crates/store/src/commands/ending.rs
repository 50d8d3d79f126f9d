//! Ending what is open on devices that stand still, have left or got other hardware. Whoever does so holds the
//! devices' rows.
use crate::{
    FarmScope, Origin, StoreError, column::Column, events, overrides, pg::PgTime,
    statement::Statement,
};
use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{CommandId, DeviceId, Timestamp, commands::Reason, events::EventKind};
use serde_json::json;
use uuid::Uuid;

/// A command that was ended before its device did it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ended {
    pub(crate) command: CommandId,
    pub(crate) device: DeviceId,
    /// `on`, `off` and so on.
    pub(crate) action: String,
}

/// Ends all open commands of devices, with the device or not. What it answers later comes late.
pub(crate) async fn end_open(
    connection: &mut AsyncPgConnection,
    devices: &[Uuid],
    reason: Reason,
    at: Timestamp,
) -> Result<Vec<Ended>, StoreError> {
    let sql =
        "UPDATE device_commands SET status = 'failed', reason = ?, completed_at = ?, due_at = NULL
        WHERE device_id = ANY (?) AND status IN ('queued', 'sent', 'executing')
        RETURNING id, device_id, command_type::text";
    let over: Vec<(Uuid, Uuid, String)> = Statement::<(SqlUuid, SqlUuid, Text)>::new(
        sql,
        &[&reason.name(), &PgTime(at), &Column(devices)],
    )
    .load(connection)
    .await?;
    let ended = |(command, device, action)| Ended {
        command: CommandId(command),
        device: DeviceId(device),
        action,
    };
    Ok(over.into_iter().map(ended).collect())
}

/// Ends what is open on devices that were taken out of use or got other hardware, and their overrides: nothing
/// of that was meant for what comes after. `because` goes into the events.
pub(crate) async fn let_go(
    connection: &mut AsyncPgConnection,
    (scope, origin): (&FarmScope, &Origin<'_>),
    devices: &[Uuid],
    because: &str,
) -> Result<(), StoreError> {
    let over = end_open(connection, devices, Reason::Cancelled, origin.at).await?;
    let free = overrides::end_all(connection, devices, origin.at).await?;
    let over = over.into_iter().map(|ended| {
        let (command, action) = (ended.command, ended.action);
        let data = json!({
            "command": command, "action": action, "reason": "cancelled", "because": because
        });
        origin.event_of(EventKind::CommandCancelled, (scope, Some(ended.device)), data)
    });
    let free = free.into_iter().map(|device| {
        origin.event_of(EventKind::OverrideEnded, (scope, Some(device)), json!({ "by": because }))
    });
    events::record_all(connection, &over.chain(free).collect::<Vec<_>>()).await
}
