//! Telling devices to go off because it has to be: by an emergency stop, by an interlock, or since nobody could do
//! so afterwards.
use crate::{StoreError, column::Column, pg::PgTime, statement::Statement};
use diesel_async::AsyncPgConnection;
use domain::{
    FarmId, StopId, Timestamp, UserId,
    commands::{Action, life},
    devices::DeviceKind,
};
use uuid::Uuid;

/// Who wants devices to go off, and when.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Off {
    /// The devices' farm.
    pub(crate) farm: FarmId,
    /// The person; nobody if it comes by itself.
    pub(crate) by: Option<UserId>,
    /// The emergency stop that it is part of.
    pub(crate) stop: Option<StopId>,
    /// When.
    pub(crate) at: Timestamp,
}

/// Tells devices of one farm to go off. Whoever does so holds their rows.
pub(crate) async fn tell_off(
    connection: &mut AsyncPgConnection,
    off: &Off,
    devices: &[Uuid],
) -> Result<(), StoreError> {
    let sql = "INSERT INTO device_commands (farm_id, device_id, command_type, requested_by, source, status,
            requested_at, created_at, expires_at, stop_id)
        SELECT ?, unnest(?), 'off', ?, 'safety', 'queued', ?, ?, ?, ?";
    // every kind's off lives as long
    let expires_at = PgTime(off.at.plus(life(DeviceKind::Other, Action::Off)));
    let (by, at) = (off.by.map(|by| by.0), PgTime(off.at));
    let stop = off.stop.map(|stop| stop.0);
    Statement::<()>::new(sql, &[&off.farm.0, &Column(devices), &by, &at, &at, &expires_at, &stop])
        .run(connection)
        .await?;
    let sql = "UPDATE devices SET desired_state = 'off' WHERE id = ANY (?)";
    Statement::<()>::new(sql, &[&Column(devices)]).run(connection).await?;
    Ok(())
}
