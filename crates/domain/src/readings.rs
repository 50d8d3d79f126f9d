//! What sensors say: quantities, units, quality, calibration, and what is physically possible.
use crate::Timestamp;
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// How far a value may be trusted. The numbers are stored and sent (the specification's
/// `quality`, with 3 added by its rulings).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "i16", try_from = "i16")]
pub enum Quality {
    /// As measured.
    Good,
    /// The value or its time was estimated, for example after a clock correction.
    Estimated,
    /// Filled in between two measurements.
    Interpolated,
    /// Kept, but drives nothing: outside what is physically possible, or a sensor's error value.
    Suspect,
}

impl Quality {
    /// The stored number.
    pub const fn code(self) -> i16 {
        match self {
            Self::Good => 0,
            Self::Estimated => 1,
            Self::Interpolated => 2,
            Self::Suspect => 3,
        }
    }

    /// The worse of two.
    pub fn worse(self, other: Self) -> Self {
        self.max(other)
    }
}

impl From<Quality> for i16 {
    fn from(quality: Quality) -> i16 {
        quality.code()
    }
}

impl TryFrom<i16> for Quality {
    type Error = String;
    fn try_from(code: i16) -> Result<Self, String> {
        match code {
            0 => Ok(Self::Good),
            1 => Ok(Self::Estimated),
            2 => Ok(Self::Interpolated),
            3 => Ok(Self::Suspect),
            _ => Err(format!("quality is 0 to 3, not {code}")),
        }
    }
}

/// The quantities we know the physics and the words of. Others are stored and shown by their name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SensorKind {
    /// Air temperature, °C.
    Temperature,
    /// Relative humidity, %.
    Humidity,
    /// Fill of a water tank, %.
    WaterLevel,
    /// Water used, L.
    WaterVolume,
    /// Water flow, ml/s.
    FlowRate,
    /// Fill of a feed bin, %.
    FeedLevel,
    /// Feed or birds, kg.
    Weight,
}

impl SensorKind {
    /// The kind of a `sensor` name, if we know it.
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "temperature" => Self::Temperature,
            "humidity" => Self::Humidity,
            "water_level" => Self::WaterLevel,
            "water_volume" => Self::WaterVolume,
            "flow_rate" => Self::FlowRate,
            "feed_level" => Self::FeedLevel,
            "weight" => Self::Weight,
            _ => return None,
        })
    }

    /// The `sensor` name on the wire and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Temperature => "temperature",
            Self::Humidity => "humidity",
            Self::WaterLevel => "water_level",
            Self::WaterVolume => "water_volume",
            Self::FlowRate => "flow_rate",
            Self::FeedLevel => "feed_level",
            Self::Weight => "weight",
        }
    }

    /// The one unit values of this kind are stored in.
    pub const fn unit(self) -> &'static str {
        match self {
            Self::Temperature => "°C",
            Self::Humidity | Self::WaterLevel | Self::FeedLevel => "%",
            Self::WaterVolume => "L",
            Self::FlowRate => "ml/s",
            Self::Weight => "kg",
        }
    }

    /// Decimals people read it with.
    pub const fn decimals(self) -> u8 {
        match self {
            Self::Temperature | Self::Weight | Self::WaterVolume | Self::FlowRate => 1,
            Self::Humidity | Self::WaterLevel | Self::FeedLevel => 0,
        }
    }

    /// Whether it never stays the same for hours, so that one that does comes from a stuck sensor.
    pub const fn rests_nowhere(self) -> bool {
        matches!(self, Self::Temperature)
    }

    /// Whether a value can be real. −127 and 85 °C are the DS18B20's error and power-on values
    /// (Maxim data sheet); coop air is taken to lie between −40 and 80 °C (DHT22's range).
    pub fn is_plausible(self, value: f64) -> bool {
        match self {
            Self::Temperature => (-40.0..=80.0).contains(&value),
            Self::Humidity | Self::WaterLevel | Self::FeedLevel => (0.0..=100.0).contains(&value),
            Self::WaterVolume | Self::FlowRate | Self::Weight => value >= 0.0,
        }
    }
}

/// The unit values of a sensor are stored in, and the factor and offset that lead there from `unit`;
/// `None` if the quantity has no such unit. A quantity we do not know keeps the unit it comes with.
pub fn stored_unit<'a>(sensor: &str, unit: Option<&'a str>) -> Option<(&'a str, Calibration)> {
    const SAME: Calibration = Calibration { a: 1.0, b: 0.0 };
    let times = |a: f64| Calibration { a, b: 0.0 };
    let Some(kind) = SensorKind::parse(sensor) else { return Some((unit.unwrap_or(""), SAME)) };
    let Some(unit) = unit else { return Some((kind.unit(), SAME)) };
    let conversion = match (kind, unit) {
        _ if unit == kind.unit() || unit.is_empty() => SAME,
        (SensorKind::Temperature, "C" | "℃" | "degC" | "celsius" | "Celsius") => SAME,
        (SensorKind::Temperature, "F" | "°F" | "℉" | "degF") => {
            Calibration { a: 5.0 / 9.0, b: -160.0 / 9.0 }
        }
        (SensorKind::Temperature, "K") => Calibration { a: 1.0, b: -273.15 },
        (SensorKind::Humidity, "%RH" | "%rH" | "RH" | "percent") => SAME,
        (SensorKind::WaterLevel | SensorKind::FeedLevel, "percent") => SAME,
        (SensorKind::WaterVolume, "l" | "litre" | "liter") => SAME,
        (SensorKind::WaterVolume, "ml" | "mL") => times(1e-3),
        (SensorKind::WaterVolume, "m3" | "m³") => times(1e3),
        (SensorKind::FlowRate, "mL/s") => SAME,
        (SensorKind::FlowRate, "l/min" | "L/min") => times(1e3 / 60.0),
        (SensorKind::Weight, "g") => times(1e-3),
        _ => return None,
    };
    Some((kind.unit(), conversion))
}

/// A straight line from what a sensor says to what is true: y = a·x + b.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// The factor a.
    pub a: f64,
    /// The offset b, in the series' unit.
    pub b: f64,
}

impl Calibration {
    /// The corrected value of a raw one.
    pub fn apply(self, raw: f64) -> f64 {
        self.a * raw + self.b
    }
}

/// A temperature that stays the same to the last digit for so long comes from a stuck sensor: no air
/// does that. (Humidity rests at its ends, tanks and scales rest anywhere.)
pub const STUCK_AFTER: Duration = Duration::from_secs(6 * 3600);

/// Watches one sensor for standing still.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stillness {
    value: f64,
    since: Timestamp,
    latest: Timestamp,
}

impl Stillness {
    /// Begins with a value.
    pub fn new(value: f64, ts: Timestamp) -> Self {
        Self { value, since: ts, latest: ts }
    }

    /// Takes in a value measured at `ts`; true if the sensor is stuck. Late values say nothing, and
    /// after a long silence the watch begins anew.
    pub fn is_stuck(&mut self, value: f64, ts: Timestamp) -> bool {
        if ts < self.latest {
            return false;
        }
        let is_same = value.to_bits() == self.value.to_bits();
        if !is_same || ts.since(self.latest) > STUCK_AFTER / 6 {
            *self = Self::new(value, ts);
        }
        self.latest = ts;
        ts.since(self.since) >= STUCK_AFTER
    }
}

/// Gaps that must be known before a rhythm is.
const GAPS: usize = 7;

/// Finds out how often a sensor reports: nobody tells us, but values grow stale by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Rhythm {
    latest: Option<Timestamp>,
    gaps: [Duration; GAPS],
    known: usize,
}

impl Rhythm {
    /// Takes in the time of a reading. Gives the interval in whole seconds when it is sure of one that
    /// is far (a factor of two) from the `expected` one, or when none was expected.
    pub fn hear(&mut self, ts: Timestamp, expected: Option<Duration>) -> Option<Duration> {
        let latest = self.latest.replace(ts)?;
        if ts <= latest {
            self.latest = Some(latest);
            return None;
        }
        let gap = self.gaps.get_mut(self.known)?;
        *gap = ts.since(latest);
        self.known += 1;
        if self.known < GAPS {
            return None;
        }
        self.known = 0;
        self.gaps.sort_unstable();
        let median = self.gaps.get(GAPS / 2)?.as_millis().div_ceil(1000).max(1);
        let median = Duration::from_secs(u64::try_from(median).ok()?);
        let is_far = |expected: Duration| median >= expected * 2 || median * 2 <= expected;
        expected.is_none_or(is_far).then_some(median)
    }
}

/// How much a shown value may still be trusted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Freshness {
    /// Shown as it is.
    Fresh,
    /// Shown grey, with its age.
    Stale,
    /// Not shown: "no data since".
    NoData,
}

/// When a value grows old: stale past max(60 s, 3 × interval), gone past max(15 min, 10 × interval).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct AgeLimits {
    /// Past this age a value is stale.
    pub stale: Duration,
    /// Past this age there is no data.
    pub no_data: Duration,
}

impl AgeLimits {
    /// The limits of a sensor that reports every `interval`.
    pub fn of(interval: Duration) -> Self {
        Self {
            stale: Duration::from_secs(60).max(interval.saturating_mul(3)),
            no_data: Duration::from_secs(15 * 60).max(interval.saturating_mul(10)),
        }
    }

    /// How a value of `measured_at` is shown at `now`.
    pub fn judge(self, measured_at: Timestamp, now: Timestamp) -> Freshness {
        match now.since(measured_at) {
            age if age > self.no_data => Freshness::NoData,
            age if age > self.stale => Freshness::Stale,
            _ => Freshness::Fresh,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_greys_and_then_becomes_no_data() {
        let limits = AgeLimits::of(Duration::from_secs(30));
        let at = Timestamp::from_millis(1_700_000_000_000);
        let judge = |secs| limits.judge(at, at.plus(Duration::from_secs(secs)));
        assert_eq!(judge(90), Freshness::Fresh);
        assert_eq!(judge(91), Freshness::Stale);
        assert_eq!(judge(900), Freshness::Stale);
        assert_eq!(judge(901), Freshness::NoData);
    }

    #[test]
    fn units_lead_to_the_stored_one() {
        let convert = |sensor, unit, value| {
            stored_unit(sensor, Some(unit)).map(|(unit, line)| (unit, line.apply(value)))
        };
        assert_eq!(convert("temperature", "°C", 28.5), Some(("°C", 28.5)));
        assert_eq!(
            convert("temperature", "F", 212.0).map(|(u, v)| (u, v.round())),
            Some(("°C", 100.0))
        );
        assert_eq!(convert("weight", "g", 1500.0), Some(("kg", 1.5)));
        assert_eq!(convert("temperature", "%", 28.5), None);
        assert_eq!(convert("ammonia", "ppm", 12.0), Some(("ppm", 12.0)));
        assert_eq!(stored_unit("humidity", None).map(|(unit, _)| unit), Some("%"));
    }

    #[test]
    fn a_rhythm_is_found_and_given_up_for_another() {
        let at = |s: u64| Timestamp::from_millis(1_700_000_000_000).plus(Duration::from_secs(s));
        let mut rhythm = Rhythm::default();
        let mut hear = |seconds: &[u64], expected: Option<u64>| {
            let expected = expected.map(Duration::from_secs);
            seconds.iter().filter_map(|s| rhythm.hear(at(*s), expected)).collect::<Vec<_>>()
        };
        let found = hear(&[0, 30, 61, 90, 500, 530, 559, 590], None);
        assert_eq!(found, [Duration::from_secs(30)], "one gap of many says nothing");
        assert_eq!(hear(&[620, 650, 20, 680, 710, 740, 770, 800], Some(30)), [Duration::ZERO; 0]);
        let slower = hear(&[1100, 1400, 1700, 2000, 2300, 2600, 2900], Some(30));
        assert_eq!(slower, [Duration::from_secs(300)]);
    }

    #[test]
    fn a_value_that_stands_still_for_hours_is_stuck() {
        let at = |minutes: u64| {
            Timestamp::from_millis(1_700_000_000_000).plus(Duration::from_secs(minutes * 60))
        };
        let mut stillness = Stillness::new(28.5, at(0));
        assert!((1..360).all(|minute| !stillness.is_stuck(28.5, at(minute))));
        assert!(stillness.is_stuck(28.5, at(360)));
        assert!(!stillness.is_stuck(28.5, at(100)), "a late value");
        assert!(!stillness.is_stuck(28.6, at(361)));
        assert!(!stillness.is_stuck(28.6, at(1000)), "nothing was heard for long");
    }

    #[test]
    fn error_values_of_common_sensors_are_not_plausible() {
        for value in [85.0, -127.0, f64::NAN, f64::INFINITY] {
            assert!(!SensorKind::Temperature.is_plausible(value), "{value}");
        }
        assert!(SensorKind::Temperature.is_plausible(28.5));
    }
}
