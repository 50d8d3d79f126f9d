//! Taking a command back before it is sent.
use super::{outbox::record, undone::take_back};
use crate::{Database, FarmScope, Origin, StoreError, pg::PgTime, statement::Statement};
use diesel::{OptionalExtension as _, sql_types::Uuid as SqlUuid};
use diesel_async::RunQueryDsl as _;
use domain::{CommandId, DeviceId, events::EventKind};
use serde_json::json;
use uuid::Uuid;

/// Takes back a command that waits. False if there is none that does.
pub async fn cancel(
    database: &Database,
    scope: &FarmScope,
    command: CommandId,
    origin: &Origin<'_>,
) -> Result<bool, StoreError> {
    scope
        .run(database, async |conn| {
            let sql = "SELECT d.id FROM devices d JOIN device_commands c ON c.device_id = d.id
                WHERE c.id = ? AND c.farm_id = ? FOR NO KEY UPDATE OF d";
            let farm = scope.farm().0;
            let device: Option<Uuid> = Statement::<SqlUuid>::new(sql, &[&command.0, &farm])
                .get_result(conn)
                .await
                .optional()?;
            let Some(device) = device else { return Ok(false) };
            let sql = "UPDATE device_commands SET status = 'failed', reason = 'cancelled', completed_at = ?
                WHERE id = ? AND status = 'queued' AND attempted_at IS NULL AND stop_id IS NULL";
            let at = PgTime(origin.at);
            let cancelled = Statement::<()>::new(sql, &[&at, &command.0]).run(conn).await? > 0;
            if cancelled {
                let data = json!({ "command": command, "reason": "cancelled" });
                let what = (EventKind::CommandCancelled, DeviceId(device));
                record(conn, (scope, origin), what, data).await?;
                for (_, device) in take_back(conn, &[command.0], origin.at).await? {
                    let what = (EventKind::OverrideEnded, device);
                    record(conn, (scope, origin), what, json!({ "by": "undone" })).await?;
                }
            }
            Ok(cancelled)
        })
        .await
}
