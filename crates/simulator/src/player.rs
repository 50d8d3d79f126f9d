//! One node in its house: the physics measured every interval, the node's words to publish, and the
//! faults that come in between. Still without a socket.
use crate::{
    chance::{Dice, seed_of},
    faults::{Faults, SensorFailure, next_power_cut},
    house::House,
    node::{ClockAtStart, Node, NodeSettings, Outgoing, wire::Up},
};
use domain::{NodeName, Timestamp};
use std::time::Duration;

/// The farmer's hand goes before the house's own control for so long.
const BY_HAND: Duration = Duration::from_mins(30);
/// A message lost for good costs the ring's patience; a cut link costs a whole replay.
const LOSSES_PER_CUT: f64 = 20.0;

/// What a node plays.
#[derive(Debug, Clone)]
pub struct Part {
    /// The node's name.
    pub name: NodeName,
    /// Where it stands.
    pub house: House,
    /// From one message of readings to the next.
    pub interval: Duration,
    /// Numbered messages it can keep while nobody confirms them.
    pub capacity: usize,
    /// From one sign of life to the next.
    pub heartbeat: Duration,
    /// What goes wrong.
    pub faults: Faults,
    /// Decides when it goes wrong.
    pub seed: u64,
}

/// A node at work.
#[derive(Debug)]
pub struct Player {
    node: Node,
    house: House,
    interval: Duration,
    faults: Faults,
    sensors: SensorFailure,
    dice: Dice,
    next_measurement: Timestamp,
    power_cut: Option<Timestamp>,
    is_cut: bool,
}

impl Player {
    /// Switches a node on. The house is let live until `now`.
    pub fn start(part: Part, now: Timestamp) -> Self {
        let Part { name, mut house, interval, capacity, heartbeat, faults, seed } = part;
        house.advance(now);
        let mut dice = Dice::new(seed_of(seed, name.as_str()));
        let switches = house.switches().iter().map(|switch| switch.channel.clone()).collect();
        let clock = faults.clock_error_ms.map_or(ClockAtStart::Right, ClockAtStart::Wrong);
        let settings = NodeSettings { name, switches, capacity, heartbeat, clock };
        let mut node = Node::start(settings, boot_name(now, &mut dice), now);
        for switch in house.switches() {
            node.found(&switch.channel, switch.is_on, switch.since);
        }
        let power_cut = next_power_cut(&faults, &mut dice, now);
        Self {
            node,
            house,
            interval,
            faults,
            sensors: SensorFailure::default(),
            dice,
            next_measurement: now,
            power_cut,
            is_cut: false,
        }
    }

    /// The node.
    pub fn node(&self) -> &Node {
        &self.node
    }

    /// When `tick` is due.
    pub fn due(&self) -> Timestamp {
        let power_cut = self.power_cut.unwrap_or(self.next_measurement);
        self.next_measurement.min(self.node.due()).min(power_cut)
    }

    /// Lets time pass until `now`: switches, measures, fails.
    pub fn tick(&mut self, now: Timestamp) {
        if self.power_cut.is_some_and(|at| now >= at) {
            self.lose_power(now);
        }
        self.node.tick(now);
        self.follow_node(now);
        if now >= self.next_measurement {
            let interval = self.interval();
            self.next_measurement = self.next_measurement.plus(interval);
            if self.next_measurement <= now {
                // slept through: a real sensor has not measured meanwhile either
                self.next_measurement = now.plus(interval);
            }
            self.measure(now);
        }
    }

    /// The link is up.
    pub fn connected(&mut self, now: Timestamp) {
        self.node.connected(now);
    }

    /// The link is down; see [`Node::disconnected`].
    pub fn disconnected(&mut self, unconfirmed: Vec<Outgoing>, now: Timestamp) {
        self.node.disconnected(unconfirmed, now);
    }

    /// A message has come.
    pub fn received(&mut self, topic: &str, payload: &[u8], now: Timestamp) {
        self.node.received(topic, payload, now);
        self.follow_node(now);
        // a shorter interval does not wait for the end of a longer one
        self.next_measurement = self.next_measurement.min(now.plus(self.interval()));
    }

    /// The next message to publish. Those that get lost on the way do not come out.
    pub fn next_message(&mut self) -> Option<Outgoing> {
        loop {
            let message = self.node.next_message()?;
            self.is_cut |= self.dice.happens(self.faults.drop / LOSSES_PER_CUT);
            // what tells of a command is the last word on it: a link that loses it loses the session
            let may_get_lost = !matches!(message.up, Up::Availability | Up::Result);
            if !(may_get_lost && self.dice.happens(self.faults.drop)) {
                return Some(message);
            }
        }
    }

    /// Whether the link breaks now, without a word. Asked once for each break.
    pub fn take_cut(&mut self) -> bool {
        std::mem::take(&mut self.is_cut)
    }

    /// A pause of 0.5 to 1.5 times `mean`.
    pub fn pause(&mut self, mean: Duration) -> Duration {
        mean.mul_f64(self.dice.between(0.5, 1.5))
    }

    /// From one measurement to the next: as configured, or else as it was started.
    fn interval(&self) -> Duration {
        self.node.polling_interval().unwrap_or(self.interval)
    }

    fn measure(&mut self, now: Timestamp) {
        self.house.advance(now);
        for switch in self.house.switches() {
            self.node.switched(&switch.channel, switch.is_on, now);
        }
        // what the node's rules forbid did not happen
        self.follow_node(now);
        let mut readings = self.house.readings();
        self.sensors.apply(&mut readings, self.faults.sensor_error, &mut self.dice);
        if !readings.is_empty() {
            self.node.measured(&readings, now);
        }
    }

    /// The relays are the node's: the house goes by them, and minds its own control where nobody's
    /// hand is on a switch and no lost link has set it.
    fn follow_node(&mut self, now: Timestamp) {
        for switch in self.node.switches() {
            let is_fresh = switch.ends_at.is_some() || now.since(switch.caused_at) < BY_HAND;
            let is_held = match switch.cause {
                "command" => is_fresh,
                "safety" => !self.node.is_connected(),
                _ => false,
            };
            self.house.set(&switch.channel, switch.is_on, is_held);
        }
    }

    fn lose_power(&mut self, now: Timestamp) {
        let boot = boot_name(now, &mut self.dice);
        self.node.reboot(boot, now);
        self.node.log("warn", "started after a power cut", now);
        self.power_cut = next_power_cut(&self.faults, &mut self.dice, now);
        self.is_cut = true;
    }
}

/// A name that no earlier boot of the node had: from the time, and a little chance.
fn boot_name(now: Timestamp, dice: &mut Dice) -> String {
    format!("{:x}{:02x}", now.as_millis(), dice.number() % 256)
}

#[cfg(test)]
mod tests;
