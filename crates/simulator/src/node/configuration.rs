//! What the server wants of a node's devices, as its permanent memory has it.
use super::wire::Config;
use domain::Channel;
use serde_json::Value;
use std::collections::BTreeMap;

/// The configuration in force; empty, with version 0, as long as none has come.
#[derive(Debug, Default)]
pub(super) struct Configuration {
    version: u64,
    devices: BTreeMap<String, BTreeMap<String, Value>>,
}

impl Configuration {
    /// Takes one that is newer; the version that is in force then.
    pub(super) fn take(&mut self, config: Config) -> u64 {
        if config.version > self.version {
            *self = Self { version: config.version, devices: config.devices };
        }
        self.version
    }

    /// What a switch is to be when the broker has been away for long; `None` where it stays as it is.
    pub(super) fn on_link_loss(&self, channel: &Channel) -> Option<bool> {
        match self.devices.get(channel.as_str())?.get("on_link_loss")?.as_str()? {
            "on" => Some(true),
            "off" => Some(false),
            _ => None,
        }
    }
}
