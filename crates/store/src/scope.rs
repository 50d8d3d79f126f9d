//! The only way to a farm's data: a transaction that says who is asking and which farms that may be.
//!
//! The first wall is that a scope can be had from nowhere but a session's memberships; the second is
//! the database, whose row-level security reads the two settings made here and looks up itself to which
//! of the farms the person belongs. They end with the transaction, and a connection that is dropped inside
//! one never returns to the pool.

mod opened;

pub use opened::Opened;
pub(crate) use opened::open;

use crate::{Connection, Database, StoreError};
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, TransactionManager};
use domain::{FarmId, UserId, roles::Role};
use std::ops::{Deref, DerefMut};

/// One member's view of one farm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FarmScope {
    farm: FarmId,
    user: UserId,
    role: Role,
}

impl FarmScope {
    /// Made from a membership only.
    pub(crate) const fn new(farm: FarmId, user: UserId, role: Role) -> Self {
        Self { farm, user, role }
    }

    /// The farm.
    pub const fn farm(&self) -> FarmId {
        self.farm
    }

    /// Who is asking.
    pub const fn user(&self) -> UserId {
        self.user
    }

    /// What they may do on this farm.
    pub const fn role(&self) -> Role {
        self.role
    }

    /// Does `work` in a transaction that sees this farm and no other. It stays if it is good; if it is
    /// an error, all of it is undone.
    pub async fn run<T, E: From<StoreError>>(
        &self,
        database: &Database,
        work: impl AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        run(database, self.user, &[self.farm], work).await
    }

    /// Does the same with work that only reads.
    pub async fn read<T, E: From<StoreError>>(
        &self,
        database: &Database,
        work: impl AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        end(begin_as("BEGIN READ ONLY", database, self.user, &[self.farm]).await?, work).await
    }

    /// Begins a transaction that sees this farm and no other, for work that does not fit a closure.
    pub async fn begin<'d>(&self, database: &'d Database) -> Result<Scoped<'d>, StoreError> {
        begin(database, self.user, &[self.farm]).await
    }
}

/// A transaction within somebody's scope. Without [`Scoped::commit`] nothing of it stays. Whoever just
/// drops it, by an early return, costs the pool a connection: [`FarmScope::run`] does not.
pub struct Scoped<'d>(Connection<'d>);

impl Scoped<'_> {
    /// Ends the transaction and keeps what it did.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        AnsiTransactionManager::commit_transaction(&mut *self.0).await?;
        Ok(())
    }

    /// Ends the transaction and undoes what it did.
    pub async fn rollback(mut self) -> Result<(), StoreError> {
        AnsiTransactionManager::rollback_transaction(&mut *self.0).await?;
        Ok(())
    }
}

impl Deref for Scoped<'_> {
    type Target = AsyncPgConnection;
    fn deref(&self) -> &AsyncPgConnection {
        &self.0
    }
}

impl DerefMut for Scoped<'_> {
    fn deref_mut(&mut self) -> &mut AsyncPgConnection {
        &mut self.0
    }
}

/// Does `work` in a transaction as `user`, who may see `farms`.
pub(crate) async fn run<T, E: From<StoreError>>(
    database: &Database,
    user: UserId,
    farms: &[FarmId],
    work: impl AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, E>,
) -> Result<T, E> {
    end(begin(database, user, farms).await?, work).await
}

/// Does `work` and ends the transaction, well or not.
async fn end<T, E: From<StoreError>>(
    mut scoped: Scoped<'_>,
    work: impl AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, E>,
) -> Result<T, E> {
    match work(&mut scoped).await {
        Ok(done) => {
            scoped.commit().await?;
            Ok(done)
        }
        Err(error) => {
            // where that fails the connection is broken, and the database undoes it by itself
            drop(scoped.rollback().await);
            Err(error)
        }
    }
}

/// Begins a transaction as `user`, who may see `farms`, in one round trip.
pub(crate) async fn begin<'d>(
    database: &'d Database,
    user: UserId,
    farms: &[FarmId],
) -> Result<Scoped<'d>, StoreError> {
    begin_as("BEGIN", database, user, farms).await
}

async fn begin_as<'d>(
    begin: &str,
    database: &'d Database,
    user: UserId,
    farms: &[FarmId],
) -> Result<Scoped<'d>, StoreError> {
    let mut conn = database.get().await?;
    let farms = farms.iter().map(FarmId::to_string).collect::<Vec<_>>().join(",");
    // UUIDs need no quoting
    let sql = format!(
        "{begin}; SET LOCAL tokkatot.\"user\" = '{user}'; SET LOCAL tokkatot.farms = '{farms}'"
    );
    let begun = AnsiTransactionManager::begin_transaction_sql(&mut *conn, &sql).await;
    if let Err(error) = begun {
        // Diesel thinks that nothing has begun, but what failed may stand behind BEGIN
        AnsiTransactionManager::transaction_manager_status_mut(&mut *conn).set_in_error();
        return Err(error.into());
    }
    Ok(Scoped(conn))
}
