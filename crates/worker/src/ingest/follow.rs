//! What follows a commit: memory moves on, nodes are acknowledged and told the time, open pages hear.
use super::{commit::Written, count::Counts, directory::Directory, plan::Plan, rows::Row};
use crate::{
    live::{Live, tell_device},
    mqtt::Outgoing,
    presence::Sign,
};
use domain::{
    FarmId, NodeId, NodeName, SeriesId, Timestamp,
    live::{LiveDevice, LiveReading},
    protocol::{Ack, TimeNow},
    readings::Quality,
};
use std::{borrow::Cow, time::Duration};
use store::{Clock, live::Bus, reports::Report};

/// What is left to do for a plan that is durable.
pub(super) struct Follow {
    pub(super) signs: Vec<(NodeId, Duration, Sign)>,
    pub(super) counts: Counts,
    /// When the first of its readings came.
    pub(super) received_at: Option<Timestamp>,
    /// Runs that wait for earlier messages.
    pub(super) unsettled: Vec<(usize, usize)>,
    runs: Vec<(usize, usize)>,
    greeted: Vec<usize>,
    newest: Vec<Row>,
    reports: Vec<Report<'static>>,
}

impl Follow {
    /// Moves memory on to what is durable now.
    pub(super) fn new(plan: Plan<'_>, written: &Written, directory: &mut Directory) -> Self {
        let Plan { columns, runs, mut greeted, signs, mut counts, firmware, reports, .. } = plan;
        for (place, (at, count)) in plan.shares {
            if let Some(node) = directory.node_mut(place) {
                node.note_put_away(at, count);
            }
        }
        for (place, interval) in plan.intervals {
            if let Some(series) = directory.series_mut(place) {
                series.route.interval = Some(interval);
            }
        }
        let mut unsettled = Vec::new();
        for (place, run) in &runs {
            let run_of = directory.node_mut(*place).and_then(|node| node.runs.get_mut(*run));
            let Some(of) = run_of else { continue };
            if let Some(pending) = of.pending.take() {
                of.sequence = pending;
            }
            if of.sequence.settles_at().is_some() {
                unsettled.push((*place, *run));
            }
        }
        for row in &columns.newest {
            if let Some(series) = directory.series_mut(row.place) {
                series.route.latest = series.route.latest.max(Some(row.ts));
            }
        }
        for (place, firmware) in firmware {
            if let Some(node) = directory.node_mut(place) {
                node.firmware = Some(firmware);
            }
        }
        counts.readings = counts.readings.saturating_sub(written.duplicates);
        counts.duplicates += written.duplicates.saturating_sub(written.conflicts);
        (0..written.conflicts).for_each(|_| counts.quarantined("conflict"));
        greeted.sort_unstable();
        greeted.dedup();
        let reports = reports
            .into_iter()
            .filter(|report| written.reported.contains(&report.device))
            .map(owned)
            .collect();
        let received_at = columns.newest.iter().map(|row| row.received_at).min();
        let newest = columns.newest;
        Self { signs, counts, received_at, unsettled, runs, greeted, newest, reports }
    }

    /// The messages to nodes that follow: one acknowledgement per run, and the time.
    pub(super) fn outgoing(&self, directory: &Directory, now: Timestamp, out: &mut Vec<Outgoing>) {
        for (place, run) in &self.runs {
            let Some(node) = directory.node(*place) else { continue };
            let Some(run) = node.runs.get(*run) else { continue };
            if let Some(seq) = run.sequence.acked() {
                let topic = Ack::topic(&node.name);
                out.extend(outgoing(topic, &Ack { boot: &run.name, seq }));
            }
        }
        for node in self.greeted.iter().filter_map(|place| directory.node(*place)) {
            let topic = TimeNow::topic(&node.name);
            out.extend(outgoing(topic, &TimeNow { now: now.as_millis() }));
        }
    }

    /// Tells open pages.
    pub(super) fn tell(&self, directory: &Directory, bus: &Bus, clock: &Clock, live: &Live) {
        live.offer(self.newest.iter().filter_map(|row| live_reading(directory, bus, row)));
        for report in &self.reports {
            if let Some((farm, device)) = live_device(directory, report) {
                tell_device(bus, clock, farm, device);
            }
        }
    }
}

fn outgoing(topic: String, payload: &impl serde::Serialize) -> Option<Outgoing> {
    let payload = serde_json::to_vec(payload).ok()?;
    Some(Outgoing { topic, payload })
}

/// The news of a row, if somebody listens to its farm. New devices are on pages too.
fn live_reading(
    directory: &Directory,
    bus: &Bus,
    row: &Row,
) -> Option<(FarmId, SeriesId, LiveReading)> {
    let node = directory.node(row.place.0)?;
    let farm = node.farm().filter(|farm| bus.is_heard(*farm))?;
    let series = &directory.series(row.place)?.route;
    let device = node.devices.get(series.device)?;
    let reading = LiveReading {
        device_id: device.id,
        node: NodeName::try_from(node.name.clone()).ok()?,
        channel: device.channel.clone(),
        sensor: series.sensor.clone(),
        unit: series.unit.clone(),
        value: row.value,
        quality: Quality::try_from(row.quality).ok()?,
        ts: row.ts,
    };
    Some((farm, series.id, reading))
}

/// The news of a report. Who reports can be reached.
fn live_device(directory: &Directory, report: &Report<'_>) -> Option<(FarmId, LiveDevice)> {
    let (node, device) = directory.find_device(report.device)?;
    let news = LiveDevice {
        device_id: device.id,
        node: NodeName::try_from(node.name.clone()).ok()?,
        channel: device.channel.clone(),
        is_online: true,
        state: Some(report.state.clone().into_owned()),
        cause: report.cause.clone().map(Cow::into_owned),
        since: report.since,
        reported_at: Some(report.at),
    };
    Some((node.farm()?, news))
}

/// A report that outlives its message.
fn owned(report: Report<'_>) -> Report<'static> {
    Report {
        device: report.device,
        state: Cow::Owned(report.state.into_owned()),
        value: report.value,
        cause: report.cause.map(|cause| Cow::Owned(cause.into_owned())),
        since: report.since,
        at: report.at,
    }
}
