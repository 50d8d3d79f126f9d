//! What stands below a bolt: the stage or the end of a command, and what holds the device.
use super::{
    model::{Clock, LatchNote},
    switch::{Switch, is_reachable},
    tell::Switchboard,
};
use crate::{
    commands::{Words, name_of},
    home::{Mood, Sentence, Tag},
};
use domain::{
    Timestamp,
    commands::{Action, Stage, life},
    devices::DeviceKind,
};
use store::commands::Record;

impl<'s> Switchboard<'s> {
    /// Commands in the reader's words.
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

    /// How far its command has come; nothing of what is simply done, since the bolt has moved.
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
            Stage::Saved => {
                let id =
                    if switch.is_slow(now) { "control-not-sent-yet" } else { "control-sending" };
                let text = Sentence::plain(reader.say(id));
                Some(step(1, "phone", reader.say("control-saved")).with(text))
            }
            Stage::Waiting => {
                let text = self.teller.sentence("control-waiting-until", record.expires_at, &[]);
                Some(note("lost", "snooze", reader.say("control-waiting")).with(text))
            }
            Stage::Sent => Some(step(2, tag.icon, tag.text)),
            Stage::Heard => Some(step(3, tag.icon, tag.text)),
            Stage::Done if switch.device.kind == DeviceKind::Feeder => Some(self.dropped(record)),
            Stage::Ended(_) => {
                let ended = self.ended(record, &tag);
                Some(LatchNote { text: detail, ..ended })
            }
            Stage::Done | Stage::Over => None,
        }
    }

    /// A feeder has no bolt that would move.
    fn dropped(self, record: &Record) -> LatchNote {
        let title = self.teller.since("control-done", ended_at(record), &[]);
        let is_end = record.order.action.is_off();
        let id = if is_end { "control-drop-ended" } else { "control-dropped" };
        let text = Sentence::plain(self.teller.reader.say(id));
        LatchNote::new("good", "check", title).with(text)
    }

    fn ended(self, record: &Record, tag: &Tag) -> LatchNote {
        let stage = [("stage", tag.text.as_str())];
        let title = self.teller.since("control-ended", ended_at(record), &stage);
        let kind = match tag.mood {
            Mood::Bad => "bad",
            Mood::Warn => "warn",
            Mood::Lost => "lost",
            Mood::Good => "good",
            _ => "",
        };
        LatchNote::new(kind, tag.icon, title)
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
}

fn ended_at(record: &Record) -> Timestamp {
    record.completed_at.unwrap_or(record.requested_at)
}

fn note(kind: &'static str, icon: &'static str, title: String) -> LatchNote {
    LatchNote::new(kind, icon, Sentence::plain(title))
}
