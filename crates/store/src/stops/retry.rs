//! Telling what an emergency stop holds to go off until it says that it is.
use super::held::{self, Held};
use crate::{
    StoreError,
    commands::{Off, lock_free, tell_off},
};
use diesel_async::AsyncPgConnection;
use domain::{DeviceId, Timestamp, commands::stop_pause};
use uuid::Uuid;

/// Tells those devices to go off which a stop holds and which have not said that they are, or have said since
/// that they run: reachable ones after [`stop_pause`], under a new identity, since a device drops what it has seen;
/// also what came into the stopped place after the stop was pressed. Returns how many.
pub(crate) async fn retry(
    connection: &mut AsyncPgConnection,
    now: Timestamp,
) -> Result<usize, StoreError> {
    let mut due: Vec<Uuid> = Vec::new();
    due.extend(held::reachable(connection).await?.iter().filter(|held| held.is_due(now)).map(id));
    if due.is_empty() {
        return Ok(0);
    }
    // what somebody else has in hand is told the next time
    let due = lock_free(connection, &due).await?;
    let mut told: Vec<DeviceId> = Vec::new();
    let held = held::of_devices(connection, &due).await?;
    for group in held.chunk_by(|one, other| one.stop.id == other.stop.id) {
        // one that two stops hold is told by the first
        let due = group.iter().filter(|held| held.is_due(now) && !told.contains(&held.device));
        let due: Vec<DeviceId> = due.map(|held| held.device).collect();
        let Some(Held { farm, stop, .. }) = group.first().filter(|_| !due.is_empty()) else {
            continue;
        };
        let off = Off { farm: *farm, by: None, stop: Some(stop.id), at: now };
        let devices: Vec<Uuid> = due.iter().map(|device| device.0).collect();
        tell_off(connection, &off, &devices).await?;
        told.extend(due);
    }
    Ok(told.len())
}

const fn id(held: &Held) -> Uuid {
    held.device.0
}

impl Held {
    /// Whether it is to be told now.
    fn is_due(&self, now: Timestamp) -> bool {
        let rests = self.told.is_some_and(|(_, _, at)| at.plus(stop_pause(self.times)) > now);
        self.is_reachable && !self.has_answered && !self.is_being_told && !rests
    }
}
