//! What devices really switched: by it interlocks count, and pages tell how long something ran. It goes by
//! what devices reported, however they were switched.
use crate::{StoreError, column::Column, pg::PgTime, statement::Statement};
use diesel::sql_types::{BigInt, Bool, Double, Nullable, Text, Timestamptz};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{DeviceId, Timestamp, commands::Action};
use std::{collections::BTreeMap, time::Duration};
use uuid::Uuid;

/// A part of a statement that has a table `u` (id, farm_id, state, cause, since, at) of reports that are
/// taken: adds what was switched by them. When it was is believed if it is after what was switched before.
macro_rules! switched_sql {
    () => {
        "switched AS (
            INSERT INTO switchings (device_id, farm_id, at, is_on, cause)
            SELECT u.id, u.farm_id,
                CASE WHEN u.since <= u.at AND (before.at IS NULL OR u.since > before.at) THEN u.since
                    ELSE u.at END,
                u.state = 'on', u.cause
            FROM u LEFT JOIN LATERAL (
                SELECT s.at, s.is_on FROM switchings s WHERE s.device_id = u.id
                ORDER BY s.at DESC LIMIT 1) before ON true
            WHERE before.is_on IS DISTINCT FROM (u.state = 'on') AND (before.at IS NULL OR u.at > before.at)
            ON CONFLICT DO NOTHING)"
    };
}
pub(crate) use switched_sql;

/// The state that a device told with its answer to an order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Told<'a> {
    /// What it was told to do.
    pub(crate) action: Action,
    /// How it says it is.
    pub(crate) state: &'a str,
    /// When, by the corrected time of its node.
    pub(crate) at: Timestamp,
}

/// Takes the states that devices told with answers, unless they have told newer ones since.
pub(crate) async fn note_answers(
    connection: &mut AsyncPgConnection,
    told: &BTreeMap<DeviceId, Told<'_>>,
) -> Result<(), StoreError> {
    let devices: Vec<Uuid> = told.keys().map(|device| device.0).collect();
    let states: Vec<&str> = told.values().map(|told| told.state).collect();
    let times: Vec<Timestamp> = told.values().map(|told| told.at).collect();
    let value = |told: &Told<'_>| told.action.value().filter(|_| told.action.is_state(told.state));
    let values: Vec<Option<f64>> = told.values().map(value).collect();
    let sql = concat!(
        "WITH said AS MATERIALIZED (
            SELECT unnest(?) AS id, unnest(?) AS state, unnest(?) AS at, unnest(?) AS value),
        u AS MATERIALIZED (
            SELECT said.*, d.farm_id, 'command'::text AS cause, NULL::timestamptz AS since
            FROM said JOIN devices d ON d.id = said.id
            WHERE d.reported_at IS NULL OR d.reported_at <= said.at
            ORDER BY d.id FOR NO KEY UPDATE OF d),
        noted AS (
            UPDATE devices d SET reported_state = u.state,
                reported_value = coalesce(u.value,
                    CASE WHEN d.reported_state = u.state THEN d.reported_value END),
                reported_cause = u.cause,
                reported_since = CASE WHEN d.reported_state = u.state
                    THEN coalesce(d.reported_since, u.at) ELSE u.at END,
                reported_at = u.at
            FROM u WHERE d.id = u.id),
        ",
        switched_sql!(),
        " SELECT"
    );
    let columns = (Column(&devices), Column(&states), Column(&times), Column(&values));
    Statement::<()>::new(sql, &[&columns.0, &columns.1, &columns.2, &columns.3])
        .run(connection)
        .await?;
    Ok(())
}

/// What a device did on the present day of its farm.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Today {
    /// How long it ran.
    pub on: Duration,
    /// How often it started.
    pub starts: i64,
}

/// What a device did today, in the zone of its farm, as far as it was heard: one that runs and can not be
/// reached counts until its node was last heard of.
pub async fn today(
    connection: &mut AsyncPgConnection,
    device: DeviceId,
    now: Timestamp,
) -> Result<Today, StoreError> {
    let sql = "WITH today AS (
            SELECT d.id, date_trunc('day', t.now, f.timezone) AS began,
                CASE WHEN d.is_online THEN t.now ELSE least(t.now, coalesce(d.last_heartbeat, t.now)) END AS heard
            FROM devices d JOIN farms f ON f.id = d.farm_id, (SELECT ?::timestamptz AS now) t
            WHERE d.id = ?),
        before AS (
            SELECT max(s.at) AS at FROM today t JOIN switchings s ON s.device_id = t.id AND s.at <= t.began),
        spans AS (
            SELECT s.at, s.is_on, lead(s.at) OVER (ORDER BY s.at) AS ended, t.began, t.heard
            FROM today t JOIN switchings s ON s.device_id = t.id, before b
            WHERE s.at >= coalesce(b.at, t.began))
        SELECT count(*) FILTER (WHERE is_on AND at > began),
            coalesce(sum(extract(epoch FROM greatest(
                coalesce(ended, heard) - greatest(at, began), interval '0')))
                FILTER (WHERE is_on), 0)::float8
        FROM spans";
    let (starts, seconds): (i64, f64) =
        Statement::<(BigInt, Double)>::new(sql, &[&PgTime(now), &device.0])
            .get_result(connection)
            .await?;
    let on = Duration::try_from_secs_f64(seconds).unwrap_or_default();
    Ok(Today { on, starts })
}

/// One change between on and off.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Switching {
    /// When.
    pub at: Timestamp,
    /// Whether it runs since then.
    pub is_on: bool,
    /// Why, in the device's words.
    pub cause: Option<String>,
}

/// What a device switched before a time, newest first, up to `limit`.
pub async fn history(
    connection: &mut AsyncPgConnection,
    device: DeviceId,
    before: Timestamp,
    limit: i64,
) -> Result<Vec<Switching>, StoreError> {
    let sql = "SELECT at, is_on, cause FROM switchings WHERE device_id = ? AND at < ?
        ORDER BY at DESC LIMIT ?";
    let rows: Vec<(PgTime, bool, Option<String>)> =
        Statement::<(Timestamptz, Bool, Nullable<Text>)>::new(
            sql,
            &[&device.0, &PgTime(before), &limit],
        )
        .load(connection)
        .await?;
    let switching = |(at, is_on, cause): (PgTime, bool, Option<String>)| Switching {
        at: at.into(),
        is_on,
        cause,
    };
    Ok(rows.into_iter().map(switching).collect())
}

/// Forgets up to `limit` changes before a time; tells how many. The last one of each device stays: it says since
/// when the device is as it is.
pub async fn purge(
    connection: &mut AsyncPgConnection,
    before: Timestamp,
    limit: i64,
) -> Result<usize, StoreError> {
    let sql = "DELETE FROM switchings WHERE (device_id, at) IN (
        SELECT s.device_id, s.at FROM switchings s WHERE s.at < ?
            AND EXISTS (SELECT FROM switchings n WHERE n.device_id = s.device_id AND n.at > s.at)
        LIMIT ?)";
    Statement::<()>::new(sql, &[&PgTime(before), &limit]).run(connection).await
}
