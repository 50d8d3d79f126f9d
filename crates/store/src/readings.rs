//! Readings on their way in: one statement adds a batch, moves the newest values on and notes how far
//! each node's run is acknowledged, so that all of it is durable or none.
use crate::{
    DatabaseSettings, StoreError,
    column::Column,
    database,
    lease::{self, Lease},
    pg::PgTime,
    statement::Statement,
};
use diesel::sql_types::{BigInt, Double, Integer, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _};
use domain::Timestamp;

/// Readings, one column per field; all columns are equally long. No two rows share series and `ts`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewReadings {
    /// The series.
    pub series: Vec<i32>,
    /// When each was measured, corrected.
    pub ts: Vec<Timestamp>,
    /// The calibrated values.
    pub value: Vec<f64>,
    /// What the sensor said, where calibration changed it.
    pub value_raw: Vec<Option<f64>>,
    /// The message's number within its boot.
    pub seq: Vec<Option<i64>>,
    /// What the node said the time was, where it was corrected.
    pub device_ts: Vec<Option<Timestamp>>,
    /// The node's run.
    pub boot: Vec<Option<i32>>,
    /// `Quality::code`.
    pub quality: Vec<i16>,
}

/// The newest reading of some series, one row each.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NewLatest {
    /// The series, each once.
    pub series: Vec<i32>,
    /// When each was measured.
    pub ts: Vec<Timestamp>,
    /// The calibrated values.
    pub value: Vec<f64>,
    /// What the sensor said, where calibration changed it.
    pub value_raw: Vec<Option<f64>>,
    /// `Quality::code`.
    pub quality: Vec<i16>,
    /// When we received it.
    pub received_at: Vec<Timestamp>,
}

/// How far runs of nodes are acknowledged from now on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Acknowledged {
    /// The runs, each once.
    pub boot: Vec<i32>,
    /// Everything up to here is durable or given up.
    pub seq: Vec<i64>,
    /// How many messages were given up on top.
    pub given_up: Vec<i64>,
}

/// All that one commit writes at once.
#[derive(Debug)]
pub struct Commit<'a> {
    /// Who writes; another holder's commit is refused.
    pub lease: Lease,
    /// The readings.
    pub readings: &'a NewReadings,
    /// The newest values among them.
    pub latest: &'a NewLatest,
    /// The acknowledgements that follow.
    pub acknowledged: &'a Acknowledged,
}

/// The lease is another's now: nothing was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("another server holds the lease")]
pub struct Fenced;

/// Makes sure, within a transaction, that the lease is ours until its end.
pub async fn hold(
    connection: &mut AsyncPgConnection,
    lease: Lease,
) -> Result<Result<(), Fenced>, StoreError> {
    Ok(if lease::is_held(connection, lease).await? { Ok(()) } else { Err(Fenced) })
}

macro_rules! insert_sql {
    ($on_conflict:literal, $added:literal) => {
        concat!(
            "WITH held AS MATERIALIZED (
                SELECT FROM leases WHERE name = ? AND epoch = ? FOR SHARE),
            batch AS MATERIALIZED (SELECT nextval('readings_batch_id') AS id),
            added AS (
                INSERT INTO readings
                    (series_id, ts, value, value_raw, seq, device_ts, boot_id, quality, batch_id)
                SELECT unnest(?), unnest(?), unnest(?), unnest(?), unnest(?), unnest(?), unnest(?),
                    unnest(?), (SELECT id FROM batch)
                WHERE EXISTS (SELECT FROM held)",
            $on_conflict,
            "),
            newest AS (
                INSERT INTO latest_readings AS l
                    (series_id, ts, value, value_raw, quality, received_at)
                SELECT unnest(?), unnest(?), unnest(?), unnest(?), unnest(?), unnest(?)
                WHERE EXISTS (SELECT FROM held)
                ON CONFLICT (series_id) DO UPDATE SET ts = excluded.ts, value = excluded.value,
                    value_raw = excluded.value_raw, quality = excluded.quality,
                    received_at = excluded.received_at
                WHERE l.ts < excluded.ts),
            acknowledged AS (
                UPDATE node_boots b
                SET acked_seq = greatest(b.acked_seq, u.seq), given_up = b.given_up + u.given_up
                FROM (SELECT unnest(?) AS id, unnest(?) AS seq, unnest(?) AS given_up) u
                WHERE b.id = u.id AND EXISTS (SELECT FROM held))
            SELECT (SELECT count(*) FROM held), ",
            $added
        )
    };
}

/// A connection for whoever takes readings in. Its plans go by index whatever the tables' sizes: a
/// prepared plan that scans a small table is still scanning it when it has grown large.
pub async fn connect(settings: &DatabaseSettings) -> Result<AsyncPgConnection, StoreError> {
    let mut connection = database::connect(settings).await?;
    let plans = "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off";
    connection.batch_execute(plans).await?;
    Ok(connection)
}

/// Adds readings that are all new: the cheap form.
///
/// # Errors
/// `Conflict` if a reading of that series and time is there already: nothing was written, use
/// [`add_missing`].
pub async fn add(
    connection: &mut AsyncPgConnection,
    commit: &Commit<'_>,
) -> Result<Result<(), Fenced>, StoreError> {
    Ok(run(connection, insert_sql!("", "0::bigint"), commit).await?.map(drop))
}

/// Adds those of the readings that are not there yet; tells how many.
pub async fn add_missing(
    connection: &mut AsyncPgConnection,
    commit: &Commit<'_>,
) -> Result<Result<usize, Fenced>, StoreError> {
    let sql = insert_sql!(
        " ON CONFLICT (series_id, ts) DO NOTHING RETURNING 1",
        "(SELECT count(*) FROM added)"
    );
    run(connection, sql, commit).await
}

async fn run(
    connection: &mut AsyncPgConnection,
    sql: &'static str,
    commit: &Commit<'_>,
) -> Result<Result<usize, Fenced>, StoreError> {
    let Commit { lease, readings, latest, acknowledged } = commit;
    let (held, added): (i64, i64) = Statement::<(BigInt, BigInt)>::new(
        sql,
        &[
            &lease.name,
            &lease.epoch,
            &Column(&readings.series),
            &Column(&readings.ts),
            &Column(&readings.value),
            &Column(&readings.value_raw),
            &Column(&readings.seq),
            &Column(&readings.device_ts),
            &Column(&readings.boot),
            &Column(&readings.quality),
            &Column(&latest.series),
            &Column(&latest.ts),
            &Column(&latest.value),
            &Column(&latest.value_raw),
            &Column(&latest.quality),
            &Column(&latest.received_at),
            &Column(&acknowledged.boot),
            &Column(&acknowledged.seq),
            &Column(&acknowledged.given_up),
        ],
    )
    .get_result(connection)
    .await?;
    let added = usize::try_from(added).unwrap_or_default();
    Ok(if held == 1 { Ok(added) } else { Err(Fenced) })
}

/// What is stored under a series and time.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stored {
    /// The series.
    pub series: i32,
    /// The time.
    pub ts: Timestamp,
    /// What the sensor said.
    pub raw: f64,
}

/// What is stored under the keys of these readings.
pub async fn stored(
    connection: &mut AsyncPgConnection,
    readings: &NewReadings,
) -> Result<Vec<Stored>, StoreError> {
    let sql = "SELECT r.series_id, r.ts, coalesce(r.value_raw, r.value)
        FROM (SELECT unnest(?) AS series_id, unnest(?) AS ts) u
        JOIN readings r ON r.series_id = u.series_id AND r.ts = u.ts";
    let rows: Vec<(i32, PgTime, f64)> = Statement::<(Integer, Timestamptz, Double)>::new(
        sql,
        &[&Column(&readings.series), &Column(&readings.ts)],
    )
    .load(connection)
    .await?;
    Ok(rows.into_iter().map(|(series, ts, raw)| Stored { series, ts: ts.into(), raw }).collect())
}
