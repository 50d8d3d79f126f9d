//! What the audit trail of a demo farm tells: how it was set up, a power cut, and today's seeding.
use super::past;
use domain::{Timestamp, UserId, events::EventKind};
use serde_json::json;
use std::time::Duration;
use store::{demo::Farm, events::NewEvent};

/// The events of a farm that is complete but for them, oldest first.
pub(super) fn of(farm: &Farm, seed: u64, now: Timestamp) -> Vec<NewEvent<'static>> {
    let owner = farm.people.first().map(|person| person.id);
    let mut events = setting_up(farm, owner);
    let dark = farm.nodes.iter().filter(|node| super::farms::had_power_cut(node.name.as_str()));
    for node in dark {
        let (from, until) = past::power_cut(now);
        let data = json!({ "node": node.name });
        // noticed when the node had been silent for three heartbeats
        let noticed = from.plus(Duration::from_secs(90));
        events.push(event(farm, EventKind::NodeOffline, noticed, &data));
        events.push(event(farm, EventKind::NodeOnline, until, &data));
        events.push(event(farm, EventKind::NodeRestarted, until, &data));
    }
    for (person, number) in farm.people.iter().zip(1_u32..) {
        let at = now.minus(Duration::from_hours(5) * number + Duration::from_mins(7));
        let signed_in =
            NewEvent { user: Some(person.id), ..NewEvent::new(EventKind::SignedIn, at) };
        events.push(signed_in);
    }
    events.push(event(farm, EventKind::DemoSeeded, now, &json!({ "seed": seed })));
    events.sort_by_key(|event| event.at);
    events
}

fn setting_up(farm: &Farm, owner: Option<UserId>) -> Vec<NewEvent<'static>> {
    let made = farm.created_at;
    let name = json!({ "farm": farm.name });
    let mut events =
        vec![NewEvent { user: owner, ..event(farm, EventKind::FarmCreated, made, &name) }];
    for node in &farm.nodes {
        let at = made.plus(Duration::from_hours(1));
        events.push(event(farm, EventKind::NodeRegistered, at, &json!({ "node": node.name })));
    }
    for (device, number) in farm.devices.iter().zip(1_u32..) {
        let node = farm.nodes.iter().find(|node| node.id == device.node);
        let node = node.map_or("", |node| node.name.as_str());
        let data = json!({ "device": format!("{node}:{}", device.channel) });
        let found = made.plus(Duration::from_mins(65));
        let approved = made.plus(Duration::from_mins(90) + Duration::from_secs(20) * number);
        for (kind, at, user) in
            [(EventKind::DeviceFound, found, None), (EventKind::DeviceApproved, approved, owner)]
        {
            let device = Some(device.id);
            events.push(NewEvent { device, user, ..event(farm, kind, at, &data) });
        }
    }
    events
}

fn event(
    farm: &Farm,
    kind: EventKind,
    at: Timestamp,
    data: &serde_json::Value,
) -> NewEvent<'static> {
    NewEvent { farm: Some(farm.id), data: data.clone(), ..NewEvent::new(kind, at) }
}
