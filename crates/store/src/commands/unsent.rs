//! What was to be sent and surely was not, and how much is on its way.
use super::{
    Change, NotWritten,
    advance::{advance, hold, unfence},
    lock, open,
};
use crate::{
    StoreError, column::Column, lease::Lease, readings::Fenced, statement::Statement, transaction,
};
use diesel::sql_types::{BigInt, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{CommandId, Timestamp, commands::Happening};
use uuid::Uuid;

/// These commands never left this server: they wait again, as if nobody had tried.
pub async fn unsent(
    connection: &mut AsyncPgConnection,
    lease: Lease,
    commands: &[CommandId],
    now: Timestamp,
) -> Result<Result<Vec<Change>, Fenced>, StoreError> {
    let ids: Vec<Uuid> = commands.iter().map(|command| command.0).collect();
    transaction::begin(connection).await?;
    let written = async {
        let sql = "SELECT DISTINCT device_id FROM device_commands WHERE id = ANY (?)";
        let devices: Vec<Uuid> =
            Statement::<SqlUuid>::new(sql, &[&Column(&ids)]).load(connection).await?;
        lock(connection, &devices).await?;
        let opens = open::of_ids(connection, &ids).await?;
        let changes = advance(connection, &opens, |_| Happening::NotSent, now).await?;
        let back: Vec<Uuid> = changes.iter().map(|change| change.command.0).collect();
        let sql = "UPDATE device_commands SET attempts = attempts - 1 WHERE id = ANY (?)";
        Statement::<()>::new(sql, &[&Column(&back)]).run(connection).await?;
        hold(connection, lease, changes).await
    };
    let written: Result<Vec<Change>, NotWritten> = written.await;
    unfence(transaction::end(connection, written).await)
}

/// How many commands are on their way to devices or being carried out.
pub async fn count_in_flight(connection: &mut AsyncPgConnection) -> Result<i64, StoreError> {
    let sql = "SELECT count(*) FROM device_commands
        WHERE status IN ('queued', 'sent', 'executing') AND attempted_at IS NOT NULL";
    Ok(Statement::<BigInt>::new(sql, &[]).get_result(connection).await?)
}
