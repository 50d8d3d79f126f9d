//! Devices that have run as long as they may.
use super::{around::Around, lock};
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
    DeviceId, FarmId, Timestamp,
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
/// is for those that were switched on otherwise, or did not listen.
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
        let ends = (facts.farm, facts.device);
        switch_off(connection, ends, facts.kind, now).await?;
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

async fn switch_off(
    connection: &mut AsyncPgConnection,
    (farm, device): (FarmId, DeviceId),
    kind: DeviceKind,
    now: Timestamp,
) -> Result<(), StoreError> {
    let expires_at = now.plus(commands::life(kind, Action::Off));
    let sql = "INSERT INTO device_commands
            (farm_id, device_id, command_type, source, status, requested_at, created_at, expires_at)
        VALUES (?, ?, 'off', 'safety', 'queued', ?, ?, ?)";
    let at = PgTime(now);
    Statement::<()>::new(sql, &[&farm.0, &device.0, &at, &at, &PgTime(expires_at)])
        .run(connection)
        .await?;
    let sql = "UPDATE devices SET desired_state = 'off' WHERE id = ?";
    Statement::<()>::new(sql, &[&device.0]).run(connection).await?;
    Ok(())
}
