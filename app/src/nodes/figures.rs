//! How a controller is, as far as it has said.
use super::{
    Found,
    tell::{line, signal},
};
use crate::{
    board::Group,
    home::{Mood, RowView, Sentence, Tag, Teller},
};
use domain::nodes::is_battery_low;
use store::nodes::FarmNode;

/// Its figures. Those of a silent one are from when it was last heard, and say so; for how long it has run since
/// nobody knows.
pub(super) fn figures(found: &Found, teller: Teller<'_>) -> Group {
    let (reader, node) = (teller.reader, &found.node);
    let silent_since = node.last_seen_at.filter(|_| !node.is_online || node.revoked_at.is_some());
    let mut rows: Vec<Option<RowView>> = Vec::new();
    let title = match silent_since {
        Some(at) => {
            let when = reader.when(at, teller.now, teller.zone());
            reader.say_with("node-figures-then", &[("when", &when)])
        }
        None => {
            rows.extend([heard(teller, node), uptime(teller, node)]);
            reader.say("node-figures")
        }
    };
    rows.extend([strength(teller, node), battery(teller, node), memory(teller, node)]);
    rows.extend([firmware(teller, node), starts(teller, found), claimed(teller, node)]);
    Group::rows(title, rows.into_iter().flatten().collect())
}

fn heard(teller: Teller<'_>, node: &FarmNode) -> Option<RowView> {
    let moment = Some(teller.moment(node.last_seen_at?));
    let about = Sentence { moment, ..Sentence::default() };
    Some(line("n-heard", "phone", teller.reader.say("node-heard"), Some(about)))
}

fn uptime(teller: Teller<'_>, node: &FarmNode) -> Option<RowView> {
    let about = plain(teller.reader.span(node.uptime?));
    Some(line("n-uptime", "clock", teller.reader.say("node-uptime"), about))
}

fn strength(teller: Teller<'_>, node: &FarmNode) -> Option<RowView> {
    let (reader, dbm) = (teller.reader, node.rssi_dbm?);
    let about = reader.say_with("node-signal-dbm", &[("n", &reader.whole(dbm.into()))]);
    Some(line("n-signal", "signal", signal(&reader, dbm), plain(about)))
}

fn battery(teller: Teller<'_>, node: &FarmNode) -> Option<RowView> {
    let (reader, percent) = (teller.reader, node.battery_pct?);
    let name = reader.say_with("node-battery-of", &[("n", &reader.whole(percent.into()))]);
    let mut row = line("n-battery", "battery", name, None);
    row.look.tag = is_battery_low(percent).then(|| Tag {
        mood: Mood::Warn,
        icon: "warning",
        text: reader.say("node-battery-low"),
    });
    Some(row)
}

fn memory(teller: Teller<'_>, node: &FarmNode) -> Option<RowView> {
    let (reader, bytes) = (teller.reader, node.heap_free?);
    let free = reader.say_with("node-memory-free", &[("n", &reader.whole(bytes / 1024))]);
    Some(line("n-memory", "chart", reader.say("node-memory"), plain(free)))
}

fn firmware(teller: Teller<'_>, node: &FarmNode) -> Option<RowView> {
    let version = plain(node.firmware_version.clone()?);
    Some(line("n-firmware", "refresh", teller.reader.say("node-firmware"), version))
}

fn starts(teller: Teller<'_>, found: &Found) -> Option<RowView> {
    let (reader, runs) = (teller.reader, found.runs);
    let name = reader.say_with("node-starts", &[("n", &reader.whole(runs.count))]);
    let last = runs.last.map(|at| teller.since("node-started", at, &[]));
    (runs.count > 0).then(|| line("n-starts", "power", name, last))
}

fn claimed(teller: Teller<'_>, node: &FarmNode) -> Option<RowView> {
    let about = teller.reader.full_date(node.claimed_at?, teller.zone());
    Some(line("n-claimed", "check", teller.reader.say("node-claimed-on"), plain(about)))
}

fn plain(text: String) -> Option<Sentence> {
    Some(Sentence::plain(text))
}
