//! What was asked and is no wish at all: nothing is sent, and that it was asked is on record like any other
//! refusal.
use crate::{Database, FarmScope, Origin, StoreError, statement::Statement};
use diesel::sql_types::Bool;
use diesel_async::RunQueryDsl as _;
use domain::{CommandId, DeviceId, commands::Refused, events::EventKind};
use serde_json::json;

/// So much of a word that we do not know is kept.
const LONGEST_WORD: usize = 40;

/// What came in place of a wish.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unreadable<'a> {
    /// The identity of the command that it would have been.
    pub id: CommandId,
    /// The device.
    pub device: DeviceId,
    /// The word for what is wanted.
    pub wish: &'a str,
}

/// Records why that was refused. False if the farm has no such device.
pub async fn refuse(
    database: &Database,
    scope: &FarmScope,
    (asked, refused): (Unreadable<'_>, Refused),
    origin: &Origin<'_>,
) -> Result<bool, StoreError> {
    scope
        .run(database, async |conn| {
            let sql =
                "SELECT true FROM devices WHERE id = ? AND farm_id = ? AND deleted_at IS NULL";
            let found: Vec<bool> =
                Statement::<Bool>::new(sql, &[&asked.device.0, &scope.farm().0]).load(conn).await?;
            if found.is_empty() {
                return Ok(false);
            }
            let wish: String = asked.wish.chars().take(LONGEST_WORD).collect();
            let data = json!({ "command": asked.id, "wish": wish, "reason": refused.code() });
            let about = (scope, Some(asked.device));
            origin.record_of(conn, EventKind::CommandRefused, about, data).await?;
            Ok(true)
        })
        .await
}
