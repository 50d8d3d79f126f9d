//! What can be asked of a device besides moving its bolt.
use super::{
    model::{LatchButton, LatchLink, OnPage},
    switch::Switch,
    tell::Switchboard,
};
use domain::{
    commands::{Action, CommandSource, Stage, undo},
    devices::DeviceKind,
};

impl Switchboard<'_> {
    /// What else can be asked: the same again, the other way, undoing it, automation.
    pub(super) fn buttons(self, switch: &Switch<'_>) -> Vec<LatchButton> {
        let (reader, now) = (self.teller.reader, self.teller.now);
        let mut buttons = Vec::new();
        if let Some((record, stage)) = switch.newest.filter(|_| !switch.is_stopped()) {
            let is_persons = record.source == CommandSource::User;
            if (switch.is_slow(now) || switch.is_halted()) && is_persons {
                buttons.push(button("again", "refresh", reader.say("control-again")));
            }
            let is_doing = stage.is_going() || stage == Stage::Done;
            let undone = undo(switch.device.kind, record.order.action, record.requested_at, now);
            if is_doing && is_persons && undone.is_some() {
                buttons.push(button("undo", "undo", reader.say("control-undo")));
            } else if switch.is_slow(now) || switch.is_halted() {
                buttons.push(self.other_way(switch, record.order.action));
            }
        }
        let is_going = switch.stage().is_some_and(Stage::is_going);
        if switch.manual(now).is_some() && !is_going {
            buttons.push(button("automatic", "undo", reader.say("control-automatic-now")));
        }
        buttons
    }

    fn other_way(self, switch: &Switch<'_>, action: Action) -> LatchButton {
        let words = self.bolt_words(switch);
        match action.is_off() {
            true => button("on", "on", words.turn_on),
            false => button("off", "off", words.turn_off),
        }
    }

    /// Where else one can go: to the stop that holds it, to all that can be asked of it.
    pub(super) fn links(self, switch: &Switch<'_>) -> Vec<LatchLink> {
        let (reader, farm) = (self.teller.reader, self.switches.farm);
        if switch.is_stopped() {
            let word = reader.say("control-release");
            let href = format!("/farms/{farm}/stop");
            let link = LatchLink { href, icon: "key", word, class: "button--plain" };
            return self.switches.may_release.then_some(link).into_iter().collect();
        }
        let is_here = matches!(self.page, OnPage::Control(_) | OnPage::About);
        let href = format!("/farms/{farm}/control/{}", switch.device.id);
        let word = match switch.stance.bounds {
            Some(_) => reader.say("control-more-values"),
            None if switch.device.kind == DeviceKind::Feeder => reader.say("control-more-feed"),
            None => reader.say("control-more"),
        };
        let link = LatchLink { href, icon: "clock", word, class: "button--quiet" };
        is_here.then_some(link).into_iter().collect()
    }
}

const fn button(wish: &'static str, icon: &'static str, word: String) -> LatchButton {
    LatchButton { wish, icon, word }
}
