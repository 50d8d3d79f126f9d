//! What is to be told of the newest command of a device: how far it has come, and for how long that matters.
use super::{Action, Reason, Status};
use crate::{
    Timestamp,
    devices::{DeviceKind, DeviceState},
};
use std::time::Duration;

/// Who waits for an answer is told after this that there is none yet.
pub const SLOW: Duration = Duration::from_secs(2);
/// What went wrong, or was done, is told for so long.
pub const MENTION: Duration = Duration::from_mins(30);
/// A harmless command can be undone for so long.
pub const UNDO: Duration = Duration::from_secs(10);

/// The newest command of a device.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trace {
    /// What the device is told.
    pub action: Action,
    /// How far it is.
    pub status: Status,
    /// Why it ended so.
    pub reason: Option<Reason>,
    /// When it was asked for.
    pub asked_at: Timestamp,
    /// When it came so far.
    pub since: Timestamp,
}

/// What its device said last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// Whether it can be reached.
    pub is_reachable: bool,
    /// What it is doing, as it said.
    pub state: DeviceState,
    /// When it said so.
    pub at: Option<Timestamp>,
}

/// How far a command has come, for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// It is written down here and goes out next.
    Saved,
    /// It is written down, and goes out if its device can be reached again in time.
    Waiting,
    /// The broker has it; the device has not answered.
    Sent,
    /// The device has it.
    Heard,
    /// The device says that it is done.
    Done,
    /// It was not done, or nobody knows.
    Ended(Reason),
    /// There is nothing to say of it any more.
    Over,
}

impl Stage {
    /// Whether it is on its way.
    pub const fn is_going(self) -> bool {
        matches!(self, Self::Saved | Self::Waiting | Self::Sent | Self::Heard)
    }
}

/// How far a command has come at `now`.
pub fn stage(trace: &Trace, report: &Report, now: Timestamp) -> Stage {
    let is_recent = now.since(trace.since) < MENTION;
    match (trace.status, trace.reason) {
        (Status::Queued, _) if !report.is_reachable => Stage::Waiting,
        (Status::Queued, _) => Stage::Saved,
        (Status::Sent, _) => Stage::Sent,
        (Status::Executing, _) => Stage::Heard,
        (_, Some(reason)) if is_recent && !is_settled(reason, trace, report) => {
            Stage::Ended(reason)
        }
        (Status::Completed, None) if is_recent => Stage::Done,
        _ => Stage::Over,
    }
}

/// Whether what was not known then is known by now, and is as it was to be.
fn is_settled(reason: Reason, trace: &Trace, report: &Report) -> bool {
    let has_told = report.is_reachable && report.at.is_some_and(|at| at > trace.since);
    match reason {
        Reason::Superseded => true,
        Reason::NoAnswer | Reason::Expired | Reason::Disagrees => {
            has_told && trace.action.is_state(report.state.name())
        }
        _ => false,
    }
}

/// Whether who waits for an answer should be told that there is none yet.
pub fn is_slow(trace: &Trace, stage: Stage, now: Timestamp) -> bool {
    matches!(stage, Stage::Saved | Stage::Sent) && now.since(trace.asked_at) >= SLOW
}

/// What undoes a command that was asked for at a time, while that may be done without harm.
pub fn undo(
    kind: DeviceKind,
    action: Action,
    asked_at: Timestamp,
    now: Timestamp,
) -> Option<Action> {
    let is_harmless = matches!(kind, DeviceKind::Fan | DeviceKind::Light | DeviceKind::Lamp);
    let opposite = match action {
        Action::On => Action::Off,
        Action::Off => Action::On,
        Action::SetValue(_) | Action::SetAngle(_) => return None,
    };
    (is_harmless && now.since(asked_at) < UNDO).then_some(opposite)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASKED: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn after(seconds: u64) -> Timestamp {
        ASKED.plus(Duration::from_secs(seconds))
    }

    fn trace(status: Status, reason: Option<Reason>) -> Trace {
        Trace { action: Action::On, status, reason, asked_at: ASKED, since: after(5) }
    }

    fn report(state: DeviceState, at: u64) -> Report {
        Report { is_reachable: true, state, at: Some(after(at)) }
    }

    #[test]
    fn each_step_is_told_and_waiting_for_a_device_is_another_thing_than_sending() {
        let off = report(DeviceState::Off, 0);
        let of = |status| stage(&trace(status, None), &off, after(6));
        assert_eq!(of(Status::Queued), Stage::Saved);
        assert_eq!(of(Status::Sent), Stage::Sent);
        assert_eq!(of(Status::Executing), Stage::Heard);
        assert_eq!(of(Status::Completed), Stage::Done);
        let away = Report { is_reachable: false, ..off };
        assert_eq!(stage(&trace(Status::Queued, None), &away, after(6)), Stage::Waiting);
        assert_eq!(stage(&trace(Status::Sent, None), &away, after(6)), Stage::Sent);
    }

    #[test]
    fn what_went_wrong_is_told_until_it_is_known_better_or_long_ago() {
        let missed = trace(Status::Timeout, Some(Reason::NoAnswer));
        let told = |report: &Report, at| stage(&missed, report, after(at));
        let silent = report(DeviceState::Off, 0);
        assert_eq!(told(&silent, 6), Stage::Ended(Reason::NoAnswer));
        assert_eq!(told(&report(DeviceState::Off, 9), 10), Stage::Ended(Reason::NoAnswer));
        assert_eq!(told(&report(DeviceState::On, 9), 10), Stage::Over);
        assert_eq!(told(&report(DeviceState::On, 4), 10), Stage::Ended(Reason::NoAnswer));
        assert_eq!(told(&silent, 5 + 30 * 60), Stage::Over);
        let failed = trace(Status::Failed, Some(Reason::Refused));
        let on = report(DeviceState::On, 9);
        assert_eq!(stage(&failed, &on, after(10)), Stage::Ended(Reason::Refused));
        let newer = trace(Status::Failed, Some(Reason::Superseded));
        assert_eq!(stage(&newer, &silent, after(6)), Stage::Over);
    }

    #[test]
    fn nobody_waits_longer_than_two_seconds_without_a_word() {
        let sent = trace(Status::Sent, None);
        assert!(!is_slow(&sent, Stage::Sent, ASKED.plus(Duration::from_millis(1_999))));
        assert!(is_slow(&sent, Stage::Sent, after(2)) && is_slow(&sent, Stage::Saved, after(2)));
        assert!(!is_slow(&sent, Stage::Heard, after(20)), "that is an answer");
    }

    #[test]
    fn what_does_no_harm_is_undone_within_ten_seconds() {
        let undone = |kind, action, seconds| undo(kind, action, ASKED, after(seconds));
        assert_eq!(undone(DeviceKind::Fan, Action::On, 9), Some(Action::Off));
        assert_eq!(undone(DeviceKind::Light, Action::Off, 0), Some(Action::On));
        assert_eq!(undone(DeviceKind::Fan, Action::On, 10), None);
        assert_eq!(undone(DeviceKind::Feeder, Action::On, 1), None);
        assert_eq!(undone(DeviceKind::Fan, Action::SetValue(40.0), 1), None);
    }
}
