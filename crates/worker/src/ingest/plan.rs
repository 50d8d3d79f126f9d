//! From parsed messages to all that one commit writes. Pure: no clock, no I/O; what it changes in the
//! directory is either of no consequence (where to look first) or pending until the commit is done.
use super::{
    count::Counts,
    directory::{Directory, Node, Run, Series, Standing},
    message::{Body, Message},
    resolve::NO_SERIES,
    rows::{Columns, Row, columns},
};
use crate::presence::Sign;
use domain::{
    NodeId, Timestamp,
    clock::{Placed, place},
    protocol::{Availability, DeviceState, Head, Heartbeat, Log, LogLevel, Reading, States},
    readings::{Quality, Stillness, stored_unit},
    sequence::Arrival,
};
use std::{collections::BTreeMap, ops::Range, time::Duration};
use store::{
    readings::Acknowledged,
    reports::{Figures, Report},
};

/// Readings without a time of their own are kept apart by so much, each a millisecond of its own.
const APART: Duration = Duration::from_millis(1);
/// Lines of nodes in one batch that go into our log.
const MOST_LINES: u32 = 20;

/// What one commit writes, and what follows from it.
#[derive(Debug, Default)]
pub(super) struct Plan<'a> {
    pub(super) columns: Columns,
    pub(super) acknowledged: Acknowledged,
    /// Messages to put away: which, why, and what exactly was wrong.
    pub(super) quarantine: Vec<(usize, &'static str, String)>,
    /// How many of them are of which node, by place, and since when.
    pub(super) shares: BTreeMap<usize, (Timestamp, u32)>,
    pub(super) figures: Vec<Figures>,
    /// Nodes that say they run another firmware, by place.
    pub(super) firmware: Vec<(usize, String)>,
    /// Series that turned out to have another rhythm than was expected: the places of node and
    /// series, and the rhythm.
    pub(super) intervals: Vec<((usize, usize), Duration)>,
    pub(super) reports: Vec<Report<'a>>,
    /// Nodes that dropped messages before they could be delivered, and how many.
    pub(super) given_up: BTreeMap<usize, u64>,
    /// Runs with something to acknowledge: the places of node and run.
    pub(super) runs: Vec<(usize, usize)>,
    /// What the messages say of who is there, in their order.
    pub(super) signs: Vec<(NodeId, Duration, Sign)>,
    /// Nodes that have just connected and are told the time, by place.
    pub(super) greeted: Vec<usize>,
    pub(super) counts: Counts,
    lines: u32,
}

/// A batch, parsed and resolved.
pub(super) struct Parsed<'b, 'a> {
    pub(super) messages: &'b [Message<'a>],
    pub(super) readings: &'b [Reading<'a>],
    /// For each reading, where its series stands in its node.
    pub(super) series: &'b [usize],
    /// Messages the database would not take.
    pub(super) guilty: &'b [usize],
    /// Counts batches.
    pub(super) number: u64,
}

impl<'a> Plan<'a> {
    /// The plan for a span of the batch's messages.
    pub(super) fn new(
        directory: &mut Directory,
        batch: &Parsed<'_, 'a>,
        span: Range<usize>,
    ) -> Plan<'a> {
        let mut plan = Plan::default();
        let mut rows = Vec::with_capacity(batch.readings.len());
        let messages = batch.messages.get(span.clone()).unwrap_or_default();
        for (number, message) in span.zip(messages) {
            if let Some(kind) = message.kind {
                plan.counts.message(kind);
            }
            let Some(node) = directory.node_mut(message.node) else { continue };
            plan.message(&mut rows, node, batch, number, message);
        }
        plan.columns = columns(rows, |row| is_newest(directory, row));
        plan.counts.readings = count(plan.columns.readings.ts.len());
        plan.counts.duplicates += plan.columns.duplicates;
        for message in std::mem::take(&mut plan.columns.conflicts) {
            plan.put_away(
                message,
                "conflict",
                "the batch has another value for its time".to_owned(),
            );
        }
        plan.limit_quarantine(directory, batch);
        plan.settle_reports();
        plan.acknowledge(directory);
        plan
    }

    /// Keeps what there is room for in each node's share of the quarantine; the rest is only counted.
    fn limit_quarantine(&mut self, directory: &Directory, batch: &Parsed<'_, '_>) {
        let (shares, counts) = (&mut self.shares, &mut self.counts);
        self.quarantine.retain(|(number, ..)| {
            let Some(message) = batch.messages.get(*number) else { return true };
            let Some(node) = directory.node(message.node) else { return true };
            let (at, count) =
                shares.entry(message.node).or_insert((message.incoming.received_at, 0));
            let is_kept = *count < node.put_away_room(*at);
            if is_kept {
                *count += 1;
            } else {
                counts.refused("quarantine-full");
            }
            is_kept
        });
    }

    /// The plan for runs whose beginning is settled.
    pub(super) fn for_runs(directory: &Directory, runs: Vec<(usize, usize)>) -> Plan<'static> {
        let mut plan = Plan { runs, ..Plan::default() };
        plan.acknowledge(directory);
        plan
    }

    /// Forgets what was pending: it did not become durable.
    pub(super) fn undo(&self, directory: &mut Directory) {
        for (node, run) in &self.runs {
            if let Some(run) = directory.node_mut(*node).and_then(|node| node.runs.get_mut(*run)) {
                run.pending = None;
            }
        }
    }

    /// Whether it needs only the one statement for readings.
    pub(super) fn is_plain(&self) -> bool {
        self.quarantine.is_empty()
            && self.figures.is_empty()
            && self.firmware.is_empty()
            && self.intervals.is_empty()
            && self.reports.is_empty()
            && self.given_up.is_empty()
    }

    pub(super) fn put_away(&mut self, message: usize, reason: &'static str, detail: String) {
        if !self.quarantine.iter().any(|(other, ..)| *other == message) {
            self.counts.quarantined(reason);
            self.quarantine.push((message, reason, detail));
        }
    }

    fn message(
        &mut self,
        rows: &mut Vec<Row>,
        node: &mut Node,
        batch: &Parsed<'_, 'a>,
        number: usize,
        message: &Message<'a>,
    ) {
        match node.standing {
            Standing::Unknown if message.kind.is_none() => {}
            Standing::Unknown => return self.counts.refused("unknown-node"),
            Standing::Revoked => return self.counts.refused("revoked"),
            Standing::Unclaimed | Standing::Member(_) => {
                self.note_sign(node, batch.number, message);
            }
        }
        let is_member = matches!(node.standing, Standing::Member(_));
        if batch.guilty.contains(&number) {
            self.arrive(node, message, message.head());
            return self.put_away(number, "refused-by-database", String::new());
        }
        match &message.body {
            Body::Bad { reason, detail, head } => {
                self.put_away(number, reason, detail.clone());
                if is_member {
                    self.arrive(node, message, head.as_ref());
                }
            }
            Body::Readings { .. } | Body::States(_) if !is_member => {
                self.counts.refused("unclaimed")
            }
            Body::Readings { head, span } => {
                let before = rows.len();
                if let Err(refusal) = self.readings(rows, node, batch, number, (head, span)) {
                    rows.truncate(before);
                    self.put_away(number, refusal.0, refusal.1);
                }
            }
            Body::States(states) => self.states(node, number, message, states),
            Body::Heartbeat(heartbeat) => self.heartbeat(node, message.node, heartbeat),
            Body::Availability(Some(Availability::Online)) if !message.incoming.is_retained => {
                self.greeted.push(message.node);
            }
            Body::Availability(_) => {}
            // commands are not sent yet: every result is late, forged or somebody else's
            Body::Result => self.counts.refused("unknown-command"),
            Body::Log(log) => self.log(node, log),
        }
    }

    /// Passes a node's line on to our own log; a node that talks without end is cut short.
    fn log(&mut self, node: &Node, log: &Log<'_>) {
        self.lines += 1;
        if self.lines > MOST_LINES {
            return self.counts.refused("log-flood");
        }
        let (node, line) = (node.name.as_str(), &*log.message);
        match log.level {
            LogLevel::Debug => tracing::debug!(node.name = node, line, "A node says"),
            LogLevel::Info => tracing::info!(node.name = node, line, "A node says"),
            LogLevel::Warn => tracing::warn!(node.name = node, line, "A node warns"),
            LogLevel::Error => tracing::warn!(node.name = node, line, "A node has failed"),
        }
    }

    /// Notes what a message says of who is there: life once per node and batch, leaving always.
    fn note_sign(&mut self, node: &mut Node, batch: u64, message: &Message<'_>) {
        let sign = match message.body {
            Body::Availability(Some(Availability::Offline)) if message.incoming.is_retained => {
                Sign::HadLeft
            }
            Body::Availability(Some(Availability::Offline)) => Sign::Left,
            Body::Availability(None) => return,
            // what the broker kept is no sign of life
            _ if message.incoming.is_retained || node.noted_in == batch => return,
            _ => Sign::Life,
        };
        node.noted_in = if sign == Sign::Life { batch } else { 0 };
        self.signs.push((node.id, node.interval, sign));
    }

    /// Takes in a message's number; what to do with it is the same if it came again, but only a new
    /// one may get its instant from the time of arrival.
    fn arrive(
        &mut self,
        node: &mut Node,
        message: &Message<'_>,
        head: Option<&Head<'_>>,
    ) -> (Option<usize>, Arrival) {
        let Some(place) = head.and_then(|head| node.find_run(head.boot.as_deref()?)) else {
            return (None, Arrival::New);
        };
        let Some((head, run)) = head.zip(node.runs.get_mut(place)) else {
            return (None, Arrival::New);
        };
        let Some(seq) = head.seq else { return (Some(place), Arrival::New) };
        if run.pending.is_none() {
            self.runs.push((message.node, place));
        }
        let sequence = run.pending.get_or_insert_with(|| run.sequence.clone());
        if let Some(first) = head.first.filter(|first| *first <= seq) {
            let lost = sequence.give_up_before(first);
            if lost > 0 {
                *self.given_up.entry(message.node).or_default() += lost;
                self.counts.given_up += lost;
            }
        }
        (Some(place), sequence.arrive(seq, message.incoming.received_at))
    }

    fn readings(
        &mut self,
        rows: &mut Vec<Row>,
        node: &mut Node,
        batch: &Parsed<'_, '_>,
        number: usize,
        (head, span): (&Head<'_>, &Range<usize>),
    ) -> Result<(), (&'static str, String)> {
        let Some(message) = batch.messages.get(number) else { return Ok(()) };
        let (run, arrival) = self.arrive(node, message, Some(head));
        let run = run.and_then(|run| node.runs.get(run));
        let run = run.map(|run| (run.id, run.correction_ms, head.seq));
        let readings = batch.readings.get(span.clone()).unwrap_or_default();
        let places = batch.series.get(span.clone()).unwrap_or_default();
        for (reading, place) in readings.iter().zip(places) {
            let Some(series) = node.series.get_mut(*place).filter(|_| *place != NO_SERIES) else {
                return Err(no_series(reading));
            };
            let incoming = message.incoming;
            let Some(timed) =
                Timed::new(reading.ts.or(head.ts), run, arrival, series, incoming.received_at)
            else {
                self.counts.duplicates += 1;
                continue;
            };
            let (value, value_raw, quality) = judge(reading, series, &timed)?;
            if let Some(interval) = series.rhythm.hear(timed.ts, series.route.interval) {
                self.intervals.push(((message.node, *place), interval));
            }
            rows.push(Row {
                series: series.route.id.0,
                ts: timed.ts,
                value,
                value_raw,
                seq: run.and_then(|(_, _, seq)| seq),
                said: timed.said,
                boot: run.map(|(id, ..)| id),
                quality: quality.code(),
                received_at: incoming.received_at,
                message: number,
                order: rows.len(),
                place: (message.node, *place),
            });
        }
        Ok(())
    }

    fn states(
        &mut self,
        node: &mut Node,
        number: usize,
        message: &Message<'a>,
        states: &States<'a>,
    ) {
        let (run, _) = self.arrive(node, message, Some(&states.head));
        let correction = run.and_then(|run| node.runs.get(run)).and_then(|run| run.correction_ms);
        let received = message.incoming.received_at;
        let instant =
            |said: Option<i64>| match place(said.map(Timestamp::from_millis), correction, received)
            {
                Placed::AsSaid(ts) | Placed::Corrected { ts, .. } => Some(ts),
                Placed::Received { .. } => None,
            };
        let at = instant(states.head.ts).unwrap_or(received);
        let mut unknown = None;
        for state in &states.states {
            let DeviceState { device, state, value, cause, since } = state;
            let Some(device) = node.find_device(device).and_then(|place| node.devices.get(place))
            else {
                unknown = Some(device);
                continue;
            };
            self.reports.push(Report {
                device: device.id,
                state: state.clone(),
                value: *value,
                cause: cause.clone(),
                since: instant(*since).map(|since| since.min(at)),
                at,
            });
        }
        if let Some(device) = unknown {
            let detail = format!("there is no room for the device {device:?}");
            self.put_away(number, "too-many-devices", detail);
        }
    }

    fn heartbeat(&mut self, node: &Node, place: usize, heartbeat: &Heartbeat<'_>) {
        let Heartbeat { uptime_s, rssi_dbm, battery_pct, heap_free, .. } = *heartbeat;
        let figures = Figures { node: node.id, uptime_s, rssi_dbm, battery_pct, heap_free };
        self.figures.retain(|other| other.node != node.id);
        self.figures.push(figures);
        let firmware =
            heartbeat.firmware.as_deref().filter(|said| node.firmware.as_deref() != Some(said));
        if let Some(firmware) = firmware {
            self.firmware.retain(|(other, _)| *other != place);
            self.firmware.push((place, firmware.to_owned()));
        }
    }

    /// Each device's newest report only; of two at once the later one.
    fn settle_reports(&mut self) {
        self.reports.sort_by_key(|report| (report.device, report.at));
        self.reports.reverse();
        self.reports.dedup_by_key(|report| report.device);
    }

    fn acknowledge(&mut self, directory: &Directory) {
        for (node, run) in &self.runs {
            let Some(run) = directory.node(*node).and_then(|node| node.runs.get(*run)) else {
                continue;
            };
            if let Some(seq) = moved_to(run) {
                self.acknowledged.boot.push(run.id);
                self.acknowledged.seq.push(seq);
                let given_up = self.given_up.get(node).copied().unwrap_or_default();
                self.acknowledged.given_up.push(i64::try_from(given_up).unwrap_or(i64::MAX));
            }
        }
    }
}

/// The acknowledgement a run moves to with this commit.
fn moved_to(run: &Run) -> Option<i64> {
    let pending = run.pending.as_ref()?.acked();
    pending.filter(|_| pending != run.sequence.acked())
}

/// A reading's place in time.
struct Timed {
    ts: Timestamp,
    said: Option<Timestamp>,
    quality: Quality,
}

impl Timed {
    /// `None` for a reading that came before and has no instant of its own to be known by.
    fn new(
        said: Option<i64>,
        run: Option<(i32, Option<i64>, Option<i64>)>,
        arrival: Arrival,
        series: &mut Series,
        received: Timestamp,
    ) -> Option<Self> {
        let correction = run.and_then(|(_, correction, _)| correction);
        Some(match place(said.map(Timestamp::from_millis), correction, received) {
            Placed::AsSaid(ts) => Self { ts, said: None, quality: Quality::Good },
            Placed::Corrected { ts, said } => {
                Self { ts, said: Some(said), quality: Quality::Estimated }
            }
            Placed::Received { .. } if arrival == Arrival::Again => return None,
            Placed::Received { said } => {
                let after_last = series.last_received.map_or(received, |last| last.plus(APART));
                let ts = received.max(after_last);
                series.last_received = Some(ts);
                Self { ts, said, quality: Quality::Estimated }
            }
        })
    }
}

/// A reading's value in its series' unit, what the sensor said where that differs, and how far to
/// trust it.
fn judge(
    reading: &Reading<'_>,
    series: &mut Series,
    timed: &Timed,
) -> Result<(f64, Option<f64>, Quality), (&'static str, String)> {
    let raw = match reading.unit.as_deref() {
        None => reading.value,
        Some(unit) if unit == series.route.unit => reading.value,
        unit => match stored_unit(&reading.sensor, unit) {
            Some((stored, line)) if stored == series.route.unit => line.apply(reading.value),
            _ => return Err(bad_unit(reading, series)),
        },
    };
    let calibration = series.route.calibration(timed.ts);
    let value = calibration.map_or(raw, |calibration| calibration.apply(raw));
    if !value.is_finite() {
        return Err(("bad-number", "the calibrated value is infinite".to_owned()));
    }
    let mut quality = reading.quality.worse(timed.quality);
    if let Some(kind) = series.kind {
        let stillness = series.stillness.get_or_insert(Stillness::new(raw, timed.ts));
        let is_stuck = stillness.is_stuck(raw, timed.ts) && kind.rests_nowhere();
        if is_stuck || !kind.is_plausible(raw) || !kind.is_plausible(value) {
            quality = Quality::Suspect;
        }
    }
    let changed = value.to_bits() != raw.to_bits();
    Ok((value, changed.then_some(raw), quality))
}

fn no_series(reading: &Reading<'_>) -> (&'static str, String) {
    let Reading { device, sensor, unit, .. } = reading;
    match unit {
        Some(unit) if stored_unit(sensor, Some(unit)).is_none() => {
            ("bad-unit", format!("{sensor} has no unit {unit:?}"))
        }
        _ => ("too-many-devices", format!("there is no room for {sensor} of {device:?}")),
    }
}

fn bad_unit(reading: &Reading<'_>, series: &Series) -> (&'static str, String) {
    let (unit, stored) = (reading.unit.as_deref().unwrap_or(""), &series.route.unit);
    ("bad-unit", format!("{} is stored in {stored:?}, not in {unit:?}", reading.sensor))
}

fn is_newest(directory: &Directory, row: &Row) -> bool {
    let series = directory.series(row.place);
    series.is_some_and(|series| series.route.latest.is_none_or(|latest| latest < row.ts))
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
