//! What only one server may do at a time: a row with a holder, an epoch and an end, and a lock of the
//! database that dies with the holder's connection. Whoever takes over counts the epoch up, so that an
//! older holder's commits are refused (`readings::Commit::lease`).
use crate::{StoreError, pg::PgTime, statement::Statement};
use diesel::sql_types::{BigInt, Bool};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::Timestamp;
use std::time::Duration;

/// A duty held by this server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The duty, such as `ingest`.
    pub name: &'static str,
    /// Which change of holder this is.
    pub epoch: i64,
}

/// Takes the duty if nobody has it, if its time is over, or if its holder's connection has ended.
///
/// `connection` must be the holder's own, kept open while it holds: its end frees the duty at once.
pub async fn acquire(
    connection: &mut AsyncPgConnection,
    name: &'static str,
    holder: &str,
    now: Timestamp,
    span: Duration,
) -> Result<Option<Lease>, StoreError> {
    let holder_is_gone = lock(connection, name).await?;
    let sql = "INSERT INTO leases AS held (name, holder, epoch, expires_at) VALUES (?, ?, 1, ?)
        ON CONFLICT (name) DO UPDATE
        SET holder = excluded.holder, epoch = held.epoch + 1, expires_at = excluded.expires_at
        WHERE held.expires_at <= ? OR ?
        RETURNING epoch";
    let epochs: Vec<i64> = Statement::<BigInt>::new(
        sql,
        &[&name, &holder, &PgTime(now.plus(span)), &PgTime(now), &holder_is_gone],
    )
    .load(connection)
    .await?;
    Ok(epochs.into_iter().next().map(|epoch| Lease { name, epoch }))
}

/// Keeps the duty for another `span`; false if another server has it.
pub async fn renew(
    connection: &mut AsyncPgConnection,
    lease: Lease,
    now: Timestamp,
    span: Duration,
) -> Result<bool, StoreError> {
    // one that was taken over by time has yet to get the lock
    lock(connection, lease.name).await?;
    let sql = "UPDATE leases SET expires_at = ? WHERE name = ? AND epoch = ?";
    let kept = Statement::<()>::new(sql, &[&PgTime(now.plus(span)), &lease.name, &lease.epoch])
        .execute(connection)
        .await?;
    Ok(kept == 1)
}

/// Gives the duty up, for whoever waits.
pub async fn release(
    connection: &mut AsyncPgConnection,
    lease: Lease,
    now: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE leases SET expires_at = ? WHERE name = ? AND epoch = ?";
    Statement::<()>::new(sql, &[&PgTime(now), &lease.name, &lease.epoch])
        .execute(connection)
        .await?;
    Ok(())
}

/// Whether this connection has the duty's lock now. Taking it twice does no harm: it goes with the
/// connection.
async fn lock(connection: &mut AsyncPgConnection, name: &'static str) -> Result<bool, StoreError> {
    let sql = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted
            AND pid = pg_backend_pid() AND classid = 7471 AND objid = hashtext(?)::oid)
        OR pg_try_advisory_lock(7471, hashtext(?))";
    Ok(Statement::<Bool>::new(sql, &[&name, &name]).get_result(connection).await?)
}
