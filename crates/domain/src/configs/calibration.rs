//! A sensor is corrected by what another, better one says beside it: at one point by an offset, at two by a line.
//! What no honest sensor needs is refused: then it is broken, or something was mistyped.
use crate::readings::{Calibration, SensorKind};

/// What the sensor says, and what is true, in the series' unit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Point {
    /// What the sensor says.
    pub raw: f64,
    /// What is true.
    pub truth: f64,
}

/// Why a sensor is not corrected so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadCalibration {
    /// Not a value that there is.
    #[error("a value is not possible")]
    Impossible(Which),
    /// Sensor and truth differ by more than a sensor may be wrong.
    #[error("the sensor is too far off")]
    TooFar(Which),
    /// The two points are too close to each other to draw a line.
    #[error("the two points are too close")]
    TooClose,
    /// A line through the two is too steep or too flat.
    #[error("the line is too steep or too flat")]
    Slope,
}

/// Which point.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The first.
    First,
    /// The second.
    Second,
}

/// How far two points must be apart, in the series' unit.
pub const fn least_apart(kind: Option<SensorKind>) -> f64 {
    match kind {
        Some(SensorKind::Temperature) => 5.0,
        Some(SensorKind::Humidity | SensorKind::WaterLevel | SensorKind::FeedLevel) => 10.0,
        _ => 1.0,
    }
}

/// How far a sensor may be off, in the series' unit; no end for what may be anything.
pub const fn furthest_off(kind: Option<SensorKind>) -> Option<f64> {
    match kind {
        Some(SensorKind::Temperature) => Some(10.0),
        Some(SensorKind::Humidity) => Some(25.0),
        Some(SensorKind::WaterLevel | SensorKind::FeedLevel) => Some(50.0),
        _ => None,
    }
}

/// The flattest and the steepest line.
const fn slopes(kind: Option<SensorKind>) -> (f64, f64) {
    match kind {
        Some(SensorKind::Temperature | SensorKind::Humidity) => (0.75, 1.35),
        _ => (0.1, 10.0),
    }
}

/// Moves all that a sensor says by as much as it is off at one point.
///
/// # Errors
/// The value is impossible, or the sensor too far off.
pub fn by_one_point(kind: Option<SensorKind>, point: Point) -> Result<Calibration, BadCalibration> {
    check(kind, point, Which::First)?;
    Ok(Calibration { a: 1.0, b: tidy(point.truth - point.raw) })
}

/// The line through two points.
///
/// # Errors
/// A value is impossible, the sensor too far off, or the points lead to no sensible line.
pub fn by_two_points(
    kind: Option<SensorKind>,
    (first, second): (Point, Point),
) -> Result<Calibration, BadCalibration> {
    check(kind, first, Which::First)?;
    check(kind, second, Which::Second)?;
    let run = second.raw - first.raw;
    if run.abs() < least_apart(kind) {
        return Err(BadCalibration::TooClose);
    }
    let a = tidy((second.truth - first.truth) / run);
    let (flattest, steepest) = slopes(kind);
    if !(flattest..=steepest).contains(&a) {
        return Err(BadCalibration::Slope);
    }
    Ok(Calibration { a, b: tidy(first.truth - a * first.raw) })
}

fn check(kind: Option<SensorKind>, point: Point, which: Which) -> Result<(), BadCalibration> {
    let is_possible = |value: f64| {
        value.is_finite() && value.abs() < 1e9 && kind.is_none_or(|kind| kind.is_plausible(value))
    };
    if !is_possible(point.raw) || !is_possible(point.truth) {
        return Err(BadCalibration::Impossible(which));
    }
    let off = (point.truth - point.raw).abs();
    // a tenth of what is typed may be lost in binary
    match furthest_off(kind) {
        Some(most) if off > most + 1e-9 => Err(BadCalibration::TooFar(which)),
        _ => Ok(()),
    }
}

/// To six decimals: what is stored is what is shown and told.
fn tidy(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    const AIR: Option<SensorKind> = Some(SensorKind::Temperature);

    fn point(raw: f64, truth: f64) -> Point {
        Point { raw, truth }
    }

    #[test]
    fn one_point_moves_and_two_points_make_a_line() {
        let one = by_one_point(AIR, point(29.4, 28.9)).unwrap();
        assert_eq!((one.a, one.b), (1.0, -0.5));
        let two = by_two_points(AIR, (point(0.5, 0.0), point(40.5, 41.0))).unwrap();
        assert_eq!((two.a, two.b), (1.025, -0.5125));
        assert!((two.apply(0.5) - 0.0).abs() < 1e-6 && (two.apply(40.5) - 41.0).abs() < 1e-6);
        let same = by_two_points(AIR, (point(40.5, 41.0), point(0.5, 0.0))).unwrap();
        assert_eq!(same.a, two.a);
    }

    #[test]
    fn what_no_honest_sensor_needs_is_refused() {
        let one = |raw, truth| by_one_point(AIR, point(raw, truth)).unwrap_err();
        assert_eq!(one(28.0, 38.1), BadCalibration::TooFar(Which::First));
        assert_eq!(one(28.0, 85.0), BadCalibration::Impossible(Which::First));
        assert_eq!(one(f64::NAN, 28.0), BadCalibration::Impossible(Which::First));
        assert_eq!(one(28.0, f64::INFINITY), BadCalibration::Impossible(Which::First));
        let two = |first, second| by_two_points(AIR, (first, second)).unwrap_err();
        assert_eq!(two(point(28.0, 28.0), point(32.9, 33.0)), BadCalibration::TooClose);
        assert_eq!(two(point(28.0, 28.0), point(33.0, 28.0)), BadCalibration::Slope);
        let far = two(point(28.0, 28.0), point(40.0, 60.0));
        assert_eq!(far, BadCalibration::TooFar(Which::Second));
        let falls = two(point(20.0, 28.0), point(28.0, 20.0));
        assert_eq!(falls, BadCalibration::Slope);
        assert_eq!(by_one_point(AIR, point(28.0, 38.0)).unwrap().b, 10.0);
    }

    #[test]
    fn a_scale_may_be_off_by_anything_but_not_by_nonsense() {
        let scale = Some(SensorKind::Weight);
        let two = by_two_points(scale, (point(0.0, 0.0), point(100.0, 250.0))).unwrap();
        assert_eq!((two.a, two.b), (2.5, 0.0));
        let steep = by_two_points(scale, (point(0.0, 0.0), point(1.0, 11.0)));
        assert_eq!(steep, Err(BadCalibration::Slope));
        assert_eq!(
            by_one_point(None, point(1e300, 0.0)),
            Err(BadCalibration::Impossible(Which::First))
        );
    }
}
