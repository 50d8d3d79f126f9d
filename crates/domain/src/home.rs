//! What Home says first: what is known of one house in, one verdict out. Says only what is known: an
//! old, missing or suspect value makes nothing good.
use crate::{
    Timestamp,
    poultry::{GoodRange, Side},
    readings::{AgeLimits, Freshness, Quality, SensorKind},
};

/// The current value of one quantity of a house.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measure {
    /// What it measures.
    pub sensor: SensorKind,
    /// The calibrated value, in the sensor's one unit.
    pub value: f64,
    /// When it was measured.
    pub at: Timestamp,
    /// How far it may be trusted.
    pub quality: Quality,
    /// When it grows old.
    pub limits: AgeLimits,
    /// Between what it is good.
    pub good: GoodRange,
}

impl Measure {
    /// How it is shown at `now`. A suspect value is as good as none.
    pub fn freshness(&self, now: Timestamp) -> Freshness {
        match self.quality {
            Quality::Suspect => Freshness::NoData,
            Quality::Good | Quality::Estimated | Quality::Interpolated => {
                self.limits.judge(self.at, now)
            }
        }
    }

    fn is_fresh(&self, now: Timestamp) -> bool {
        self.freshness(now) == Freshness::Fresh
    }
}

/// How a house is.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Verdict {
    /// Everything that is known is within its limits, and the temperature is known.
    Good,
    /// Something is past a limit.
    Wrong {
        /// What.
        sensor: SensorKind,
        /// Too high or too low.
        side: Side,
        /// The value, in the sensor's unit.
        value: f64,
        /// The limit it is past.
        limit: f64,
    },
    /// Nobody knows.
    Unknown {
        /// When something was last known; `None` if nothing ever was.
        since: Option<Timestamp>,
    },
}

/// A verdict, and which of the measures it rests on.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer {
    /// How the house is.
    pub verdict: Verdict,
    /// The place in the list of the measure that decided.
    pub rests_on: Option<usize>,
}

/// Judges a house. The temperature comes first: without a fresh one (where there is a thermometer at
/// all) nothing is good. Of several thermometers the one farthest past its limit speaks.
pub fn judge(measures: &[Measure], now: Timestamp) -> Answer {
    let leading = leading_sensor(measures);
    let of_leading = || measures.iter().enumerate().filter(move |(_, m)| Some(m.sensor) == leading);
    let Some((place, main)) = of_leading()
        .filter(|(_, m)| m.is_fresh(now))
        .max_by(|(_, a), (_, b)| excess(a).total_cmp(&excess(b)).then(a.at.cmp(&b.at)))
    else {
        let last = of_leading().max_by_key(|(_, m)| m.at);
        return Answer {
            verdict: Verdict::Unknown { since: last.map(|(_, m)| m.at) },
            rests_on: last.map(|(place, _)| place),
        };
    };
    let wrong = |m: &Measure| {
        let (side, limit) = m.good.past(m.value)?;
        Some(Verdict::Wrong { sensor: m.sensor, side, value: m.value, limit })
    };
    if let Some(verdict) = wrong(main) {
        return Answer { verdict, rests_on: Some(place) };
    }
    let other = measures
        .iter()
        .enumerate()
        .filter(|(_, m)| m.is_fresh(now))
        .find_map(|(place, m)| Some((place, wrong(m)?)));
    match other {
        Some((place, verdict)) => Answer { verdict, rests_on: Some(place) },
        None => Answer { verdict: Verdict::Good, rests_on: Some(place) },
    }
}

/// The quantity that a house is judged by: its temperature, else the first there is.
fn leading_sensor(measures: &[Measure]) -> Option<SensorKind> {
    measures
        .iter()
        .map(|m| m.sensor)
        .find(|sensor| *sensor == SensorKind::Temperature)
        .or_else(|| measures.first().map(|m| m.sensor))
}

/// How far past its limit a value is; zero within.
fn excess(measure: &Measure) -> f64 {
    measure.good.past(measure.value).map_or(0.0, |(_, limit)| (measure.value - limit).abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn measure(sensor: SensorKind, value: f64, age_s: u64) -> Measure {
        Measure {
            sensor,
            value,
            at: NOW.minus(Duration::from_secs(age_s)),
            quality: Quality::Good,
            limits: AgeLimits::of(Duration::from_secs(30)),
            good: match sensor {
                SensorKind::Temperature => GoodRange { low: Some(21.0), high: Some(31.0) },
                SensorKind::Humidity => GoodRange { low: Some(30.0), high: Some(75.0) },
                _ => GoodRange { low: Some(20.0), high: None },
            },
        }
    }

    #[test]
    fn a_house_within_its_limits_is_good() {
        let measures =
            [measure(SensorKind::Humidity, 68.0, 5), measure(SensorKind::Temperature, 29.4, 5)];
        assert_eq!(
            judge(&measures, NOW),
            Answer { verdict: Verdict::Good, rests_on: Some(1) },
            "the temperature speaks"
        );
    }

    #[test]
    fn heat_is_named_with_its_value_and_limit() {
        let answer = judge(&[measure(SensorKind::Temperature, 33.8, 5)], NOW);
        let hot = Verdict::Wrong {
            sensor: SensorKind::Temperature,
            side: Side::High,
            value: 33.8,
            limit: 31.0,
        };
        assert_eq!(answer.verdict, hot);
    }

    #[test]
    fn an_old_temperature_makes_the_house_unknown_whatever_else_is_fresh() {
        let old = measure(SensorKind::Temperature, 29.4, 91);
        let answer = judge(&[old, measure(SensorKind::Humidity, 68.0, 5)], NOW);
        assert_eq!(answer.verdict, Verdict::Unknown { since: Some(old.at) });
    }

    #[test]
    fn a_suspect_temperature_counts_as_none() {
        let odd =
            Measure { quality: Quality::Suspect, ..measure(SensorKind::Temperature, 85.0, 1) };
        assert!(matches!(judge(&[odd], NOW).verdict, Verdict::Unknown { .. }));
        let both = [odd, measure(SensorKind::Temperature, 28.0, 1)];
        assert_eq!(judge(&both, NOW), Answer { verdict: Verdict::Good, rests_on: Some(1) });
    }

    #[test]
    fn the_thermometer_farthest_past_its_limit_speaks() {
        let hot = [
            measure(SensorKind::Temperature, 29.0, 1),
            measure(SensorKind::Temperature, 35.0, 2),
            measure(SensorKind::Temperature, 32.0, 1),
        ];
        assert_eq!(judge(&hot, NOW).rests_on, Some(1));
    }

    #[test]
    fn damp_air_and_an_empty_tank_are_named_when_the_temperature_is_good() {
        let warm = measure(SensorKind::Temperature, 29.0, 1);
        let damp = judge(&[warm, measure(SensorKind::Humidity, 80.0, 1)], NOW).verdict;
        assert!(matches!(
            damp,
            Verdict::Wrong { sensor: SensorKind::Humidity, side: Side::High, .. }
        ));
        let dry = judge(&[warm, measure(SensorKind::WaterLevel, 10.0, 1)], NOW).verdict;
        assert!(matches!(
            dry,
            Verdict::Wrong { sensor: SensorKind::WaterLevel, side: Side::Low, .. }
        ));
    }

    #[test]
    fn a_house_that_never_reported_is_unknown_since_never() {
        assert_eq!(
            judge(&[], NOW),
            Answer { verdict: Verdict::Unknown { since: None }, rests_on: None }
        );
    }
}
