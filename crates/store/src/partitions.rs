//! Partitions are made ahead and dropped whole, by functions of the owner. These may take longer than
//! any other statement, so the limit of time is off for them.
use crate::{StoreError, pg::PgTime, statement::Statement};
use diesel::sql_types::{Integer, Nullable, Text};
use diesel_async::{
    AsyncConnection as _, AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _,
};
use domain::Timestamp;

/// Makes what is missing for `days` UTC days from the day of `from` on; tells how many it made. Each is
/// committed by itself: what was made stays, whatever becomes of the rest.
pub async fn ensure(
    connection: &mut AsyncPgConnection,
    from: Timestamp,
    days: i32,
) -> Result<i32, StoreError> {
    let mut made = 0;
    while make_one(connection, from, days).await?.is_some() {
        made += 1;
    }
    Ok(made)
}

/// Makes the newest one that is missing and tells its name.
async fn make_one(
    connection: &mut AsyncPgConnection,
    from: Timestamp,
    days: i32,
) -> Result<Option<String>, StoreError> {
    connection
        .transaction(async |connection| {
            without_limit(connection).await?;
            let sql = "SELECT make_partition((?::timestamptz AT TIME ZONE 'UTC')::date, ?)";
            Ok(Statement::<Nullable<Text>>::new(sql, &[&PgTime(from), &days])
                .get_result(connection)
                .await?)
        })
        .await
}

/// Drops the raw readings of all UTC days before the day of `day`; tells how many partitions went.
pub async fn drop_readings_before(
    connection: &mut AsyncPgConnection,
    day: Timestamp,
) -> Result<i32, StoreError> {
    connection
        .transaction(async |connection| {
            without_limit(connection).await?;
            let sql = "SELECT drop_readings_before((?::timestamptz AT TIME ZONE 'UTC')::date)";
            Ok(Statement::<Integer>::new(sql, &[&PgTime(day)]).get_result(connection).await?)
        })
        .await
}

/// Until the transaction's end. (A setting of the function itself would come too late: the clock of a
/// statement is set when it begins.)
async fn without_limit(connection: &mut AsyncPgConnection) -> Result<(), StoreError> {
    Ok(connection.batch_execute("SET LOCAL statement_timeout = 0").await?)
}
