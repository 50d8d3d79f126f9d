//! From one reading to its row: its instant, its value in the series' unit, and how far to trust it.
use super::directory::{Memory, Series};
use domain::{
    Timestamp,
    clock::{Placed, place},
    protocol::Reading,
    readings::{Quality, Stillness, stored_unit},
    sequence::Arrival,
};
use std::time::Duration;

/// Readings without a time of their own are kept apart by so much, each a millisecond of its own.
const APART: Duration = Duration::from_millis(1);

/// Why a message's readings cannot be stored: the reason's code, and what exactly is wrong.
pub(super) type Wrong = (&'static str, String);

/// A reading's place in time.
pub(super) struct Timed {
    pub(super) ts: Timestamp,
    /// What the node said the time was, where it was corrected.
    pub(super) said: Option<Timestamp>,
    quality: Quality,
}

/// What is stored of a reading.
pub(super) struct Measured {
    pub(super) value: f64,
    /// What the sensor said.
    pub(super) raw: f64,
    pub(super) quality: Quality,
}

impl Timed {
    /// `None` for a reading that came before and has no instant of its own to be known by.
    pub(super) fn new(
        said: Option<i64>,
        correction_ms: Option<i64>,
        arrival: Arrival,
        memory: &mut Memory,
        received: Timestamp,
    ) -> Option<Self> {
        Some(match place(said.map(Timestamp::from_millis), correction_ms, received) {
            Placed::AsSaid(ts) => Self { ts, said: None, quality: Quality::Good },
            Placed::Corrected { ts, said } => {
                Self { ts, said: Some(said), quality: Quality::Estimated }
            }
            Placed::Received { .. } if arrival == Arrival::Again => return None,
            Placed::Received { said } => {
                let after_last = memory.last_received.map_or(received, |last| last.plus(APART));
                let ts = received.max(after_last);
                memory.last_received = Some(ts);
                Self { ts, said, quality: Quality::Estimated }
            }
        })
    }
}

/// A reading's value in its series' unit, calibrated, and its quality.
pub(super) fn judge(
    reading: &Reading<'_>,
    series: &Series,
    memory: &mut Memory,
    timed: &Timed,
) -> Result<Measured, Wrong> {
    let raw = match reading.unit.as_deref() {
        None => reading.value,
        Some(unit) if unit == series.route.unit => reading.value,
        unit => match stored_unit(&reading.sensor, unit) {
            Some((stored, line)) if stored == series.route.unit => line.apply(reading.value),
            _ => return Err(bad_unit(reading, series)),
        },
    };
    let calibration = series.route.calibration(timed.ts);
    let value = calibration.map_or(raw, |calibration| calibration.apply(raw));
    if !value.is_finite() {
        return Err(("bad-number", "the calibrated value is infinite".to_owned()));
    }
    let mut quality = reading.quality.worse(timed.quality);
    if let Some(kind) = series.kind {
        let stillness = memory.stillness.get_or_insert(Stillness::new(raw, timed.ts));
        let is_stuck = stillness.is_stuck(raw, timed.ts) && kind.rests_nowhere();
        if is_stuck || !kind.is_plausible(raw) || !kind.is_plausible(value) {
            quality = Quality::Suspect;
        }
    }
    Ok(Measured { value, raw, quality })
}

/// Why a reading has no series.
pub(super) fn no_series(reading: &Reading<'_>) -> Wrong {
    let Reading { device, sensor, unit, .. } = reading;
    match unit {
        Some(unit) if stored_unit(sensor, Some(unit)).is_none() => {
            ("bad-unit", format!("{sensor} has no unit {unit:?}"))
        }
        _ => ("too-many-devices", format!("there is no room for {sensor} of {device:?}")),
    }
}

fn bad_unit(reading: &Reading<'_>, series: &Series) -> Wrong {
    let (unit, stored) = (reading.unit.as_deref().unwrap_or(""), &series.route.unit);
    ("bad-unit", format!("{} is stored in {stored:?}, not in {unit:?}", reading.sensor))
}
