//! What is typed to correct a sensor: what it says and what is true, at one point or at two.
use crate::{forms::Faults, reader::Reader};
use domain::{
    configs::{
        BadCalibration, Point, Which, by_one_point, by_two_points, furthest_off, least_apart,
    },
    numbers::parse_decimal,
    readings::{Calibration, SensorKind},
};
use serde::Deserialize;
use store::configs::SensorFacts;

/// The form, as typed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PointsForm {
    pub(super) raw_1: String,
    pub(super) truth_1: String,
    #[serde(default)]
    pub(super) raw_2: String,
    #[serde(default)]
    pub(super) truth_2: String,
    /// What is to be done with it.
    pub(super) go: Go,
}

/// To look at what follows, or to keep it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Go {
    Preview,
    Save,
}

impl PointsForm {
    /// An empty form; what the sensor says now stands in it.
    pub(super) fn of(reader: &Reader, facts: &SensorFacts) -> Self {
        let raw = facts.raw.map(|(raw, ..)| plain(reader, raw)).unwrap_or_default();
        let empty = String::new;
        Self { raw_1: raw, truth_1: empty(), raw_2: empty(), truth_2: empty(), go: Go::Preview }
    }

    /// Whether the second point is wanted.
    pub(super) fn has_two(&self) -> bool {
        !(self.raw_2.trim().is_empty() && self.truth_2.trim().is_empty())
    }

    /// The correction.
    pub(super) fn read(&self, reader: &Reader, facts: &SensorFacts) -> Result<Calibration, Faults> {
        let mut faults = Faults::default();
        let mut number = |field, typed: &str| {
            if typed.trim().is_empty() {
                faults.add(field, reader.say("field-required"));
                return 0.0;
            }
            parse_decimal(typed).unwrap_or_else(|| {
                faults.add(field, reader.say("calibration-number"));
                0.0
            })
        };
        let first =
            Point { raw: number("raw_1", &self.raw_1), truth: number("truth_1", &self.truth_1) };
        let second = self.has_two().then(|| Point {
            raw: number("raw_2", &self.raw_2),
            truth: number("truth_2", &self.truth_2),
        });
        if !faults.is_empty() {
            return Err(faults);
        }
        let kind = SensorKind::parse(&facts.sensor);
        let line = match second {
            Some(second) => by_two_points(kind, (first, second)),
            None => by_one_point(kind, first),
        };
        line.map_err(|bad| {
            let (field, text) = say(reader, facts, bad);
            faults.add(field, text);
            faults
        })
    }
}

/// Why not, and beside which field.
fn say(reader: &Reader, facts: &SensorFacts, bad: BadCalibration) -> (&'static str, String) {
    let kind = SensorKind::parse(&facts.sensor);
    let unit = facts.unit.as_str();
    let truth = |which| if which == Which::First { "truth_1" } else { "truth_2" };
    match bad {
        BadCalibration::Impossible(which) => (truth(which), reader.say("calibration-impossible")),
        BadCalibration::TooFar(which) => {
            let most = plain(reader, furthest_off(kind).unwrap_or_default());
            let values = [("n", most.as_str()), ("unit", unit)];
            (truth(which), reader.say_with("calibration-too-far", &values))
        }
        BadCalibration::TooClose => {
            let least = plain(reader, least_apart(kind));
            let values = [("n", least.as_str()), ("unit", unit)];
            ("raw_2", reader.say_with("calibration-too-close", &values))
        }
        BadCalibration::Slope => ("truth_2", reader.say("calibration-slope")),
    }
}

/// A number as it is typed: no more decimals than it needs, and two at most.
pub(super) fn plain(reader: &Reader, value: f64) -> String {
    let needs = |n: &u8| {
        let scale = 10_f64.powi(i32::from(*n));
        ((value * scale).round() / scale - value).abs() < 1e-6
    };
    reader.field_decimal(value, (0..2).find(needs).unwrap_or(2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reader::Lang;
    use domain::SeriesId;

    fn read(typed: [&str; 4]) -> Result<Calibration, Faults> {
        let [raw_1, truth_1, raw_2, truth_2] = typed.map(str::to_owned);
        let facts = SensorFacts {
            series: SeriesId(1),
            sensor: "temperature".to_owned(),
            unit: "°C".to_owned(),
            raw: None,
            calibration: None,
            undo: None,
            changed_at: None,
        };
        let form = PointsForm { raw_1, truth_1, raw_2, truth_2, go: Go::Preview };
        form.read(&Reader::new(Lang::En), &facts)
    }

    #[test]
    fn one_point_or_two_as_they_are_typed() {
        assert_eq!(read(["29.4", "28,9", "", " "]), Ok(Calibration { a: 1.0, b: -0.5 }));
        assert_eq!(read(["២៩.៤", "28.9", "", ""]).unwrap().b, -0.5);
        assert_eq!(read(["0.5", "0", "40.5", "41"]).unwrap().a, 1.025);
    }

    #[test]
    fn what_can_not_be_is_said_beside_its_field_with_the_bounds() {
        let fault = |typed, field: &str| read(typed).unwrap_err().of(field).unwrap_or_default();
        assert!(fault(["28", "", "", ""], "truth_1").contains("fill this in"));
        assert!(fault(["28", "x", "", ""], "truth_1").contains("number"));
        assert!(fault(["28", "38.5", "", ""], "truth_1").contains("10 °C"));
        assert!(fault(["28", "28", "32", ""], "truth_2").contains("fill this in"));
        assert!(fault(["28", "28", "30", "30"], "raw_2").contains("5 °C"));
        assert!(!fault(["28", "28", "34", "28"], "truth_2").is_empty());
        assert!(!fault(["28", "200", "", ""], "truth_1").is_empty());
    }

    #[test]
    fn a_number_has_the_decimals_that_it_needs() {
        let plain = |value| plain(&Reader::new(Lang::En), value);
        assert_eq!([plain(10.0), plain(29.4), plain(-0.5125)], ["10", "29.4", "-0.51"]);
    }
}
