//! What must be known before a batch can be planned: nodes, runs, devices and series that memory does
//! not have yet are asked for or made, a wrong clock gets its correction. Mostly there is nothing to do.
use super::{
    directory::{Directory, Node},
    message::{Body, Message},
};
use domain::{
    BootId, FarmId, NodeId, Timestamp, clock,
    events::EventKind,
    protocol::{DeviceState, Reading},
    readings::stored_unit,
};
use std::collections::BTreeSet;
use store::{
    AsyncPgConnection, StoreError, boots,
    events::{self, NewEvent},
    routes,
    series::{self, NewChannel, NewSeries, likely_kind},
};

/// More devices of one node are a fault of its program.
pub(super) const MOST_DEVICES: usize = 64;
/// More series of one node are a fault of its program.
pub(super) const MOST_SERIES: usize = 512;
/// Where a reading has no series.
pub(super) const NO_SERIES: usize = usize::MAX;

/// What resolving came to.
#[derive(Debug, Default)]
pub(super) struct Resolved {
    /// For each reading of the batch, where its series stands in its node.
    pub(super) series: Vec<usize>,
    /// Nodes that began a new run.
    pub(super) restarted: Vec<usize>,
}

/// Makes the directory know all that these messages speak of.
pub(super) async fn resolve(
    connection: &mut AsyncPgConnection,
    directory: &mut Directory,
    messages: &mut [Message<'_>],
    readings: &[Reading<'_>],
    now: Timestamp,
) -> Result<Resolved, StoreError> {
    load_nodes(connection, directory, messages).await?;
    let restarted = open_runs(connection, directory, messages, now).await?;
    fix_clocks(connection, directory, messages, readings, now).await?;
    let mut series = find_series(directory, messages, readings);
    if add_unknown(connection, directory, messages, readings, &series, now).await? {
        load_nodes(connection, directory, messages).await?;
        series = find_series(directory, messages, readings);
    }
    Ok(Resolved { series, restarted })
}

async fn load_nodes(
    connection: &mut AsyncPgConnection,
    directory: &mut Directory,
    messages: &mut [Message<'_>],
) -> Result<(), StoreError> {
    let mut missing = BTreeSet::new();
    for message in messages.iter_mut() {
        match directory.place(message.node_name) {
            Some(place) => message.node = place,
            None => {
                missing.insert(message.node_name);
            }
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<&str> = missing.into_iter().collect();
    for route in routes::load(connection, &names).await? {
        directory.put(route);
    }
    for name in names {
        if directory.place(name).is_none() {
            directory.put_unknown(name);
        }
    }
    for message in messages {
        message.node = directory.place(message.node_name).unwrap_or(usize::MAX);
    }
    Ok(())
}

/// The node of a message, if it works for a farm.
fn member<'d>(directory: &'d Directory, message: &Message<'_>) -> Option<(&'d Node, FarmId)> {
    let node = directory.node(message.node)?;
    node.farm().map(|farm| (node, farm))
}

async fn open_runs(
    connection: &mut AsyncPgConnection,
    directory: &mut Directory,
    messages: &[Message<'_>],
    now: Timestamp,
) -> Result<Vec<usize>, StoreError> {
    let mut unknown: Vec<(NodeId, &str)> = Vec::new();
    for message in messages {
        let Some((boot, (node, _))) = message.boot().zip(member(directory, message)) else {
            continue;
        };
        if node.find_run(boot).is_none() && !unknown.contains(&(node.id, boot)) {
            unknown.push((node.id, boot));
        }
    }
    if unknown.is_empty() {
        return Ok(Vec::new());
    }
    let mut restarted = Vec::new();
    for boot in boots::open(connection, &unknown, now).await? {
        let Some(node) = directory.find(boot.node) else { continue };
        if boot.is_new {
            restarted.push(node.name.clone());
        }
        if boot.is_new && !boot.is_first {
            let mut event = NewEvent::new(EventKind::NodeRestarted, now);
            event.farm = node.farm();
            event.data = serde_json::json!({ "node": node.name, "boot": boot.boot });
            events::record(connection, &event).await?;
        }
        node.add_run(boot);
    }
    Ok(restarted.iter().filter_map(|name| directory.place(name)).collect())
}

async fn fix_clocks(
    connection: &mut AsyncPgConnection,
    directory: &mut Directory,
    messages: &[Message<'_>],
    readings: &[Reading<'_>],
    now: Timestamp,
) -> Result<(), StoreError> {
    for message in messages {
        let received = message.incoming.received_at;
        let Some(said) = wrong_time(message, readings, received) else { continue };
        let Some((node, farm)) = member(directory, message) else { continue };
        let run = message.boot().and_then(|boot| node.find_run(boot));
        let Some(id) = run.and_then(|run| node.runs.get(run)).filter(|r| r.correction_ms.is_none())
        else {
            continue;
        };
        let id = id.id;
        let wanted = clock::correction_ms(said, received);
        let correction = boots::fix_clock(connection, BootId(id), wanted).await?;
        let Some(node) = directory.node_mut(message.node) else { continue };
        if let Some(run) = node.runs.iter_mut().find(|run| run.id == id) {
            run.correction_ms = Some(correction);
        }
        let mut event = NewEvent::new(EventKind::NodeClockWrong, now);
        event.farm = Some(farm);
        event.data = serde_json::json!({ "node": node.name, "correction_ms": correction });
        events::record(connection, &event).await?;
    }
    Ok(())
}

/// A time in the message that can not be right, the message's own before its readings'.
fn wrong_time(
    message: &Message<'_>,
    readings: &[Reading<'_>],
    received: Timestamp,
) -> Option<Timestamp> {
    let is_wrong = |said: &i64| !clock::is_credible(Timestamp::from_millis(*said), received);
    let wrong = match &message.body {
        Body::Heartbeat(heartbeat) => heartbeat.ts.filter(is_wrong),
        Body::States(states) => states.head.ts.filter(is_wrong),
        Body::Readings { head, span } => head.ts.filter(is_wrong).or_else(|| {
            let readings = readings.get(span.clone()).unwrap_or_default();
            readings.iter().filter_map(|reading| reading.ts).find(is_wrong)
        }),
        _ => None,
    };
    wrong.map(Timestamp::from_millis)
}

fn find_series(
    directory: &mut Directory,
    messages: &[Message<'_>],
    readings: &[Reading<'_>],
) -> Vec<usize> {
    let mut series = vec![NO_SERIES; readings.len()];
    for message in messages {
        let Body::Readings { span, .. } = &message.body else { continue };
        let Some(node) = directory.node_mut(message.node) else { continue };
        let of_message = series.get_mut(span.clone()).unwrap_or_default();
        let readings = readings.get(span.clone()).unwrap_or_default();
        for (place, reading) in of_message.iter_mut().zip(readings) {
            *place = node.find_series(&reading.device, &reading.sensor).unwrap_or(NO_SERIES);
        }
    }
    series
}

/// Adds devices and series that nobody knows; whether there were any.
async fn add_unknown(
    connection: &mut AsyncPgConnection,
    directory: &mut Directory,
    messages: &[Message<'_>],
    readings: &[Reading<'_>],
    places: &[usize],
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut unknown = Unknown::default();
    for message in messages {
        let Some((node, _)) = member(directory, message) else { continue };
        match &message.body {
            Body::Readings { span, .. } => {
                let places = places.get(span.clone()).unwrap_or_default();
                let readings = readings.get(span.clone()).unwrap_or_default();
                for (reading, _) in
                    readings.iter().zip(places).filter(|(_, place)| **place == NO_SERIES)
                {
                    unknown.reading(node, reading);
                }
            }
            Body::States(states) => {
                states.states.iter().for_each(|state| unknown.state(node, state));
            }
            _ => {}
        }
    }
    let Unknown { channels, series } = unknown;
    if channels.is_empty() && series.is_empty() {
        return Ok(false);
    }
    let (channels, new): (Vec<_>, Vec<_>) =
        (channels.into_iter().collect(), series.into_iter().collect());
    if !channels.is_empty() {
        series::add_devices(connection, &channels, now).await?;
    }
    if !new.is_empty() {
        series::add(connection, &new, now).await?;
    }
    for node in channels.iter().map(|channel| channel.node).chain(new.iter().map(|new| new.node)) {
        if let Some(name) = directory.find(node).map(|node| node.name.clone()) {
            directory.apply(&super::changes::Change::Node(name));
        }
    }
    Ok(true)
}

#[derive(Default)]
struct Unknown<'a> {
    channels: BTreeSet<NewChannel<'a>>,
    series: BTreeSet<NewSeries<'a>>,
}

impl<'a> Unknown<'a> {
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
