//! What nodes say of their switches and of themselves, as parts of a plan.
use super::{directory::Node, message::Message, plan::Plan};
use domain::{
    Timestamp,
    clock::{Placed, place},
    protocol::{DeviceState, Heartbeat, States},
    sequence::Arrival,
};
use store::reports::{Figures, Report};

impl<'a> Plan<'a> {
    pub(super) fn states(
        &mut self,
        node: &mut Node,
        number: usize,
        message: &Message<'a>,
        states: &States<'a>,
    ) {
        let head = &states.head;
        let (run, arrival) = self.arrive(node, message, Some(head), head.ts);
        let run = run.and_then(|run| node.runs.get(run));
        let correction = run.and_then(|run| run.correction_ms(head.seq));
        let received = message.incoming.received_at;
        let instant =
            |said: Option<i64>| match place(said.map(Timestamp::from_millis), correction, received)
            {
                Placed::AsSaid(ts) | Placed::Corrected { ts, .. } => Some(ts),
                Placed::Received { .. } => None,
            };
        let at = match instant(head.ts) {
            // a clock that goes before ours would hold back all answers until we come there
            Some(at) => at.min(received),
            // it may be older than what was reported since, and does not say so
            None if arrival == Arrival::Again => return,
            None => received,
        };
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

    pub(super) fn heartbeat(&mut self, node: &Node, place: usize, heartbeat: &Heartbeat<'_>) {
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
    pub(super) fn settle_reports(&mut self) {
        self.reports.sort_by_key(|report| (report.device, report.at));
        self.reports.reverse();
        self.reports.dedup_by_key(|report| report.device);
    }
}
