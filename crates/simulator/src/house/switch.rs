//! The switchable devices of a house.
use super::HousePlan;
use domain::{Channel, Timestamp, devices::DeviceKind};

/// One switchable device.
#[derive(Debug, Clone, PartialEq)]
pub struct Switch {
    /// Its name on the node.
    pub channel: Channel,
    /// What it is for.
    pub kind: DeviceKind,
    /// Whether it runs.
    pub is_on: bool,
    /// Since when it does, or does not.
    pub since: Timestamp,
    /// The farmer's hand is on it: the house's own control leaves it alone.
    pub by_hand: bool,
    /// The first of its kind in the house is 0; the second fan starts later than the first.
    pub(super) rank: u8,
}

/// How many devices of a kind run.
pub(super) fn running(switches: &[Switch], kind: DeviceKind) -> f64 {
    let running = switches.iter().filter(|switch| switch.kind == kind && switch.is_on).count();
    u32::try_from(running).map_or(0.0, f64::from)
}

pub(super) fn of(plan: &HousePlan, since: Timestamp) -> Vec<Switch> {
    let mut switches: Vec<Switch> = Vec::new();
    for device in plan.devices.iter().filter(|device| !device.kind.is_sensor()) {
        let before = switches.iter().filter(|switch| switch.kind == device.kind).count();
        switches.push(Switch {
            channel: device.channel.clone(),
            kind: device.kind,
            is_on: false,
            since,
            by_hand: false,
            rank: u8::try_from(before).unwrap_or(u8::MAX),
        });
    }
    switches
}
