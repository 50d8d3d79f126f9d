//! Ending what is open because somebody wants something else, or on devices that stand still, have left or got other
//! hardware. Whoever does so holds the devices' rows, and tells of it: the events say who.
use super::{
    advance::steps,
    change::{Change, Effect},
    open::{self, Open, is_open},
    stages::write_ends,
};
use crate::{
    FarmScope, Origin, StoreError,
    column::Column,
    events::{self, NewEvent},
    overrides,
    pg::PgTime,
    statement::Statement,
};
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    CommandId, DeviceId, FarmId, Timestamp,
    commands::{Action, Happening, Progress, Reason},
    events::EventKind,
};
use serde_json::{Value, json};
use uuid::Uuid;

/// A command that was ended before its device did it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Ended {
    pub(crate) change: Change,
    /// What the device was to do; nothing if the row says it in words that are not known.
    pub(crate) action: Option<Action>,
}

impl Ended {
    /// What all are told of.
    pub(crate) fn changes(all: &[Self]) -> Vec<Change> {
        all.iter().map(|ended| ended.change).collect()
    }

    /// Whether it would have let its device run.
    fn may_run(&self) -> bool {
        self.action.is_none_or(|action| !action.is_off())
    }

    /// The word for what the device was to do.
    pub(crate) fn word(&self) -> Option<&'static str> {
        self.action.map(Action::name)
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
        action: Some(advance.open.command.order.action),
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
    let mut ended = end(connection, &opens, reason, at).await?;
    ended.extend(end_unread(connection, devices, reason, at).await?);
    Ok(ended)
}

/// Ends what is open still: rows in words of another release. A stop does not depend on reading them.
async fn end_unread(
    connection: &mut AsyncPgConnection,
    devices: &[Uuid],
    reason: Reason,
    at: Timestamp,
) -> Result<Vec<Ended>, StoreError> {
    let sql = concat!(
        "UPDATE device_commands c SET status = ?::command_status, reason = ?, due_at = NULL,
            completed_at = ?
        WHERE c.device_id = ANY (?) AND ",
        is_open!("c"),
        " RETURNING c.farm_id, c.device_id, c.id"
    );
    let status = Progress::ended(reason).status();
    let rows: Vec<(Uuid, Uuid, Uuid)> = Statement::<(SqlUuid, SqlUuid, SqlUuid)>::new(
        sql,
        &[&status.name(), &reason.name(), &PgTime(at), &Column(devices)],
    )
    .load(connection)
    .await?;
    let ended = |(farm, device, command)| Ended {
        change: Change {
            farm: FarmId(farm),
            device: DeviceId(device),
            command: CommandId(command),
            status,
            reason: Some(reason),
            at,
        },
        action: None,
    };
    Ok(rows.into_iter().map(ended).collect())
}

/// Ends what is open on devices that a member took out of use or gave other hardware ([`let_go_as`]).
pub(crate) async fn let_go(
    connection: &mut AsyncPgConnection,
    (scope, origin): (&FarmScope, &Origin<'_>),
    devices: &[Uuid],
    because: &str,
) -> Result<Effect<bool>, StoreError> {
    let event = |kind, device, data| origin.event_of(kind, (scope, Some(device)), data);
    let_go_as(connection, devices, (because, origin.at), event).await
}

/// Ends what is open on devices that were taken out of use or got other hardware, and their overrides: nothing
/// of that was meant for what comes after. `because` goes into the events, which `event` makes. It comes to whether
/// anything of that would have let one of them run: that may be on its way all the same.
pub(crate) async fn let_go_as<'e>(
    connection: &mut AsyncPgConnection,
    devices: &[Uuid],
    (because, at): (&str, Timestamp),
    event: impl Fn(EventKind, DeviceId, Value) -> NewEvent<'e>,
) -> Result<Effect<bool>, StoreError> {
    let over = end_open(connection, devices, Reason::Cancelled, at).await?;
    let free = overrides::end_all(connection, devices, at).await?;
    let cancelled = over.iter().map(|ended| {
        let change = ended.change;
        let data = json!({
            "command": change.command, "action": ended.word(), "reason": "cancelled",
            "because": because
        });
        event(EventKind::CommandCancelled, change.device, data)
    });
    let free = free
        .into_iter()
        .map(|device| event(EventKind::OverrideEnded, device, json!({ "by": because })));
    events::record_all(connection, &cancelled.chain(free).collect::<Vec<_>>()).await?;
    Ok(Effect { outcome: over.iter().any(Ended::may_run), changes: Ended::changes(&over) })
}
