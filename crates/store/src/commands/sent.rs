//! What the link says of commands: that the broker has them, or that they never left.
use super::{
    advance::advance,
    change::Change,
    lock_free,
    open::{self, Open, is_open},
};
use crate::{
    StoreError, column::Column, fence::while_held, lease::Lease, readings::Fenced,
    statement::Statement, transaction,
};
use diesel::sql_types::{BigInt, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{CommandId, Timestamp, commands::Happening};
use uuid::Uuid;

/// What was written, and what was left for the next time: its device is in another transaction's hands, be that
/// a frozen server's, and nothing else waits for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Noted<T> {
    /// Commands that have come further.
    pub changes: Vec<Change>,
    /// What was left.
    pub left: Vec<T>,
}

/// The broker has taken these commands. Returns those for which that is news.
pub async fn sent(
    connection: &mut AsyncPgConnection,
    commands: &[CommandId],
    now: Timestamp,
) -> Result<Noted<CommandId>, StoreError> {
    transaction::begin(connection).await?;
    let acked = |open: &Open| Happening::PubAcked { is_reachable: open.is_reachable };
    let written = happened(connection, commands, acked, now).await;
    transaction::end(connection, written).await
}

/// These commands never left this server: they wait again, as if nobody had tried.
pub async fn unsent(
    connection: &mut AsyncPgConnection,
    lease: Lease,
    commands: &[CommandId],
    now: Timestamp,
) -> Result<Result<Noted<CommandId>, Fenced>, StoreError> {
    while_held(connection, lease, async |connection| {
        let noted = happened(connection, commands, |_| Happening::NotSent, now).await?;
        let back: Vec<Uuid> = noted.changes.iter().map(|change| change.command.0).collect();
        let sql = "UPDATE device_commands SET attempts = attempts - 1 WHERE id = ANY (?)";
        Statement::<()>::new(sql, &[&Column(&back)]).run(connection).await?;
        Ok(noted)
    })
    .await
}

/// Tells commands what has happened to them, as far as their devices are free.
async fn happened(
    connection: &mut AsyncPgConnection,
    commands: &[CommandId],
    happening: impl Fn(&Open) -> Happening,
    now: Timestamp,
) -> Result<Noted<CommandId>, StoreError> {
    let (free, left) = lock_devices_of(connection, commands).await?;
    let opens = open::of_ids(connection, &free).await?;
    let changes = advance(connection, &opens, happening, now).await?;
    Ok(Noted { changes, left })
}

/// Locks the devices of commands, as far as they are free; the commands of these, and the others.
async fn lock_devices_of(
    connection: &mut AsyncPgConnection,
    commands: &[CommandId],
) -> Result<(Vec<Uuid>, Vec<CommandId>), StoreError> {
    let ids: Vec<Uuid> = commands.iter().map(|command| command.0).collect();
    let sql = "SELECT id, device_id FROM device_commands WHERE id = ANY (?)";
    let pairs: Vec<(Uuid, Uuid)> =
        Statement::<(SqlUuid, SqlUuid)>::new(sql, &[&Column(&ids)]).load(connection).await?;
    let devices: Vec<Uuid> = pairs.iter().map(|(_, device)| *device).collect();
    let free = lock_free(connection, &devices).await?;
    let (free, left): (Vec<_>, Vec<_>) =
        pairs.into_iter().partition(|(_, device)| free.contains(device));
    let free = free.into_iter().map(|(id, _)| id).collect();
    Ok((free, left.into_iter().map(|(id, _)| CommandId(id)).collect()))
}

/// How many commands are on their way to devices or being carried out.
pub async fn count_in_flight(connection: &mut AsyncPgConnection) -> Result<i64, StoreError> {
    let sql = concat!(
        "SELECT count(*) FROM device_commands c WHERE ",
        is_open!("c"),
        " AND c.attempted_at IS NOT NULL"
    );
    Ok(Statement::<BigInt>::new(sql, &[]).get_result(connection).await?)
}
