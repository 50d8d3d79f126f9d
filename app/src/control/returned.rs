//! What comes back with a page whose form was not done: beside the field that was typed into, or below the device.
use super::{
    loaded::Loaded,
    refusal::{Refusals, note},
    tap::Became,
    tell::Switch,
};
use crate::{forms::Faults, reader::Reader};
use domain::{DeviceId, commands::Refused};

/// A device, what was asked of it, and what became of that.
pub(super) type Told = (DeviceId, String, Became);

/// What comes back.
#[derive(Debug, Default)]
pub(super) struct Returned {
    /// What was asked and not done.
    pub(super) notes: Vec<Told>,
    /// What was typed.
    pub(super) value: Option<String>,
}

/// What is said below which devices.
pub(super) fn refusals(loaded: &Loaded, reader: Reader, notes: Vec<Told>) -> Refusals {
    let teller = loaded.known.teller(reader);
    let said = notes.into_iter().filter_map(|(device, wish, became)| {
        Some((device, note((teller, &loaded.switches), &wish, became)?))
    });
    Refusals::new(said)
}

/// What belongs beside the field that was typed into, and the rest.
pub(super) fn typed_faults(
    loaded: &Loaded,
    reader: Reader,
    notes: Vec<Told>,
) -> (Faults, Vec<Told>) {
    use Refused::{NoValue, NotANumber, OutOfRange};
    let words = loaded.switches.words(loaded.known.teller(reader));
    let mut faults = Faults::default();
    let mut rest = Vec::new();
    for (device, wish, became) in notes {
        match became {
            Became::Refused(refused @ (NoValue | NotANumber | OutOfRange { .. })) => {
                faults.add("value", words.refused(&refused, None));
            }
            _ => rest.push((device, wish, became)),
        }
    }
    (faults, rest)
}

/// What stands in the field: what was typed, else what the device runs at.
pub(super) fn value(reader: Reader, switch: &Switch<'_>, typed: Option<String>) -> String {
    let known = || {
        let (_, bounds) = switch.stance.bounds?;
        let value =
            switch.stance.value.filter(|value| (bounds.least..=bounds.most).contains(value));
        Some(reader.field_decimal(value.unwrap_or(bounds.most), 0))
    };
    typed.or_else(known).unwrap_or_default()
}
