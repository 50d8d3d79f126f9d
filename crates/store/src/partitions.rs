//! Partitions are made ahead and dropped whole, by functions of the owner.
use crate::{StoreError, pg::PgTime, statement::Statement};
use diesel::sql_types::Integer;
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::Timestamp;

/// Makes what is missing for `days` UTC days from the day of `from` on; tells how many it made.
pub async fn ensure(
    connection: &mut AsyncPgConnection,
    from: Timestamp,
    days: i32,
) -> Result<i32, StoreError> {
    let sql = "SELECT ensure_partitions((?::timestamptz AT TIME ZONE 'UTC')::date, ?)";
    Ok(Statement::<Integer>::new(sql, &[&PgTime(from), &days]).get_result(connection).await?)
}

/// Drops the raw readings of all UTC days before the day of `day`; tells how many partitions went.
pub async fn drop_readings_before(
    connection: &mut AsyncPgConnection,
    day: Timestamp,
) -> Result<i32, StoreError> {
    let sql = "SELECT drop_readings_before((?::timestamptz AT TIME ZONE 'UTC')::date)";
    Ok(Statement::<Integer>::new(sql, &[&PgTime(day)]).get_result(connection).await?)
}
