use super::*;
use std::time::Duration;

/// 2025-12-31T17:00:00Z, midnight of New Year's Day 2026 in Cambodia.
const NEW_YEAR: i32 = 20_454;
const FIRST_DAYS: [i32; 13] = [0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365];

fn samples(days: std::ops::Range<i32>, seed: u64) -> Vec<Weather> {
    let begin = local_midnight(NEW_YEAR + days.start);
    let count = (days.end - days.start) * 144;
    (0..u32::try_from(count).unwrap())
        .map(|i| weather(begin.plus(Duration::from_secs(600) * i), seed))
        .collect()
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let values: Vec<f64> = values.collect();
    values.iter().sum::<f64>() / f64::from(u32::try_from(values.len()).unwrap())
}

#[test]
fn every_month_of_ten_years_is_one_that_cambodia_knows() {
    for seed in 0..10 {
        for (month, span) in FIRST_DAYS.windows(2).enumerate() {
            let month_s = samples(span[0]..span[1], seed);
            let mean_c = mean(month_s.iter().map(|w| w.temperature_c));
            let humidity = mean(month_s.iter().map(|w| w.humidity_pct));
            let lowest = month_s.iter().map(|w| w.temperature_c).fold(99.0, f64::min);
            let highest = month_s.iter().map(|w| w.temperature_c).fold(0.0, f64::max);
            let told =
                format!("seed {seed}, month {month}: {lowest} {mean_c} {highest} {humidity}");
            assert!((24.5..31.5).contains(&mean_c), "{told}");
            assert!((18.5..27.0).contains(&lowest), "{told}");
            assert!((30.0..38.0).contains(&highest), "{told}");
            assert!((65.0..90.0).contains(&humidity), "{told}");
        }
    }
}

#[test]
fn april_is_hotter_than_december_and_september_wetter_than_february() {
    let april = mean(samples(90..120, 1).iter().map(|w| w.temperature_c));
    let december = mean(samples(334..365, 1).iter().map(|w| w.temperature_c));
    assert!(april > december + 2.5, "{april} {december}");
    let rain = |days| mean(samples(days, 1).iter().map(|w| w.rain));
    assert!(rain(243..273) > 5.0 * rain(31..59));
}

#[test]
fn afternoons_are_hot_and_dry_and_nights_cool_and_damp() {
    let year = samples(0..365, 2);
    let at = |hour: usize| move |(i, w): (usize, &Weather)| (i % 144 == hour * 6).then_some(*w);
    let dawn: Vec<Weather> = year.iter().enumerate().filter_map(at(6)).collect();
    let noon: Vec<Weather> = year.iter().enumerate().filter_map(at(13)).collect();
    let warmer = mean(noon.iter().zip(&dawn).map(|(n, d)| n.temperature_c - d.temperature_c));
    assert!((5.0..11.0).contains(&warmer), "{warmer}");
    let (damp, dry) =
        (mean(dawn.iter().map(|w| w.humidity_pct)), mean(noon.iter().map(|w| w.humidity_pct)));
    assert!((80.0..97.0).contains(&damp) && (52.0..75.0).contains(&dry), "{damp} {dry}");
}

#[test]
fn nothing_jumps_from_one_minute_to_the_next() {
    let begin = local_midnight(NEW_YEAR + 120);
    let minutes: Vec<Weather> =
        (0..60 * 24 * 60).map(|i| weather(begin.plus(Duration::from_secs(60) * i), 5)).collect();
    for pair in minutes.windows(2) {
        assert!((pair[0].temperature_c - pair[1].temperature_c).abs() < 0.25, "{pair:?}");
        assert!((pair[0].humidity_pct - pair[1].humidity_pct).abs() < 1.5, "{pair:?}");
        assert!((pair[0].rain - pair[1].rain).abs() < 0.1, "{pair:?}");
    }
}

#[test]
fn the_seed_decides() {
    assert_eq!(samples(0..2, 9), samples(0..2, 9));
    assert_ne!(samples(0..2, 9), samples(0..2, 10));
}

#[test]
fn midnight_belongs_to_the_new_day() {
    assert_eq!(local_day_and_hour(local_midnight(NEW_YEAR)), (NEW_YEAR, 0.0));
    let before = local_midnight(NEW_YEAR).minus(Duration::from_secs(3600));
    assert_eq!(local_day_and_hour(before), (NEW_YEAR - 1, 23.0));
}
