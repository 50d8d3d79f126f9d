//! What birds need, for where nobody has set limits: defaults by kind and age.
use crate::readings::SensorKind;
use serde::{Deserialize, Serialize};

/// What kind of chicken a house holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BirdKind {
    /// For meat.
    Broiler,
    /// For eggs.
    Layer,
    /// Khmer chicken.
    Local,
    /// Other birds.
    Other,
}

impl BirdKind {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Broiler, Self::Layer, Self::Local, Self::Other];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Broiler => "broiler",
            Self::Layer => "layer",
            Self::Local => "local",
            Self::Other => "other",
        }
    }

    /// The kind of that name; what we do not know is `Other`.
    pub fn parse(name: &str) -> Self {
        match name {
            "broiler" => Self::Broiler,
            "layer" => Self::Layer,
            "local" => Self::Local,
            _ => Self::Other,
        }
    }

    /// Points (day of life, °C at bird level), straight lines between. Layers: Lohmann's chick guide;
    /// broilers: 34–35 °C at the start and 3 less a week down to 21. Others are kept as layers.
    const fn curve(self) -> &'static [(f64, f64)] {
        match self {
            Self::Broiler => &[(0.0, 34.5), (7.0, 31.5), (14.0, 28.5), (21.0, 25.5), (31.5, 21.0)],
            Self::Layer | Self::Local | Self::Other => &[
                (1.0, 35.5),
                (3.5, 33.5),
                (6.0, 31.5),
                (10.5, 28.5),
                (17.5, 26.5),
                (24.5, 23.0),
                (31.5, 19.0),
            ],
        }
    }

    /// The temperature to aim at on a day of life, °C; grown birds where the day is not known.
    pub fn target_c(self, day: Option<i32>) -> f64 {
        let day = day.map_or(f64::INFINITY, f64::from);
        let curve = self.curve();
        let after = curve.partition_point(|(on, _)| *on < day);
        match (after.checked_sub(1).and_then(|i| curve.get(i)), curve.get(after)) {
            (Some(&(d0, t0)), Some(&(d1, t1))) => t0 + (t1 - t0) * (day - d0) / (d1 - d0),
            (Some(&(_, t)), None) | (None, Some(&(_, t))) => t,
            (None, None) => 21.0,
        }
    }
}

/// The limits within which a value is good; an open end has none.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct GoodRange {
    /// Lower is wrong.
    pub low: Option<f64>,
    /// Higher is wrong.
    pub high: Option<f64>,
}

/// Which limit a value is past.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Side {
    /// Under the low limit.
    Low,
    /// Over the high limit.
    High,
}

impl GoodRange {
    const fn new(low: f64, high: f64) -> Self {
        Self { low: Some(low), high: Some(high) }
    }

    /// The limit that `value` is past, if it is past one.
    pub fn past(self, value: f64) -> Option<(Side, f64)> {
        match (self.low, self.high) {
            (_, Some(high)) if value > high => Some((Side::High, high)),
            (Some(low), _) if value < low => Some((Side::Low, low)),
            _ => None,
        }
    }

    /// These limits where they are set, else those.
    pub fn or(self, other: Self) -> Self {
        Self { low: self.low.or(other.low), high: self.high.or(other.high) }
    }

    /// What is good for birds of this kind and age: 3 °C around the target in whole degrees, where the
    /// high limit is never under 31 °C (outdoors in Cambodia is often warmer than the target) nor over
    /// 38; 30–75 % humidity; a tank at 20 % or more.
    pub fn by_default(sensor: SensorKind, birds: BirdKind, day: Option<i32>) -> Self {
        match sensor {
            SensorKind::Temperature => {
                let target = birds.target_c(day);
                Self::new((target - 3.0).round(), (target + 3.0).round().clamp(31.0, 38.0))
            }
            SensorKind::Humidity => Self::new(30.0, 75.0),
            SensorKind::WaterLevel | SensorKind::FeedLevel => Self { low: Some(20.0), high: None },
            SensorKind::WaterVolume | SensorKind::FlowRate | SensorKind::Weight => Self::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn chicks_are_kept_warmer_than_grown_birds() {
        let limits = |day| GoodRange::by_default(SensorKind::Temperature, BirdKind::Broiler, day);
        assert_eq!(limits(Some(0)), GoodRange::new(32.0, 38.0));
        assert_eq!(limits(Some(24)), GoodRange::new(21.0, 31.0));
        assert_eq!(limits(Some(400)), GoodRange::new(18.0, 31.0));
        assert_eq!(limits(None), limits(Some(400)));
        assert_eq!(limits(Some(-3)), limits(Some(0)));
    }

    #[test]
    fn a_value_on_its_limit_is_still_good() {
        let range = GoodRange::new(21.0, 31.0);
        assert_eq!(range.past(31.0), None);
        assert_eq!(range.past(31.1), Some((Side::High, 31.0)));
        assert_eq!(range.past(20.9), Some((Side::Low, 21.0)));
        assert_eq!(GoodRange::default().past(1e9), None);
    }

    #[test]
    fn limits_that_were_set_win_over_the_defaults_one_by_one() {
        let set = GoodRange { low: None, high: Some(33.0) };
        assert_eq!(set.or(GoodRange::new(21.0, 31.0)), GoodRange::new(21.0, 33.0));
    }
}
