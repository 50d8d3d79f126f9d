//! Protocol v1 as a node writes and reads it. Written apart from the server's parser: two readings of
//! one text find more than one.
use super::{
    SwitchState,
    clock::NodeClock,
    ring::{Kind, Message},
};
use crate::house::Reading;
use domain::{Channel, NodeName};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Where a node publishes, below `tokkatot/{node}/up/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Up {
    /// `online` or `offline`, retained.
    Availability,
    /// A sign of life every half minute.
    Heartbeat,
    /// Numbered sensor values.
    Readings,
    /// Numbered states of switches.
    State,
    /// What became of a command.
    Result,
    /// Which configuration is in force.
    ConfigAck,
    /// Words for the operator.
    Log,
}

impl Up {
    /// The topic of this node.
    pub fn topic(self, node: &NodeName) -> String {
        let name = match self {
            Self::Availability => "availability",
            Self::Heartbeat => "heartbeat",
            Self::Readings => "readings",
            Self::State => "state",
            Self::Result => "result",
            Self::ConfigAck => "config_ack",
            Self::Log => "log",
        };
        format!("tokkatot/{node}/up/{name}")
    }
}

/// What a node hears, below `tokkatot/{node}/down/`.
#[derive(Debug, Clone, PartialEq)]
pub enum Down {
    /// Everything up to this number of this boot is durable.
    Ack(Ack),
    /// Something to do.
    Command(Command),
    /// The configuration that is wanted.
    Config(Config),
    /// The server's clock.
    Time(Time),
}

impl Down {
    /// Understands a message, or says what is wrong with it.
    pub fn parse(topic: &str, payload: &[u8]) -> Result<Self, String> {
        let read = |error: serde_json::Error| error.to_string();
        match topic.rsplit('/').next() {
            Some("ack") => serde_json::from_slice(payload).map(Self::Ack).map_err(read),
            Some("command") => serde_json::from_slice(payload).map(Self::Command).map_err(read),
            Some("config") => serde_json::from_slice(payload).map(Self::Config).map_err(read),
            Some("time") => serde_json::from_slice(payload).map(Self::Time).map_err(read),
            _ => Err("not a topic of the protocol".to_owned()),
        }
    }
}

/// `down/ack`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Ack {
    /// The boot it is about.
    pub boot: String,
    /// Everything up to here is durable.
    pub seq: u64,
}

/// `down/command`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Command {
    /// Tells commands apart; the same one may come twice.
    pub command_id: String,
    /// The channel.
    pub device: String,
    /// `on`, `off`, `set_value` or `set_angle`.
    pub action: String,
    /// The value of `set_value` and `set_angle`.
    pub value: Option<f64>,
    /// After this the device ends it by itself.
    pub duration_ms: Option<u64>,
    /// From here on it must not be done any more, in Unix milliseconds.
    pub expires_at: i64,
}

/// `down/config`.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Config {
    /// Grows with every change.
    pub version: u64,
    /// Parameters by channel.
    #[serde(default)]
    pub devices: BTreeMap<String, BTreeMap<String, serde_json::Value>>,
}

/// `down/time`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct Time {
    /// Unix milliseconds.
    pub now: i64,
}

/// `up/heartbeat`.
#[derive(Debug, Serialize)]
pub(super) struct Heartbeat<'a> {
    pub(super) boot: &'a str,
    pub(super) uptime_s: u64,
    pub(super) firmware: &'a str,
    pub(super) rssi_dbm: i32,
    pub(super) heap_free: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ts: Option<i64>,
}

/// `up/result`.
#[derive(Debug, Serialize)]
pub(super) struct CommandResult<'a> {
    pub(super) command_id: &'a str,
    pub(super) status: &'a str,
    pub(super) state: Option<&'a str>,
    pub(super) error: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ts: Option<i64>,
}

/// `up/config_ack`.
#[derive(Debug, Serialize)]
pub(super) struct ConfigAck<'a> {
    /// The version in force.
    pub(super) version: u64,
    /// The version that is not taken over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refused: Option<u64>,
    /// Why it is not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<&'a str>,
}

/// `up/log`.
#[derive(Debug, Serialize)]
pub(super) struct Log<'a> {
    pub(super) level: &'a str,
    pub(super) message: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ts: Option<i64>,
}

/// The word for a state.
pub(super) const fn on_off(is_on: bool) -> &'static str {
    if is_on { "on" } else { "off" }
}

/// The list of a `up/state` message.
pub(super) fn states(switches: &[SwitchState], clock: &NodeClock) -> String {
    #[derive(Serialize)]
    struct Item<'a> {
        device: &'a Channel,
        state: &'a str,
        value: Option<f64>,
        cause: &'a str,
        since: i64,
    }
    let item = |switch: &'_ SwitchState| {
        json(&Item {
            device: &switch.channel,
            state: on_off(switch.is_on),
            value: switch.value,
            cause: switch.cause,
            since: clock.shows(switch.since).as_millis(),
        })
    };
    format!("[{}]", switches.iter().map(item).collect::<Vec<_>>().join(","))
}

/// The list of a `up/readings` message.
pub(super) fn readings(readings: &[Reading]) -> String {
    #[derive(Serialize)]
    struct Item<'a> {
        device: &'a Channel,
        sensor: &'a str,
        value: f64,
        unit: &'a str,
    }
    let item = |reading: &'_ Reading| {
        json(&Item {
            device: &reading.channel,
            sensor: reading.sensor.name(),
            value: reading.value,
            unit: reading.sensor.unit(),
        })
    };
    format!("[{}]", readings.iter().map(item).collect::<Vec<_>>().join(","))
}

/// A numbered message as it is sent now: `first` depends on what the ring has given up meanwhile.
pub(super) fn numbered(boot: &str, message: &Message, first: Option<u64>) -> String {
    let list = match message.kind {
        Kind::Readings => "readings",
        Kind::State => "states",
    };
    let first = first.map_or_else(String::new, |first| format!(r#""first":{first},"#));
    let (seq, ts) = (message.seq, message.ts.as_millis());
    format!(r#"{{"boot":"{boot}","seq":{seq},{first}"ts":{ts},"{list}":{}}}"#, message.list)
}

/// JSON text; none of our types can fail to have one.
pub(super) fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
