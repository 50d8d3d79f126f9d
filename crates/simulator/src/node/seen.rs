//! The commands a node has taken, so that it does none of them twice.
use super::wire::Command;
use domain::Timestamp;
use std::{collections::BTreeMap, time::Duration};

/// A command is remembered this much longer than it may be done: a clock that is set back by less
/// does not bring it to life again.
const GRACE: Duration = Duration::from_hours(1);
/// Memory for so many commands that have not expired; more are refused.
const MOST: usize = 4096;

/// What to do with a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Do it: it is new and in time.
    Do,
    /// Say nothing: it was taken before, or its time is over.
    Drop,
    /// Say that it can not be done now.
    Refuse,
}

/// Remembers command ids until they have expired.
#[derive(Debug, Default)]
pub(super) struct Seen(BTreeMap<String, i64>);

impl Seen {
    /// Judges a command at the node's own time and remembers it.
    pub(super) fn judge(&mut self, command: &Command, now: Timestamp) -> Verdict {
        let forgotten_before = now.minus(GRACE).as_millis();
        self.0.retain(|_, expires_at| *expires_at >= forgotten_before);
        if now.as_millis() >= command.expires_at || self.0.contains_key(&command.command_id) {
            return Verdict::Drop;
        }
        if self.0.len() >= MOST {
            return Verdict::Refuse;
        }
        self.0.insert(command.command_id.clone(), command.expires_at);
        Verdict::Do
    }
}
