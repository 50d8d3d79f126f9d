//! Taking a command back before it is sent.
use super::{change::Change, ending::end, open, undone::take_back};
use crate::{Database, FarmScope, Origin, StoreError, statement::Statement};
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::RunQueryDsl as _;
use domain::{
    CommandId,
    commands::{Progress, Reason},
    events::EventKind,
};
use serde_json::json;
use uuid::Uuid;

/// Takes back a command that waits. Nothing if there is none that does.
pub async fn cancel(
    database: &Database,
    scope: &FarmScope,
    command: CommandId,
    origin: &Origin<'_>,
) -> Result<Option<Change>, StoreError> {
    scope
        .run(database, async |conn| {
            let sql = "SELECT c.id FROM devices d JOIN device_commands c ON c.device_id = d.id
                WHERE c.id = ? AND c.farm_id = ? FOR NO KEY UPDATE OF d";
            let farm = scope.farm().0;
            let held: Vec<Uuid> =
                Statement::<SqlUuid>::new(sql, &[&command.0, &farm]).load(conn).await?;
            let mut opens = open::of_ids(conn, &held).await?;
            opens.retain(|open| open.command.progress == Progress::Queued && open.stop.is_none());
            let over = end(conn, &opens, Reason::Cancelled, origin.at).await?;
            let mut changes = over.iter().map(|ended| ended.change);
            let Some(change) = changes.next() else { return Ok(None) };
            let data = json!({ "command": command, "reason": "cancelled" });
            let about = (scope, Some(change.device));
            origin.record_of(conn, EventKind::CommandCancelled, about, data).await?;
            for (_, device) in take_back(conn, &[command.0], origin.at).await? {
                let (about, data) = ((scope, Some(device)), json!({ "by": "undone" }));
                origin.record_of(conn, EventKind::OverrideEnded, about, data).await?;
            }
            Ok(Some(change))
        })
        .await
}
