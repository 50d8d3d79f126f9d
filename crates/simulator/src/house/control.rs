//! The house's own control, as a simple controller on the node does it: thermostats with hysteresis,
//! a float in the tank, clocks for light and feed. It leaves alone what is switched by hand.
use super::{House, Switch};
use crate::weather::local_day_and_hour;
use domain::devices::DeviceKind;

/// Warmer than this over the birds' target starts the first fan; each further fan a little later.
const FAN_OVER_C: f64 = 1.5;
const NEXT_FAN_C: f64 = 1.2;
/// Fans never start below this: outdoors in Cambodia is seldom cooler.
const FAN_LEAST_C: f64 = 28.5;
/// Colder than this under the target starts heater and lamp.
const HEAT_UNDER_C: f64 = 1.0;
const HYSTERESIS_C: f64 = 1.2;

/// Switches what the house needs switched now.
pub(super) fn decide(house: &mut House) {
    let (day, hour) = local_day_and_hour(house.now);
    let age = day - house.plan.placed_day;
    let target_c = (age >= 0).then(|| house.plan.birds.target_c(Some(age)));
    let (inside_c, water_pct, now) = (house.air.temperature_c, house.stores.water_pct, house.now);
    for switch in house.switches.iter_mut().filter(|switch| !switch.by_hand) {
        let is_on = match switch.kind {
            DeviceKind::Fan => target_c.is_some_and(|target_c| {
                let first_c = (target_c + FAN_OVER_C).max(FAN_LEAST_C);
                let start_c = first_c + NEXT_FAN_C * f64::from(switch.rank);
                inside_c > start_c - if switch.is_on { HYSTERESIS_C } else { 0.0 }
            }),
            DeviceKind::Heater | DeviceKind::Lamp => target_c.is_some_and(|target_c| {
                let start_c = target_c - HEAT_UNDER_C;
                inside_c < start_c + if switch.is_on { HYSTERESIS_C } else { 0.0 }
            }),
            DeviceKind::Light => target_c.is_some() && light(hour),
            DeviceKind::Feeder => target_c.is_some() && feeding(hour),
            DeviceKind::Pump => water_pct < if switch.is_on { 95.0 } else { 45.0 },
            _ => switch.is_on,
        };
        turn(switch, is_on, now);
    }
}

fn turn(switch: &mut Switch, is_on: bool, now: domain::Timestamp) {
    if switch.is_on != is_on {
        (switch.is_on, switch.since) = (is_on, now);
    }
}

/// From half past five in the evening until ten, and an hour before the sun.
fn light(hour: f64) -> bool {
    (17.5..22.0).contains(&hour) || (4.5..5.75).contains(&hour)
}

/// Three times five minutes.
fn feeding(hour: f64) -> bool {
    [6.0, 11.5, 16.5].iter().any(|begins| (*begins..*begins + 5.0 / 60.0).contains(&hour))
}
