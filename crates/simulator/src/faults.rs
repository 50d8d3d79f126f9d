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
            // a sensor that stands still is only noticed after hours
            self.failing = Some(match dice.roll() {
                ..0.3 => (Failure::PowerOn, 5),
                ..0.6 => (Failure::BrokenWire, 30),
                ..0.95 => (Failure::OutOfRange, 5),
                _ => (Failure::Stuck, 3000),
            });
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

#[cfg(test)]
mod tests {
    use super::*;

    fn air(value: f64) -> [Reading; 1] {
        let channel = "air".parse().unwrap();
        [Reading { channel, sensor: SensorKind::Temperature, value }]
    }

    #[test]
    fn broken_sensors_say_numbers_that_the_trade_knows() {
        let (mut failure, mut dice) = (SensorFailure::default(), Dice::new(1));
        let mut said = Vec::new();
        for minute in 0..20_000_u32 {
            let mut readings = air(28.0 + f64::from(minute) / 1e6);
            failure.apply(&mut readings, 0.05, &mut dice);
            said.push(readings[0].value);
        }
        assert!(said.iter().all(|value| value.is_finite()));
        for wrong in [85.0, -127.0, 215.5] {
            assert!(said.contains(&wrong), "{wrong}");
        }
        let stuck = said.windows(1000).any(|span| span.iter().all(|value| *value == span[0]));
        assert!(stuck);
    }

    #[test]
    fn sound_sensors_stay_sound() {
        let (mut failure, mut dice) = (SensorFailure::default(), Dice::new(1));
        for _ in 0..1000 {
            let mut readings = air(28.0);
            failure.apply(&mut readings, 0.0, &mut dice);
            assert_eq!(readings, air(28.0));
        }
    }
}
