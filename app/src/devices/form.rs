//! What is typed about a device, and what of it is kept.
use super::{known::Known, words::kind_name};
use crate::{
    error::AppError,
    forms::{self, Faults, read_place},
    reader::Reader,
};
use domain::{
    DeviceId, HouseId,
    devices::{DeviceIcon, DeviceKind},
};
use serde::Deserialize;
use store::devices::{Device, DeviceFacts};

/// The form, as typed.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DeviceForm {
    pub(super) name: String,
    #[serde(default)]
    pub(super) kind: String,
    /// Empty for the whole farm.
    pub(super) house: String,
    pub(super) place: String,
    /// Empty for the one of the kind.
    #[serde(default)]
    pub(super) icon: String,
}

impl DeviceForm {
    /// The form of a device as it is; of a new one, as it most likely is.
    pub(super) fn of(reader: &Reader, known: &Known, device: &Device) -> Self {
        let (house, name) = if device.approved_at.is_some() {
            (device.house, device.name.clone())
        } else {
            let house = likely_house(known, device);
            (house, likely_name(reader, known, device, house))
        };
        Self {
            name,
            kind: device.kind.name().to_owned(),
            house: house.map(|house| house.to_string()).unwrap_or_default(),
            place: device.location.clone().unwrap_or_default(),
            icon: device.icon.map(|icon| icon.name().to_owned()).unwrap_or_default(),
        }
    }

    /// What is kept.
    ///
    /// # Errors
    /// A house that the farm has not: it is on no form of ours.
    pub(super) fn read(
        &self,
        reader: &Reader,
        known: &Known,
        device: DeviceId,
    ) -> Result<Result<DeviceFacts, Faults>, AppError> {
        let mut faults = Faults::default();
        let house = match self.house.as_str() {
            "" => None,
            house => Some(known.house(house).ok_or(AppError::NotFound)?.id),
        };
        let name = forms::name(reader, ("name", &self.name), &mut faults).unwrap_or_default();
        if known.has_namesake(&name, house, device) {
            faults.add("name", reader.say("device-same-name"));
        }
        let kind = DeviceKind::ALL.iter().find(|kind| kind.name() == self.kind).copied();
        let kind = kind.unwrap_or_else(|| {
            faults.add("kind", reader.say("field-required"));
            DeviceKind::Other
        });
        let icon = match self.icon.as_str() {
            "" => None,
            icon => Some(DeviceIcon::parse(icon).ok_or(AppError::BadRequest)?),
        };
        let location = read_place(reader, &self.place, &mut faults);
        let facts = DeviceFacts { name, kind, icon, house, location };
        Ok(if faults.is_empty() { Ok(facts) } else { Err(faults) })
    }
}

/// Where the other devices of its controller hang; else the only house there is.
fn likely_house(known: &Known, device: &Device) -> Option<HouseId> {
    let node = device.channel.as_ref().map(|(node, _)| *node);
    let mut siblings =
        known.facts.farm.devices.iter().filter(|other| {
            other.is_approved && other.place.as_ref().map(|place| place.id) == node
        });
    match (siblings.next(), known.facts.farm.houses.as_slice()) {
        (Some(sibling), _) => sibling.house,
        (None, [first, ..]) => Some(first.id),
        (None, []) => None,
    }
}

/// The word for its kind, with a number where there is one of that name already; what we do not know the
/// kind of is called as its maker calls it.
fn likely_name(reader: &Reader, known: &Known, device: &Device, house: Option<HouseId>) -> String {
    if device.kind == DeviceKind::Other {
        return device.name.clone();
    }
    let name = kind_name(reader, device.kind);
    if !known.has_namesake(&name, house, device.id) {
        return name;
    }
    let numbered = (2..100)
        .map(|n| reader.say_with("device-numbered", &[("name", &name), ("n", &reader.whole(n))]));
    let mut free = numbered.filter(|name| !known.has_namesake(name, house, device.id));
    free.next().unwrap_or(name)
}
