//! Devices that have run as long as they may.
use super::{
    around::Around,
    lock_free,
    open::is_open,
    telling_off::{Off, tell_off},
};
use crate::{
    StoreError,
    column::Column,
    events::{self, NewEvent},
    pg::PgTime,
    statement::Statement,
};
use diesel::sql_types::{BigInt, Bool, Nullable, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    FarmId, Timestamp,
    commands::{self, Action, Rule},
    devices::DeviceKind,
    events::EventKind,
};
use serde_json::json;
use std::{collections::BTreeMap, time::Duration};
use uuid::Uuid;

/// No more devices at once.
const MOST: i64 = 500;
/// A device that goes on running is told again after this.
const AGAIN: Duration = Duration::from_secs(60);

/// Tells devices that have run as long as they may to go off. They were told to end it by themselves; this
/// is for those that were switched on otherwise, or did not listen; also for those out of use. What nobody has
/// accepted yet is told so after a trial that it did not end, and is left alone otherwise. Who can not be reached is
/// told when it can. That is an event once while it runs, however often it is told.
pub(super) async fn overrun(
    connection: &mut AsyncPgConnection,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let due = due(connection, now).await?;
    if due.is_empty() {
        return Ok(0);
    }
    let ids: Vec<Uuid> = due.iter().map(|(device, ..)| *device).collect();
    let free = lock_free(connection, &ids).await?;
    let around = Around::load(connection, &free, now).await?;
    let mut told: BTreeMap<FarmId, Vec<Uuid>> = BTreeMap::new();
    let mut events = Vec::new();
    for facts in &around.devices {
        let Some((_, was_told, tried)) = due.iter().find(|(id, ..)| *id == facts.device.0) else {
            continue;
        };
        let switched = facts.switched(&[]);
        let must_end = match tried.and_then(|millis| u64::try_from(millis).ok()) {
            Some(millis) => commands::trial_must_end(Duration::from_millis(millis), &switched),
            None => commands::must_end(&facts.interlocks, &switched),
        };
        let Some(since) = must_end.filter(|end| *end <= now) else { continue };
        if facts.newest.is_some_and(Action::is_off) {
            continue;
        }
        told.entry(facts.farm).or_default().push(facts.device.0);
        if *was_told {
            continue;
        }
        events.push(NewEvent {
            farm: Some(facts.farm),
            device: Some(facts.device),
            data: json!({ "rule": Rule::MaxOn, "since": since }),
            ..NewEvent::new(EventKind::SwitchedOffByInterlock, now)
        });
    }
    for (farm, devices) in &told {
        let off = Off { farm: *farm, by: None, stop: None, at: now };
        tell_off(connection, &off, devices).await?;
    }
    events::record_all(connection, &events).await?;
    Ok(told.values().map(Vec::len).sum())
}

/// Reachable devices that have run for too long, those first that should have ended first, and whether they were
/// told so before while they run; of what nobody has accepted, for how many milliseconds it was tried:
/// what began to run at another time runs for another reason.
async fn due(
    connection: &mut AsyncPgConnection,
    now: Timestamp,
) -> Result<Vec<(Uuid, bool, Option<i64>)>, StoreError> {
    let usual = DeviceKind::ALL.iter().filter_map(|kind| {
        let most = commands::Interlocks::usual(*kind).max_on?;
        Some((kind.name(), i64::try_from(most.as_secs()).ok()?))
    });
    let (kinds, seconds): (Vec<&str>, Vec<i64>) = usual.unzip();
    let sql = concat!(
        "WITH usual AS MATERIALIZED (SELECT unnest(?) AS kind, unnest(?) AS max_on_s)
        SELECT d.id, EXISTS (SELECT FROM device_commands o
            WHERE o.device_id = d.id AND o.command_type = 'off' AND o.source = 'safety'
                AND o.stop_id IS NULL AND o.requested_by IS NULL AND o.requested_at >= run.since),
            tried.millis
        FROM devices d
        LEFT JOIN interlocks i ON i.device_id = d.id
        LEFT JOIN usual u ON i.device_id IS NULL AND u.kind = d.kind::text
        CROSS JOIN LATERAL (
            SELECT coalesce((SELECT max(s.at) FROM switchings s WHERE s.device_id = d.id),
                d.reported_since, d.reported_at) AS since) run
        LEFT JOIN LATERAL (
            SELECT (c.command_params ->> 'duration_ms')::bigint AS millis, c.requested_at,
                CASE c.status WHEN 'completed' THEN c.completed_at ELSE c.expires_at END AS begun_by
            FROM device_commands c
            WHERE d.approved_at IS NULL AND c.device_id = d.id AND c.command_type = 'on'
                AND c.status IN ('completed', 'timeout') AND c.attempts > 0
            ORDER BY c.place DESC LIMIT 1) tried ON true
        CROSS JOIN LATERAL (
            SELECT run.since + CASE WHEN d.approved_at IS NULL
                THEN tried.millis * interval '1 millisecond' + ? * interval '1 second'
                ELSE coalesce(i.max_on_s, u.max_on_s) * interval '1 second' END AS at) ends
        LEFT JOIN LATERAL (
            SELECT c.status, c.completed_at, c.requested_at FROM device_commands c
            WHERE c.device_id = d.id AND c.command_type = 'off' ORDER BY c.place DESC LIMIT 1) off ON true
        WHERE d.reported_state = 'on' AND d.deleted_at IS NULL AND d.node_id IS NOT NULL
            AND d.is_online AND ends.at <= ?
            AND (d.approved_at IS NOT NULL OR run.since BETWEEN
                tried.requested_at - ? * interval '1 second' AND tried.begun_by + ? * interval '1 second')
            AND (off.requested_at IS NULL OR off.requested_at <= ? AND NOT (",
        is_open!("off"),
        "))
        ORDER BY ends.at, d.id LIMIT ?"
    );
    let (now, again) = (PgTime(now), PgTime(now.minus(AGAIN)));
    let grace = i64::try_from(commands::GRACE.as_secs()).unwrap_or_default();
    let columns = (Column(&kinds), Column(&seconds));
    Ok(Statement::<(SqlUuid, Bool, Nullable<BigInt>)>::new(
        sql,
        &[&columns.0, &columns.1, &grace, &now, &grace, &grace, &again, &MOST],
    )
    .load(connection)
    .await?)
}
