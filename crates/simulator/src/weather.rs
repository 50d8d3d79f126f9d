//! Weather like that of the Cambodian plain, as a pure function of time and seed: a hot season around
//! April, afternoon storms from May to October, cool mornings in December. Outdoors, in the shade.
use crate::chance::{Dice, mix, seed_of, smooth_noise};
use domain::Timestamp;

/// The weather at one instant.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weather {
    /// Air temperature, °C.
    pub temperature_c: f64,
    /// Relative humidity, %.
    pub humidity_pct: f64,
    /// How hard it rains, 0 to 1.
    pub rain: f64,
    /// How much sun reaches a roof, 0 to 1.
    pub sun: f64,
}

/// Phnom Penh by month, after its long-term means: mean temperature °C, half of the daily swing °C,
/// dew point °C, chance of a storm on a day.
const CLIMATE: [[f64; 4]; 12] = [
    [26.6, 4.7, 20.8, 0.05],
    [28.0, 4.8, 21.8, 0.04],
    [29.3, 4.9, 23.2, 0.10],
    [30.1, 4.6, 24.4, 0.25],
    [29.7, 4.2, 24.8, 0.50],
    [29.0, 3.8, 24.5, 0.55],
    [28.5, 3.6, 24.3, 0.60],
    [28.5, 3.5, 24.3, 0.60],
    [28.0, 3.2, 24.3, 0.70],
    [27.6, 3.2, 24.0, 0.65],
    [27.2, 3.7, 22.6, 0.30],
    [26.2, 4.3, 21.0, 0.10],
];

/// Cambodia keeps UTC+7 all year.
const ZONE_HOURS: f64 = 7.0;
const DAY_MS: i64 = 86_400_000;
/// The coolest and the hottest hour of a day without rain.
const DAWN: f64 = 5.75;
const HOTTEST: f64 = 14.0;

/// The weather outdoors at an instant; `seed` decides which of all plausible years it is.
pub fn weather(at: Timestamp, seed: u64) -> Weather {
    let (day, hour) = local_day_and_hour(at);
    let hours = f64::from(day) * 24.0 + hour;
    let noise = |name: &str, period_h: f64| smooth_noise(seed_of(seed, name), hours / period_h);
    let [mean_c, swing_c, dew_point_c, storms] = climate(f64::from(day) + hour / 24.0);
    let cloud = (0.35 + storms * 0.3 + 0.45 * noise("cloud", 17.0)).clamp(0.0, 1.0);
    let wet = storm(day, hour, seed).and(storm(day - 1, hour + 24.0, seed));

    let drift_c =
        0.9 * noise("days", 70.0) + 0.35 * noise("hours", 2.3) + 0.12 * noise("gusts", 0.2);
    let swing_c = swing_c * (1.15 - 0.4 * cloud);
    let temperature_c = mean_c + swing_c * course_of_day(hour) + drift_c - wet.cooling_c;
    let dew_point_c = dew_point_c + 0.7 * noise("air mass", 40.0) + 0.4 * wet.rain;
    let humidity_pct = 100.0 * vapour_pressure(dew_point_c) / vapour_pressure(temperature_c);
    let height = (std::f64::consts::PI * (hour - 6.0) / 12.0).sin().max(0.0);
    Weather {
        temperature_c,
        humidity_pct: humidity_pct.clamp(35.0, 97.0),
        rain: wet.rain,
        sun: height * (1.0 - 0.7 * cloud) * (1.0 - wet.rain),
    }
}

/// The local day since 1970-01-01, and its hour with fractions.
pub fn local_day_and_hour(at: Timestamp) -> (i32, f64) {
    let local_ms = at.as_millis() + 7 * 3_600_000;
    let day = i32::try_from(local_ms.div_euclid(DAY_MS)).unwrap_or(i32::MAX);
    let hour = i32::try_from(local_ms.rem_euclid(DAY_MS)).map_or(0.0, f64::from) / 3_600_000.0;
    (day, hour)
}

/// Midnight, Cambodian time, of a day since 1970-01-01.
pub fn local_midnight(day: i32) -> Timestamp {
    Timestamp::from_millis(i64::from(day) * DAY_MS - 7 * 3_600_000)
}

/// Magnus' formula over water, hPa.
pub fn vapour_pressure(temperature_c: f64) -> f64 {
    6.112 * (17.62 * temperature_c / (243.12 + temperature_c)).exp()
}

/// The table's figures on a day, in straight lines from the middle of each month to the next.
fn climate(day: f64) -> [f64; 4] {
    let months = (day - 15.2 - ZONE_HOURS / 24.0).rem_euclid(365.2425) / 365.2425 * 12.0;
    let of_month =
        |month: f64| CLIMATE.iter().zip(0_u8..).find(|(_, i)| f64::from(*i) == month % 12.0);
    let figures = |month| of_month(month).map_or([0.0; 4], |(figures, _)| *figures);
    let (from, to, part) = (figures(months.floor()), figures(months.floor() + 1.0), months.fract());
    std::array::from_fn(|i| {
        let (from, to) = (from.get(i).copied().unwrap_or(0.0), to.get(i).copied().unwrap_or(0.0));
        from + (to - from) * part
    })
}

/// From −1 at dawn to 1 in the early afternoon, and slowly down through the night.
fn course_of_day(hour: f64) -> f64 {
    use std::f64::consts::PI;
    if (DAWN..HOTTEST).contains(&hour) {
        return -(PI * (hour - DAWN) / (HOTTEST - DAWN)).cos();
    }
    let since = (hour - HOTTEST).rem_euclid(24.0) / (24.0 - HOTTEST + DAWN);
    (PI * since.powf(0.8)).cos()
}

/// What a storm does at one instant.
#[derive(Clone, Copy)]
struct Wet {
    rain: f64,
    cooling_c: f64,
}

impl Wet {
    fn and(self, other: Self) -> Self {
        Self { rain: self.rain.max(other.rain), cooling_c: self.cooling_c.max(other.cooling_c) }
    }
}

/// The storm that `day` may have in its afternoon, at `hour` of that day (over 24 on the next).
fn storm(day: i32, hour: f64, seed: u64) -> Wet {
    let [.., chance] = climate(f64::from(day));
    let mut dice = Dice::new(seed_of(seed, "storm") ^ mix(u64::from(day.unsigned_abs())));
    if !dice.happens(chance) {
        return Wet { rain: 0.0, cooling_c: 0.0 };
    }
    let (begins, lasts) = (dice.between(12.5, 18.5), dice.between(0.7, 2.8));
    let strength = dice.between(0.35, 1.0);
    let (since, after) = (hour - begins, hour - begins - lasts);
    let rain = (since / 0.3).clamp(0.0, 1.0) * (1.0 - after / 0.5).clamp(0.0, 1.0);
    let cooling = (since / 0.7).clamp(0.0, 1.0) * (-(after.max(0.0)) / 2.0).exp();
    Wet { rain: strength * rain, cooling_c: 4.0 * strength * cooling }
}

#[cfg(test)]
mod tests;
