//! A transaction whose middle is not a closure. A connection that is dropped inside one does not
//! return to the pool.
use crate::StoreError;
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, TransactionManager as _};

/// Begins.
pub async fn begin(connection: &mut AsyncPgConnection) -> Result<(), StoreError> {
    Ok(AnsiTransactionManager::begin_transaction(connection).await?)
}

/// Keeps what was done if `result` is good, and undoes it if it is not.
pub async fn end<T, E: From<StoreError>>(
    connection: &mut AsyncPgConnection,
    result: Result<T, E>,
) -> Result<T, E> {
    match result {
        Ok(done) => {
            let committed = AnsiTransactionManager::commit_transaction(connection).await;
            committed.map_err(StoreError::from)?;
            Ok(done)
        }
        Err(error) => {
            // where that fails the connection is broken, and the database undoes it by itself
            drop(AnsiTransactionManager::rollback_transaction(connection).await);
            Err(error)
        }
    }
}
