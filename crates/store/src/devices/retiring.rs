//! Taking devices out of use and bringing them back. What one sends meanwhile is kept, under its name.
use super::places::{Locked, Place, lock};
use crate::{
    Database, FarmScope, Origin, StoreError,
    commands::{Effect, Off, let_go, tell_off},
    houses::is_house,
    pg::PgTime,
    statement::{Parameter, Statement},
};
use diesel_async::AsyncPgConnection;
use domain::{DeviceId, events::EventKind};
use serde_json::json;

/// Takes a device out of use: it leaves all other pages, and what is not known to be off is told to go off,
/// since nobody could do so afterwards. False if the farm has no such device; one that is out of use already
/// stays so.
pub async fn retire(
    database: &Database,
    scope: &FarmScope,
    device: DeviceId,
    origin: &Origin<'_>,
) -> Result<Effect<bool>, StoreError> {
    scope
        .run(database, async |conn| {
            let found = lock(conn, scope, device).await?;
            let Some(found) = found else { return Ok(Effect::none(false)) };
            if !found.is_active {
                return Ok(Effect::none(true));
            }
            let sql = "UPDATE devices SET is_active = false, retired_at = ? WHERE id = ?";
            let parameters: [&dyn Parameter; 2] = [&PgTime(origin.at), &device.0];
            Statement::<()>::new(sql, &parameters).run(conn).await?;
            let over = let_go(conn, (scope, origin), &[device.0], "retired").await?;
            if found.can_switch && (over.outcome || !found.is_off) {
                let by = Some(scope.user());
                let off = Off { farm: scope.farm(), by, stop: None, at: origin.at };
                tell_off(conn, &off, &[device.0]).await?;
            }
            let data = json!({ "device": found.facts.name });
            let about = (scope, Some(device));
            origin.record_of(conn, EventKind::DeviceRetired, about, data).await?;
            Ok(Effect { outcome: true, changes: over.changes })
        })
        .await
}

/// What bringing a device back came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Restored {
    /// It is in use, by now or still.
    InUse,
    /// Another device in use hangs at its place under its name.
    SameName,
    /// The farm has no such device.
    NoDevice,
}

/// Brings a device back into use, in its house if that is still there.
pub async fn restore(
    database: &Database,
    scope: &FarmScope,
    device: DeviceId,
    origin: &Origin<'_>,
) -> Result<Restored, StoreError> {
    scope
        .run(database, async |conn| {
            let Some(found) = lock(conn, scope, device).await? else {
                return Ok(Restored::NoDevice);
            };
            if found.is_active {
                return Ok(Restored::InUse);
            }
            let Locked { facts, is_new, .. } = &found;
            let house = match facts.house {
                Some(house) if is_house(conn, scope.farm(), house).await? => Some(house),
                _ => None,
            };
            let place = Place { house, device };
            if !is_new && place.has_namesake(conn, scope, &facts.name).await? {
                return Ok(Restored::SameName);
            }
            let house = house.map(|house| house.0);
            let sql =
                "UPDATE devices SET is_active = true, retired_at = NULL, house_id = ? WHERE id = ?";
            let parameters: [&dyn Parameter; 2] = [&house, &device.0];
            Statement::<()>::new(sql, &parameters).run(conn).await?;
            tell_restored(conn, (scope, origin), (device, &facts.name)).await?;
            Ok(Restored::InUse)
        })
        .await
}

/// Tells that a device is in use again.
pub(super) async fn tell_restored(
    connection: &mut AsyncPgConnection,
    (scope, origin): (&FarmScope, &Origin<'_>),
    (device, name): (DeviceId, &str),
) -> Result<(), StoreError> {
    let (about, data) = ((scope, Some(device)), json!({ "device": name }));
    origin.record_of(connection, EventKind::DeviceRestored, about, data).await
}
