//! An event as one sentence in the reader's language: its kind, and what goes with it where that is known.
//! Who did it stands beside the sentence, not in it.
use crate::{members::role_name, reader::Reader};
use domain::{UserId, events::EventKind, names, roles::Role};
use serde_json::Value;
use std::collections::HashMap;
use store::events::{EventFilter, Trace};

/// What sentences are made with.
#[derive(Debug, Clone)]
pub(crate) struct Teller {
    pub(crate) reader: Reader,
    /// All who ever belonged to the farm.
    pub(crate) names: HashMap<UserId, String>,
}

/// Values of a sentence by their names in it.
type Values = Vec<(&'static str, String)>;

impl Teller {
    /// What happened. An event of another release, or one without its data, is told plainly.
    pub(crate) fn what(&self, trace: &Trace) -> String {
        let Some(kind) = EventKind::parse(&trace.event.kind) else {
            return self.reader.say("event-other");
        };
        match self.values(kind, trace) {
            Some(values) => {
                let values: Vec<_> = values.iter().map(|(name, v)| (*name, v.as_str())).collect();
                self.reader.say_with(&format!("{}-of", message(kind)), &values)
            }
            None => self.reader.say(&message(kind)),
        }
    }

    /// Who did it, in words where it was nobody.
    pub(crate) fn who(&self, trace: &Trace) -> String {
        trace.person.clone().unwrap_or_else(|| self.reader.say("events-system"))
    }

    /// The values of a kind's full sentence; nothing if it has none, or one of them is not known.
    fn values(&self, kind: EventKind, trace: &Trace) -> Option<Values> {
        let data = &trace.event.data;
        let text = |name: &str| data.get(name).and_then(Value::as_str).map(str::to_owned);
        let role = |name: &str| Some(role_name(&self.reader, Role::parse(&text(name)?)?));
        let member = || self.names.get(&text("member")?.parse().ok()?).cloned();
        let device = || trace.device.clone().or_else(|| text("device"));
        let number = |name: &str| data.get(name).and_then(Value::as_i64);
        Some(match kind {
            EventKind::NodeRegistered
            | EventKind::NodeRotated
            | EventKind::NodeRevoked
            | EventKind::NodeReleased
            | EventKind::NodeOnline
            | EventKind::NodeOffline
            | EventKind::NodeRestarted
            | EventKind::NodeAnswersWrongly
            | EventKind::NodeClaimed => vec![("node", text("node")?)],
            EventKind::NodeReplaced => vec![("from", text("from")?), ("to", text("to")?)],
            EventKind::NodeClockWrong => {
                let seconds = number("correction_ms")?.unsigned_abs() / 1000;
                let seconds = self.reader.whole(i64::try_from(seconds).ok()?);
                vec![("node", text("node")?), ("n", seconds)]
            }
            EventKind::ReadingsGivenUp => {
                vec![("node", text("node")?), ("n", self.reader.whole(number("messages")?))]
            }
            EventKind::DeviceFound
            | EventKind::DeviceLeft
            | EventKind::DeviceApproved
            | EventKind::DeviceOnline
            | EventKind::DeviceOffline
            | EventKind::DeviceChanged
            | EventKind::DeviceOrdered
            | EventKind::DeviceRetired
            | EventKind::DeviceRestored
            | EventKind::DeviceReplaced => {
                vec![("device", trace.device.clone().or_else(|| text("device"))?)]
            }
            EventKind::CommandRequested
            | EventKind::CommandCompleted
            | EventKind::CommandFailed
            | EventKind::CommandTimeout => {
                vec![("device", device()?), ("what", self.action(&text("action")?))]
            }
            EventKind::CommandRefused
            | EventKind::CommandSuperseded
            | EventKind::CommandCancelled
            | EventKind::CommandResultLate
            | EventKind::OverrideEnded
            | EventKind::SwitchedOffByInterlock
            | EventKind::InterlocksChanged
            | EventKind::DeviceConfigured
            | EventKind::SensorCalibrated => vec![("device", device()?)],
            EventKind::ConfigConfirmed | EventKind::ConfigRefused => vec![("node", text("node")?)],
            EventKind::CommandResultUnknown => vec![("node", text("node")?)],
            EventKind::FarmChanged => {
                let name = data.get("name")?;
                let part = |end: &str| name.get(end).and_then(Value::as_str).map(str::to_owned);
                vec![("from", part("from")?), ("to", part("to")?)]
            }
            EventKind::HouseAdded | EventKind::HouseChanged | EventKind::HouseRemoved => {
                vec![("house", text("name")?)]
            }
            EventKind::InvitationMade | EventKind::InvitationUsed => vec![("role", role("role")?)],
            EventKind::MemberRoleChanged => {
                vec![("member", member()?), ("from", role("from")?), ("to", role("to")?)]
            }
            EventKind::UserCreated | EventKind::MemberRemoved | EventKind::ResetCodeIssued => {
                vec![("member", member()?)]
            }
            _ => return None,
        })
    }

    /// What a device was told, in a word.
    fn action(&self, action: &str) -> String {
        let word = if matches!(action, "on" | "off") { action } else { "set" };
        self.reader.say(&format!("event-action-{word}"))
    }

    /// Lets a search find what the reader sees: sentences, roles and people that have the text in them.
    pub(super) fn widen(&self, filter: &mut EventFilter) {
        let Some(text) = &filter.text else { return };
        let wanted = names::same_key(text);
        let has = |words: &str| names::same_key(words).contains(&wanted);
        filter.kinds =
            EventKind::ALL.iter().copied().filter(|kind| self.says(*kind, has)).collect();
        let roles = Role::ALL.into_iter().filter(|role| has(&role_name(&self.reader, *role)));
        let people = self.names.iter().filter(|(_, name)| has(name));
        filter.values = roles.map(|role| role.name().to_owned()).collect();
        filter.values.extend(people.map(|(user, _)| user.to_string()));
    }

    /// Whether a kind's own words have something in them, whatever values stand between them.
    fn says(&self, kind: EventKind, has: impl Fn(&str) -> bool) -> bool {
        const VALUES: [(&str, &str); 8] = [
            ("node", "\n"),
            ("n", "\n"),
            ("device", "\n"),
            ("what", "\n"),
            ("from", "\n"),
            ("to", "\n"),
            ("member", "\n"),
            ("role", "\n"),
        ];
        let full = format!("{}-of", message(kind));
        has(&self.reader.say(&message(kind)))
            || (self.reader.find(&full).is_some()
                && self.reader.say_with(&full, &VALUES).split('\n').any(has))
    }
}

/// The message of a kind: `event-member-removed`.
fn message(kind: EventKind) -> String {
    format!("event-{}", kind.name().replace('_', "-"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::Lang;
    use domain::{Timestamp, events::Severity};
    use serde_json::json;
    use store::events::Event;

    const SOK: &str = "6a5ba5ee-1111-4000-8000-0000000000a1";

    fn teller(lang: Lang) -> Teller {
        let names = HashMap::from([(SOK.parse().unwrap(), "សុខ".to_owned())]);
        Teller { reader: Reader::new(lang), names }
    }

    fn trace(kind: &str, data: Value) -> Trace {
        let event = Event {
            id: 1,
            kind: kind.to_owned(),
            severity: Severity::Info,
            at: Timestamp::from_micros(0),
            farm: None,
            device: None,
            user: None,
            data,
        };
        Trace { event, person: None, device: None, address: None, user_agent: None }
    }

    /// All that any kind's data holds.
    fn everything() -> Value {
        json!({
            "node": "house-1", "device": "house-1:fan1", "messages": 3, "correction_ms": -90_000,
            "name": "House 2", "member": SOK, "action": "on", "role": "keeper", "from": "keeper", "to": "manager",
        })
    }

    #[test]
    fn every_kind_is_told_in_both_languages_with_its_data_and_without() {
        for lang in Lang::ALL {
            let teller = teller(lang);
            for kind in EventKind::ALL {
                let mut data = everything();
                if *kind == EventKind::FarmChanged {
                    data["name"] = json!({ "from": "Old", "to": "New" });
                }
                for data in
                    [data, json!({ "member": 7, "node": null, "role": "king" }), Value::Null]
                {
                    let told = teller.what(&trace(kind.name(), data));
                    let is_whole = !told.contains("Unknown localization") && !told.contains('{');
                    assert!(is_whole && !told.is_empty(), "{kind:?}: {told}");
                }
            }
        }
    }

    #[test]
    fn a_sentence_says_what_goes_with_it() {
        let (km, en) = (teller(Lang::Km), teller(Lang::En));
        let changed = trace("member_role_changed", everything());
        assert_eq!(en.what(&changed), "Role of សុខ: Keeper → Manager");
        assert_eq!(km.what(&changed), "តួនាទីរបស់ សុខ៖ អ្នកថែទាំ ទៅជា អ្នកគ្រប់គ្រង");
        let unknown = trace("member_role_changed", json!({ "member": "nobody" }));
        assert_eq!(en.what(&unknown), "A member's role was changed");
        assert_eq!(en.what(&trace("from_the_future", Value::Null)), "Something else happened");
    }

    #[test]
    fn a_search_finds_what_the_reader_sees() {
        let widened = |lang, text: &str| {
            let mut filter = EventFilter { text: Some(text.to_owned()), ..EventFilter::default() };
            teller(lang).widen(&mut filter);
            filter
        };
        assert_eq!(widened(Lang::Km, "អ្នកថែទាំ").values, ["keeper"]);
        assert_eq!(widened(Lang::En, "KEEPER").values, ["keeper"]);
        assert_eq!(widened(Lang::En, "សុខ").values, [SOK]);
        let kinds = widened(Lang::Km, "តួនាទី").kinds;
        assert_eq!(kinds, [EventKind::MemberRoleChanged]);
        assert_eq!(widened(Lang::En, "role of").kinds, [EventKind::MemberRoleChanged]);
        let nothing = widened(Lang::En, "no such words");
        assert_eq!((nothing.kinds, nothing.values), (vec![], vec![]));
    }
}
