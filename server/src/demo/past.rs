//! What a demo house has lived through: a reading every five minutes for 30 days, by the simulator's
//! own weather and physics, so that live values go on where the past ends.
use super::farms::HouseSpec;
use domain::{Channel, Timestamp, readings::SensorKind};
use simulator::house::{House, HousePlan, Reading, Switch};
use std::time::Duration;

/// How far the past goes back.
const SPAN: Duration = Duration::from_hours(30 * 24);
const EVERY: Duration = Duration::from_mins(5);

/// A house's readings and its switches as they are now.
pub(super) struct Past {
    readings: Vec<(Timestamp, Vec<Reading>)>,
    switches: Vec<Switch>,
}

/// When the power was cut, and for how long: three days ago.
pub(super) fn power_cut(now: Timestamp) -> (Timestamp, Timestamp) {
    let from = now.minus(Duration::from_hours(3 * 24 + 5));
    (from, from.plus(Duration::from_mins(50)))
}

/// Lets the house live until `now`.
pub(super) fn of(plan: &HousePlan, spec: &HouseSpec, seed: u64, now: Timestamp) -> Past {
    let mut house = House::begin(plan.clone(), spec.node, seed, House::earliest(now));
    let (dark_from, dark_until) = power_cut(now);
    let was_dark = |at: Timestamp| spec.had_power_cut && at >= dark_from && at < dark_until;
    let mut readings = Vec::new();
    let mut at = whole(now.minus(SPAN));
    while at < now {
        house.advance(at);
        if !was_dark(at) {
            readings.push((at, house.readings()));
        }
        at = at.plus(EVERY);
    }
    // the newest is of now: a page that opens before the first live reading is not grey
    let now = Timestamp::from_millis(now.as_millis());
    house.advance(now);
    readings.push((now, house.readings()));
    Past { readings, switches: house.switches().to_vec() }
}

impl Past {
    /// The values of one quantity, oldest first.
    pub(super) fn take(&self, channel: &Channel, sensor: SensorKind) -> Vec<(Timestamp, f64)> {
        let value = |readings: &[Reading]| {
            let mut of_it = readings.iter().filter(|r| r.channel == *channel && r.sensor == sensor);
            of_it.next().map(|reading| reading.value)
        };
        self.readings.iter().filter_map(|(at, all)| Some((*at, value(all)?))).collect()
    }

    /// Whether a switch is on, and since when.
    pub(super) fn state(&self, channel: &Channel) -> Option<(bool, Timestamp)> {
        let switch = self.switches.iter().find(|switch| switch.channel == *channel)?;
        Some((switch.is_on, switch.since))
    }
}

/// The five-minute mark before an instant.
fn whole(at: Timestamp) -> Timestamp {
    let every_ms = i64::try_from(EVERY.as_millis()).unwrap_or(i64::MAX);
    Timestamp::from_millis(at.as_millis().div_euclid(every_ms) * every_ms)
}
