//! The life of one command. It is flat: a state, what happens, the next state.
//!
//! `Attempted` is between the commit that says so and the broker's word that it has the message: after a
//! crash nobody knows on which side of it the message is. People are told "queued" until then.
use super::{ANSWER, DOING, Order, Reason, SENDABLE, Status, is_once};
use crate::{CommandId, Timestamp, devices::DeviceKind, protocol::CommandStatus as Answer};

/// A command as its rules see it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Command {
    /// The command.
    pub id: CommandId,
    /// What kind of device it is for.
    pub kind: DeviceKind,
    /// What is to be done.
    pub order: Order,
    /// Whether it is an emergency stop's own.
    pub is_stop: bool,
    /// How often it was handed to the broker, or was about to be.
    pub attempts: i32,
    /// From here on it must not be carried out any more.
    pub expires_at: Timestamp,
    /// How far it has come.
    pub progress: Progress,
}

/// How far a command has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// It waits to be sent.
    Queued,
    /// It is being handed to the broker.
    Attempted {
        /// When to give up hearing of it.
        due_at: Timestamp,
    },
    /// The broker has it.
    Sent {
        /// When to give up waiting for the device.
        due_at: Timestamp,
    },
    /// The device has heard it.
    Executing {
        /// When to give up waiting for its end.
        due_at: Timestamp,
    },
    /// It is over.
    Ended {
        /// How.
        status: Status,
        /// Why, unless it is simply done.
        reason: Option<Reason>,
    },
}

impl Progress {
    /// It is over for a reason.
    pub const fn ended(reason: Reason) -> Self {
        Self::Ended { status: reason.status(), reason: Some(reason) }
    }

    /// What people are told.
    pub const fn status(self) -> Status {
        match self {
            Self::Queued | Self::Attempted { .. } => Status::Queued,
            Self::Sent { .. } => Status::Sent,
            Self::Executing { .. } => Status::Executing,
            Self::Ended { status, .. } => status,
        }
    }

    /// Why it ended so; nothing while it has not, and where it is simply done.
    pub const fn reason(self) -> Option<Reason> {
        match self {
            Self::Ended { reason, .. } => reason,
            _ => None,
        }
    }

    /// Whether the device may be at it, so that nothing else is sent there.
    pub const fn is_in_flight(self) -> bool {
        matches!(self, Self::Attempted { .. } | Self::Sent { .. } | Self::Executing { .. })
    }

    /// Whether it is over.
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Ended { .. })
    }

    /// When waiting for whatever comes next is given up.
    pub const fn due_at(self) -> Option<Timestamp> {
        match self {
            Self::Attempted { due_at } | Self::Sent { due_at } | Self::Executing { due_at } => {
                Some(due_at)
            }
            Self::Queued | Self::Ended { .. } => None,
        }
    }
}

/// What can happen to a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Happening {
    /// It is about to be handed to the broker.
    Attempted,
    /// It was surely not handed to the broker after all.
    NotSent,
    /// The broker has taken it.
    PubAcked {
        /// Whether its node counts as reachable; if not, it has the command's whole life to come back.
        is_reachable: bool,
    },
    /// The device has answered.
    Answered {
        /// What.
        answer: Answer,
        /// Whether the state it tells, if any, is what was asked for.
        agrees: bool,
    },
    /// Time has passed.
    Tick,
    /// Our link to the broker, this server or the node has been away: what was on its way may be lost.
    LinkLost,
    /// It shall not be done, for a reason of the server's.
    Ended(Reason),
}

/// What follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// Nothing.
    Stay,
    /// It has come further.
    Move(Progress),
    /// A device answers what was given up: worth an event, and its state is news, but it stays ended.
    Late,
    /// The answer was heard before, or no device can know the command: not worth a word.
    Ignore,
}

impl Command {
    /// What follows from `happening` at `now`.
    pub fn step(&self, happening: Happening, now: Timestamp) -> Step {
        match happening {
            Happening::Attempted => self.attempted(now),
            Happening::NotSent => match self.progress {
                Progress::Attempted { .. } => Step::Move(Progress::Queued),
                _ => Step::Stay,
            },
            Happening::PubAcked { is_reachable } => self.pub_acked(is_reachable, now),
            Happening::Answered { answer, agrees } => self.answered(answer, agrees, now),
            Happening::Tick => self.tick(now),
            Happening::LinkLost => self.link_lost(now),
            Happening::Ended(_) if self.progress.is_end() => Step::Stay,
            Happening::Ended(reason) => Step::Move(Progress::ended(reason)),
        }
    }

    /// Whether it may still be carried out.
    pub fn is_alive(&self, now: Timestamp) -> bool {
        now < self.expires_at
    }

    /// Whether there is time to hand it to the broker.
    fn is_sendable(&self, now: Timestamp) -> bool {
        now.plus(SENDABLE) <= self.expires_at
    }

    /// Whether what may be lost may be sent once more: devices drop what they have seen.
    fn may_go_again(&self, now: Timestamp) -> bool {
        self.is_sendable(now) && !self.is_once()
    }

    fn is_once(&self) -> bool {
        is_once(self.kind, self.order.action)
    }

    fn attempted(&self, now: Timestamp) -> Step {
        match self.progress {
            Progress::Queued if !self.is_sendable(now) => self.over(),
            Progress::Queued => Step::Move(Progress::Attempted { due_at: now.plus(ANSWER) }),
            _ => Step::Stay,
        }
    }

    fn pub_acked(&self, is_reachable: bool, now: Timestamp) -> Step {
        match self.progress {
            Progress::Attempted { .. } if is_reachable => {
                Step::Move(Progress::Sent { due_at: now.plus(ANSWER) })
            }
            Progress::Attempted { .. } => Step::Move(Progress::Sent { due_at: self.expires_at }),
            _ => Step::Stay,
        }
    }

    fn answered(&self, answer: Answer, agrees: bool, now: Timestamp) -> Step {
        match (self.progress, answer) {
            // what was never published is known to nobody
            _ if self.attempts == 0 => Step::Ignore,
            (Progress::Ended { status, reason }, answer) => late(status, reason, answer),
            (Progress::Executing { .. }, Answer::Executing) => Step::Ignore,
            (_, Answer::Executing) => Step::Move(Progress::Executing { due_at: now.plus(DOING) }),
            (_, Answer::Completed) if agrees => {
                Step::Move(Progress::Ended { status: Status::Completed, reason: None })
            }
            (_, Answer::Completed) => Step::Move(Progress::ended(Reason::Disagrees)),
            (_, Answer::Failed) => Step::Move(Progress::ended(Reason::Refused)),
        }
    }

    fn tick(&self, now: Timestamp) -> Step {
        match self.progress {
            Progress::Queued if !self.is_alive(now) => self.over(),
            Progress::Attempted { due_at } if due_at <= now => self.unknown(now),
            Progress::Sent { due_at } if due_at <= now && due_at == self.expires_at => {
                Step::Move(Progress::ended(Reason::Expired))
            }
            Progress::Sent { due_at } | Progress::Executing { due_at } if due_at <= now => {
                Step::Move(Progress::ended(Reason::NoAnswer))
            }
            _ => Step::Stay,
        }
    }

    /// What may go out again does. The rest stays: its answer may lie at the broker, and comes first.
    fn link_lost(&self, now: Timestamp) -> Step {
        match self.progress {
            Progress::Attempted { .. } | Progress::Sent { .. } if self.may_go_again(now) => {
                Step::Move(Progress::Queued)
            }
            _ => Step::Stay,
        }
    }

    /// Nobody knows whether it arrived. Devices drop what they have seen, so it goes out again.
    fn unknown(&self, now: Timestamp) -> Step {
        if self.may_go_again(now) {
            return Step::Move(Progress::Queued);
        }
        Step::Move(Progress::ended(Reason::NoAnswer))
    }

    /// Its time is over while it waits.
    fn over(&self) -> Step {
        let reason = if self.attempts == 0 { Reason::Expired } else { Reason::NoAnswer };
        Step::Move(Progress::ended(reason))
    }
}

/// What an answer to an ended command is worth.
fn late(status: Status, reason: Option<Reason>, answer: Answer) -> Step {
    match (status, reason, answer) {
        // QoS 1: it may come again, and "executing" after the end
        (Status::Completed, _, Answer::Completed | Answer::Executing)
        | (Status::Failed, Some(Reason::Refused), Answer::Failed | Answer::Executing) => {
            Step::Ignore
        }
        _ => Step::Late,
    }
}

#[cfg(test)]
mod tests;
