//! What a farm's live channel carries, between servers and to open pages.
use crate::{
    Channel, CommandId, DeviceId, FarmId, NodeName, Timestamp, UserId,
    commands::{Reason, Status},
    readings::Quality,
};
use serde::{Deserialize, Serialize};

/// One piece of news about a farm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LiveEvent {
    /// The farm it is about.
    pub farm: FarmId,
    /// The database's time when it was committed; also the stream's event id, in microseconds.
    pub at: Timestamp,
    /// What happened.
    pub news: News,
}

/// What can happen on a farm.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum News {
    /// Newer current values; never older than what went before.
    Readings {
        /// One per series that changed.
        readings: Vec<LiveReading>,
    },
    /// What a device last said of itself, or whether it can be reached.
    Device(LiveDevice),
    /// How far a command has come.
    Command(LiveCommand),
    /// The farm, its houses or its devices were edited: all that is known of it must be asked again.
    Changed,
    /// A session, a membership or a role of a person has changed: whoever shows them the farm must look
    /// whether they still may.
    PeopleChanged {
        /// The person.
        user: UserId,
    },
}

/// The current value of one series.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LiveReading {
    /// The device.
    pub device_id: DeviceId,
    /// Its node's name.
    pub node: NodeName,
    /// Its name on the node.
    pub channel: Channel,
    /// The quantity's name, such as `temperature`.
    pub sensor: String,
    /// The stored unit.
    pub unit: String,
    /// The calibrated value.
    pub value: f64,
    /// How far it may be trusted.
    pub quality: Quality,
    /// When it was measured.
    pub ts: Timestamp,
}

/// A device's reported state and reach.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveDevice {
    /// The device.
    pub device_id: DeviceId,
    /// Its node's name.
    pub node: NodeName,
    /// Its name on the node.
    pub channel: Channel,
    /// Whether its node can be reached.
    pub is_online: bool,
    /// What it last reported, such as `on` or `off`; `None` if it never did.
    pub state: Option<String>,
    /// Why it is so, in its own word, such as `schedule`.
    pub cause: Option<String>,
    /// Since when it has been so.
    pub since: Option<Timestamp>,
    /// When it reported that.
    pub reported_at: Option<Timestamp>,
}

/// How far a command has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LiveCommand {
    /// The command.
    pub command_id: CommandId,
    /// Its device.
    pub device_id: DeviceId,
    /// How far it is.
    pub status: Status,
    /// Why it ended so, unless it is simply done.
    pub reason: Option<Reason>,
    /// Since when.
    pub since: Timestamp,
}
