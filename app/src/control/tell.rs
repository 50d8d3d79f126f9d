//! Switches in finished words: what each says, why, and where its bolt is.
use super::{
    model::{BoltWords, LatchView, OnPage},
    switch::is_reachable,
    switches::{Switches, trace},
};
use crate::{
    devices::thing,
    home::{DeviceView, Sentence, Teller, tell_device},
};
use domain::{
    commands::{Action, Because, Ends, Report, Stage, Unit, stage},
    devices::{DeviceKind, DeviceState},
};
use store::{commands::Record, home::Device};

pub(super) use super::switch::Switch;

/// One reader looking at the switches of a farm.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Switchboard<'s> {
    pub(crate) teller: Teller<'s>,
    pub(crate) switches: &'s Switches,
    /// Where they stand.
    pub(crate) page: OnPage,
}

impl<'s> Switchboard<'s> {
    /// A device as it is told, with its latch if it can be switched.
    pub(crate) fn device(self, device: &'s Device) -> DeviceView {
        let view = tell_device(self.teller, device);
        let Some(switch) = self.switch(device) else { return view };
        let word = self.amount_of(&switch).unwrap_or(view.word);
        let state = switch.state_name(view.state);
        let why = self.why(&switch).unwrap_or(view.why);
        DeviceView { state, word, why, latch: Some(self.latch(&switch)), ..view }
    }

    /// What is known of a device as a switch.
    pub(super) fn switch(self, device: &'s Device) -> Option<Switch<'s>> {
        let stance = self.switches.stance(device.id)?;
        let report = Report {
            is_reachable: is_reachable(device),
            state: DeviceState::of(device.reported_state.as_deref(), true),
            at: device.reported_at,
        };
        let newest = self.switches.newest(device.id);
        let told = newest.map(|record| {
            let trace = trace(record);
            (record, stage(&trace, &report, self.teller.now))
        });
        let ended = newest.map(|record| trace(record).since);
        let is_known_since =
            report.is_reachable && report.at.zip(ended).is_some_and(|(at, ended)| at > ended);
        Some(Switch { device, stance, newest: told, is_known_since })
    }

    fn latch(self, switch: &Switch<'_>) -> LatchView {
        let (device, stage) = (switch.device, switch.stage());
        let newest = switch.newest.map(|(record, _)| record);
        let stage_said = switch.newest.and_then(|(record, stage)| {
            let tag = self.words().stage(record.status, record.reason);
            (stage != Stage::Over).then(|| format!("{}: {}", device.name, tag.text))
        });
        LatchView {
            action: format!("/farms/{}/control/{}", self.switches.farm, device.id),
            page: self.page,
            newest: newest.map(|record| record.id),
            portion: switch.stance.portion,
            may_control: self.switches.may_control,
            bolt: switch.bolt(),
            words: self.bolt_words(switch),
            goal: newest.map(|record| self.goal(record)).unwrap_or_default(),
            ends: self.ends(switch).filter(|_| !stage.is_some_and(Stage::is_going)),
            notes: self.notes(switch),
            buttons: if self.switches.may_control { self.buttons(switch) } else { Vec::new() },
            links: if self.switches.may_control { self.links(switch) } else { Vec::new() },
            said: stage_said,
        }
    }

    pub(super) fn bolt_words(self, switch: &Switch<'_>) -> BoltWords {
        let (reader, kind) = (self.teller.reader, switch.device.kind);
        let thing = thing(&reader, kind);
        let turn = |id| reader.say_with(id, &[("thing", &thing)]);
        let (turn_on, turn_off) = match switch.stance.portion {
            Some(portion) => (
                reader.say_with("control-drop", &[("span", &reader.span(portion))]),
                reader.say("control-drop-end"),
            ),
            None => (turn("control-turn-on"), turn("control-turn-off")),
        };
        BoltWords {
            on: reader.say("device-on"),
            off: reader.say("device-off"),
            unknown: reader.say("device-unknown"),
            turn_on,
            turn_off,
            locked: reader.say("control-locked"),
        }
    }

    /// What stands where a command goes: on, off, or how much.
    fn goal(self, record: &Record) -> String {
        match record.order.action {
            Action::SetValue(value) if value != 0.0 => self.amount(Unit::Percent, value),
            Action::SetAngle(value) => self.amount(Unit::Degree, value),
            action if action.is_off() => self.teller.reader.say("device-off"),
            _ => self.teller.reader.say("device-on"),
        }
    }

    /// How much a device says that it runs at.
    fn amount_of(self, switch: &Switch<'_>) -> Option<String> {
        let is_on = switch.known() == DeviceState::On;
        let ((unit, _), value) = switch.stance.bounds.zip(switch.stance.value)?;
        is_on.then(|| self.amount(unit, value))
    }

    /// A value with its unit.
    pub(super) fn amount(self, unit: Unit, value: f64) -> String {
        self.words().amount(unit, value)
    }

    /// Why it is as it is, where we know better than the device itself.
    fn why(self, switch: &Switch<'_>) -> Option<Sentence> {
        let (why, known) = (&switch.stance.why, switch.known());
        let at = why.since.filter(|_| known != DeviceState::Unknown)?;
        let id = match why.because {
            Because::Stop(_) => "control-stopped",
            Because::WasStopped(_) => "control-was-stopped",
            Because::Interlock(_) => "control-interlocked",
            Because::Rule(_) | Because::Schedule(_) => "device-automatic-since",
            Because::Hand(by) => {
                // what was asked by hand and did not come about is no reason
                let manual = switch.manual(self.teller.now)?;
                let who = self.words().person(by);
                let is_so = manual.action.is_state(known.name());
                return is_so.then(|| self.teller.since("control-by", at, &[("who", &who)]));
            }
            Because::Itself => return self.last_drop(switch),
        };
        Some(self.teller.since(id, at, &[]))
    }

    /// When feed was last dropped, as far as the newest command tells.
    fn last_drop(self, switch: &Switch<'_>) -> Option<Sentence> {
        let (record, _) = switch.newest.filter(|_| switch.device.kind == DeviceKind::Feeder)?;
        let is_drop = record.reason.is_none() && !record.order.action.is_off();
        let at = record.completed_at.filter(|_| is_drop)?;
        Some(self.teller.since("control-last-drop", at, &[]))
    }

    /// What will end it by itself.
    fn ends(self, switch: &Switch<'_>) -> Option<Sentence> {
        if switch.known() != DeviceState::On {
            return None;
        }
        match switch.stance.why.ends {
            Ends::Timer(at) | Ends::Program(Some(at)) => {
                Some(self.teller.sentence("control-ends-timer", at, &[]))
            }
            Ends::Interlock(at) => Some(self.teller.sentence("control-ends-interlock", at, &[])),
            Ends::Release | Ends::Automation(_) | Ends::Program(None) | Ends::Nothing => None,
        }
    }
}
