//! The water tank and the feed bin of a house, in per cent of full.
use super::{
    birds::{Flock, liveliness},
    switch::{Switch, running},
};
use domain::devices::DeviceKind;
use std::time::Duration;

/// The tank holds this many days of a grown flock's water: it is filled about every second day.
const TANK_DAYS: f64 = 2.2;
const BIN_DAYS: f64 = 5.0;
/// A grown bird's water, L a day; the tank and the bin are sized by it.
const GROWN_L: f64 = 0.25;
/// The pump fills an empty tank in this time.
const PUMP: Duration = Duration::from_mins(40);
/// A feeder runs this long a day, all runs together.
const FEEDER_A_DAY: Duration = Duration::from_mins(15);
/// The farmer fills the bin when it is lower than this, in the morning.
const REFILL_PCT: f64 = 25.0;

/// What is left.
#[derive(Debug, Clone, Copy)]
pub(super) struct Stores {
    pub(super) water_pct: f64,
    pub(super) feed_pct: f64,
}

impl Stores {
    pub(super) fn full() -> Self {
        Self { water_pct: 95.0, feed_pct: 95.0 }
    }

    /// Birds drink (more in the heat), the pump fills, the feeder empties the bin, the farmer fills it.
    pub(super) fn step(
        &mut self,
        span: Duration,
        flock: &Flock,
        inside_c: f64,
        switches: &[Switch],
    ) {
        let day = span.as_secs_f64() / 86_400.0;
        let heat = 1.0 + 0.1 * (inside_c - 30.0).clamp(0.0, 5.0);
        let tank_l = flock.count.max(1.0) * GROWN_L * TANK_DAYS;
        let drunk_l = flock.all(|bird| bird.water_l) * liveliness(flock.hour) * heat * day;
        let pumped_pct = 100.0 * running(switches, DeviceKind::Pump) * span.div_duration_f64(PUMP);
        self.water_pct = (self.water_pct - 100.0 * drunk_l / tank_l + pumped_pct).clamp(0.0, 100.0);

        let bin_kg = flock.count.max(1.0) * GROWN_L / 1.77 * BIN_DAYS;
        let dropped_kg = flock.all(|bird| bird.feed_kg)
            * running(switches, DeviceKind::Feeder)
            * span.div_duration_f64(FEEDER_A_DAY);
        self.feed_pct = (self.feed_pct - 100.0 * dropped_kg / bin_kg).max(0.0);
        if self.feed_pct < REFILL_PCT && (7.0..8.0).contains(&flock.hour) {
            self.feed_pct = 95.0;
        }
    }
}
