//! What a node's configuration says of its devices, and what follows: how often sensors are read, what a switch
//! must keep to, what it does without the broker.
use super::{
    Node, Outgoing, SwitchState,
    wire::{self, Up},
};
use domain::{Channel, Timestamp};
use serde::Deserialize;
use serde_json::Value;
use std::{collections::BTreeMap, time::Duration};

/// So long the broker may be away before a switch does what is set for that.
const LINK_LOSS: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);

/// The configuration in force.
#[derive(Debug, Default)]
pub(super) struct InForce {
    pub(super) version: u64,
    devices: BTreeMap<String, Rules>,
}

/// What is said of one device.
#[derive(Debug, Default, Deserialize)]
struct Rules {
    polling_interval: Option<f64>,
    on_link_loss: Option<String>,
    max_on_s: Option<u32>,
    min_off_s: Option<u32>,
    max_starts_per_hour: Option<usize>,
    exclusive_group: Option<String>,
}

impl Rules {
    fn read(device: &str, told: &BTreeMap<String, Value>) -> Result<Self, String> {
        let told = Value::Object(told.clone().into_iter().collect());
        let rules: Self =
            serde_json::from_value(told).map_err(|error| format!("{device}: {error}"))?;
        if rules.polling_interval.is_some_and(|seconds| !(1.0..=86_400.0).contains(&seconds)) {
            return Err(format!("{device}: polling_interval is 1 to 86400"));
        }
        match rules.on_link_loss.as_deref() {
            None | Some("hold" | "off" | "on") => Ok(rules),
            Some(_) => Err(format!("{device}: on_link_loss is hold, off or on")),
        }
    }
}

impl Node {
    /// Takes a configuration over, unless it is an older one or can not be kept to, and says which is in force.
    pub(super) fn configured(&mut self, config: &wire::Config) {
        let read = |(device, told): (&String, &BTreeMap<String, Value>)| {
            Rules::read(device, told).map(|rules| (device.clone(), rules))
        };
        let mut refusal = None;
        if config.version > self.config.version {
            match config.devices.iter().map(read).collect::<Result<_, _>>() {
                Ok(devices) => self.config = InForce { version: config.version, devices },
                Err(error) => refusal = Some(error),
            }
        }
        let refused = refusal.as_ref().map(|_| config.version);
        let error = refusal.as_deref();
        let ack = wire::ConfigAck { version: self.config.version, refused, error };
        let payload = wire::json(&ack);
        self.outbox.push_back(Outgoing { up: Up::ConfigAck, payload, retain: false });
    }

    /// From one measurement to the next, where that is set: the shortest of its sensors'.
    pub fn polling_interval(&self) -> Option<Duration> {
        let spans = self.config.devices.values().filter_map(|rules| rules.polling_interval);
        spans.map(Duration::from_secs_f64).min()
    }

    fn rules(&self, channel: &Channel) -> Option<&Rules> {
        self.config.devices.get(channel.as_str())
    }

    /// When a switch has run for as long as it may.
    pub(super) fn must_end(&self, switch: &SwitchState) -> Option<Timestamp> {
        let most = self.rules(&switch.channel)?.max_on_s?;
        switch.is_on.then(|| switch.since.plus(Duration::from_secs(most.into())))
    }

    /// Why a switch may not start now.
    pub(super) fn may_start(&self, channel: &Channel, now: Timestamp) -> Result<(), &'static str> {
        let (Some(rules), Some(switch)) =
            (self.rules(channel), self.switches.iter().find(|switch| switch.channel == *channel))
        else {
            return Ok(());
        };
        let rests = |least: u32| now < switch.since.plus(Duration::from_secs(least.into()));
        if rules.min_off_s.is_some_and(rests) {
            return Err("it has to rest a little longer");
        }
        let starts = self
            .starts
            .get(channel)
            .map_or(0, |starts| starts.iter().filter(|at| now.since(**at) < HOUR).count());
        if rules.max_starts_per_hour.is_some_and(|most| starts >= most) {
            return Err("it has started often enough within an hour");
        }
        let excludes = |other: &&SwitchState| {
            let group = self.rules(&other.channel).and_then(|rules| rules.exclusive_group.as_ref());
            other.is_on && other.channel != *channel && group == rules.exclusive_group.as_ref()
        };
        if rules.exclusive_group.is_some() && self.switches.iter().any(|other| excludes(&other)) {
            return Err("something else of its group runs");
        }
        Ok(())
    }

    /// Remembers a start for the limit of starts in an hour.
    pub(super) fn started(&mut self, channel: &Channel, now: Timestamp) {
        let starts = self.starts.entry(channel.clone()).or_default();
        starts.retain(|at| now.since(*at) < HOUR);
        starts.push(now);
    }

    /// When switches do what is set for a lost broker, if that is still to come.
    pub(super) fn link_loss_due(&self) -> Option<Timestamp> {
        self.lost_at.map(|lost| lost.plus(LINK_LOSS))
    }

    /// Does what is set for a lost broker: once for each loss.
    pub(super) fn mind_link_loss(&mut self, now: Timestamp) {
        if self.link_loss_due().is_none_or(|due| now < due) {
            return;
        }
        self.lost_at = None;
        let wish = |switch: &SwitchState| {
            let is_on = match self.rules(&switch.channel)?.on_link_loss.as_deref()? {
                "on" => true,
                "off" => false,
                _ => return None,
            };
            Some((switch.channel.clone(), is_on))
        };
        let wishes: Vec<(Channel, bool)> = self.switches.iter().filter_map(wish).collect();
        for (channel, is_on) in wishes {
            self.set(&channel, is_on, "safety", now);
        }
    }
}
