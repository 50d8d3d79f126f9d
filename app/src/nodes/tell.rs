//! Controllers in finished words.
use super::Found;
use crate::{
    board::{Board, Group},
    devices::{new_devices, rows},
    home::{Mood, RowLook, RowView, Sentence, Tag, Teller},
    reader::Reader,
};
use domain::nodes::{Signal, is_battery_low};
use store::nodes::FarmNode;

/// A line for a controller, which leads to its page.
pub(crate) fn node_row(teller: Teller<'_>, node: &FarmNode) -> RowView {
    let reader = teller.reader;
    let about = match (node.is_online, node.last_seen_at) {
        (true, _) if node.answers_wrongly().is_some() => wrong(teller, node),
        (true, _) => health(&reader, node).map(Sentence::plain),
        (false, Some(at)) => Some(teller.since("controller-seen", at, &[])),
        (false, None) => Some(Sentence::plain(reader.say("controller-never"))),
    };
    RowView {
        look: RowLook {
            id: format!("c-{}", node.name),
            href: Some(format!("/farms/{}/nodes/{}", teller.facts.farm.id, node.id)),
            icon: "signal",
            name: reader.say_with("controller", &[("node", node.name.as_str())]),
            about,
            tag: Some(reach(&reader, node)),
        },
        values: Vec::new(),
    }
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

fn reach(reader: &Reader, node: &FarmNode) -> Tag {
    if node.is_online && node.answers_wrongly().is_some() {
        return Tag { mood: Mood::Warn, icon: "warning", text: reader.say("node-wrong") };
    }
    let (mood, icon, word) = if node.is_online {
        (Mood::Good, "check", "controller-online")
    } else {
        (Mood::Lost, "offline", "controller-offline")
    };
    Tag { mood, icon, text: reader.say(word) }
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

fn signal(reader: &Reader, dbm: i32) -> String {
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
    let waits = own().next().is_none() && node.last_seen_at.is_some() && node.revoked_at.is_none();
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
        Group::rows(reader.say("node-figures"), figures(found, teller)),
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
            ("offline", "controller-offline", Some(teller.since("controller-seen", at, &[])))
        }
        (None, false, None) => {
            ("snooze", "node-waiting", Some(Sentence::plain(reader.say("node-waiting-help"))))
        }
    };
    line("n-reach", icon, reader.say(name), about)
}

fn line(id: &'static str, icon: &'static str, name: String, about: Option<Sentence>) -> RowView {
    let look = RowLook { id: id.to_owned(), href: None, icon, name, about, tag: None };
    RowView { look, values: Vec::new() }
}

/// How it is, as far as it has said.
fn figures(found: &Found, teller: Teller<'_>) -> Vec<RowView> {
    let (reader, node, runs) = (teller.reader, &found.node, found.runs);
    let plain = |text: String| Some(Sentence::plain(text));
    let number = |n: i64| reader.whole(n);
    let heard = node.last_seen_at.map(|at| {
        let moment = Sentence { moment: Some(teller.moment(at)), ..Sentence::default() };
        line("n-heard", "phone", reader.say("node-heard"), Some(moment))
    });
    let signal = node.rssi_dbm.map(|dbm| {
        let about = reader.say_with("node-signal-dbm", &[("n", &number(dbm.into()))]);
        line("n-signal", "signal", signal(&reader, dbm), plain(about))
    });
    let battery = node.battery_pct.map(|percent| {
        let name = reader.say_with("node-battery-of", &[("n", &number(percent.into()))]);
        let low = is_battery_low(percent).then(|| Tag {
            mood: Mood::Warn,
            icon: "warning",
            text: reader.say("node-battery-low"),
        });
        let mut row = line("n-battery", "battery", name, None);
        row.look.tag = low;
        row
    });
    let firmware = node
        .firmware_version
        .clone()
        .map(|version| line("n-firmware", "refresh", reader.say("node-firmware"), plain(version)));
    let uptime = node.uptime.map(|uptime| {
        line("n-uptime", "clock", reader.say("node-uptime"), plain(reader.span(uptime)))
    });
    let memory = node.heap_free.map(|bytes| {
        let free = reader.say_with("node-memory-free", &[("n", &number(bytes / 1024))]);
        line("n-memory", "chart", reader.say("node-memory"), plain(free))
    });
    let starts = (runs.count > 0).then(|| {
        let name = reader.say_with("node-starts", &[("n", &number(runs.count))]);
        let last = runs.last.map(|at| teller.since("node-started", at, &[]));
        line("n-starts", "power", name, last)
    });
    let claimed = node.claimed_at.map(|at| {
        let about = reader.full_date(at, teller.zone());
        line("n-claimed", "check", reader.say("node-claimed-on"), plain(about))
    });
    let all = [heard, signal, battery, firmware, uptime, memory, starts, claimed];
    all.into_iter().flatten().collect()
}
