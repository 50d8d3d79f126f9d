//! The past of a planted farm: readings by the thousand, and the newest of each series.
use super::Farm;
use crate::{StoreError, column::Column, statement::Statement};
use diesel::sql_types::Integer;
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::Timestamp;

/// Readings in one statement.
const AT_ONCE: usize = 10_000;

/// Adds all readings of the farm's series; tells how many.
pub(super) async fn insert(
    connection: &mut AsyncPgConnection,
    farm: &Farm,
) -> Result<usize, StoreError> {
    let mut count = 0;
    for device in &farm.devices {
        for series in &device.series {
            let sql = "SELECT id FROM series WHERE device_id = ? AND sensor = ?";
            let id: i32 = Statement::<Integer>::new(sql, &[&device.id.0, &series.sensor.name()])
                .get_result(connection)
                .await?;
            for part in series.readings.chunks(AT_ONCE) {
                readings(connection, id, part).await?;
            }
            count += series.readings.len();
            if let Some((ts, value)) = series.readings.last() {
                latest(connection, id, *ts, *value).await?;
            }
        }
    }
    Ok(count)
}

async fn readings(
    connection: &mut AsyncPgConnection,
    series: i32,
    readings: &[(Timestamp, f64)],
) -> Result<(), StoreError> {
    let times: Vec<Timestamp> = readings.iter().map(|(ts, _)| *ts).collect();
    let values: Vec<f64> = readings.iter().map(|(_, value)| *value).collect();
    let sql = "WITH batch AS (SELECT nextval('readings_batch_id') AS id)
        INSERT INTO readings (series_id, batch_id, ts, value)
        SELECT ?, batch.id, u.ts, u.value
        FROM batch, (SELECT unnest(?) AS ts, unnest(?) AS value) u";
    Statement::<()>::new(sql, &[&series, &Column(&times), &Column(&values)])
        .execute(connection)
        .await?;
    Ok(())
}

async fn latest(
    connection: &mut AsyncPgConnection,
    series: i32,
    ts: Timestamp,
    value: f64,
) -> Result<(), StoreError> {
    let sql = "INSERT INTO latest_readings (series_id, ts, received_at, value)
        SELECT ?, unnest(?), unnest(?), ?";
    let at = [ts];
    Statement::<()>::new(sql, &[&series, &Column(&at), &Column(&at), &value])
        .execute(connection)
        .await?;
    Ok(())
}
