//! Forgetting commands that ended long ago.
use crate::{StoreError, pg::PgTime, statement::Statement};
use diesel_async::AsyncPgConnection;
use domain::Timestamp;

/// Forgets up to `limit` commands that ended before a time, oldest first; tells how many.
pub async fn purge(
    connection: &mut AsyncPgConnection,
    before: Timestamp,
    limit: i64,
) -> Result<usize, StoreError> {
    let sql = "DELETE FROM device_commands WHERE id IN (
        SELECT c.id FROM device_commands c WHERE c.completed_at < ? ORDER BY c.completed_at LIMIT ?)";
    Statement::<()>::new(sql, &[&PgTime(before), &limit]).run(connection).await
}
