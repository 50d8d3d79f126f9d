//! A command in the reader's language. Pure: who looks commands up brings the time and the names.
mod refusal;

use crate::{
    home::{Moment, Mood, Tag},
    reader::{Reader, rfc3339},
};
use chrono_tz::Tz;
use domain::{
    DeviceId, Timestamp, UserId,
    commands::{Action, CommandSource, Order, Reason, Status, Unit},
};
use std::collections::HashMap;
use store::commands::Record;

/// Longest words of a device that are shown, in characters.
const DEVICES_WORDS: usize = 120;

/// What commands are told with.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Words<'w> {
    /// Who reads.
    pub(crate) reader: Reader,
    /// When.
    pub(crate) now: Timestamp,
    /// The zone of the farm.
    pub(crate) zone: Tz,
    /// All who ever belonged to it.
    pub(crate) people: &'w HashMap<UserId, String>,
}

impl Words<'_> {
    /// What a device was told: "on for 15 min".
    pub(crate) fn order(self, order: &Order) -> String {
        let reader = self.reader;
        match (order.action, order.duration) {
            (Action::On, Some(span)) => {
                reader.say_with("command-on-for", &[("span", &reader.span(span))])
            }
            (Action::On, None) => reader.say("command-on"),
            (Action::Off, _) => reader.say("command-off"),
            (Action::SetValue(value), _) => self.number("command-value", value),
            (Action::SetAngle(value), _) => self.number("command-angle", value),
        }
    }

    /// How far it is, in a word or two with their colour and picture. What broker, device and we ourselves
    /// say has words of its own each.
    pub(crate) fn stage(self, status: Status, reason: Option<Reason>) -> Tag {
        let (mood, icon, word) = match (reason, status) {
            (Some(reason), _) => ended(reason),
            (None, Status::Queued) => (Mood::Going, "snooze", "command-queued"),
            (None, Status::Sent) => (Mood::Going, "mast", "command-sent"),
            (None, Status::Executing) => (Mood::Going, "sensor", "command-executing"),
            (None, Status::Completed) => (Mood::Good, "check", "command-completed"),
            (None, Status::Failed) => (Mood::Bad, "critical", "command-failed"),
            (None, Status::Timeout) => (Mood::Lost, "question", "command-no-answer"),
        };
        Tag { mood, icon, text: self.reader.say(word) }
    }

    /// What is waited for, or why it ended so; nothing of what is simply done. `name` tells what a device is called.
    pub(crate) fn detail(
        self,
        record: &Record,
        name: impl Fn(DeviceId) -> Option<String>,
    ) -> Option<String> {
        let reader = self.reader;
        let said = |words: &Option<String>| words.as_deref().map(shorten).filter(|w| !w.is_empty());
        let text = match (record.reason, record.status) {
            (Some(Reason::Refused), _) => match said(&record.error) {
                Some(words) => reader.say_with("command-refused-saying", &[("words", &words)]),
                None => reader.say("command-refused-why"),
            },
            (Some(Reason::Disagrees), _) => match said(&record.state) {
                Some(state) => {
                    let state = self.state(&state);
                    reader.say_with("command-disagrees-saying", &[("state", &state)])
                }
                None => reader.say("command-disagrees-why"),
            },
            (Some(Reason::Interlocked), _) => match record.held {
                Some(held) => {
                    let running = held.by.and_then(name);
                    self.told("command-was-held", &held, running.as_deref())
                }
                None => reader.say("command-interlocked-why"),
            },
            (Some(reason), _) => reader.say(&format!("{}-why", message(reason))),
            (None, Status::Queued) => {
                let when = self.when(record.expires_at);
                reader.say_with("command-queued-why", &[("when", &when)])
            }
            (None, Status::Sent) => reader.say("command-sent-why"),
            (None, Status::Executing) => reader.say("command-executing-why"),
            (None, Status::Timeout) => reader.say("command-no-answer-why"),
            (None, Status::Completed | Status::Failed) => return None,
        };
        Some(text)
    }

    /// Who or what asked for it.
    pub(crate) fn who(self, record: &Record) -> String {
        let reader = self.reader;
        match (record.source, record.stop) {
            (_, Some(_)) => match record.requested_by {
                Some(by) => {
                    reader.say_with("command-by-stop-of", &[("person", &self.person(Some(by)))])
                }
                None => reader.say("command-by-stop"),
            },
            // who takes out of use what runs has safety switch it off
            (CommandSource::Safety, None) if record.requested_by.is_some() => {
                self.person(record.requested_by)
            }
            (CommandSource::User, None) => self.person(record.requested_by),
            (CommandSource::Schedule, None) => reader.say("command-by-schedule"),
            (CommandSource::Rule, None) => reader.say("command-by-rule"),
            (CommandSource::Safety, None) => reader.say("command-by-safety"),
        }
    }

    /// A person by name.
    pub(crate) fn person(self, user: Option<UserId>) -> String {
        let known = user.and_then(|user| self.people.get(&user)).cloned();
        known.unwrap_or_else(|| self.reader.say("command-by-somebody"))
    }

    fn state(self, state: &str) -> String {
        match state {
            "on" => self.reader.say("device-on"),
            "off" => self.reader.say("device-off"),
            other => other.to_owned(),
        }
    }

    /// A value with its unit.
    pub(crate) fn amount(self, unit: Unit, value: f64) -> String {
        let id = match unit {
            Unit::Percent => "command-percent",
            Unit::Degree => "command-degrees",
        };
        self.number(id, value)
    }

    fn number(self, id: &str, value: f64) -> String {
        let decimals = u8::from(value.fract() != 0.0);
        self.reader.say_with(id, &[("n", &self.reader.decimal(value, decimals))])
    }

    /// A moment for a short line.
    pub(crate) fn moment(self, at: Timestamp) -> Moment {
        Moment { datetime: rfc3339(at), text: self.reader.moment(at, self.now, self.zone) }
    }

    fn when(self, at: Timestamp) -> String {
        self.reader.when(at, self.now, self.zone)
    }
}

/// Colour, picture and word of an end that needs a reason.
fn ended(reason: Reason) -> (Mood, &'static str, &'static str) {
    let word = message(reason);
    match reason {
        Reason::Expired => (Mood::Lost, "clock", word),
        Reason::NoAnswer => (Mood::Lost, "question", word),
        Reason::Superseded => (Mood::Quiet, "skip", word),
        Reason::Cancelled => (Mood::Quiet, "undo", word),
        Reason::Interlocked | Reason::Forbidden => (Mood::Warn, "lock", word),
        Reason::Stopped => (Mood::Bad, "hand", word),
        Reason::Refused => (Mood::Bad, "critical", word),
        Reason::Disagrees => (Mood::Warn, "warning", word),
    }
}

/// The message of a reason; its sentence is called the same with `-why`.
const fn message(reason: Reason) -> &'static str {
    match reason {
        Reason::Expired => "command-expired",
        Reason::NoAnswer => "command-no-answer",
        Reason::Superseded => "command-superseded",
        Reason::Cancelled => "command-cancelled",
        Reason::Interlocked => "command-interlocked",
        Reason::Stopped => "command-stopped",
        Reason::Forbidden => "command-forbidden",
        Reason::Refused => "command-refused",
        Reason::Disagrees => "command-disagrees",
    }
}

/// A device's own words on one line, not too long.
fn shorten(words: &str) -> String {
    words.split_whitespace().collect::<Vec<_>>().join(" ").chars().take(DEVICES_WORDS).collect()
}

#[cfg(test)]
mod tests;
