//! What is typed about a device's settings, and what of it is kept. A field that the device has not is not asked for,
//! and stays as it is.
use super::{Found, span::TypedSpan};
use crate::{
    forms::{Faults, bad_name, bad_range},
    reader::Reader,
};
use domain::{
    commands::{Bounds, Interlocks, InterlocksError, LinkLoss, MAX_GROUP, MAX_STARTS},
    configs::{BadConfig, DeviceConfig, POLLING_S},
    devices::DeviceKind,
    names::{BadName, clean_line},
    numbers::parse_whole,
};
use serde::Deserialize;
use std::time::Duration;

const DAY: (Duration, Duration) = (Duration::from_secs(1), Duration::from_hours(24));

/// The form, as typed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct SettingsForm {
    pub(super) polling: String,
    pub(super) polling_unit: String,
    pub(super) max_on: String,
    pub(super) max_on_unit: String,
    pub(super) min_on: String,
    pub(super) min_on_unit: String,
    pub(super) min_off: String,
    pub(super) min_off_unit: String,
    pub(super) starts: String,
    pub(super) group: String,
    /// `yes`: never beside its counterpart in the house; `no`.
    pub(super) apart: String,
    pub(super) link_loss: String,
    pub(super) least: String,
    pub(super) most: String,
}

impl SettingsForm {
    /// The form of a device as it is set.
    pub(super) fn of(reader: &Reader, found: &Found) -> Self {
        let (config, locks) = (&found.settings.config, &found.settings.interlocks);
        let polling = TypedSpan::of(reader, config.polling_interval, "s");
        let max_on = TypedSpan::of(reader, locks.max_on, "min");
        let min_on = TypedSpan::of(reader, locks.min_on, "min");
        let min_off = TypedSpan::of(reader, locks.min_off, "min");
        let bound = |of: fn(Bounds) -> f64| config.bounds.map(|bounds| whole(reader, of(bounds)));
        Self {
            polling: polling.number,
            polling_unit: polling.unit,
            max_on: max_on.number,
            max_on_unit: max_on.unit,
            min_on: min_on.number,
            min_on_unit: min_on.unit,
            min_off: min_off.number,
            min_off_unit: min_off.unit,
            starts: locks.max_starts_per_hour.map(|n| reader.field(n)).unwrap_or_default(),
            group: locks.exclusive_group.clone().unwrap_or_default(),
            apart: if locks.excludes_heat_and_cooling { "yes" } else { "no" }.to_owned(),
            link_loss: locks.on_link_loss.name().to_owned(),
            least: bound(|bounds| bounds.least).unwrap_or_default(),
            most: bound(|bounds| bounds.most).unwrap_or_default(),
        }
    }

    /// What is kept.
    pub(super) fn read(
        &self,
        reader: &Reader,
        found: &Found,
    ) -> Result<(DeviceConfig, Interlocks), Faults> {
        let mut faults = Faults::default();
        let mut config = found.settings.config;
        let mut locks = found.settings.interlocks.clone();
        if found.has_sensors() {
            let seconds = |seconds: u32| Duration::from_secs(seconds.into());
            let bounds = (seconds(POLLING_S.0), seconds(POLLING_S.1));
            let typed = span(&self.polling, &self.polling_unit);
            config.polling_interval = typed.read(reader, "polling", bounds, &mut faults);
        }
        if let Some((widest, _)) = found.range() {
            config.bounds = self.bounds(reader, widest, &mut faults);
            match config.check(found.settings.device_type) {
                Err(BadConfig::Order) if faults.of("least").is_none() => {
                    faults.add("most", reader.say("configs-bounds-order"))
                }
                // each of these was read within its bounds, or has its word already
                Ok(()) | Err(BadConfig::Polling | BadConfig::Bounds | BadConfig::Order) => {}
            }
        }
        if !found.settings.kind.is_sensor() {
            self.locks(reader, found.settings.kind, &mut locks, &mut faults);
        }
        if faults.is_empty() { Ok((config, locks)) } else { Err(faults) }
    }

    fn locks(
        &self,
        reader: &Reader,
        kind: DeviceKind,
        locks: &mut Interlocks,
        faults: &mut Faults,
    ) {
        locks.max_on = span(&self.max_on, &self.max_on_unit).read(reader, "max_on", DAY, faults);
        locks.min_on = span(&self.min_on, &self.min_on_unit).read(reader, "min_on", DAY, faults);
        locks.min_off =
            span(&self.min_off, &self.min_off_unit).read(reader, "min_off", DAY, faults);
        locks.max_starts_per_hour = match self.starts.trim() {
            "" => None,
            typed => {
                let starts = parse_whole(typed).ok().filter(|n| (1..=MAX_STARTS).contains(n));
                if starts.is_none() {
                    faults.add("starts", bad_range(reader, 1, MAX_STARTS));
                }
                starts
            }
        };
        locks.exclusive_group = match clean_line(&self.group, MAX_GROUP) {
            Ok(group) => Some(group),
            Err(BadName::Empty) => None,
            Err(bad) => {
                faults.add("group", bad_name(reader, bad, MAX_GROUP));
                None
            }
        };
        if has_counterpart(kind) {
            match self.apart.as_str() {
                "yes" => locks.excludes_heat_and_cooling = true,
                "no" => locks.excludes_heat_and_cooling = false,
                _ => faults.add("apart", reader.say("field-required")),
            }
        }
        match LinkLoss::parse(&self.link_loss) {
            Some(loss) => locks.on_link_loss = loss,
            None => faults.add("link_loss", reader.say("field-required")),
        }
        match locks.check() {
            Err(InterlocksError::MinOverMax) => {
                let most = locks.max_on.map(|span| reader.span(span)).unwrap_or_default();
                faults.add("min_on", reader.say_with("configs-min-over-max", &[("most", &most)]));
            }
            // each of these was read within its bounds, or has its word already
            Ok(())
            | Err(InterlocksError::Time(_) | InterlocksError::Starts | InterlocksError::Group) => {}
        }
    }

    /// The bounds of what values it takes; an empty field is the widest, both empty are none.
    fn bounds(&self, reader: &Reader, widest: Bounds, faults: &mut Faults) -> Option<Bounds> {
        if self.least.trim().is_empty() && self.most.trim().is_empty() {
            return None;
        }
        let mut read = |field, typed: &str, otherwise: f64| {
            if typed.trim().is_empty() {
                return otherwise;
            }
            let value = parse_whole(typed).ok().map(f64::from);
            let value = value.filter(|value| (widest.least..=widest.most).contains(value));
            value.unwrap_or_else(|| {
                let (from, to) = (whole(reader, widest.least), whole(reader, widest.most));
                faults.add(field, reader.say_with("field-range", &[("from", &from), ("to", &to)]));
                otherwise
            })
        };
        let least = read("least", &self.least, widest.least);
        let most = read("most", &self.most, widest.most);
        (least > widest.least || most < widest.most).then_some(Bounds { least, most })
    }
}

/// Whether there is something that works against it: heat against cooling.
pub(super) const fn has_counterpart(kind: DeviceKind) -> bool {
    matches!(kind, DeviceKind::Heater | DeviceKind::Fan)
}

fn span(number: &str, unit: &str) -> TypedSpan {
    TypedSpan { number: number.to_owned(), unit: unit.to_owned() }
}

/// A number without a fraction, in the reader's digits.
fn whole(reader: &Reader, value: f64) -> String {
    reader.field_decimal(value, 0)
}
