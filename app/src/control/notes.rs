//! What stands below a bolt: the stage or the end of a command, what holds the device, and what can be done.
use super::{
    model::{Clock, LatchButton, LatchLink, LatchNote, OnPage},
    tell::{Switch, Switchboard, is_reachable},
};
use crate::{
    commands::{Words, name_of},
    home::{Mood, Sentence},
};
use domain::{
    commands::{Action, CommandSource, Stage, life, undo},
    devices::DeviceKind,
};
use store::commands::Record;

impl<'s> Switchboard<'s> {
    pub(super) fn words(self) -> Words<'s> {
        self.switches.words(self.teller)
    }

    /// The stage first, then what holds it.
    pub(super) fn notes(self, switch: &Switch<'_>) -> Vec<LatchNote> {
        let stage = switch.newest.and_then(|(record, stage)| self.stage(switch, record, stage));
        let is_going = switch.stage().is_some_and(Stage::is_going);
        let stage = stage.filter(|_| is_going || !switch.is_stopped());
        if switch.is_stopped() {
            return stage.into_iter().chain([self.stopped()]).collect();
        }
        if is_going {
            return stage.into_iter().collect();
        }
        let rest = [self.away(switch), self.held(switch), self.by_hand(switch)];
        stage.into_iter().chain(rest.into_iter().flatten()).collect()
    }

    /// How far its command is; nothing of what is simply done, since the bolt has moved.
    fn stage(self, switch: &Switch<'_>, record: &Record, stage: Stage) -> Option<LatchNote> {
        let (reader, now) = (self.teller.reader, self.teller.now);
        let name = |device| name_of(&self.teller.facts.farm.devices, device);
        let detail = self.words().detail(record, name).map(Sentence::plain);
        let tag = self.words().stage(record.status, record.reason);
        let step = |n: i64, icon, word: String| {
            let title =
                reader.say_with("control-step", &[("n", &reader.whole(n)), ("stage", &word)]);
            let clock = switch.is_slow(now).then(|| self.clock(record));
            LatchNote { text: detail.clone(), clock, ..note("going", icon, title) }
        };
        match stage {
            Stage::Saved if switch.is_slow(now) => {
                let text = Sentence::plain(reader.say("control-not-sent-yet"));
                Some(step(1, "phone", reader.say("control-saved")).with(text))
            }
            Stage::Saved => {
                let text = Sentence::plain(reader.say("control-sending"));
                Some(step(1, "phone", reader.say("control-saved")).with(text))
            }
            Stage::Waiting => {
                let text = self.teller.sentence("control-waiting-until", record.expires_at, &[]);
                Some(note("lost", "snooze", reader.say("control-waiting")).with(text))
            }
            Stage::Sent => Some(step(2, tag.icon, tag.text)),
            Stage::Heard => Some(step(3, tag.icon, tag.text)),
            Stage::Done if switch.device.kind == DeviceKind::Feeder => {
                let at = record.completed_at.unwrap_or(record.requested_at);
                let title = self.teller.since("control-done", at, &[]);
                let id = if record.order.action.is_off() {
                    "control-drop-ended"
                } else {
                    "control-dropped"
                };
                let text = Sentence::plain(reader.say(id));
                Some(LatchNote::new("good", "check", title).with(text))
            }
            Stage::Ended(_) => {
                let at = record.completed_at.unwrap_or(record.requested_at);
                let title = self.teller.since("control-ended", at, &[("stage", &tag.text)]);
                let kind = match tag.mood {
                    Mood::Bad => "bad",
                    Mood::Warn => "warn",
                    Mood::Lost => "lost",
                    Mood::Good => "good",
                    _ => "",
                };
                Some(LatchNote { text: detail, ..LatchNote::new(kind, tag.icon, title) })
            }
            Stage::Done | Stage::Over => None,
        }
    }

    fn clock(self, record: &Record) -> Clock {
        let (reader, at) = (self.teller.reader, record.requested_at);
        Clock {
            at: at.as_millis(),
            text: reader.ago(self.teller.now.since(at)),
            moment: self.teller.moment(at),
        }
    }

    fn stopped(self) -> LatchNote {
        let reader = self.teller.reader;
        note("bad", "hand", reader.say("command-by-stop"))
            .with(Sentence::plain(reader.say("control-stop-help")))
    }

    /// It can not be reached: what is asked of it waits for so long.
    fn away(self, switch: &Switch<'_>) -> Option<LatchNote> {
        let (reader, kind) = (self.teller.reader, switch.device.kind);
        let seen = switch.device.place.as_ref().and_then(|place| place.last_seen);
        if is_reachable(switch.device) {
            return None;
        }
        let title = match seen {
            Some(at) => self.teller.since("control-away-since", at, &[]),
            None => Sentence::plain(reader.say("controller-never")),
        };
        let (on, off) = (life(kind, Action::On), life(kind, Action::Off));
        let spans = [("on", reader.span(on)), ("off", reader.span(off))];
        let spans: Vec<(&str, &str)> = spans.iter().map(|(n, span)| (*n, span.as_str())).collect();
        let text = Sentence::plain(reader.say_with("control-away-help", &spans));
        Some(LatchNote::new("lost", "offline", title).with(text))
    }

    /// A rule of its own keeps it as it is.
    fn held(self, switch: &Switch<'_>) -> Option<LatchNote> {
        let held = switch.stance.why.held.filter(|_| is_reachable(switch.device))?;
        Some(note("warn", "lock", self.words().held(&held, None)))
    }

    /// Somebody has it by hand, for a while.
    fn by_hand(self, switch: &Switch<'_>) -> Option<LatchNote> {
        let manual = switch.manual(self.teller.now)?;
        let title = self.teller.since("control-by-hand-until", manual.until, &[]);
        let text = Sentence::plain(self.teller.reader.say("control-then-automatic"));
        Some(LatchNote::new("warn", "hand", title).with(text))
    }

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
        let words = self.bolt_words(switch.device.kind);
        match action.is_off() {
            true => button("on", "on", words.turn_on),
            false => button("off", "off", words.turn_off),
        }
    }

    pub(super) fn links(self, switch: &Switch<'_>) -> Vec<LatchLink> {
        let (reader, farm) = (self.teller.reader, self.switches.farm);
        if switch.is_stopped() {
            let word = reader.say("control-release");
            let href = format!("/farms/{farm}/stop");
            let link = LatchLink { href, icon: "key", word, class: "button--plain" };
            return self.switches.may_release.then_some(link).into_iter().collect();
        }
        let is_here = matches!(self.page, OnPage::Control(_));
        let href = format!("/farms/{farm}/control/{}", switch.device.id);
        let word = match switch.stance.bounds {
            Some(_) => reader.say("control-more-values"),
            None => reader.say("control-more"),
        };
        let link = LatchLink { href, icon: "clock", word, class: "button--quiet" };
        let has_more = switch.device.kind != DeviceKind::Feeder;
        (is_here && has_more).then_some(link).into_iter().collect()
    }
}

fn note(kind: &'static str, icon: &'static str, title: String) -> LatchNote {
    LatchNote::new(kind, icon, Sentence::plain(title))
}

const fn button(wish: &'static str, icon: &'static str, word: String) -> LatchButton {
    LatchButton { wish, icon, word }
}
