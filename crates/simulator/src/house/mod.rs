//! A house as physics: birds and sun warm it, fans cool it, the tank and the feed bin run low. Steps
//! forward in time only; switching is `control`'s or the farmer's.
mod air;
mod birds;
mod control;
mod plan;
mod stores;
mod switch;

pub use birds::{Bird, bird};
pub use plan::{DevicePlan, HousePlan};
pub use switch::Switch;

use crate::{
    chance::{mix, seed_of, unit},
    weather::{Weather, local_day_and_hour, local_midnight, weather},
};
use air::Air;
use birds::Flock;
use domain::{Channel, Timestamp, readings::SensorKind};
use std::time::Duration;
use stores::Stores;

/// The physics' step; sensors and switches are not slower than this.
const STEP: Duration = Duration::from_mins(1);

/// One value as a sensor says it.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The device's name on the node.
    pub channel: Channel,
    /// What is measured.
    pub sensor: SensorKind,
    /// In the sensor's one unit.
    pub value: f64,
}

/// A house at one instant.
#[derive(Debug, Clone)]
pub struct House {
    plan: HousePlan,
    /// Which year's weather.
    weather_seed: u64,
    /// Which noise the sensors have.
    own_seed: u64,
    now: Timestamp,
    air: Air,
    stores: Stores,
    switches: Vec<Switch>,
}

impl House {
    /// The house at `now`, as it came to be by its own control. The same for the same arguments,
    /// however often it is asked for: it begins at a fixed day long before and lives until `now`.
    pub fn at(plan: HousePlan, name: &str, seed: u64, now: Timestamp) -> Self {
        let mut house = Self::begin(plan, name, seed, Self::earliest(now));
        house.advance(now);
        house
    }

    /// A house that begins at `begin` with outdoor air, a full tank and a full bin.
    pub fn begin(plan: HousePlan, name: &str, seed: u64, begin: Timestamp) -> Self {
        let outside = weather(begin, seed);
        Self {
            switches: switch::of(&plan, begin),
            own_seed: seed_of(seed, name),
            weather_seed: seed,
            now: begin,
            air: Air::like(&outside),
            stores: Stores::full(),
            plan,
        }
    }

    /// When a house that is asked for at `now` began: 35 to 65 days ago, on a day that only changes
    /// once in thirty.
    pub fn earliest(now: Timestamp) -> Timestamp {
        let (day, _) = local_day_and_hour(now);
        local_midnight((day - 35).div_euclid(30) * 30)
    }

    /// Lets time pass until `to`.
    pub fn advance(&mut self, to: Timestamp) {
        while self.now < to {
            let next = self.now.plus(STEP).min(to);
            let outside = weather(next, self.weather_seed);
            self.step(next, &outside);
        }
    }

    /// What stands in it.
    pub fn plan(&self) -> &HousePlan {
        &self.plan
    }

    /// The devices that can be switched.
    pub fn switches(&self) -> &[Switch] {
        &self.switches
    }

    /// Turns a device on or off, by hand or back to the house's own control.
    pub fn set(&mut self, channel: &Channel, is_on: bool, by_hand: bool) {
        if let Some(switch) = self.switches.iter_mut().find(|switch| switch.channel == *channel) {
            if switch.is_on != is_on {
                (switch.is_on, switch.since) = (is_on, self.now);
            }
            switch.by_hand = by_hand;
        }
    }

    /// What the sensors say now: with their noise, and as many decimals as they have.
    pub fn readings(&self) -> Vec<Reading> {
        let devices = self.plan.devices.iter();
        let both = devices.flat_map(|device| device.sensors().iter().map(move |s| (device, *s)));
        both.map(|(device, sensor)| Reading {
            channel: device.channel.clone(),
            sensor,
            value: self.sensed(device, sensor),
        })
        .collect()
    }

    fn sensed(&self, device: &DevicePlan, sensor: SensorKind) -> f64 {
        let instant = self.now.as_micros().unsigned_abs();
        let noise = unit(seed_of(self.own_seed, device.channel.as_str()) ^ mix(instant)) - 0.5;
        let value = match sensor {
            SensorKind::Temperature => self.air.temperature_c + 0.15 * noise,
            SensorKind::Humidity => (self.air.humidity_pct() + 0.6 * noise).clamp(0.0, 100.0),
            SensorKind::WaterLevel => self.stores.water_pct,
            SensorKind::FeedLevel => self.stores.feed_pct,
            SensorKind::WaterVolume | SensorKind::FlowRate | SensorKind::Weight => 0.0,
        };
        (value * 10.0).round() / 10.0
    }

    fn step(&mut self, next: Timestamp, outside: &Weather) {
        let span = next.since(self.now);
        self.now = next;
        control::decide(self);
        let age = self.age_days();
        let flock = Flock {
            bird: bird(self.plan.birds, age),
            count: f64::from(self.plan.count),
            hour: local_day_and_hour(next).1,
        };
        self.air.step(span, outside, &flock, &self.switches);
        self.stores.step(span, &flock, self.air.temperature_c, &self.switches);
    }

    /// The birds' age with fractions; negative before they come.
    fn age_days(&self) -> f64 {
        let (day, hour) = local_day_and_hour(self.now);
        f64::from(day - self.plan.placed_day) + hour / 24.0
    }
}

#[cfg(test)]
mod tests;
