//! Why the devices of a farm are as they are.
use super::{around::Around, facts::Facts};
use crate::{StoreError, column::Column, overrides, pg::PgTime, statement::Statement};
use diesel::sql_types::{Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    DeviceId, FarmId, Timestamp,
    commands::{Override, Rule, Standing, Why, why},
    devices::DeviceState,
};
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
    let interlocked = interlocked(connection, &ids).await?;
    let stance = |facts: &Facts| {
        let device = facts.device;
        let manual = manual.iter().find(|(held, _)| *held == device).map(|(_, manual)| *manual);
        let off_at = interlocked.iter().find(|(off, _)| *off == device).map(|(_, at)| *at);
        let standing = Standing {
            switched: facts.switched(&[]),
            ends_at: around.ends_at(device),
            stop: around.stop_of(facts),
            interlocks: &facts.interlocks,
            interlocked: off_at.map(|at| (Rule::MaxOn, at)),
            manual,
            rule: None,
            schedule: None,
        };
        Stance { device, state: facts.state, why: why(&standing, now), manual }
    };
    let is_switch = |facts: &&Facts| !facts.device_type.is_input();
    let find = |id: &Uuid| around.find(DeviceId(*id)).filter(is_switch);
    Ok(ids.iter().filter_map(find).map(stance).collect())
}

/// Devices whose last command that was carried out was an interlock's, and when that was.
async fn interlocked(
    connection: &mut AsyncPgConnection,
    devices: &[Uuid],
) -> Result<Vec<(DeviceId, Timestamp)>, StoreError> {
    let sql = "SELECT d.id, last.completed_at FROM devices d
        CROSS JOIN LATERAL (
            SELECT c.source, c.stop_id, c.completed_at FROM device_commands c
            WHERE c.device_id = d.id AND c.status = 'completed' ORDER BY c.place DESC LIMIT 1) last
        WHERE d.id = ANY (?) AND last.source = 'safety' AND last.stop_id IS NULL";
    let rows: Vec<(Uuid, PgTime)> =
        Statement::<(SqlUuid, Timestamptz)>::new(sql, &[&Column(devices)]).load(connection).await?;
    Ok(rows.into_iter().map(|(device, at)| (DeviceId(device), at.into())).collect())
}
