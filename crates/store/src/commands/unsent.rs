//! What was to be sent and surely was not, and how much is on its way.
use super::{
    advance::{Noted, advance, lock_devices_of, while_held},
    open,
};
use crate::{StoreError, column::Column, lease::Lease, readings::Fenced, statement::Statement};
use diesel::sql_types::BigInt;
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{CommandId, Timestamp, commands::Happening};
use uuid::Uuid;

/// These commands never left this server: they wait again, as if nobody had tried.
pub async fn unsent(
    connection: &mut AsyncPgConnection,
    lease: Lease,
    commands: &[CommandId],
    now: Timestamp,
) -> Result<Result<Noted<CommandId>, Fenced>, StoreError> {
    while_held(connection, lease, async |connection| {
        let (free, left) = lock_devices_of(connection, commands).await?;
        let opens = open::of_ids(connection, &free).await?;
        let changes = advance(connection, &opens, |_| Happening::NotSent, now).await?;
        let back: Vec<Uuid> = changes.iter().map(|change| change.command.0).collect();
        let sql = "UPDATE device_commands SET attempts = attempts - 1 WHERE id = ANY (?)";
        Statement::<()>::new(sql, &[&Column(&back)]).run(connection).await?;
        Ok(Noted { changes, left })
    })
    .await
}

/// How many commands are on their way to devices or being carried out.
pub async fn count_in_flight(connection: &mut AsyncPgConnection) -> Result<i64, StoreError> {
    // behind row-level security the planner knows no shares of enum values, only those of NULLs
    let sql = "SELECT count(*) FROM device_commands
        WHERE status IN ('queued', 'sent', 'executing') AND attempted_at IS NOT NULL AND completed_at IS NULL";
    Ok(Statement::<BigInt>::new(sql, &[]).get_result(connection).await?)
}
