//! What is asked of one device, by a form or by the island, and what becomes of it. Whatever is refused is on
//! record, and nothing is sent.
use crate::{error::AppError, state::AppState, visitor::Visitor};
use domain::{
    CommandId, DeviceId,
    commands::{Action, Asked, Refused, Wish, undo},
};
use std::time::Duration;
use store::{
    FarmScope, Origin,
    commands::{self, Outcome, Record, Tap, Unreadable},
    devices, overrides,
};

/// A form that made its command longer ago than this was not sent twice: its page is old.
const AGAIN: Duration = Duration::from_secs(30);
/// What may be undone without harm is undone even if the tap was long on its way.
const LATE: Duration = Duration::from_secs(60);

/// What somebody tapped.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asking<'a> {
    /// The identity of the command that it makes.
    pub(super) id: CommandId,
    /// The device.
    pub(super) device: DeviceId,
    /// `on`, `off`, `toggle`, `set_value`, `set_angle`; or `again`, `undo`, `automatic`.
    pub(super) wish: &'a str,
    /// How much; no number if what was typed is none.
    pub(super) value: Option<f64>,
    /// For how long, milliseconds.
    pub(super) duration_ms: Option<i64>,
    /// For how long feed drops, milliseconds, if that is the wish.
    pub(super) portion_ms: Option<i64>,
    /// The command that is asked for again or undone.
    pub(super) of: Option<CommandId>,
}

impl Asking<'_> {
    /// After how many milliseconds the device is to end it by itself. One form has several buttons, and only one of
    /// them drops feed.
    fn ends_after_ms(&self) -> Option<i64> {
        self.duration_ms.or(self.portion_ms.filter(|_| self.wish == Action::On.name()))
    }
}

/// What became of it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Became {
    /// It is under way, or was already.
    Told,
    /// Nothing is done.
    Refused(Refused),
    /// The page that it came from shows what was once: nothing is done.
    Old,
}

/// Does what was tapped: gives the device back to automation, takes a command back, asks for one again, or asks
/// for a new one.
///
/// # Errors
/// The farm has no such device or command, or the database did not answer.
pub(super) async fn ask(
    (state, scope, visitor): (&AppState, &FarmScope, &Visitor),
    asking: Asking<'_>,
) -> Result<Became, AppError> {
    let origin = visitor.origin(state.clock.now());
    let who = (state, scope, &origin);
    match asking.wish {
        "automatic" => release(who, asking.device).await,
        "undo" => take_back(who, asking).await,
        "again" => {
            let record = find(who, asking).await?;
            let millis =
                record.order.duration.and_then(|span| i64::try_from(span.as_millis()).ok());
            let wish = Wish::Do(record.order.action);
            command(who, asking, Asked { wish, duration_ms: millis }).await
        }
        wish => match Wish::parse(wish, asking.value) {
            Ok(wish) => {
                command(who, asking, Asked { wish, duration_ms: asking.ends_after_ms() }).await
            }
            Err(refused) => refuse(who, asking, refused).await,
        },
    }
}

/// Who asks, and where.
type Who<'a> = (&'a AppState, &'a FarmScope, &'a Origin<'a>);

/// Notes a wish that is none.
async fn refuse(
    (state, scope, origin): Who<'_>,
    Asking { id, device, wish, .. }: Asking<'_>,
    refused: Refused,
) -> Result<Became, AppError> {
    let what = (Unreadable { id, device, wish }, refused);
    match commands::refuse(&state.database, scope, what, origin).await? {
        true => Ok(Became::Refused(refused)),
        false => Err(AppError::NotFound),
    }
}

/// Puts a command into the outbox and tells open pages.
async fn command(
    (state, scope, origin): Who<'_>,
    asking: Asking<'_>,
    asked: Asked,
) -> Result<Became, AppError> {
    let tap = Tap { id: asking.id, device: asking.device, asked };
    match commands::accept(&state.database, scope, &tap, origin).await?.tell(&state.bus) {
        Outcome::Accepted(_) => Ok(Became::Told),
        Outcome::Again(status) => {
            let is_old = status.is_end() && {
                let record = find((state, scope, origin), Asking { of: Some(tap.id), ..asking });
                origin.at.since(record.await?.requested_at) >= AGAIN
            };
            Ok(if is_old { Became::Old } else { Became::Told })
        }
        Outcome::Refused(refused) => Ok(Became::Refused(refused)),
        Outcome::NotFound => Err(AppError::NotFound),
        // the same form was sent with another of its buttons
        Outcome::Clash => Ok(Became::Old),
    }
}

/// Gives the device back to automation.
async fn release((state, scope, origin): Who<'_>, device: DeviceId) -> Result<Became, AppError> {
    if !overrides::end(&state.database, scope, device, origin).await? {
        // it is in nobody's hand; or there is no such device
        find_device((state, scope), device).await?;
    }
    state.bus.farm_changed(scope.farm(), origin.at);
    Ok(Became::Told)
}

/// Takes back what waits; of what is under way or done, asks for the opposite.
async fn take_back(who: Who<'_>, asking: Asking<'_>) -> Result<Became, AppError> {
    let (state, scope, origin) = who;
    let record = find(who, asking).await?;
    if let Some(change) = commands::cancel(&state.database, scope, record.id, origin).await? {
        overrides::end(&state.database, scope, record.device, origin).await?;
        commands::tell(&state.bus, &[change]);
        return Ok(Became::Told);
    }
    let device = find_device((state, scope), asking.device).await?;
    let is_late = origin.at.since(record.requested_at) >= LATE;
    let opposite = undo(device.kind, record.order.action, record.requested_at, record.requested_at);
    match opposite.filter(|_| !is_late) {
        Some(action) => {
            command(who, asking, Asked { wish: Wish::Do(action), duration_ms: None }).await
        }
        None => Ok(Became::Old),
    }
}

/// The command that is meant; one of another device is none.
async fn find((state, scope, _): Who<'_>, asking: Asking<'_>) -> Result<Record, AppError> {
    let of = asking.of.ok_or(AppError::BadRequest)?;
    let found = scope
        .read(&state.database, async |conn| commands::find(conn, scope.farm(), of).await)
        .await?;
    found.filter(|record| record.device == asking.device).ok_or(AppError::NotFound)
}

async fn find_device(
    (state, scope): (&AppState, &FarmScope),
    device: DeviceId,
) -> Result<devices::Device, AppError> {
    let found = scope
        .read(&state.database, async |conn| devices::find(conn, scope.farm(), device).await)
        .await?;
    found.ok_or(AppError::NotFound)
}
