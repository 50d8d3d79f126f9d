//! The stream's events as the contract has them: facts for programs, and beside them what the page needs.
use super::{
    facts::Facts,
    model::{HomeView, RowView, TileView},
    patch::{Difference, patch},
};
use crate::{
    live::{PagePatch, ValuePatch},
    reader::rfc3339,
};
use domain::{
    FarmId, Timestamp,
    commands::Reason,
    devices::DeviceState,
    live::{LiveCommand, LiveDevice, LiveReading},
    readings::Quality,
};
use serde::Serialize;
use store::home::Farm;

/// One value.
#[derive(Debug, Serialize)]
pub(super) struct ReadingFacts {
    farm_id: FarmId,
    device_id: domain::DeviceId,
    node: String,
    device: String,
    sensor: String,
    value: f64,
    unit: String,
    quality: Quality,
    ts: String,
}

/// `reading`.
#[derive(Debug, Serialize)]
pub(super) struct ReadingEvent {
    #[serde(flatten)]
    facts: ReadingFacts,
    page: PagePatch,
}

impl ReadingEvent {
    pub(super) fn new(farm: FarmId, reading: &LiveReading, page: PagePatch) -> Self {
        let facts = ReadingFacts {
            farm_id: farm,
            device_id: reading.device_id,
            node: reading.node.to_string(),
            device: reading.channel.to_string(),
            sensor: reading.sensor.clone(),
            value: reading.value,
            unit: reading.unit.clone(),
            quality: reading.quality,
            ts: rfc3339(reading.ts),
        };
        Self { facts, page }
    }
}

/// `device`: what it is doing, and whether it can be reached.
#[derive(Debug, Serialize)]
pub(super) struct DeviceFacts {
    farm_id: FarmId,
    device_id: domain::DeviceId,
    node: String,
    device: String,
    /// `on`, `off` or `unknown`.
    state: &'static str,
    is_online: bool,
    reported_at: Option<String>,
}

impl DeviceFacts {
    pub(super) fn of(farm: FarmId, device: &LiveDevice) -> Self {
        Self {
            farm_id: farm,
            device_id: device.device_id,
            node: device.node.to_string(),
            device: device.channel.to_string(),
            state: DeviceState::of(device.state.as_deref(), device.is_online).name(),
            is_online: device.is_online,
            reported_at: device.reported_at.map(rfc3339),
        }
    }
}

/// `command`: how far a command has come.
#[derive(Debug, Serialize)]
pub(super) struct CommandFacts {
    farm_id: FarmId,
    command_id: domain::CommandId,
    device_id: domain::DeviceId,
    /// `queued`, `sent`, `executing`, `completed`, `failed` or `timeout`.
    status: &'static str,
    /// Why it ended so, such as `no_answer`; nothing if it is simply done.
    reason: Option<&'static str>,
    since: String,
}

impl CommandFacts {
    pub(super) fn of(farm: FarmId, command: &LiveCommand) -> Self {
        Self {
            farm_id: farm,
            command_id: command.command_id,
            device_id: command.device_id,
            status: command.status.name(),
            reason: command.reason.map(Reason::name),
            since: rfc3339(command.since),
        }
    }
}

/// `snapshot`.
#[derive(Debug, Serialize)]
pub(super) struct SnapshotEvent {
    farm_id: FarmId,
    at: String,
    readings: Vec<ReadingFacts>,
    devices: Vec<DeviceFacts>,
    page: PagePatch,
}

impl SnapshotEvent {
    pub(super) fn new(farm: &Farm, now: Timestamp, page: PagePatch) -> Self {
        let mut readings = Vec::new();
        let mut devices = Vec::new();
        for device in &farm.devices {
            let Some(place) = &device.place else { continue };
            devices.push(DeviceFacts {
                farm_id: farm.id,
                device_id: device.id,
                node: place.node.to_string(),
                device: place.channel.to_string(),
                state: DeviceState::of(device.reported_state.as_deref(), place.is_online).name(),
                is_online: place.is_online,
                reported_at: device.reported_at.map(rfc3339),
            });
            let latest = device.series.iter().filter_map(|s| Some((s, s.latest?)));
            readings.extend(latest.map(|(series, latest)| ReadingFacts {
                farm_id: farm.id,
                device_id: device.id,
                node: place.node.to_string(),
                device: place.channel.to_string(),
                sensor: series.sensor.clone(),
                value: latest.value,
                unit: series.unit.clone(),
                quality: latest.quality,
                ts: rfc3339(latest.at),
            }));
        }
        Self { farm_id: farm.id, at: rfc3339(now), readings, devices, page }
    }
}

/// `page`: what changed by itself, or in consequence.
#[derive(Debug, Serialize)]
pub(crate) struct PageEvent {
    pub(crate) page: PagePatch,
}

impl Difference {
    /// The part that one reading is the cause of; it is taken out.
    pub(super) fn take_reading(&mut self, facts: &Facts, reading: &LiveReading) -> PagePatch {
        let device = facts.farm.devices.iter().find(|device| device.id == reading.device_id);
        let series = device
            .and_then(|device| device.series.iter().find(|s| s.sensor == reading.sensor))
            .map(|series| series.id);
        let values = self.values.extract_if(.., |(of, _)| Some(*of) == series);
        let values = values.map(|(_, value)| value).collect();
        PagePatch { now: self.page.now, values, ..PagePatch::default() }
    }

    /// All of it, or what is left.
    pub(crate) fn into_page(self) -> PagePatch {
        let Self { mut page, values } = self;
        page.values.extend(values.into_iter().map(|(_, value)| value));
        page
    }
}

impl HomeView {
    /// Every number and age on the page.
    pub(super) fn all_values(&self) -> Vec<ValuePatch> {
        let checked = self.answer.checked.iter().map(|age| ("checked".to_owned(), None, age));
        all_values(&self.tiles, self.rows())
            .into_iter()
            .chain(checked.map(|(id, shown, age)| patch(id, shown, age)))
            .collect()
    }
}

/// Every number and age of tiles and lines.
pub(crate) fn all_values<'v>(
    tiles: &'v [TileView],
    rows: impl Iterator<Item = &'v RowView>,
) -> Vec<ValuePatch> {
    let tiles = tiles.iter().filter(|tile| tile.look.none.is_none());
    let tiles =
        tiles.map(|tile| (format!("v{}", tile.look.series.0), Some(tile.shown.clone()), &tile.age));
    let values = rows.flat_map(|row| &row.values).filter(|value| value.look.none.is_none());
    let values = values.map(|value| (value.look.id.clone(), Some(value.shown.clone()), &value.age));
    tiles.chain(values).map(|(id, shown, age)| patch(id, shown, age)).collect()
}
