//! What birds of an age weigh, drink, eat and give off.
use domain::poultry::BirdKind;

/// One bird's figures on a day of its life.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bird {
    /// Live weight, kg.
    pub weight_kg: f64,
    /// Water a day at a comfortable temperature, L.
    pub water_l: f64,
    /// Feed a day, kg.
    pub feed_kg: f64,
    /// Warmth that heats the air, W.
    pub warmth_w: f64,
}

/// A bird `day` days old; before day 0 there is none.
pub fn bird(kind: BirdKind, day: f64) -> Option<Bird> {
    if day < 0.0 {
        return None;
    }
    // grown weight kg, days to about two thirds of it, shape, litres a day when grown
    let (grown_kg, days, shape, most_l) = match kind {
        BirdKind::Broiler => (3.6, 38.0, 2.0, 0.36),
        BirdKind::Layer | BirdKind::Other => (1.8, 75.0, 1.5, 0.22),
        BirdKind::Local => (1.5, 95.0, 1.5, 0.16),
    };
    let weight_kg = 0.042 + grown_kg * (1.0 - (-(day / days).powf(shape)).exp());
    // 5.28 mL for each day of age (rule of thumb for broilers; others by their smaller weight)
    let by_age_l = 0.005_28 * day.max(1.0) * if kind == BirdKind::Broiler { 1.0 } else { 0.5 };
    let water_l = by_age_l.min(most_l);
    Some(Bird { weight_kg, water_l, feed_kg: water_l / 1.77, warmth_w: 5.0 * weight_kg.powf(0.75) })
}

/// How lively birds are at an hour of the day: they drink and move by light. Averages 1 over a day.
pub fn liveliness(hour: f64) -> f64 {
    let by_light = (std::f64::consts::PI * (hour - 4.5) / 17.0).sin().max(0.0);
    0.15 + by_light * 1.885
}

/// The birds of a house at one instant.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flock {
    pub(super) bird: Option<Bird>,
    pub(super) count: f64,
    pub(super) hour: f64,
}

impl Flock {
    /// A figure of the whole flock.
    pub(super) fn all(&self, of_one: impl Fn(&Bird) -> f64) -> f64 {
        self.bird.map_or(0.0, |bird| of_one(&bird) * self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flock_of_broilers_drinks_as_the_tables_say() {
        for (day, litres) in [(7.0, 37.0), (21.0, 111.0), (28.0, 148.0), (42.0, 222.0)] {
            let flock_l = bird(BirdKind::Broiler, day).unwrap().water_l * 1000.0;
            assert!((flock_l - litres).abs() < 1.0, "day {day}: {flock_l} L");
        }
    }

    #[test]
    fn broilers_outgrow_the_others() {
        let kg = |kind, day| bird(kind, day).unwrap().weight_kg;
        assert!((2.2..2.9).contains(&kg(BirdKind::Broiler, 42.0)));
        assert!(kg(BirdKind::Local, 42.0) < 0.7);
        assert!((1.6..1.9).contains(&kg(BirdKind::Layer, 300.0)));
        assert_eq!(bird(BirdKind::Broiler, -0.1), None);
    }

    #[test]
    fn a_day_of_liveliness_is_a_day() {
        let mean = (0..1440).map(|m| liveliness(f64::from(m) / 60.0)).sum::<f64>() / 1440.0;
        assert!((mean - 1.0).abs() < 0.01, "{mean}");
    }
}
