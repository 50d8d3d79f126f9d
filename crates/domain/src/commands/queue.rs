//! What becomes of a device's open commands: one is with the device at a time, the newest wish wins, and an
//! emergency stop goes ahead of all.
use super::{Barred, Command, Happening, Progress, Reason, Step};
use crate::{CommandId, Timestamp};

/// What is to be written, and then published.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Plan {
    /// Commands that have come further: where they are now.
    pub moved: Vec<(CommandId, Progress)>,
    /// Those among them that must not be sent, and what does not let them.
    pub barred: Vec<(CommandId, Barred)>,
    /// The one among them to publish once that is committed.
    pub publish: Option<CommandId>,
}

/// Plans for one device. `commands` are its open ones in the order they were asked for; `gate` says why
/// one that would be sent now must not be.
pub fn plan(
    commands: &[Command],
    gate: impl Fn(&Command) -> Option<Barred>,
    now: Timestamp,
) -> Plan {
    let mut lane = Lane::new(commands, now);
    lane.obey_stop();
    lane.supersede();
    let publish = lane.send(gate);
    let Lane { places, barred, .. } = lane;
    let moved = places.into_iter().filter(|place| place.now != place.command.progress);
    Plan { moved: moved.map(|place| (place.command.id, place.now)).collect(), barred, publish }
}

/// A device's commands and where they go.
struct Lane<'c> {
    places: Vec<Standing<'c>>,
    barred: Vec<(CommandId, Barred)>,
    now: Timestamp,
}

struct Standing<'c> {
    command: &'c Command,
    now: Progress,
}

impl<'c> Lane<'c> {
    /// Where time has brought them.
    fn new(commands: &'c [Command], now: Timestamp) -> Self {
        let standing = |command: &'c Command| match command.step(Happening::Tick, now) {
            Step::Move(progress) => Standing { command, now: progress },
            Step::Stay | Step::Late | Step::Ignore => Standing { command, now: command.progress },
        };
        Self { places: commands.iter().map(standing).collect(), barred: Vec::new(), now }
    }

    /// What is before a stop, with the device or not, is over.
    fn obey_stop(&mut self) {
        let stop =
            self.places.iter().rposition(|place| place.command.is_stop && !place.now.is_end());
        for place in self.places.iter_mut().take(stop.unwrap_or_default()) {
            place.end(Reason::Superseded);
        }
    }

    /// Of those that wait the newest stays, unless a stop waits: then what came after it waits behind.
    fn supersede(&mut self) {
        let mut has_newer = false;
        for place in self.places.iter_mut().rev() {
            let waits = place.now == Progress::Queued && !place.command.is_stop;
            if waits && has_newer {
                place.end(Reason::Superseded);
            }
            has_newer |= waits;
        }
    }

    fn send(&mut self, gate: impl Fn(&Command) -> Option<Barred>) -> Option<CommandId> {
        if self.places.iter().any(|place| place.now.is_in_flight()) {
            return None;
        }
        for place in &mut self.places {
            if place.now != Progress::Queued {
                continue;
            }
            if let Some(barred) = gate(place.command) {
                place.end(barred.reason);
                self.barred.push((place.command.id, barred));
                continue;
            }
            let queued = Command { progress: Progress::Queued, ..*place.command };
            if let Step::Move(progress) = queued.step(Happening::Attempted, self.now) {
                place.now = progress;
            }
            if place.now.is_in_flight() {
                return Some(place.command.id);
            }
        }
        None
    }
}

impl Standing<'_> {
    fn end(&mut self, reason: Reason) {
        if !self.now.is_end() {
            self.now = Progress::ended(reason);
        }
    }
}

#[cfg(test)]
mod tests;
