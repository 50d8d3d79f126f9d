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
mod change;
mod ending;
mod facts;
mod history;
mod identity;
mod lanes;
mod lost;
mod open;
mod outbox;
mod overrun;
mod purge;
mod refusal;
mod running;
mod sent;
mod stages;
mod standing;
mod sweep;
mod telling_off;
mod undone;
mod unknown;

pub use accept::{Outcome, Tap, accept, accept_all};
pub use answer::{Answer, Heard, answer, answer_all, hold_devices};
pub use attempt::{Batch, Sending, attempt, attempt_stops};
pub use cancel::cancel;
pub use change::{Change, Effect, tell};
pub use history::{Record, find, history, newest};
pub use identity::{identity_of, new_id};
pub use lost::{Lost, requeue};
pub use purge::purge;
pub use refusal::{Unreadable, refuse};
pub use sent::{Noted, count_in_flight, sent, unsent};
pub use standing::{Stance, stances};
pub use sweep::{Swept, sweep};
pub use unknown::note_unknown;

pub(crate) use ending::{Ended, end, end_open, let_go, let_go_as};
pub(crate) use facts::{InterlocksColumns, InterlocksRow, interlocks};
pub(crate) use open::{is_open, of_devices};
pub(crate) use telling_off::{Off, tell_off};

use crate::{StoreError, column::Column, statement::Statement};
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use uuid::Uuid;

/// The trigger's channel: the identity of a farm on which there is something to do.
pub const CHANNEL: &str = "tokkatot_commands";

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
