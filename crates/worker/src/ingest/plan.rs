//! From parsed messages to all that one commit writes. Pure: no clock, no I/O; what it changes in the
//! directory is either of no consequence (where to look first) or pending until the commit is done.
use super::{
    Suspects,
    answer::Answered,
    count::Counts,
    directory::{Directory, Node, Place, Progress, Run, Standing},
    measure::{Measured, Timed, Wrong, judge, no_series},
    message::{Body, Message},
    resolve::NO_SERIES,
    rows::{Columns, Row, columns},
};
use crate::presence::Sign;
use domain::{
    BootId, NodeId, Timestamp, clock,
    protocol::{Availability, ConfigAck, Head, LogLevel, Reading},
    sequence::Arrival,
};
use std::{borrow::Cow, collections::BTreeMap, ops::Range, time::Duration};
use store::{
    readings::Acknowledged,
    reports::{Figures, Report},
};

/// What one commit writes, and what follows from it.
#[derive(Debug, Default)]
pub(super) struct Plan<'a> {
    pub(super) columns: Columns,
    pub(super) acknowledged: Acknowledged,
    /// Messages to put away.
    pub(super) quarantine: Vec<PutAway>,
    /// How many of them are of which node, by place, and since when.
    pub(super) shares: BTreeMap<usize, (Timestamp, u32)>,
    /// Nodes of which it is noted that they sent what can not be read, by place: when, and why.
    pub(super) wrong: BTreeMap<usize, (Timestamp, &'static str)>,
    pub(super) figures: Vec<Figures>,
    /// Nodes that say they run another firmware, by place.
    pub(super) firmware: Vec<(usize, String)>,
    /// Series that turned out to have another rhythm than was expected.
    pub(super) intervals: Vec<(Place, Duration)>,
    /// Runs whose clock was set, and from which number on it is right.
    pub(super) set_clocks: Vec<(BootId, i64)>,
    pub(super) reports: Vec<Report<'a>>,
    /// What nodes say of commands, in their order.
    pub(super) answers: Vec<Answered<'a>>,
    /// What nodes say of their configurations, the last word of each.
    pub(super) acks: BTreeMap<NodeId, ConfigAck<'a>>,
    /// Runs whose node dropped messages before they could be delivered, and how many.
    pub(super) given_up: BTreeMap<Place, u64>,
    /// Runs with something pending.
    pub(super) runs: Vec<Place>,
    /// Series with something pending.
    pub(super) series: Vec<Place>,
    /// What the messages say of who is there, in their order.
    pub(super) signs: Vec<(NodeId, Duration, Sign)>,
    /// Nodes that have just connected and are told the time, by place.
    pub(super) greeted: Vec<usize>,
    /// What nodes say to the operator.
    pub(super) lines: Vec<(usize, LogLevel, Cow<'a, str>)>,
    pub(super) counts: Counts,
}

/// A message to put away.
#[derive(Debug, Clone)]
pub(super) struct PutAway {
    /// Which one of the batch.
    pub(super) message: usize,
    /// A short code in kebab case.
    pub(super) reason: &'static str,
    /// What exactly was wrong.
    pub(super) detail: String,
}

/// A message the database would not take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Guilty {
    pub(super) message: usize,
    /// Whether a rule of the database refused it. Otherwise it may have been the database's condition:
    /// then its number does not count as come, and the node keeps it.
    pub(super) is_sure: bool,
}

/// A batch, parsed and resolved.
pub(super) struct Parsed<'b, 'a> {
    pub(super) messages: &'b [Message<'a>],
    pub(super) readings: &'b [Reading<'a>],
    /// For each reading, where its series stands in its node.
    pub(super) series: &'b [usize],
    pub(super) guilty: &'b [Guilty],
    pub(super) suspects: &'b Suspects,
    /// Counts attempts.
    pub(super) attempt: u64,
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
            batch.suspects.blaming(message.incoming, || {
                plan.message(&mut rows, node, batch, number, message);
            });
        }
        plan.columns = columns(rows, |row| is_newest(directory, row));
        plan.counts.readings = count(plan.columns.readings.ts.len());
        plan.counts.duplicates += plan.columns.duplicates;
        for message in std::mem::take(&mut plan.columns.conflicts) {
            let detail = "the batch has another value for its time".to_owned();
            plan.put_away(message, "conflict", detail);
        }
        plan.limit_quarantine(directory, batch);
        plan.settle_reports();
        plan.acknowledge(directory);
        plan
    }

    /// The plan for runs whose beginning is settled.
    pub(super) fn for_runs(directory: &Directory, runs: Vec<Place>) -> Plan<'static> {
        let mut plan = Plan { runs, ..Plan::default() };
        plan.acknowledge(directory);
        plan
    }

    /// Forgets what was pending: it did not become durable.
    pub(super) fn undo(&self, directory: &mut Directory) {
        for place in &self.runs {
            if let Some(run) = directory.run_mut(*place) {
                run.pending = None;
            }
        }
        for place in &self.series {
            if let Some(series) = directory.series_mut(*place) {
                series.pending = None;
            }
        }
    }

    /// Whether it needs only the one statement for readings.
    pub(super) fn is_plain(&self) -> bool {
        self.quarantine.is_empty()
            && self.wrong.is_empty()
            && self.figures.is_empty()
            && self.firmware.is_empty()
            && self.intervals.is_empty()
            && self.set_clocks.is_empty()
            && self.reports.is_empty()
            && self.answers.is_empty()
            && self.acks.is_empty()
            && self.given_up.is_empty()
    }

    pub(super) fn put_away(&mut self, message: usize, reason: &'static str, detail: String) {
        if !self.quarantine.iter().any(|other| other.message == message) {
            self.quarantine.push(PutAway { message, reason, detail });
        }
    }

    /// Keeps what there is room for in each node's share of the quarantine; the rest is only counted.
    /// Readings that were well-formed are always kept: they stand nowhere else.
    fn limit_quarantine(&mut self, directory: &Directory, batch: &Parsed<'_, '_>) {
        let (shares, counts, wrong) = (&mut self.shares, &mut self.counts, &mut self.wrong);
        self.quarantine.retain(|put_away| {
            let PutAway { message, reason, .. } = put_away;
            let node = batch.messages.get(*message).map(|message| message.node);
            let at = batch.messages.get(*message).map(|message| message.incoming.received_at);
            let Some((node, at)) = node.zip(at) else { return false };
            let (_, used) = shares.entry(node).or_insert((at, 0));
            let room = directory.node(node).map_or(u32::MAX, |node| node.put_away.room(at));
            let is_sound = matches!(*reason, "conflict" | "refused-by-database");
            // the server's fault, or close to it
            let is_ours = is_sound || *reason == "panic";
            if !is_ours && directory.node(node).is_some_and(|node| node.wrong.room(at) > 0) {
                wrong.insert(node, (at, reason));
            }
            let is_kept = *used < room || is_sound;
            if is_kept {
                *used += 1;
                counts.quarantined(reason);
            } else {
                counts.refused("quarantine-full");
            }
            is_kept
        });
    }

    fn message(
        &mut self,
        rows: &mut Vec<Row>,
        node: &mut Node,
        batch: &Parsed<'_, 'a>,
        number: usize,
        message: &Message<'a>,
    ) {
        let is_known = match node.standing {
            Standing::Unclaimed | Standing::Member(_) => true,
            // a node that is thrown off has left; nothing else of it counts
            Standing::Revoked => {
                matches!(message.body, Body::Availability(Some(Availability::Offline)))
            }
            Standing::Unknown => false,
        };
        if is_known {
            self.note_sign(node, batch.attempt, message);
        }
        match node.standing {
            Standing::Unknown if message.kind.is_none() => {}
            Standing::Unknown => return self.counts.refused("unknown-node"),
            Standing::Revoked => return self.counts.refused("revoked"),
            Standing::Unclaimed | Standing::Member(_) => {}
        }
        if let Some(guilty) = batch.guilty.iter().find(|guilty| guilty.message == number) {
            if guilty.is_sure {
                self.arrive(node, message, message.head(), None);
            }
            return self.put_away(number, "refused-by-database", String::new());
        }
        let is_member = matches!(node.standing, Standing::Member(_));
        match &message.body {
            Body::Bad { reason, detail, head } => {
                self.put_away(number, reason, detail.clone());
                if is_member {
                    self.arrive(node, message, head.as_ref(), None);
                }
            }
            Body::Readings { .. } | Body::States(_) if !is_member => {
                self.counts.refused("unclaimed")
            }
            Body::Readings { head, span } => {
                let before = rows.len();
                if let Err(wrong) = self.readings(rows, node, batch, number, (head, span)) {
                    rows.truncate(before);
                    node.forget_last(batch.series.get(span.clone()).unwrap_or_default());
                    self.put_away(number, wrong.0, wrong.1);
                }
            }
            Body::States(states) => self.states(node, number, message, states),
            Body::Heartbeat(heartbeat) => self.heartbeat(node, message.node, heartbeat),
            Body::Availability(Some(Availability::Online)) if !message.incoming.is_retained => {
                self.greeted.push(message.node);
            }
            Body::Availability(_) => {}
            Body::Result(_) if !is_member => self.counts.refused("unclaimed"),
            Body::Result(result) => self.answer(node, message, result),
            Body::ConfigAck(_) if !is_member => self.counts.refused("unclaimed"),
            Body::ConfigAck(ack) => {
                self.acks.insert(node.id, ack.clone());
            }
            Body::Log(log) => self.lines.push((message.node, log.level, log.message.clone())),
        }
    }

    /// Notes what a message says of who is there: life once per node and attempt, leaving always.
    fn note_sign(&mut self, node: &mut Node, attempt: u64, message: &Message<'_>) {
        let sign = match message.body {
            Body::Availability(Some(Availability::Offline)) if message.incoming.is_retained => {
                Sign::HadLeft
            }
            Body::Availability(Some(Availability::Offline)) => Sign::Left,
            Body::Availability(None) => return,
            // what the broker kept is no sign of life
            _ if message.incoming.is_retained || node.noted_in == attempt => return,
            _ => Sign::Life,
        };
        node.noted_in = if sign == Sign::Life { attempt } else { 0 };
        self.signs.push((node.id, node.interval, sign));
    }

    /// Takes in a message's number; what to do with it is the same if it came again, but only a new
    /// one may get its instant from the time of arrival. `said` is its time by the node's clock.
    pub(super) fn arrive(
        &mut self,
        node: &mut Node,
        message: &Message<'_>,
        head: Option<&Head<'_>>,
        said: Option<i64>,
    ) -> (Option<usize>, Arrival) {
        let Some(place) = head.and_then(|head| node.find_run(head.boot.as_deref()?)) else {
            return (None, Arrival::New);
        };
        let Some((head, run)) = head.zip(node.runs.get_mut(place)) else {
            return (None, Arrival::New);
        };
        let Some(seq) = head.seq else { return (Some(place), Arrival::New) };
        let here = (message.node, place);
        if run.pending.is_none() {
            self.runs.push(here);
        }
        let (is_corrected, id) = (run.is_corrected(), BootId(run.id));
        let progress = run.pending.get_or_insert_with(|| run.durable.clone());
        if let Some(first) = head.first.filter(|first| *first <= seq) {
            let lost = progress.sequence.give_up_before(first);
            if lost > 0 {
                let of_run = self.given_up.entry(here).or_default();
                *of_run = of_run.saturating_add(lost);
                self.counts.given_up = self.counts.given_up.saturating_add(lost);
            }
        }
        if let Some(said) = said.map(Timestamp::from_millis)
            && progress.hear_clock(seq, said, is_corrected)
        {
            self.set_clocks.push((id, seq));
        }
        (Some(place), progress.sequence.arrive(seq, message.incoming.received_at))
    }

    fn readings(
        &mut self,
        rows: &mut Vec<Row>,
        node: &mut Node,
        batch: &Parsed<'_, '_>,
        number: usize,
        (head, span): (&Head<'_>, &Range<usize>),
    ) -> Result<(), Wrong> {
        let Some(message) = batch.messages.get(number) else { return Ok(()) };
        let readings = batch.readings.get(span.clone()).unwrap_or_default();
        let places = batch.series.get(span.clone()).unwrap_or_default();
        let said = head.ts.or_else(|| readings.iter().find_map(|reading| reading.ts));
        let (run, arrival) = self.arrive(node, message, Some(head), said);
        let run = run.and_then(|run| node.runs.get(run));
        let correction_ms = run.and_then(|run| run.correction_ms(head.seq));
        let (boot, seq) = (run.map(|run| run.id), head.seq.filter(|_| run.is_some()));
        let received_at = message.incoming.received_at;
        for (reading, place) in readings.iter().zip(places) {
            let Some(series) = node.series.get_mut(*place).filter(|_| *place != NO_SERIES) else {
                return Err(no_series(reading));
            };
            let mut memory = series.pending.unwrap_or(series.durable);
            let said = reading.ts.or(head.ts);
            let timed = Timed::new(said, correction_ms, arrival, &mut memory, received_at);
            let Some(timed) = timed else {
                self.counts.duplicates += 1;
                continue;
            };
            let Measured { value, raw, quality } = judge(reading, series, &mut memory, &timed)?;
            if series.durable.last.is_some_and(|(ts, last)| ts == timed.ts && is_same(last, raw)) {
                // sent again before our ack was heard, by a node that will hear it now
                self.counts.duplicates += 1;
                continue;
            }
            memory.last = Some((timed.ts, raw));
            if let Some(interval) = memory.rhythm.hear(timed.ts, series.route.interval) {
                self.intervals.push(((message.node, *place), interval));
            }
            if series.pending.replace(memory).is_none() {
                self.series.push((message.node, *place));
            }
            rows.push(Row {
                series: series.route.id.0,
                ts: timed.ts,
                value,
                value_raw: Some(raw).filter(|raw| !is_same(*raw, value)),
                seq,
                said: timed.said,
                boot,
                quality: quality.code(),
                received_at,
                message: number,
                order: rows.len(),
                place: (message.node, *place),
            });
        }
        Ok(())
    }

    fn acknowledge(&mut self, directory: &Directory) {
        for place in &self.runs {
            let Some(run) = directory.run(*place) else { continue };
            if let Some(seq) = moved_to(run) {
                self.acknowledged.boot.push(run.id);
                self.acknowledged.seq.push(seq);
                let given_up = self.given_up.get(place).copied().unwrap_or_default();
                self.acknowledged.given_up.push(i64::try_from(given_up).unwrap_or(i64::MAX));
            }
        }
    }
}

impl Progress {
    /// Takes in what the message with this number says the time is; true if the clock of a run that
    /// is corrected was set with it.
    fn hear_clock(&mut self, seq: i64, said: Timestamp, is_corrected: bool) -> bool {
        if self.said.is_some_and(|(highest, _)| seq <= highest) {
            return false;
        }
        let before = self.said.replace((seq, said));
        let is_set = is_corrected
            && self.clock_set_seq.is_none()
            && before.is_some_and(|(_, before)| clock::was_set_back(before, said));
        if is_set {
            self.clock_set_seq = Some(seq);
        }
        is_set
    }
}

/// The acknowledgement a run moves to with this commit.
fn moved_to(run: &Run) -> Option<i64> {
    let pending = run.pending.as_ref()?.sequence.acked();
    pending.filter(|_| pending != run.durable.sequence.acked())
}

fn is_same(one: f64, other: f64) -> bool {
    one.to_bits() == other.to_bits()
}

fn is_newest(directory: &Directory, row: &Row) -> bool {
    let series = directory.series(row.place);
    series.is_some_and(|series| series.route.latest.is_none_or(|latest| latest < row.ts))
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}
