//! Why the devices of a farm are as they are.
use super::{around::Around, facts::Facts, open::is_open};
use crate::{StoreError, column::Column, overrides, pg::PgTime, statement::Statement};
use diesel::sql_types::{BigInt, Nullable, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    DeviceId, FarmId, StopId, Timestamp,
    commands::{Bounds, Override, Rule, Standing, Unit, Why, bounds, portion, why},
    devices::{DeviceKind, DeviceState},
};
use std::time::Duration;
use uuid::Uuid;

/// How a device that can be switched stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stance {
    /// The device.
    pub device: DeviceId,
    /// What it last reported, whether it can be reached now or not.
    pub state: DeviceState,
    /// Why, since when, and until when.
    pub why: Why,
    /// The manual override that holds, whatever is stronger.
    pub manual: Option<Override>,
    /// What it runs at, as it last reported, where it can be set.
    pub value: Option<f64>,
    /// What it can be set to, if it can.
    pub bounds: Option<(Unit, Bounds)>,
    /// The longest that it may run.
    pub max_on: Option<Duration>,
    /// How long a feeder drops feed when it is told to, by what people asked for last.
    pub portion: Option<Duration>,
}

/// How the devices in use stand on a farm at `now`; sensors have no stance.
pub async fn stances(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
    now: Timestamp,
) -> Result<Vec<Stance>, StoreError> {
    let sql = "SELECT id FROM devices WHERE farm_id = ? AND deleted_at IS NULL AND is_active
        AND approved_at IS NOT NULL ORDER BY position, name, id";
    let ids: Vec<Uuid> = Statement::<SqlUuid>::new(sql, &[&farm.0]).load(connection).await?;
    let around = Around::load(connection, &ids, now).await?;
    let manual = overrides::standing(connection, farm, now).await?;
    let for_safety = switched_for_safety(connection, &ids).await?;
    let feeders = around.devices.iter().filter(|facts| facts.kind == DeviceKind::Feeder);
    let feeders: Vec<Uuid> = feeders.map(|facts| facts.device.0).collect();
    let portions = last_portions(connection, &feeders).await?;
    let stance = |facts: &Facts| {
        let device = facts.device;
        let manual = manual.iter().find(|(held, _)| *held == device).map(|(_, manual)| *manual);
        let off = for_safety.iter().find(|(off, ..)| *off == device);
        let off = off.map(|(_, stop, at)| (*stop, *at));
        let standing = Standing {
            switched: facts.switched(&[]),
            ends_at: around.ends_at(device),
            stop: around.stop_of(facts),
            interlocks: &facts.interlocks,
            interlocked: off.and_then(|(stop, at)| stop.is_none().then_some((Rule::MaxOn, at))),
            was_stopped: off.and_then(|(stop, at)| Some((stop?, at))),
            manual,
            rule: None,
            schedule: None,
        };
        let last = portions.iter().find(|(fed, _)| *fed == device).map(|(_, last)| *last);
        let max_on = facts.interlocks.max_on;
        Stance {
            device,
            state: facts.state,
            why: why(&standing, now),
            manual,
            value: facts.value,
            bounds: bounds((facts.kind, facts.device_type), facts.bounds),
            max_on,
            portion: (facts.kind == DeviceKind::Feeder).then(|| portion(last, max_on)),
        }
    };
    let is_switch = |facts: &&Facts| !facts.device_type.is_input();
    let find = |id: &Uuid| around.find(DeviceId(*id)).filter(is_switch);
    Ok(ids.iter().filter_map(find).map(stance).collect())
}

/// Devices that were switched last by an interlock or an emergency stop, as far as their last command that was
/// carried out tells: which stop that was, and when they did it.
async fn switched_for_safety(
    connection: &mut AsyncPgConnection,
    devices: &[Uuid],
) -> Result<Vec<(DeviceId, Option<StopId>, Timestamp)>, StoreError> {
    let sql = "SELECT d.id, last.stop_id, last.completed_at FROM devices d
        CROSS JOIN LATERAL (
            SELECT c.source, c.stop_id, c.requested_by, c.completed_at FROM device_commands c
            WHERE c.device_id = d.id AND c.status = 'completed' ORDER BY c.place DESC LIMIT 1) last
        LEFT JOIN emergency_stops e ON e.id = last.stop_id
        LEFT JOIN LATERAL (SELECT s.at FROM switchings s WHERE s.device_id = d.id
            ORDER BY s.at DESC LIMIT 1) switched ON true
        WHERE d.id = ANY (?) AND CASE WHEN last.stop_id IS NULL
            THEN last.source = 'safety' AND last.requested_by IS NULL
            -- what was off before is not off because of it, nor what was switched since
            ELSE switched.at BETWEEN e.pressed_at - interval '5 seconds'
                AND last.completed_at + interval '5 seconds' END";
    let rows: Vec<(Uuid, Option<Uuid>, PgTime)> =
        Statement::<(SqlUuid, Nullable<SqlUuid>, Timestamptz)>::new(sql, &[&Column(devices)])
            .load(connection)
            .await?;
    let row = |(device, stop, at): (Uuid, Option<Uuid>, PgTime)| {
        (DeviceId(device), stop.map(StopId), at.into())
    };
    Ok(rows.into_iter().map(row).collect())
}

/// For how long people asked each of these feeders to drop feed last. What came to nothing is no choice; nor is what it
/// was tried for before anybody accepted it.
async fn last_portions(
    connection: &mut AsyncPgConnection,
    feeders: &[Uuid],
) -> Result<Vec<(DeviceId, Duration)>, StoreError> {
    if feeders.is_empty() {
        return Ok(Vec::new());
    }
    let sql = concat!(
        "SELECT d.id, last.asked_ms FROM devices d
        CROSS JOIN LATERAL (
            SELECT (c.command_params ->> 'asked_ms')::bigint AS asked_ms FROM device_commands c
            WHERE c.device_id = d.id AND c.requested_by IS NOT NULL
                AND c.command_params ->> 'asked_ms' IS NOT NULL
                AND c.requested_at >= d.approved_at AND (c.status = 'completed' OR ",
        is_open!("c"),
        ")
            ORDER BY c.place DESC LIMIT 1) last
        WHERE d.id = ANY (?)"
    );
    let rows: Vec<(Uuid, i64)> =
        Statement::<(SqlUuid, BigInt)>::new(sql, &[&Column(feeders)]).load(connection).await?;
    let span = |(device, asked_ms): (Uuid, i64)| {
        let asked = u64::try_from(asked_ms).ok()?;
        Some((DeviceId(device), Duration::from_millis(asked)))
    };
    Ok(rows.into_iter().filter_map(span).collect())
}
