//! A protocol-v1 node without a socket: messages and instants go in, messages come out. What keeps
//! readings safe (ring, replay, cumulative ack) and farms safe (no command twice, none late) is here.
mod clock;
mod commands;
mod config;
pub mod ring;
mod seen;
pub mod wire;

use crate::house::Reading;
use clock::NodeClock;
use config::InForce;
use domain::{Channel, NodeName, Timestamp};
use ring::{Kind, Ring};
use seen::Seen;
use std::{
    collections::{BTreeMap, VecDeque},
    time::Duration,
};
use wire::{Down, Up};

/// How a node behaves.
#[derive(Debug, Clone)]
pub struct NodeSettings {
    /// Its name.
    pub name: NodeName,
    /// What it can switch.
    pub switches: Vec<Channel>,
    /// Messages it can keep while nobody confirms them.
    pub capacity: usize,
    /// From one sign of life to the next.
    pub heartbeat: Duration,
    /// What it knows of the time when it is switched on.
    pub clock: ClockAtStart,
}

/// What a node knows of the time when it is switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ClockAtStart {
    /// It is right, as behind a battery.
    #[default]
    Right,
    /// It is wrong by so many milliseconds, and takes no correction either.
    Wrong(i64),
    /// It has none until the server tells it.
    Unset,
}

/// A sign of life is usually due this often.
pub const HEARTBEAT: Duration = Duration::from_secs(30);
/// Numbered messages that may wait for their ack at once.
const WINDOW: u64 = 256;
/// Without any news of an ack everything that waits is sent again, at first after this time.
const RESEND_FIRST: Duration = Duration::from_secs(3);
const RESEND_MOST: Duration = Duration::from_mins(1);
/// Words wait only behind so many other messages.
const MOST_WAITING: usize = 64;
const FIRMWARE: &str = "sim-1.0.0";

/// One message to publish at QoS 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outgoing {
    /// Where.
    pub up: Up,
    /// What.
    pub payload: String,
    /// Whether the broker keeps it for later subscribers.
    pub retain: bool,
}

/// What one switch is doing, and why.
#[derive(Debug, Clone, PartialEq)]
pub struct SwitchState {
    /// Its name.
    pub channel: Channel,
    /// Whether it runs.
    pub is_on: bool,
    /// The value of the last `set_value` or `set_angle`.
    pub value: Option<f64>,
    /// Who did it: `boot`, `command`, `timer`, `safety` or `auto`.
    pub cause: &'static str,
    /// Since when, by true time.
    pub since: Timestamp,
    /// When the cause came; later than `since` if nothing changed by it.
    pub caused_at: Timestamp,
    /// When it ends by itself, by true time.
    pub ends_at: Option<Timestamp>,
}

/// What a node keeps.
#[derive(Debug)]
enum Kept {
    Readings(Vec<Reading>),
    States(Vec<SwitchState>),
}

/// A node between two power cuts. All instants given to it are true ones; its own clock may err.
#[derive(Debug)]
pub struct Node {
    settings: NodeSettings,
    boot: String,
    booted_at: Timestamp,
    clock: NodeClock,
    is_connected: bool,
    ring: Ring,
    /// What is to go into the ring as soon as the clock is set.
    undated: VecDeque<(Timestamp, Kept)>,
    outbox: VecDeque<Outgoing>,
    switches: Vec<SwitchState>,
    seen: Seen,
    config: InForce,
    /// When switches have started within the last hour.
    starts: BTreeMap<Channel, Vec<Timestamp>>,
    /// Since when there is no broker, until what is set for that is done.
    lost_at: Option<Timestamp>,
    next_heartbeat: Timestamp,
    resend_at: Option<Timestamp>,
    resend_after: Duration,
}

impl Node {
    /// A node that has just been switched on. `boot` must differ from all its earlier ones.
    pub fn start(settings: NodeSettings, boot: String, now: Timestamp) -> Self {
        let off = |channel: &Channel| SwitchState {
            channel: channel.clone(),
            is_on: false,
            value: None,
            cause: "boot",
            since: now,
            caused_at: now,
            ends_at: None,
        };
        Self {
            boot,
            booted_at: now,
            clock: NodeClock::new(settings.clock),
            is_connected: false,
            ring: Ring::new(settings.capacity),
            undated: VecDeque::new(),
            outbox: VecDeque::new(),
            switches: settings.switches.iter().map(off).collect(),
            seen: Seen::default(),
            config: InForce::default(),
            starts: BTreeMap::new(),
            lost_at: Some(now),
            next_heartbeat: now,
            resend_at: None,
            resend_after: RESEND_FIRST,
            settings,
        }
    }

    /// A power cut: what was measured and not confirmed is gone and all switches fall off. The
    /// commands it has taken and its configuration are in permanent memory.
    pub fn reboot(&mut self, boot: String, now: Timestamp) {
        let old = std::mem::replace(self, Self::start(self.settings.clone(), boot, now));
        self.seen = old.seen;
        self.config = old.config;
    }

    /// Its name.
    pub fn name(&self) -> &NodeName {
        &self.settings.name
    }

    /// The name of its present run.
    pub fn boot(&self) -> &str {
        &self.boot
    }

    /// What it keeps.
    pub fn ring(&self) -> &Ring {
        &self.ring
    }

    /// What its switches are doing.
    pub fn switches(&self) -> &[SwitchState] {
        &self.switches
    }

    /// Whether there is a link to the broker.
    pub fn is_connected(&self) -> bool {
        self.is_connected
    }

    /// When `tick` has something to do at the latest, if nothing else happens before.
    pub fn due(&self) -> Timestamp {
        let ends = self.switches.iter().flat_map(|switch| [switch.ends_at, self.must_end(switch)]);
        let ends = ends.flatten().chain(self.link_loss_due());
        let link = [Some(self.next_heartbeat), self.resend_at].into_iter().flatten();
        let link = link.filter(|_| self.is_connected);
        ends.chain(link).min().unwrap_or(Timestamp::from_micros(i64::MAX))
    }

    /// A switch was found in this state when the node came to be; there is nothing to tell yet.
    pub fn found(&mut self, channel: &Channel, is_on: bool, since: Timestamp) {
        let found = self.switches.iter_mut().find(|switch| switch.channel == *channel);
        if let Some(switch) = found {
            (switch.is_on, switch.since, switch.cause) = (is_on, since, "auto");
        }
    }

    /// The link is up: says so, tells all states, and sends again what nobody has confirmed.
    pub fn connected(&mut self, now: Timestamp) {
        (self.is_connected, self.lost_at) = (true, None);
        self.ring.rewind();
        (self.resend_at, self.resend_after) = (None, RESEND_FIRST);
        self.outbox.push_front(Outgoing {
            up: Up::Availability,
            payload: "online".to_owned(),
            retain: true,
        });
        self.next_heartbeat = now;
        self.tick(now);
        if !self.switches.is_empty() {
            self.tell_states(|_| true, now);
        }
    }

    /// The link is down. Numbered messages, results and words are worth keeping; `unconfirmed` are the
    /// results that were sent and may be lost, oldest first.
    pub fn disconnected(&mut self, unconfirmed: Vec<Outgoing>, now: Timestamp) {
        (self.is_connected, self.lost_at) = (false, Some(now));
        self.outbox.retain(|message| matches!(message.up, Up::Result | Up::Log));
        for message in unconfirmed.into_iter().rev() {
            self.outbox.push_front(message);
        }
    }

    /// Keeps a set of values until it is confirmed.
    pub fn measured(&mut self, readings: &[Reading], now: Timestamp) {
        self.keep(Kept::Readings(readings.to_vec()), now);
    }

    /// The node's own control wants something switched; what its rules forbid is not done.
    pub fn switched(&mut self, channel: &Channel, is_on: bool, now: Timestamp) {
        if !is_on || self.may_start(channel, now).is_ok() {
            self.set(channel, is_on, "auto", now);
        }
    }

    /// Takes a message. What it can not understand it passes over, and says so.
    pub fn received(&mut self, topic: &str, payload: &[u8], now: Timestamp) {
        match Down::parse(topic, payload) {
            Ok(Down::Ack(ack)) => self.acknowledged(&ack, now),
            Ok(Down::Command(command)) => self.commanded(&command, now),
            Ok(Down::Config(config)) => self.configured(&config),
            Ok(Down::Time(time)) => self.told_time(time, now),
            Err(reason) => self.log("warn", &format!("message not understood: {reason}"), now),
        }
    }

    /// Does what time brings: signs of life, ends of timed switching, what a long silence asks for, sending
    /// again.
    pub fn tick(&mut self, now: Timestamp) {
        self.end_timed(now);
        self.mind_link_loss(now);
        if !self.is_connected {
            return;
        }
        if now >= self.next_heartbeat {
            self.next_heartbeat = now.plus(self.settings.heartbeat);
            self.beat(now);
        }
        if !self.ring.is_waiting() {
            self.resend_at = None;
        } else if self.resend_at.is_none() {
            self.resend_at = Some(now.plus(self.resend_after));
        } else if self.resend_at.is_some_and(|at| now >= at) {
            self.ring.rewind();
            self.resend_after = (self.resend_after * 2).min(RESEND_MOST);
            self.resend_at = Some(now.plus(self.resend_after));
        }
    }

    /// The next message to publish, while there is one; nothing while the link is down.
    pub fn next_message(&mut self) -> Option<Outgoing> {
        if !self.is_connected {
            return None;
        }
        if let Some(message) = self.outbox.pop_front() {
            return Some(message);
        }
        let first = self.ring.first_after_gap();
        let message = self.ring.next(WINDOW)?;
        let up = match message.kind {
            Kind::Readings => Up::Readings,
            Kind::State => Up::State,
        };
        Some(Outgoing { up, payload: wire::numbered(&self.boot, message, first), retain: false })
    }

    /// Says something to the operator, unless too much is waiting already.
    pub fn log(&mut self, level: &str, message: &str, now: Timestamp) {
        let ts = self.clock.tells(now);
        let payload = wire::json(&wire::Log { level, message, ts });
        if self.outbox.len() < MOST_WAITING {
            self.outbox.push_back(Outgoing { up: Up::Log, payload, retain: false });
        }
    }

    /// Keeps something until it is confirmed. What tells a time waits for one.
    fn keep(&mut self, kept: Kept, at: Timestamp) {
        if self.clock.is_set() {
            return self.number(&kept, at);
        }
        self.undated.push_back((at, kept));
        if self.undated.len() > self.settings.capacity {
            self.undated.pop_front();
        }
    }

    fn number(&mut self, kept: &Kept, at: Timestamp) {
        let ts = self.clock.stamp(at);
        let (kind, list) = match kept {
            Kept::Readings(readings) => (Kind::Readings, wire::readings(readings)),
            Kept::States(states) => (Kind::State, wire::states(states, &self.clock)),
        };
        self.ring.push(kind, ts, list);
    }

    /// The server has told the time: what was kept without one gets its own.
    fn told_time(&mut self, time: wire::Time, now: Timestamp) {
        self.clock.told(time, now);
        for (at, kept) in std::mem::take(&mut self.undated) {
            self.number(&kept, at);
        }
    }

    fn acknowledged(&mut self, ack: &wire::Ack, now: Timestamp) {
        if ack.boot == self.boot && self.ring.acknowledge(ack.seq) {
            self.resend_after = RESEND_FIRST;
            self.resend_at = Some(now.plus(self.resend_after));
        }
    }

    fn beat(&mut self, now: Timestamp) {
        let heartbeat = wire::Heartbeat {
            boot: &self.boot,
            uptime_s: now.since(self.booted_at).as_secs(),
            firmware: FIRMWARE,
            rssi_dbm: -60,
            heap_free: 102_400,
            ts: self.clock.tells(now),
        };
        let payload = wire::json(&heartbeat);
        self.outbox.push_back(Outgoing { up: Up::Heartbeat, payload, retain: false });
    }
}

#[cfg(test)]
mod tests;
