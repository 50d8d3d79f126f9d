//! That commands have come further, for whoever shows or counts them.
use super::{Tap, open::Open};
use crate::live::Bus;
use domain::{
    CommandId, DeviceId, FarmId, Timestamp,
    commands::{Progress, Reason, Status},
    live::{LiveCommand, LiveEvent, News},
};

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
    /// A command has come so far.
    pub(super) const fn new(open: &Open, progress: Progress, at: Timestamp) -> Self {
        let (farm, device, command) = (open.farm, open.device, open.command.id);
        Self { farm, device, command, status: progress.status(), reason: progress.reason(), at }
    }

    /// A tap was taken.
    pub(super) const fn queued(farm: FarmId, tap: &Tap, at: Timestamp) -> Self {
        let (device, command) = (tap.device, tap.id);
        Self { farm, device, command, status: Status::Queued, reason: None, at }
    }

    /// The same for open pages.
    pub const fn news(&self) -> LiveEvent {
        let Self { farm, device, command, status, reason, at } = *self;
        let command =
            LiveCommand { command_id: command, device_id: device, status, reason, since: at };
        LiveEvent { farm, at, news: News::Command(command) }
    }
}

/// Tells open pages how far commands have come, and counts those that have ended.
pub fn tell(bus: &Bus, changes: &[Change]) {
    for change in changes {
        bus.publish(change.news());
        if change.status.is_end() {
            let outcome = change.reason.map_or("completed", Reason::name);
            metrics::counter!("tokkatot_commands_total", "outcome" => outcome).increment(1);
        }
    }
}

/// What something came to, and the commands that have come further by it: whoever did it tells them ([`tell`]).
#[derive(Debug, Clone, PartialEq, Eq)]
#[must_use = "open pages are to be told of the changes"]
pub struct Effect<T> {
    /// What it came to.
    pub outcome: T,
    /// Commands that have come further.
    pub changes: Vec<Change>,
}

impl<T> Effect<T> {
    /// It came to this, and changed no command.
    pub(crate) const fn none(outcome: T) -> Self {
        Self { outcome, changes: Vec::new() }
    }

    /// Tells open pages of the farm, and what it came to.
    pub fn tell(self, bus: &Bus) -> T {
        tell(bus, &self.changes);
        self.outcome
    }
}
