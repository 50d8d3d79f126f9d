//! The outbox of commands: a row is committed first and published after, so that a command is told to a
//! device under one identity however often that takes.
//!
//! What is decided is decided in `domain::commands`. Whoever changes a device's commands holds the device's
//! row (`FOR NO KEY UPDATE`, several by id, as in `presence`): its commands are changed one after the other,
//! and what is read after the lock is what holds. Events are recorded in the same transaction.
//!
//! What serves all farms at once, link and time, waits for no device: one that another transaction holds, be
//! that a frozen server's, is left for the next time.
mod accept;
mod advance;
mod answer;
mod around;
mod attempt;
mod cancel;
mod ending;
mod facts;
mod history;
mod identity;
mod open;
mod outbox;
mod overrun;
mod purge;
mod refusal;
mod running;
mod standing;
mod sweep;
mod telling_off;
mod undone;
mod unsent;

pub use accept::{Outcome, Tap, accept, accept_all};
pub use advance::{Lost, Noted, requeue, sent};
pub(crate) use advance::{hold, unfence};
pub use answer::{Answer, Heard, answer, answer_all, hold_devices, note_unknown};
pub use attempt::{Batch, Sending, attempt};
pub use cancel::cancel;
pub use history::{Record, find, history, newest};
pub use identity::{identity_of, new_id};
pub use purge::purge;
pub use refusal::{Unreadable, refuse};
pub use standing::{Stance, stances};
pub use sweep::{Swept, sweep};
pub use unsent::{count_in_flight, unsent};

pub(crate) use ending::{end_open, let_go};
pub(crate) use facts::{InterlocksColumns, InterlocksRow, interlocks};
pub(crate) use telling_off::{Off, tell_off};

use crate::{StoreError, column::Column, readings::Fenced, statement::Statement};
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    CommandId, DeviceId, FarmId, Timestamp,
    commands::{Reason, Status},
    live::{LiveCommand, LiveEvent, News},
};
use uuid::Uuid;

/// The trigger's channel: the identity of a farm on which there is something to do.
pub const CHANNEL: &str = "tokkatot_commands";

/// A command that has come further, for whoever shows it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// The farm.
    pub farm: FarmId,
    /// The device.
    pub device: DeviceId,
    /// The command.
    pub command: CommandId,
    /// Where it is now.
    pub status: Status,
    /// Why it ended, unless it is simply done.
    pub reason: Option<Reason>,
    /// Since when.
    pub at: Timestamp,
}

impl Change {
    /// The same for open pages.
    pub const fn news(&self) -> LiveEvent {
        let Self { farm, device, command, status, reason, at } = *self;
        let command =
            LiveCommand { command_id: command, device_id: device, status, reason, since: at };
        LiveEvent { farm, at, news: News::Command(command) }
    }
}

/// Why a transaction that had to hold a lease wrote nothing.
pub(crate) enum NotWritten {
    Fenced,
    Failed(StoreError),
}

impl From<StoreError> for NotWritten {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}

impl From<Fenced> for NotWritten {
    fn from(_: Fenced) -> Self {
        Self::Fenced
    }
}

impl From<diesel::result::Error> for NotWritten {
    fn from(error: diesel::result::Error) -> Self {
        Self::Failed(error.into())
    }
}

/// Locks those of some devices that nobody else has locked, and tells which: who holds one may be frozen, and must
/// keep none of the others back.
pub(crate) async fn lock_free(
    connection: &mut AsyncPgConnection,
    devices: &[Uuid],
) -> Result<Vec<Uuid>, StoreError> {
    let sql = "SELECT id FROM devices WHERE id = ANY (?) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED";
    Ok(Statement::<SqlUuid>::new(sql, &[&Column(devices)]).load(connection).await?)
}

/// Locks devices by id until the transaction's end, and tells which of them there are.
pub(crate) async fn lock(
    connection: &mut AsyncPgConnection,
    devices: &[Uuid],
) -> Result<Vec<Uuid>, StoreError> {
    let sql = "SELECT id FROM devices WHERE id = ANY (?) AND deleted_at IS NULL
        ORDER BY id FOR NO KEY UPDATE";
    Ok(Statement::<SqlUuid>::new(sql, &[&Column(devices)]).load(connection).await?)
}
