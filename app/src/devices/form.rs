//! What is typed about a device, and what of it is kept.
use super::{known::Known, words::kind_name};
use crate::{
    error::AppError,
    forms::{self, Faults, read_place},
    reader::Reader,
};
use domain::{
    HouseId,
    devices::{DeviceIcon, DeviceKind, DeviceType},
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
    /// How its channel is driven; empty as long as nobody is asked, of what measures.
    #[serde(default)]
    pub(super) drive: String,
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
            drive: likely_drive(device).name().to_owned(),
            house: house.map(|house| house.to_string()).unwrap_or_default(),
            place: device.location.clone().unwrap_or_default(),
            icon: device.icon.map(|icon| icon.name().to_owned()).unwrap_or_default(),
        }
    }

    /// What is kept. What stood on an older page and is not there any more has a word beside its field.
    ///
    /// # Errors
    /// A picture or a way to drive it that is on no form of ours.
    pub(super) fn read(
        &self,
        reader: &Reader,
        known: &Known,
        device: &Device,
    ) -> Result<Result<DeviceFacts, Faults>, AppError> {
        let mut faults = Faults::default();
        let name = forms::name(reader, ("name", &self.name), &mut faults).unwrap_or_default();
        let house = match self.house.as_str() {
            "" => None,
            house => known.house(house).map(|house| house.id).or_else(|| {
                faults.add("house", reader.say("device-house-gone"));
                None
            }),
        };
        let facts = DeviceFacts {
            name,
            kind: self.read_kind(reader, device, &mut faults),
            device_type: self.read_drive(device)?,
            icon: match self.icon.as_str() {
                "" => None,
                icon => Some(DeviceIcon::parse(icon).ok_or(AppError::BadRequest)?),
            },
            house,
            location: read_place(reader, &self.place, &mut faults),
        };
        Ok(if faults.is_empty() { Ok(facts) } else { Err(faults) })
    }

    fn read_kind(&self, reader: &Reader, device: &Device, faults: &mut Faults) -> DeviceKind {
        let kind = DeviceKind::ALL.iter().find(|kind| kind.name() == self.kind).copied();
        let fault = match kind {
            Some(kind) if kind.fits(device.device_type) => return kind,
            Some(_) => "device-kind-unfit",
            None => "field-required",
        };
        faults.add("kind", reader.say(fault));
        DeviceKind::Other
    }

    fn read_drive(&self, device: &Device) -> Result<DeviceType, AppError> {
        if device.device_type.is_input() || self.drive.is_empty() {
            return Ok(device.device_type);
        }
        let mut all = DeviceType::SWITCHES.into_iter();
        all.find(|drive| drive.name() == self.drive).ok_or(AppError::BadRequest)
    }
}

/// As it is driven; what is new and tells a number beside its state is likely dimmed.
fn likely_drive(device: &Device) -> DeviceType {
    let is_dimmed = device.approved_at.is_none() && device.tells_number;
    match device.device_type {
        DeviceType::Relay if is_dimmed => DeviceType::Pwm,
        other => other,
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
