//! Ending what is open because somebody wants something else, or on devices that stand still, have left or got other
//! hardware. Whoever does so holds the devices' rows, and tells of it: the events say who.
use super::{
    advance::steps,
    change::Change,
    open::{self, Open},
    stages::write_ends,
};
use crate::{FarmScope, Origin, StoreError, events, overrides};
use diesel_async::AsyncPgConnection;
use domain::{
    Timestamp,
    commands::{Action, Happening, Reason},
    events::EventKind,
};
use serde_json::json;
use uuid::Uuid;

/// A command that was ended before its device did it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ended {
    pub(crate) change: Change,
    /// What the device was to do.
    pub(crate) action: Action,
}

impl Ended {
    /// What all are told of.
    pub(crate) fn changes(all: &[Self]) -> Vec<Change> {
        all.iter().map(|ended| ended.change).collect()
    }
}

/// Ends commands for a reason, with the device or not. What it answers later comes late.
pub(crate) async fn end(
    connection: &mut AsyncPgConnection,
    opens: &[Open],
    reason: Reason,
    at: Timestamp,
) -> Result<Vec<Ended>, StoreError> {
    let over = steps(opens, |_| Happening::Ended(reason), at);
    write_ends(connection, &over, at).await?;
    let ended = over.iter().map(|advance| Ended {
        change: advance.change(at),
        action: advance.open.command.order.action,
    });
    Ok(ended.collect())
}

/// Ends all open commands of devices.
pub(crate) async fn end_open(
    connection: &mut AsyncPgConnection,
    devices: &[Uuid],
    reason: Reason,
    at: Timestamp,
) -> Result<Vec<Ended>, StoreError> {
    let opens = open::of_devices(connection, devices).await?;
    end(connection, &opens, reason, at).await
}

/// Ends what is open on devices that were taken out of use or got other hardware, and their overrides: nothing
/// of that was meant for what comes after. `because` goes into the events. If anything of that would have let one of
/// them run, it may be on its way all the same.
pub(crate) async fn let_go(
    connection: &mut AsyncPgConnection,
    (scope, origin): (&FarmScope, &Origin<'_>),
    devices: &[Uuid],
    because: &str,
) -> Result<Vec<Ended>, StoreError> {
    let over = end_open(connection, devices, Reason::Cancelled, origin.at).await?;
    let free = overrides::end_all(connection, devices, origin.at).await?;
    let cancelled = over.iter().map(|Ended { change, action }| {
        let data = json!({
            "command": change.command, "action": action.name(), "reason": "cancelled",
            "because": because
        });
        origin.event_of(EventKind::CommandCancelled, (scope, Some(change.device)), data)
    });
    let free = free.into_iter().map(|device| {
        origin.event_of(EventKind::OverrideEnded, (scope, Some(device)), json!({ "by": because }))
    });
    events::record_all(connection, &cancelled.chain(free).collect::<Vec<_>>()).await?;
    Ok(over)
}
