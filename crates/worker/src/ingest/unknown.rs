//! Devices and series that messages speak of and nobody knows.
use super::{
    directory::Node,
    message::{Body, Message},
    resolve::NO_SERIES,
};
use domain::{
    NodeId,
    protocol::{DeviceState, Reading},
    readings::stored_unit,
};
use std::collections::BTreeSet;
use store::series::{NewChannel, NewSeries, likely_kind};

/// More devices of one node are a fault of its program.
const MOST_DEVICES: usize = 64;
/// More series of one node are a fault of its program.
const MOST_SERIES: usize = 512;

/// What is to be added.
#[derive(Default)]
pub(super) struct Unknown<'a> {
    channels: BTreeSet<NewChannel<'a>>,
    series: BTreeSet<NewSeries<'a>>,
}

impl<'a> Unknown<'a> {
    /// Takes in what a message of this node speaks of; `places` tells for each of the batch's
    /// readings where its series stands.
    pub(super) fn message(
        &mut self,
        node: &Node,
        message: &'a Message<'_>,
        readings: &'a [Reading<'_>],
        places: &[usize],
    ) {
        match &message.body {
            Body::Readings { span, .. } => {
                let places = places.get(span.clone()).unwrap_or_default();
                let readings = readings.get(span.clone()).unwrap_or_default();
                let unknown = readings.iter().zip(places).filter(|(_, place)| **place == NO_SERIES);
                unknown.for_each(|(reading, _)| self.reading(node, reading));
            }
            Body::States(states) => states.states.iter().for_each(|state| self.state(node, state)),
            _ => {}
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.channels.is_empty() && self.series.is_empty()
    }

    pub(super) fn channels(&self) -> Vec<NewChannel<'a>> {
        self.channels.iter().cloned().collect()
    }

    pub(super) fn series(&self) -> Vec<NewSeries<'a>> {
        self.series.iter().cloned().collect()
    }

    /// Whose they are.
    pub(super) fn nodes(&self) -> BTreeSet<NodeId> {
        let of_series = self.series.iter().map(|series| series.node);
        self.channels.iter().map(|channel| channel.node).chain(of_series).collect()
    }

    fn reading(&mut self, node: &Node, reading: &'a Reading<'_>) {
        let (channel, sensor) = (&*reading.device, &*reading.sensor);
        // a unit that does not fit is refused when the batch is planned
        let Some((unit, _)) = stored_unit(sensor, reading.unit.as_deref()) else { return };
        if node.series.len() + self.series_of(node.id) >= MOST_SERIES {
            return;
        }
        if node.find_device(channel).is_none()
            && !self.channel(node, channel, "sensor", Some(sensor))
        {
            return;
        }
        let is_there = |new: &NewSeries<'_>| {
            new.node == node.id && new.channel == channel && new.sensor == sensor
        };
        if !self.series.iter().any(is_there) {
            self.series.insert(NewSeries { node: node.id, channel, sensor, unit });
        }
    }

    fn state(&mut self, node: &Node, state: &'a DeviceState<'_>) {
        if node.find_device(&state.device).is_none() {
            self.channel(node, &state.device, "relay", None);
        }
    }

    /// Whether there is room for it.
    fn channel(
        &mut self,
        node: &Node,
        channel: &'a str,
        device_type: &'static str,
        sensor: Option<&str>,
    ) -> bool {
        if self.channels.iter().any(|new| new.node == node.id && new.channel == channel) {
            return true;
        }
        let of_node = self.channels.iter().filter(|new| new.node == node.id).count();
        let has_room = node.devices.len() + of_node < MOST_DEVICES;
        if has_room {
            let kind = likely_kind(channel, sensor).name();
            self.channels.insert(NewChannel { node: node.id, channel, device_type, kind });
        }
        has_room
    }

    fn series_of(&self, node: NodeId) -> usize {
        self.series.iter().filter(|new| new.node == node).count()
    }
}
