//! Kinds, pictures and places of devices in words.
use crate::{forms::Choice, reader::Reader};
use domain::devices::{DeviceIcon, DeviceKind, DeviceType};
use store::home::Farm;

/// What a kind is called.
pub(crate) fn kind_name(reader: &Reader, kind: DeviceKind) -> String {
    reader.say(&format!("kind-{}", kind.name().replace('_', "-")))
}

/// The same within a sentence: "turn it on" where a device is nothing that one calls by its kind.
pub(crate) fn thing(reader: &Reader, kind: DeviceKind) -> String {
    reader.say(&format!("thing-{}", kind.name().replace('_', "-")))
}

/// The kinds to choose from for a channel of that type.
pub(super) fn kinds(reader: &Reader, device_type: DeviceType) -> Vec<Choice> {
    let choice = |kind: &DeviceKind| Choice {
        value: kind.name(),
        label: kind_name(reader, *kind),
        help: None,
        icon: kind.icon().name(),
    };
    DeviceKind::ALL.iter().filter(|kind| kind.fits(device_type)).map(choice).collect()
}

/// How a switch may be driven.
pub(super) fn drives(reader: &Reader) -> Vec<Choice> {
    let choice = |drive: DeviceType| Choice {
        value: drive.name(),
        label: reader.say(&format!("device-drive-{}", drive.name())),
        help: None,
        icon: if drive == DeviceType::Relay { "power" } else { "settings" },
    };
    DeviceType::SWITCHES.map(choice).into()
}

/// The pictures to choose from; the first is that of the kind.
pub(super) fn icons(reader: &Reader) -> Vec<Choice> {
    let of_kind =
        Choice { value: "", label: reader.say("device-icon-of-kind"), help: None, icon: "check" };
    let choice = |icon: &DeviceIcon| Choice {
        value: icon.name(),
        label: reader.say(&format!("icon-{}", icon.name())),
        help: None,
        icon: icon.name(),
    };
    std::iter::once(of_kind).chain(DeviceIcon::ALL.iter().map(choice)).collect()
}

/// The places to choose from: the houses, and the whole farm.
pub(super) fn places(reader: &Reader, farm: &Farm) -> Vec<(String, String)> {
    let houses = farm.houses.iter().map(|house| (house.id.to_string(), house.name.clone()));
    houses.chain([(String::new(), reader.say("devices-whole-farm"))]).collect()
}

/// Where a device hangs: its house or the whole farm, and its place there.
pub(super) fn place(reader: &Reader, house: Option<&str>, location: Option<&str>) -> String {
    let house = house.map_or_else(|| reader.say("devices-whole-farm"), str::to_owned);
    match location {
        Some(location) => format!("{house} · {location}"),
        None => house,
    }
}
