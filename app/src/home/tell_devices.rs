//! Devices and controllers in words.
use super::{
    facts::Facts,
    model::{DeviceView, Mood, RowLook, RowView, Sentence, Tag},
    tell::Teller,
};
use crate::reader::Reader;
use domain::{
    NodeId, NodeName, Timestamp,
    devices::{DeviceKind, DeviceState},
};
use std::collections::BTreeMap;
use store::home::{Device, House, Place};

/// What a device is doing, as far as anyone knows.
pub(crate) fn state(device: &Device) -> DeviceState {
    let is_online = device.place.as_ref().is_some_and(|place| place.is_online);
    DeviceState::of(device.reported_state.as_deref(), is_online)
}

/// Whether it said that it is on, and can be reached.
pub(crate) fn is_running(device: &Device) -> bool {
    state(device) == DeviceState::On
}

/// One device.
pub(crate) fn device(teller: Teller<'_>, device: &Device) -> DeviceView {
    let state = state(device);
    let word = match state {
        DeviceState::On => "device-on",
        DeviceState::Off => "device-off",
        DeviceState::Unknown => "device-unknown",
    };
    let place = device.place.as_ref();
    DeviceView {
        id: device.id.to_string(),
        node: place.map(|place| place.node.to_string()).unwrap_or_default(),
        channel: place.map(|place| place.channel.to_string()).unwrap_or_default(),
        name: device.name.clone(),
        icon: icon_of_device(device),
        turns: device.kind == DeviceKind::Fan && state == DeviceState::On,
        state: state.name(),
        word: teller.reader.say(word),
        why: why(teller, device, state),
        latch: None,
    }
}

fn why(teller: Teller<'_>, device: &Device, state: DeviceState) -> Sentence {
    let (id, at) = match (state, device.reported_at) {
        (DeviceState::Unknown, Some(at)) => match device.reported_state.as_deref() {
            Some("on") => ("device-last-on", at),
            Some("off") => ("device-last-off", at),
            _ => ("device-last-other", at),
        },
        (_, Some(at)) => (cause(device), device.reported_since.unwrap_or(at)),
        (_, None) => return Sentence::plain(teller.reader.say("device-never")),
    };
    teller.since(id, at, &[])
}

/// Why it is as it is; devices name their reasons themselves, and we know some of them.
fn cause(device: &Device) -> &'static str {
    match device.reported_cause.as_deref() {
        Some("auto" | "automatic" | "schedule" | "rule" | "safety" | "thermostat" | "timer") => {
            "device-automatic-since"
        }
        Some("manual" | "command" | "button" | "local") => "device-by-hand-since",
        _ => "device-since",
    }
}

/// The picture of a device.
pub(crate) fn icon_of_device(device: &Device) -> &'static str {
    device.icon.unwrap_or(device.kind.icon()).name()
}

impl Facts {
    /// The controllers behind a house, each once, by name.
    fn controllers(&self, house: Option<&House>) -> BTreeMap<&NodeName, &Place> {
        let places = self.devices(house).filter_map(|device| device.place.as_ref());
        places.map(|place| (&place.node, place)).collect()
    }

    /// Those that can not be reached, and when they last could.
    pub(crate) fn silent_controllers(
        &self,
        house: Option<&House>,
    ) -> impl Iterator<Item = (&NodeName, Timestamp)> {
        self.controllers(house)
            .into_iter()
            .filter(|(_, place)| !place.is_online)
            .filter_map(|(node, place)| Some((node, place.last_seen?)))
    }
}

/// The controllers behind a house, and whether they can be reached.
pub(crate) fn controllers(teller: Teller<'_>, house: Option<&House>) -> Vec<RowView> {
    let all = teller.facts.controllers(house);
    all.into_iter().map(|(node, place)| controller(teller, node, place)).collect()
}

fn controller(teller: Teller<'_>, node: &NodeName, place: &Place) -> RowView {
    let about = (!place.is_online).then(|| last_heard(teller, place.last_seen));
    let tag = reach(&teller.reader, place.is_online);
    controller_row(teller, (place.id, node), (about, tag))
}

/// A line for a controller, which leads to its page.
pub(crate) fn controller_row(
    teller: Teller<'_>,
    (id, node): (NodeId, &NodeName),
    (about, tag): (Option<Sentence>, Tag),
) -> RowView {
    RowView {
        look: RowLook {
            id: format!("c-{node}"),
            href: Some(format!("/farms/{}/nodes/{id}", teller.facts.farm.id)),
            icon: "signal",
            name: teller.reader.say_with("controller", &[("node", node.as_str())]),
            about,
            tag: Some(tag),
        },
        values: Vec::new(),
    }
}

/// When a silent controller was last heard.
pub(crate) fn last_heard(teller: Teller<'_>, last_seen: Option<Timestamp>) -> Sentence {
    match last_seen {
        Some(at) => teller.since("controller-seen", at, &[]),
        None => Sentence::plain(teller.reader.say("controller-never")),
    }
}

/// Whether a controller can be reached.
pub(crate) fn reach(reader: &Reader, is_online: bool) -> Tag {
    let (mood, icon, word) = if is_online {
        (Mood::Good, "check", "controller-online")
    } else {
        (Mood::Lost, "offline", "controller-offline")
    };
    Tag { mood, icon, text: reader.say(word) }
}
