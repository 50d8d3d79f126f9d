//! One switch: what it is doing, how far its newest command is, and where its bolt is therefore.
use super::{
    model::{Bolt, Trail, Way},
    switches::trace,
};
use domain::{
    Timestamp,
    commands::{Because, Override, Reason, Stage, is_slow},
    devices::{DeviceKind, DeviceState},
};
use store::{
    commands::{Record, Stance},
    home::Device,
};

/// One switch.
#[derive(Debug, Clone, Copy)]
pub(super) struct Switch<'s> {
    pub(super) device: &'s Device,
    pub(super) stance: &'s Stance,
    /// What was asked of it last, and how far that is.
    pub(super) newest: Option<(&'s Record, Stage)>,
    /// It said something after that had ended.
    pub(super) is_known_since: bool,
}

impl Switch<'_> {
    /// What it is doing, as far as anyone knows now.
    pub(super) fn known(&self) -> DeviceState {
        DeviceState::of(self.device.reported_state.as_deref(), is_reachable(self.device))
    }

    /// How far its newest command is.
    pub(super) fn stage(&self) -> Option<Stage> {
        self.newest.map(|(_, stage)| stage)
    }

    /// Who has it by hand.
    pub(super) fn manual(&self, now: Timestamp) -> Option<Override> {
        self.stance.manual.filter(|manual| manual.stands(now))
    }

    /// Whether an emergency stop holds it.
    pub(super) fn is_stopped(&self) -> bool {
        matches!(self.stance.why.because, Because::Stop(_))
    }

    /// Whether whoever waits should be told that there is no answer yet.
    pub(super) fn is_slow(&self, now: Timestamp) -> bool {
        self.newest.is_some_and(|(record, stage)| is_slow(&trace(record), stage, now))
    }

    /// Whether its command has come to nothing, and nothing was heard of it since.
    pub(super) fn is_halted(&self) -> bool {
        let has_failed = matches!(
            self.stage(),
            Some(Stage::Ended(Reason::NoAnswer | Reason::Expired | Reason::Refused))
        );
        has_failed && !self.is_known_since
    }

    /// The name of its state for programs: what it reported, unless a command is under way.
    pub(super) fn state_name(&self, reported: &'static str) -> &'static str {
        match self.stage() {
            Some(stage) if stage.is_going() => "pending",
            Some(Stage::Ended(Reason::NoAnswer)) if !self.is_known_since => "unknown",
            _ => reported,
        }
    }

    /// Where its bolt is.
    pub(super) fn bolt(&self) -> Bolt {
        let going = self.newest.filter(|(_, stage)| stage.is_going() || self.is_halted());
        if self.is_stopped() && !self.stage().is_some_and(Stage::is_going) {
            return Bolt::Locked;
        }
        if let Some((record, stage)) = going {
            let trail = self.trail(record, stage);
            return if stage.is_going() { Bolt::Going(trail) } else { Bolt::Halted(trail) };
        }
        match self.known() {
            DeviceState::On => Bolt::On,
            _ if self.device.kind == DeviceKind::Feeder => Bolt::Act,
            DeviceState::Off => Bolt::Off,
            DeviceState::Unknown => Bolt::Unknown,
        }
    }

    fn trail(&self, record: &Record, stage: Stage) -> Trail {
        let way = if record.order.action.is_off() { Way::Off } else { Way::On };
        let from = match self.stance.state {
            DeviceState::On => Some(Way::On),
            DeviceState::Off => Some(Way::Off),
            DeviceState::Unknown => None,
        };
        let done = match stage {
            Stage::Saved | Stage::Waiting => 0,
            Stage::Sent => 1,
            _ if record.sent_at.is_none() && record.executing_at.is_none() => 0,
            _ => 2,
        };
        Trail { way, from, done, is_bad: stage == Stage::Ended(Reason::Refused) }
    }
}

/// Whether the device's controller can be reached.
pub(super) fn is_reachable(device: &Device) -> bool {
    device.place.as_ref().is_some_and(|place| place.is_online)
}
