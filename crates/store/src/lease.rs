//! What only one server may do at a time: a row with a holder, an epoch and an end, and a lock of the
//! database that dies with the holder's connection. Whoever takes over counts the epoch up, so that an
//! older holder's commits are refused (`readings::Commit::lease`).
//!
//! Whoever takes a duty over because its time has ended may have to wait for the lock: the older holder
//! is frozen, its connection is not. So the row says whether its holder has the lock, and only then a
//! lock that is free means that the holder is gone.
use crate::{DatabaseSettings, StoreError, database, pg::PgTime, statement::Statement};
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

/// A server that wants a duty or holds it. The duty is free for others as soon as this is dropped.
pub struct Holder {
    connection: AsyncPgConnection,
    name: &'static str,
    holder: String,
}

/// Whether a duty is still this lease's. Until the transaction ends nobody takes it over.
pub(crate) async fn is_held(
    connection: &mut AsyncPgConnection,
    lease: Lease,
) -> Result<bool, StoreError> {
    let sql = "SELECT true FROM leases WHERE name = ? AND epoch = ? FOR SHARE";
    let held: Vec<bool> =
        Statement::<Bool>::new(sql, &[&lease.name, &lease.epoch]).load(connection).await?;
    Ok(!held.is_empty())
}

impl std::fmt::Debug for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Holder").field("name", &self.name).finish_non_exhaustive()
    }
}

impl Holder {
    /// A server called `holder`, for people, on a connection of its own.
    pub async fn new(
        settings: &DatabaseSettings,
        name: &'static str,
        holder: String,
    ) -> Result<Self, StoreError> {
        Ok(Self { connection: database::connect(settings).await?, name, holder })
    }

    /// Takes the duty if nobody has it, if its time is over, or if its holder's connection has ended.
    /// `None` while another server has it; the lock is left to that one then.
    pub async fn acquire(
        &mut self,
        now: Timestamp,
        span: Duration,
    ) -> Result<Option<Lease>, StoreError> {
        let has_lock = self.lock().await?;
        let sql = "INSERT INTO leases AS held (name, holder, epoch, expires_at, is_locked)
            VALUES (?, ?, 1, ?, ?)
            ON CONFLICT (name) DO UPDATE
            SET holder = excluded.holder, epoch = held.epoch + 1, expires_at = excluded.expires_at,
                is_locked = excluded.is_locked
            WHERE held.expires_at <= ? OR (held.is_locked AND excluded.is_locked)
            RETURNING epoch";
        let end = PgTime(now.plus(span));
        let epochs: Vec<i64> = Statement::<BigInt>::new(
            sql,
            &[&self.name, &self.holder.as_str(), &end, &has_lock, &PgTime(now)],
        )
        .load(&mut self.connection)
        .await?;
        let name = self.name;
        let lease = epochs.into_iter().next().map(|epoch| Lease { name, epoch });
        if lease.is_none() && has_lock {
            self.unlock().await?;
        }
        Ok(lease)
    }

    /// Keeps the duty for another `span`; false if another server has it.
    pub async fn renew(
        &mut self,
        lease: Lease,
        now: Timestamp,
        span: Duration,
    ) -> Result<bool, StoreError> {
        // a duty that was taken over because its time had ended has yet to get the lock
        let has_lock = self.lock().await?;
        self.set_end(lease, now.plus(span), has_lock).await
    }

    /// Gives the duty up, for whoever waits.
    pub async fn release(mut self, lease: Lease, now: Timestamp) -> Result<(), StoreError> {
        self.set_end(lease, now, false).await.map(drop)
    }

    async fn set_end(
        &mut self,
        lease: Lease,
        end: Timestamp,
        has_lock: bool,
    ) -> Result<bool, StoreError> {
        let sql = "UPDATE leases SET expires_at = ?, is_locked = ? WHERE name = ? AND epoch = ?";
        let changed =
            Statement::<()>::new(sql, &[&PgTime(end), &has_lock, &lease.name, &lease.epoch])
                .execute(&mut self.connection)
                .await?;
        Ok(changed == 1)
    }

    /// Whether this connection has the duty's lock now.
    async fn lock(&mut self) -> Result<bool, StoreError> {
        let sql = "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted
                AND pid = pg_backend_pid() AND classid = 7471 AND objid = hashtext(?)::oid)
            OR pg_try_advisory_lock(7471, hashtext(?))";
        Ok(Statement::<Bool>::new(sql, &[&self.name, &self.name])
            .get_result(&mut self.connection)
            .await?)
    }

    async fn unlock(&mut self) -> Result<(), StoreError> {
        let sql = "SELECT pg_advisory_unlock(7471, hashtext(?))";
        let _: bool =
            Statement::<Bool>::new(sql, &[&self.name]).get_result(&mut self.connection).await?;
        Ok(())
    }
}
