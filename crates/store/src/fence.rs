//! Transactions that are kept if a lease is still ours at their end. At the end, since whoever waits for rows must not
//! keep the lease from being renewed.
use crate::{
    StoreError,
    lease::{self, Lease},
    readings::Fenced,
    transaction,
};
use diesel_async::AsyncPgConnection;

/// Why a transaction that had to hold a lease wrote nothing.
pub(crate) enum NotWritten {
    Fenced,
    Failed(StoreError),
}

impl From<StoreError> for NotWritten {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl From<Fenced> for NotWritten {
    fn from(_: Fenced) -> Self {
        Self::Fenced
    }
}

impl From<diesel::result::Error> for NotWritten {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// Does work in a transaction that is kept if the lease is still ours at its end.
pub(crate) async fn while_held<T>(
    connection: &mut AsyncPgConnection,
    lease: Lease,
    work: impl AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, StoreError>,
) -> Result<Result<T, Fenced>, StoreError> {
    transaction::begin(connection).await?;
    let written = async {
        let done = work(connection).await?;
        hold(connection, lease, done).await
    };
    let written = written.await;
    unfence(transaction::end(connection, written).await)
}

/// Keeps what was written if the lease is still ours.
pub(crate) async fn hold<T>(
    connection: &mut AsyncPgConnection,
    lease: Lease,
    done: T,
) -> Result<T, NotWritten> {
    if lease::is_held(connection, lease).await? { Ok(done) } else { Err(NotWritten::Fenced) }
}

/// A lost lease is no failure of the database's.
pub(crate) fn unfence<T>(ended: Result<T, NotWritten>) -> Result<Result<T, Fenced>, StoreError> {
    match ended {
        Ok(done) => Ok(Ok(done)),
        Err(NotWritten::Fenced) => Ok(Err(Fenced)),
        Err(NotWritten::Failed(error)) => Err(error),
    }
}
