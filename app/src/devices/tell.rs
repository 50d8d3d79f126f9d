//! Devices in finished words.
use super::{doing::Doing, known::Known};
use crate::{
    board::{Board, Group},
    home::{
        Mood, Reading, RowLook, RowView, Sentence, Tag, Teller, icon_of_device, labelled,
        new_device, tell_device, tell_tiles,
    },
    nodes::node_row,
    reader::Reader,
};
use domain::HouseId;
use store::home::Device;

/// What a list of devices is about.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Chosen {
    /// One house alone.
    pub(super) house: Option<HouseId>,
    /// Whether its reader may accept new ones.
    pub(super) may_edit: bool,
}

/// All devices: the new ones first, then house by house; and the controllers.
pub(super) fn list(known: &Known, reader: Reader, chosen: Chosen) -> Board {
    let teller = known.teller(reader);
    let houses = known.facts.farm.houses.iter();
    let houses = houses.filter(|house| chosen.house.is_none_or(|only| house.id == only));
    let mut groups = Vec::new();
    if chosen.house.is_none() {
        groups.push(new_devices(known, teller, known.new_devices(), chosen.may_edit));
    }
    groups.extend(houses.map(|house| {
        Group::rows(house.name.clone(), rows(teller, known.in_house(Some(house.id))))
    }));
    if chosen.house.is_none() {
        groups.push(Group::rows(
            reader.say("devices-whole-farm"),
            rows(teller, known.in_house(None)),
        ));
        let nodes = known.nodes.iter().map(|node| node_row(teller, node)).collect();
        groups.push(Group::rows(reader.say("devices-controllers"), nodes));
    }
    Board::new(groups)
}

/// Devices that wait to be accepted; for who may do that, each leads to the form.
pub(crate) fn new_devices<'d>(
    known: &Known,
    teller: Teller<'_>,
    devices: impl Iterator<Item = &'d Device>,
    may_edit: bool,
) -> Group {
    let farm = known.facts.farm.id;
    let row = |device: &Device| {
        let mut row = new_device(teller, device);
        if may_edit {
            row.look.href = Some(format!("/farms/{farm}/devices/{}/edit", device.id));
        }
        row
    };
    let rows: Vec<RowView> = devices.map(row).collect();
    if rows.is_empty() {
        return Group::default();
    }
    let help = if may_edit { "devices-new-help" } else { "home-new-help" };
    let help = Some(teller.reader.say(help));
    Group { help, ..Group::rows(teller.reader.say("home-new"), rows) }
}

/// A line for each device.
pub(crate) fn rows<'d>(
    teller: Teller<'_>,
    devices: impl Iterator<Item = &'d Device>,
) -> Vec<RowView> {
    devices.map(|device| row(teller, device)).collect()
}

fn row(teller: Teller<'_>, device: &Device) -> RowView {
    let reader = teller.reader;
    let readings = teller.facts.readings_of(device);
    let told = tell_device(teller, device);
    let about = if device.kind.is_sensor() {
        readings.is_empty().then(|| Sentence::plain(reader.say("value-none")))
    } else {
        let before = format!("{} · {}", told.word, told.why.before);
        Some(Sentence { before, ..told.why })
    };
    let is_away = device.place.as_ref().is_none_or(|place| !place.is_online);
    let tag = is_away.then(|| Tag {
        mood: Mood::Lost,
        icon: "offline",
        text: reader.say("controller-offline"),
    });
    RowView {
        look: RowLook {
            id: format!("d-{}", device.id),
            href: Some(format!("/farms/{}/devices/{}", teller.facts.farm.id, device.id)),
            icon: icon_of_device(device),
            name: device.name.clone(),
            about,
            tag,
        },
        values: labelled(teller, &readings),
    }
}

/// One device: its values or its latch, what it was told, and its controller. `here` is its page.
pub(super) fn one(
    known: &Known,
    reader: Reader,
    (device, doing): (&Device, &Doing),
    here: &str,
) -> Board {
    let teller = known.teller(reader);
    let house = device.house.and_then(|house| known.facts.house(house));
    let readings: Vec<Reading<'_>> = match (device.is_approved, house) {
        // limits depend on the birds of the house
        (true, Some(_)) => {
            let of_house = known.facts.readings(house, known.now).into_iter();
            of_house.filter(|reading| reading.device.id == device.id).collect()
        }
        _ => known.facts.readings_of(device),
    };
    let tiles = tell_tiles(teller, &readings);
    let devices: Vec<_> = doing.latch(known, reader, device).into_iter().collect();
    let is_silent = tiles.is_empty() && devices.is_empty();
    let now = Group {
        title: reader.say("device-now"),
        help: is_silent.then(|| reader.say("device-no-value")),
        tiles,
        devices,
        ..Group::default()
    };
    let node = device.place.as_ref().and_then(|place| known.node(place.id));
    let node = node.map(|node| node_row(teller, node)).into_iter().collect();
    let node = Group::rows(reader.say("device-controller"), node);
    let [commands, today] = doing.groups(known, reader, here);
    Board::new(vec![now, commands, today, node])
}
