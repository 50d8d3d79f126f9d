//! Settings as people see them.
mod calibration;
mod settings;

pub(super) use calibration::{CalibrationPage, Correcting};
pub(super) use settings::SettingsPage;

use crate::{home::name_id, reader::Reader};
use domain::readings::SensorKind;
use store::configs::SensorFacts;

/// What a quantity is called; one that we do not know is called what its maker calls it.
fn sensor_name(reader: &Reader, facts: &SensorFacts) -> String {
    match SensorKind::parse(&facts.sensor) {
        Some(kind) => reader.say(&name_id(kind)),
        None => facts.sensor.replace('_', " "),
    }
}

/// A value of a quantity with its unit, as people read it.
fn value(reader: &Reader, facts: &SensorFacts, value: f64) -> String {
    let decimals = SensorKind::parse(&facts.sensor).map_or(1, SensorKind::decimals).max(1);
    format!("{}\u{a0}{}", reader.decimal(value, decimals), facts.unit)
}
