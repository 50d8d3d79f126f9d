//! Devices that have run as long as they may.
use super::{
    around::Around,
    lock,
    telling_off::{Off, tell_off},
};
use crate::{
    StoreError,
    column::Column,
    events::{self, NewEvent},
    pg::PgTime,
    statement::Statement,
};
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    Timestamp,
    commands::{self, Action, Rule},
    devices::DeviceKind,
    events::EventKind,
};
use serde_json::json;
use std::time::Duration;
use uuid::Uuid;

/// No more devices at once.
const MOST: i64 = 500;
/// A device that goes on running is told again after this.
const AGAIN: Duration = Duration::from_secs(60);

/// Tells devices that have run as long as they may to go off. They were told to end it by themselves; this
/// is for those that were switched on otherwise, or did not listen; also for those out of use. What nobody has
/// accepted yet is left alone: of its kind there is a guess alone.
pub(super) async fn overrun(
    connection: &mut AsyncPgConnection,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let usual =
        DeviceKind::ALL.iter().filter(|kind| commands::Interlocks::usual(**kind).max_on.is_some());
    let usual: Vec<&str> = usual.map(|kind| kind.name()).collect();
    let sql = "SELECT d.id FROM devices d LEFT JOIN interlocks i ON i.device_id = d.id
        LEFT JOIN LATERAL (
            SELECT c.status, c.requested_at FROM device_commands c
            WHERE c.device_id = d.id AND c.command_type = 'off' ORDER BY c.place DESC LIMIT 1) off ON true
        WHERE d.reported_state = 'on' AND d.deleted_at IS NULL AND d.node_id IS NOT NULL
            AND d.approved_at IS NOT NULL
            AND (i.max_on_s IS NOT NULL OR i.device_id IS NULL AND d.kind::text = ANY (?))
            AND (off.requested_at IS NULL
                OR off.requested_at <= ? AND off.status NOT IN ('queued', 'sent', 'executing'))
        ORDER BY d.id LIMIT ?";
    let again = PgTime(now.minus(AGAIN));
    let running: Vec<Uuid> =
        Statement::<SqlUuid>::new(sql, &[&Column(&usual), &again, &MOST]).load(connection).await?;
    if running.is_empty() {
        return Ok(0);
    }
    let running = lock(connection, &running).await?;
    let around = Around::load(connection, &running, now).await?;
    let mut told = 0;
    for facts in &around.devices {
        let must_end = commands::must_end(&facts.interlocks, &facts.switched(&[]));
        let Some(since) = must_end.filter(|end| *end <= now) else { continue };
        if facts.newest.is_some_and(Action::is_off) {
            continue;
        }
        let off = Off { farm: facts.farm, by: None, stop: None, at: now };
        tell_off(connection, &off, &[facts.device.0]).await?;
        let event = NewEvent {
            farm: Some(facts.farm),
            device: Some(facts.device),
            data: json!({ "rule": Rule::MaxOn, "since": since }),
            ..NewEvent::new(EventKind::SwitchedOffByInterlock, now)
        };
        events::record(connection, &event).await?;
        told += 1;
    }
    Ok(told)
}
