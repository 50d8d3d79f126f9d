//! What follows a commit: memory moves on, nodes are acknowledged and told the time, open pages hear.
use super::{
    answer::Learned,
    commit::Written,
    count::Counts,
    directory::{Directory, Node, Place},
    plan::Plan,
    rows::Row,
};
use crate::{
    live::{Live, tell_device},
    mqtt::Outgoing,
    presence::Sign,
};
use domain::{
    FarmId, NodeId, NodeName, SeriesId, Timestamp,
    live::{LiveDevice, LiveReading},
    protocol::{Ack, LogLevel, TimeNow},
    readings::Quality,
};
use std::{borrow::Cow, time::Duration};
use store::{Clock, commands, configs, live::Bus, reports::Report};

/// What is left to do for a plan that is durable.
pub(super) struct Follow {
    pub(super) signs: Vec<(NodeId, Duration, Sign)>,
    pub(super) counts: Counts,
    /// When the first of its readings came.
    pub(super) received_at: Option<Timestamp>,
    /// Runs that wait for earlier messages.
    pub(super) unsettled: Vec<Place>,
    runs: Vec<Place>,
    greeted: Vec<usize>,
    newest: Vec<Row>,
    reports: Vec<Report<'static>>,
    learned: Learned,
    configured: configs::Learned,
}

impl Follow {
    /// Moves memory on to what is durable now.
    pub(super) fn new(
        plan: Plan<'_>,
        written: Written,
        directory: &mut Directory,
        now: Timestamp,
    ) -> Self {
        let Plan { columns, runs, mut greeted, signs, mut counts, firmware, reports, .. } = plan;
        let mut unsettled = Vec::new();
        for place in &runs {
            let Some(run) = directory.run_mut(*place) else { continue };
            if let Some(pending) = run.pending.take() {
                run.durable = pending;
            }
            if run.durable.sequence.settles_at().is_some() {
                unsettled.push(*place);
            }
        }
        for place in plan.series {
            if let Some(series) = directory.series_mut(place) {
                series.durable = series.pending.take().unwrap_or(series.durable);
            }
        }
        for (place, interval) in plan.intervals {
            if let Some(series) = directory.series_mut(place) {
                series.route.interval = Some(interval);
            }
        }
        for (place, (at, count)) in plan.shares {
            if let Some(node) = directory.node_mut(place) {
                spend_share(node, at, count);
            }
        }
        for (place, (at, _)) in plan.wrong {
            if let Some(node) = directory.node_mut(place) {
                node.wrong.spend(at, 1);
            }
        }
        for place in &written.learned.strangers {
            if let Some(node) = directory.node_mut(*place) {
                node.strange.spend(now, 1);
            }
        }
        for (place, level, line) in plan.lines {
            let Some(node) = directory.node_mut(place) else { continue };
            if node.lines.take(now) {
                say(&node.name, level, &line);
            } else {
                counts.refused("log-flood");
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
        let learned = written.learned;
        counts.late_results += learned.late;
        (0..learned.unknown).for_each(|_| counts.refused("unknown-command"));
        let configured = written.configured;
        (0..configured.unknown).for_each(|_| counts.refused("unknown-config"));
        greeted.sort_unstable();
        greeted.dedup();
        let reports = reports
            .into_iter()
            .filter(|report| written.reported.contains(&report.device))
            .map(owned)
            .collect();
        let received_at = columns.newest.iter().map(|row| row.received_at).min();
        let newest = columns.newest;
        Self {
            signs,
            counts,
            received_at,
            unsettled,
            runs,
            greeted,
            newest,
            reports,
            learned,
            configured,
        }
    }

    /// The nodes that have just connected or restarted.
    pub(super) fn back(&self, directory: &Directory) -> Vec<NodeId> {
        self.greeted.iter().filter_map(|place| Some(directory.node(*place)?.id)).collect()
    }

    /// Whether a device can be told something again.
    pub(super) fn has_freed(&self) -> bool {
        self.learned.changes.iter().any(|change| change.status.is_end())
    }

    /// Whether a node has a configuration above what is wanted.
    pub(super) fn is_any_ahead(&self) -> bool {
        self.configured.is_any_ahead
    }

    /// The messages to nodes that follow: one acknowledgement per run, and the time.
    pub(super) fn outgoing(&self, directory: &Directory, now: Timestamp, out: &mut Vec<Outgoing>) {
        for place in &self.runs {
            let Some((node, run)) = directory.node(place.0).zip(directory.run(*place)) else {
                continue;
            };
            if let Some(seq) = run.durable.sequence.acked() {
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
        for (farm, device) in &self.learned.devices {
            tell_device(bus, clock, *farm, device.clone());
        }
        commands::tell(bus, &self.learned.changes);
        self.configured.farms.iter().for_each(|farm| bus.farm_changed(*farm, clock.now()));
    }
}

/// Notes how much of its share of the quarantine a node has used; whoever looks after it is told once
/// when there is no more.
fn spend_share(node: &mut Node, at: Timestamp, count: u32) {
    let had_room = node.put_away.room(at) > 0;
    node.put_away.spend(at, count);
    if had_room && node.put_away.room(at) == 0 {
        let node = node.name.as_str();
        tracing::warn!(node.name = node, "A node sends more that is wrong than is kept in an hour");
    }
}

/// Passes a node's line on to our own log.
fn say(node: &str, level: LogLevel, line: &str) {
    match level {
        LogLevel::Debug => tracing::debug!(node.name = node, line, "A node says"),
        LogLevel::Info => tracing::info!(node.name = node, line, "A node says"),
        LogLevel::Warn => tracing::warn!(node.name = node, line, "A node warns"),
        LogLevel::Error => tracing::warn!(node.name = node, line, "A node has failed"),
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
