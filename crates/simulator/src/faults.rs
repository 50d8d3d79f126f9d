//! What goes wrong on request, by seed: lost messages, cut links, power cuts, broken sensors, wrong
//! clocks.
use crate::{chance::Dice, house::Reading};
use domain::{Timestamp, readings::SensorKind};
use std::time::Duration;

/// Which faults a node has, and how often.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Faults {
    /// Share of messages that never reach the broker, 0 to 1. For twenty of them the link is cut once.
    pub drop: f64,
    /// Power cuts come about this often.
    pub reboot: Option<Duration>,
    /// Share of measurements at which a sensor begins to fail, 0 to 1.
    pub sensor_error: f64,
    /// How wrong the clock is, in milliseconds; it takes no correction either.
    pub clock_error_ms: Option<i64>,
}

/// How a sensor fails. Broken sensors of the trade never say NaN: they say a wrong number.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Failure {
    /// The DS18B20's power-on value.
    PowerOn,
    /// The DS18B20's value for a broken wire.
    BrokenWire,
    /// Far outside what is possible.
    OutOfRange,
    /// The same value again and again.
    Stuck,
}

/// A failure of one node's sensors while it lasts.
#[derive(Debug, Default)]
pub(crate) struct SensorFailure {
    failing: Option<(Failure, u32)>,
    stuck_at: Vec<Reading>,
}

impl SensorFailure {
    /// The readings as the sensors say them, which now and then begin to fail for a while.
    pub(crate) fn apply(&mut self, readings: &mut [Reading], share: f64, dice: &mut Dice) {
        if self.failing.is_none() && dice.happens(share) {
            let failures =
                [Failure::PowerOn, Failure::BrokenWire, Failure::OutOfRange, Failure::Stuck];
            let which = dice.roll();
            let chosen = failures.iter().zip(1_u8..).find(|(_, i)| which < f64::from(*i) / 4.0);
            let lasts = if dice.happens(0.5) { 5 } else { 30 };
            self.failing = chosen.map(|(failure, _)| (*failure, lasts));
            self.stuck_at = readings.to_vec();
        }
        let Some((failure, left)) = self.failing else { return };
        for reading in readings {
            reading.value = self.wrong(failure, reading);
        }
        self.failing = (left > 1).then_some((failure, left - 1));
    }

    fn wrong(&self, failure: Failure, reading: &Reading) -> f64 {
        match (failure, reading.sensor) {
            (Failure::PowerOn, SensorKind::Temperature) => 85.0,
            (Failure::BrokenWire, SensorKind::Temperature) => -127.0,
            (Failure::OutOfRange, SensorKind::Temperature) => 215.5,
            (Failure::OutOfRange, _) => -40.0,
            (Failure::Stuck, _) => {
                let same = |old: &&Reading| {
                    (&old.channel, old.sensor) == (&reading.channel, reading.sensor)
                };
                self.stuck_at.iter().find(same).map_or(reading.value, |old| old.value)
            }
            (Failure::PowerOn | Failure::BrokenWire, _) => reading.value,
        }
    }
}

/// The next power cut after `now`, if there are any.
pub(crate) fn next_power_cut(
    faults: &Faults,
    dice: &mut Dice,
    now: Timestamp,
) -> Option<Timestamp> {
    faults.reboot.map(|mean| now.plus(mean.mul_f64(dice.between(0.5, 1.5))))
}
