//! A page's transaction on its way from who begins it, with the look at the session, to who reads in it.
//! Nobody has to take it: who handed it on settles it in the end, and one that is dropped costs the pool a
//! connection and nothing else.
use super::{FarmScope, Scoped};
use crate::{Database, StoreError};
use diesel::connection::{
    TransactionDepthChange, TransactionManagerStatus, ValidTransactionManagerStatus,
};
use diesel_async::{
    AnsiTransactionManager, AsyncPgConnection, SimpleAsyncConnection as _, TransactionManager as _,
};
use futures::{
    FutureExt as _,
    future::{BoxFuture, join},
    poll,
};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::task::yield_now;

/// A read-only transaction for the first who reads in it, or none.
#[derive(Clone, Default)]
pub struct Opened(Arc<Mutex<Stage>>);

#[derive(Default)]
enum Stage {
    /// There is none, or it is in use, or over.
    #[default]
    Nothing,
    /// Nobody has read in it.
    Waiting(FarmScope, Box<Scoped<'static>>),
    /// It has been read in, and PostgreSQL was told that it is over.
    Ending(BoxFuture<'static, ()>),
}

impl std::fmt::Debug for Opened {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opened").finish_non_exhaustive()
    }
}

impl Opened {
    /// One that waits.
    pub(crate) fn new(scope: FarmScope, scoped: Scoped<'static>) -> Self {
        Self(Arc::new(Mutex::new(Stage::Waiting(scope, Box::new(scoped)))))
    }

    /// Reads in the transaction; where it is not there any more, or is another scope's, in one of its own.
    /// Neither lets anything be written.
    ///
    /// # Errors
    /// Those of `work`, and of the database.
    pub async fn read<T, E: From<StoreError>>(
        &self,
        database: &Database,
        scope: &FarmScope,
        work: impl AsyncFnOnce(&mut AsyncPgConnection) -> Result<T, E>,
    ) -> Result<T, E> {
        match self.take() {
            Stage::Waiting(of, mut scoped) if of == *scope => {
                let done = work(&mut scoped).await;
                self.let_end(*scoped).await;
                done
            }
            other => {
                // who holds a connection must not wait for another
                other.settle().await;
                scope.read(database, work).await
            }
        }
    }

    /// Ends the transaction, if nobody has read in it, and waits until its connection is back in the pool.
    pub async fn settle(&self) {
        self.take().settle().await;
    }

    fn take(&self) -> Stage {
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Tells PostgreSQL that it is over and leaves the answer to [`Opened::settle`]: nothing was written that
    /// could be lost, so the page can be made meanwhile.
    async fn let_end(&self, scoped: Scoped<'static>) {
        let mut ending = end(scoped).boxed();
        if poll!(&mut ending).is_pending() {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Stage::Ending(ending);
            // the connection's own task sends it, once it gets its turn
            yield_now().await;
        }
    }
}

impl Stage {
    async fn settle(self) {
        match self {
            Self::Nothing => {}
            Self::Waiting(_, scoped) => end(*scoped).await,
            Self::Ending(ending) => ending.await,
        }
    }
}

/// Where that fails the connection is broken, and leaves the pool.
async fn end(scoped: Scoped<'static>) {
    drop(scoped.commit().await);
}

/// Begins a read-only transaction and asks the first question in it, in one round trip. Its scope is up to
/// the question.
pub(crate) async fn open<T>(
    database: &Database,
    question: impl AsyncFnOnce(&AsyncPgConnection) -> Result<T, StoreError>,
) -> Result<(Scoped<'static>, T), StoreError> {
    let mut conn = database.get_owned().await?;
    // until both have been answered nobody knows how it stands, and whoever stops here must not give it back
    AnsiTransactionManager::transaction_manager_status_mut(&mut *conn).set_in_error();
    let shared: &AsyncPgConnection = &conn;
    let mut beginner = shared;
    let (begun, answer) = join(beginner.batch_execute("BEGIN READ ONLY"), question(shared)).await;
    begun?;
    let mut inside = ValidTransactionManagerStatus::default();
    inside.change_transaction_depth(TransactionDepthChange::IncreaseDepth)?;
    *AnsiTransactionManager::transaction_manager_status_mut(&mut *conn) =
        TransactionManagerStatus::Valid(inside);
    let scoped = Scoped(conn);
    match answer {
        Ok(answer) => Ok((scoped, answer)),
        Err(error) => {
            drop(scoped.rollback().await);
            Err(error)
        }
    }
}
