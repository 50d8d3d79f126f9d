//! What is sent to nodes: `tokkatot/{node}/down/…`, never retained.
use serde::Serialize;
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use uuid::Uuid;

/// Payload of `down/ack`: everything of this boot up to `seq` is durable, the node may forget it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Ack<'a> {
    /// The boot.
    pub boot: &'a str,
    /// The highest number all up to which are durable or given up.
    pub seq: i64,
}

impl Ack<'_> {
    /// Where it is published.
    pub fn topic(node: &str) -> String {
        format!("tokkatot/{node}/down/ack")
    }
}

/// Payload of `down/command`: something to do, once, however often it comes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Command<'a> {
    /// Tells commands apart; the same one may come again.
    pub command_id: Uuid,
    /// The device's name on its node.
    pub device: &'a str,
    /// `on`, `off`, `set_value` or `set_angle`.
    pub action: &'static str,
    /// Percent of `set_value`, degrees of `set_angle`.
    pub value: Option<f64>,
    /// After so many milliseconds the device ends an `on` by itself.
    pub duration_ms: Option<u64>,
    /// From here on it must not be carried out any more, Unix milliseconds.
    pub expires_at: i64,
    /// When it was asked for, Unix milliseconds.
    pub issued_at: i64,
}

impl Command<'_> {
    /// Where it is published.
    pub fn topic(node: &str) -> String {
        format!("tokkatot/{node}/down/command")
    }
}

/// Payload of `down/config`: what is to hold on the node from now on, all of it. It is answered on
/// `up/config_ack`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Config<'a> {
    /// Grows with every change; a node keeps the highest it has seen.
    pub version: i64,
    /// Parameters by the device's name on its node.
    pub devices: BTreeMap<&'a str, Map<String, Value>>,
}

impl Config<'_> {
    /// Where it is published.
    pub fn topic(node: &str) -> String {
        format!("tokkatot/{node}/down/config")
    }
}

/// Payload of `down/time`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct TimeNow {
    /// The time, Unix milliseconds.
    pub now: i64,
}

impl TimeNow {
    /// Where it is published.
    pub fn topic(node: &str) -> String {
        format!("tokkatot/{node}/down/time")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_command_is_written_as_the_protocol_has_it() {
        let command = Command {
            command_id: Uuid::from_u128(0x018f_6f2e_7d5a_7c3e_9a4b_1f2e_3d4c_5b6a),
            device: "fan1",
            action: "on",
            value: None,
            duration_ms: Some(300_000),
            expires_at: 1_700_000_060_000,
            issued_at: 1_700_000_000_000,
        };
        let text = r#"{"command_id":"018f6f2e-7d5a-7c3e-9a4b-1f2e3d4c5b6a","device":"fan1","action":"on","value":null,"duration_ms":300000,"expires_at":1700000060000,"issued_at":1700000000000}"#;
        assert_eq!(serde_json::to_string(&command).unwrap(), text);
        assert_eq!(Command::topic("coop-1"), "tokkatot/coop-1/down/command");
    }

    #[test]
    fn a_configuration_is_written_by_device() {
        let air = json!({ "polling_interval": 30, "temp_threshold_high": 35 });
        let air = air.as_object().unwrap().clone();
        let config = Config { version: 7, devices: BTreeMap::from([("air", air)]) };
        let text =
            r#"{"version":7,"devices":{"air":{"polling_interval":30,"temp_threshold_high":35}}}"#;
        assert_eq!(serde_json::to_string(&config).unwrap(), text);
        assert_eq!(Config::topic("coop-1"), "tokkatot/coop-1/down/config");
    }
}
