//! The only way to a farm's data: a transaction that says who is asking and which farms that may be.
//!
//! The first wall is that a scope can be had from nowhere but a session's memberships; the second is
//! the database, whose row-level security reads the two settings made here. They end with the
//! transaction, and a connection that is dropped inside one never returns to the pool.
use crate::{Connection, Database, StoreError};
use diesel::{sql_query, sql_types::Text};
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, RunQueryDsl, TransactionManager};
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

    /// Begins a transaction that sees this farm and no other.
    pub async fn begin<'d>(&self, database: &'d Database) -> Result<Scoped<'d>, StoreError> {
        begin(database, self.user, &[self.farm]).await
    }
}

/// A transaction within somebody's scope. Without [`Scoped::commit`] nothing of it stays.
pub struct Scoped<'d>(Connection<'d>);

impl Scoped<'_> {
    /// Ends the transaction and keeps what it did.
    pub async fn commit(mut self) -> Result<(), StoreError> {
        AnsiTransactionManager::commit_transaction(&mut *self.0).await?;
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

/// Begins a transaction as `user`, who may see `farms`.
pub(crate) async fn begin<'d>(
    database: &'d Database,
    user: UserId,
    farms: &[FarmId],
) -> Result<Scoped<'d>, StoreError> {
    let mut conn = database.get().await?;
    AnsiTransactionManager::begin_transaction(&mut *conn).await?;
    let farms = farms.iter().map(FarmId::to_string).collect::<Vec<_>>().join(",");
    sql_query(
        "SELECT set_config('tokkatot.user', $1, true), set_config('tokkatot.farms', $2, true)",
    )
    .bind::<Text, _>(user.to_string())
    .bind::<Text, _>(farms)
    .execute(&mut *conn)
    .await?;
    Ok(Scoped(conn))
}
