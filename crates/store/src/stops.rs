//! The emergency stop: one transaction ends what is under way and tells everything to go off; it stands until
//! a manager releases it.
mod begin;
mod held;
mod looking;
mod release;
mod retry;
mod stopped;

pub use looking::{Notice, Standing, Told, is_there, standing, told};
pub use release::release;
pub(crate) use retry::retry;

use crate::{
    Database, FarmScope, Origin, StoreError,
    commands::{Effect, Ended, Off, end_open, tell_off},
    events,
    houses::is_house,
    overrides::end_all,
};
use begin::begin;
use domain::{HouseId, StopId, commands::Reason, events::EventKind};
use serde_json::json;
use stopped::{Wait, stopped};
use uuid::Uuid;

/// An emergency stop to press.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewStop {
    /// Its identity, from the first tap.
    pub id: StopId,
    /// The house; `None` is the whole farm.
    pub house: Option<HouseId>,
    /// Whether fans are to stand still too.
    pub includes_fans: bool,
}

/// An identity that no stop has.
pub fn new_id() -> StopId {
    StopId(Uuid::new_v4())
}

/// What pressing came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pressed {
    /// So many devices are told to go off.
    Stopped(usize),
    /// It, or one like it, was pressed before and stands.
    Again,
    /// It was pressed before and released since: who wants to stop again is asked again.
    Released,
    /// There is no such house.
    NotFound,
}

/// Presses it. Whoever presses a stop that stands as it is presses that one. Whoever presses another one under
/// the identity of an earlier one, such as with the fans this time, presses it under a new identity.
///
/// A device that somebody holds for longer than a second keeps none of the others back: it is told once it is
/// free, by `commands::sweep`.
pub async fn press(
    database: &Database,
    scope: &FarmScope,
    new: &NewStop,
    origin: &Origin<'_>,
) -> Result<Effect<Pressed>, StoreError> {
    match press_once(database, scope, new, origin, Wait::ASecond).await {
        Err(error) if error.is_lock_timeout() => {
            press_once(database, scope, new, origin, Wait::NotAtAll).await
        }
        pressed => pressed,
    }
}

async fn press_once(
    database: &Database,
    scope: &FarmScope,
    new: &NewStop,
    origin: &Origin<'_>,
    wait: Wait,
) -> Result<Effect<Pressed>, StoreError> {
    scope
        .run(database, async |conn| {
            if let Some(house) = new.house
                && !is_house(conn, scope.farm(), house).await?
            {
                return Ok(Effect::none(Pressed::NotFound));
            }
            let stop = match begin(conn, scope, new, origin.at).await? {
                Ok(stop) => stop,
                Err(pressed) => return Ok(Effect::none(pressed)),
            };
            let devices = stopped(conn, scope.farm(), &stop, wait).await?;
            // with the device or not: nothing comes before a stop
            let over = end_open(conn, &devices, Reason::Superseded, origin.at).await?;
            // nobody holds by hand what was stopped
            end_all(conn, &devices, origin.at).await?;
            let by = Some(scope.user());
            let off = Off { farm: scope.farm(), by, stop: Some(stop.id), at: origin.at };
            tell_off(conn, &off, &devices).await?;
            let data = json!({
                "stop": stop.id,
                "house": new.house,
                "includes_fans": new.includes_fans,
                "devices": devices.len(),
            });
            let mut all = vec![origin.event_of(EventKind::StopPressed, (scope, None), data)];
            all.extend(over.iter().map(|ended| {
                let change = ended.change;
                let data = json!({
                    "command": change.command, "action": ended.word(), "stop": stop.id,
                    "reason": "superseded"
                });
                origin.event_of(EventKind::CommandSuperseded, (scope, Some(change.device)), data)
            }));
            events::record_all(conn, &all).await?;
            let outcome = Pressed::Stopped(devices.len());
            Ok(Effect { outcome, changes: Ended::changes(&over) })
        })
        .await
}
