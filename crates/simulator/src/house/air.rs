//! The air of a house: one well-mixed volume that birds, sun and heaters warm and fans exchange.
use super::{
    birds::{Flock, liveliness},
    switch::{Switch, running},
};
use crate::weather::{Weather, vapour_pressure};
use domain::devices::DeviceKind;
use std::time::Duration;

/// Exchange with outdoors through open sides, W/K for each bird's place.
const OPEN_SIDES_W_K: f64 = 2.4;
/// What a running fan adds to that.
const FAN_W_K: f64 = 3.2;
/// Chicks are kept behind curtains: less exchange for each bird's place.
const CURTAINS: f64 = 0.45;
/// Warmth that air, litter and roof store, J/K for each bird's place.
const MASS_J_K: f64 = 2_400.0;
/// Sun through the roof at noon, W for each bird's place.
const SUN_W: f64 = 7.0;
/// Wet pads in front of the fans bring the air this share of the way to its wet-bulb temperature.
const PADS: f64 = 0.3;
/// Heaters and lamps, W for each bird's place.
const HEATER_W: f64 = 14.0;
const LAMP_W: f64 = 13.0;

/// The air inside.
#[derive(Debug, Clone, Copy)]
pub(super) struct Air {
    pub(super) temperature_c: f64,
    vapour_hpa: f64,
}

impl Air {
    /// The same air as outdoors.
    pub(super) fn like(outside: &Weather) -> Self {
        let vapour_hpa = vapour_pressure(outside.temperature_c) * outside.humidity_pct / 100.0;
        Self { temperature_c: outside.temperature_c, vapour_hpa }
    }

    /// Relative humidity, %.
    pub(super) fn humidity_pct(&self) -> f64 {
        (100.0 * self.vapour_hpa / vapour_pressure(self.temperature_c)).clamp(0.0, 100.0)
    }

    /// Moves towards the balance of warmth and moisture, as fast as the air is exchanged.
    pub(super) fn step(
        &mut self,
        span: Duration,
        outside: &Weather,
        flock: &Flock,
        switches: &[Switch],
    ) {
        let places = flock.count.max(1.0);
        let fans = running(switches, DeviceKind::Fan);
        let brooding = flock.bird.is_some_and(|bird| bird.weight_kg < 0.25);
        let open = OPEN_SIDES_W_K * if brooding { CURTAINS } else { 1.0 };
        let exchange_w_k = places * (open + FAN_W_K * fans);
        let warmth_w = flock.all(|bird| bird.warmth_w) * (0.7 + 0.3 * liveliness(flock.hour))
            + places * SUN_W * outside.sun
            + places * HEATER_W * running(switches, DeviceKind::Heater)
            + places * LAMP_W * running(switches, DeviceKind::Lamp);
        let blown_in_c = outside.temperature_c - pads_c(outside) * (fans / (fans + 0.5));
        let balance_c = blown_in_c + warmth_w / exchange_w_k;

        let moisture_hpa = flock.all(|bird| bird.warmth_w) / exchange_w_k * 0.45;
        let outside_hpa = vapour_pressure(outside.temperature_c) * outside.humidity_pct / 100.0;
        let pads_hpa = 0.66 * (outside.temperature_c - blown_in_c);
        let balance_hpa = outside_hpa + moisture_hpa + pads_hpa;

        let towards = 1.0 - (-span.as_secs_f64() * exchange_w_k / (places * MASS_J_K)).exp();
        self.temperature_c += (balance_c - self.temperature_c) * towards;
        self.vapour_hpa += (balance_hpa - self.vapour_hpa) * towards;
        self.vapour_hpa = self.vapour_hpa.min(0.97 * vapour_pressure(self.temperature_c));
    }
}

/// How much wet pads can cool the air that comes in, °C (a third of the wet-bulb depression).
fn pads_c(outside: &Weather) -> f64 {
    let depression_c = (100.0 - outside.humidity_pct) * 0.19;
    PADS * depression_c
}
