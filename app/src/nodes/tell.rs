//! Controllers in finished words.
use super::{Found, figures::figures};
use crate::{
    board::{Board, Group},
    devices::{new_devices, rows},
    home::{Mood, RowLook, RowView, Sentence, Tag, Teller, controller_row, last_heard, reach},
    reader::Reader,
};
use domain::nodes::Signal;
use store::nodes::FarmNode;

/// A line for a controller, which leads to its page.
pub(crate) fn node_row(teller: Teller<'_>, node: &FarmNode) -> RowView {
    let about = match node.is_online {
        true if node.answers_wrongly().is_some() => wrong(teller, node),
        true => health(&teller.reader, node).map(Sentence::plain),
        false => Some(last_heard(teller, node.last_seen_at)),
    };
    let tag = tag(&teller.reader, node);
    controller_row(teller, (node.id, &node.name), (about, tag))
}

/// Since when it answers wrongly, and what is wrong, for one that does.
fn wrong(teller: Teller<'_>, node: &FarmNode) -> Option<Sentence> {
    let wrong = node.answers_wrongly()?;
    let id = match wrong.why.as_str() {
        "bad-number" => "node-wrong-number",
        "bad-unit" => "node-wrong-unit",
        "retained" => "node-wrong-retained",
        "too-many" | "too-many-devices" => "node-wrong-many",
        _ => "node-wrong-form",
    };
    let why = teller.reader.say(id);
    Some(teller.since("node-wrong-since", wrong.since, &[("why", &why)]))
}

fn tag(reader: &Reader, node: &FarmNode) -> Tag {
    if node.is_online && node.answers_wrongly().is_some() {
        return Tag { mood: Mood::Warn, icon: "warning", text: reader.say("node-wrong") };
    }
    reach(reader, node.is_online)
}

/// Signal and battery in a few words.
fn health(reader: &Reader, node: &FarmNode) -> Option<String> {
    let signal = node.rssi_dbm.map(|dbm| signal(reader, dbm));
    let battery = node
        .battery_pct
        .map(|percent| reader.say_with("node-battery-of", &[("n", &reader.whole(percent.into()))]));
    let parts: Vec<String> = signal.into_iter().chain(battery).collect();
    (!parts.is_empty()).then(|| parts.join(" · "))
}

/// How good a signal is.
pub(super) fn signal(reader: &Reader, dbm: i32) -> String {
    reader.say(&format!("signal-{}", Signal::of(dbm).name()))
}

/// All of one controller that changes while one looks: whether it is heard, its devices, its figures.
pub(super) fn board(found: &Found, reader: Reader, may_edit: bool) -> Board {
    let Found { known, node, .. } = found;
    let teller = known.teller(reader);
    let own = || {
        let all = known.facts.farm.devices.iter();
        all.filter(|device| device.place.as_ref().is_some_and(|place| place.id == node.id))
    };
    let new = own().filter(|device| !device.is_approved);
    let in_use = rows(teller, own().filter(|device| device.is_approved));
    let is_here = node.is_online && node.revoked_at.is_none();
    let waits = own().next().is_none() && is_here;
    let help = waits.then(|| reader.say("node-no-devices"));
    let silence = Group { help, ..Group::default() };
    let wrong = wrong(teller, node);
    let wrong =
        wrong.map(|about| line("n-wrong", "warning", reader.say("node-wrong"), Some(about)));
    let standing_rows = std::iter::once(standing(teller, node)).chain(wrong).collect();
    Board::new(vec![
        Group::rows(String::new(), standing_rows),
        silence,
        new_devices(known, teller, new, may_edit),
        Group::rows(reader.say("node-devices"), in_use),
        figures(found, teller),
    ])
}

/// Whether it is heard, and since when; who waits for it learns what to do.
fn standing(teller: Teller<'_>, node: &FarmNode) -> RowView {
    let reader = teller.reader;
    let (icon, name, about) = match (node.revoked_at, node.is_online, node.last_seen_at) {
        (Some(at), ..) => ("lock", "node-revoked", Some(teller.since("home-since", at, &[]))),
        (None, true, _) => {
            let since = node.online_changed_at.map(|at| teller.since("home-since", at, &[]));
            ("signal", "controller-online", since)
        }
        (None, false, Some(at)) => {
            ("offline", "controller-offline", Some(last_heard(teller, Some(at))))
        }
        (None, false, None) => {
            ("snooze", "node-waiting", Some(Sentence::plain(reader.say("node-waiting-help"))))
        }
    };
    line("n-reach", icon, reader.say(name), about)
}

/// A line that leads nowhere.
pub(super) fn line(
    id: &'static str,
    icon: &'static str,
    name: String,
    about: Option<Sentence>,
) -> RowView {
    let look = RowLook { id: id.to_owned(), href: None, icon, name, about, tag: None };
    RowView { look, values: Vec::new() }
}
