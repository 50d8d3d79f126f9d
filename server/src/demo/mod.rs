//! The demo farm: what it is (`farms`), what it has lived through (`past`), and the files that people
//! and the simulator read (`files`). The same for the same seed, but for passwords.
mod events;
mod farms;
pub mod files;
mod past;
mod secrets;

pub use files::{DemoFiles, DemoNodes, SignIn};

use anyhow::{Context as _, Result};
use domain::{DeviceId, FarmId, HouseId, NodeId, Timestamp, UserId, readings::SensorKind};
use farms::{FarmSpec, HouseSpec, PersonSpec};
use rand::CryptoRng;
use simulator::{
    chance::seed_of,
    fleet::{Roster, RosterNode},
    house::{DevicePlan, HousePlan},
    weather::local_day_and_hour,
};
use std::time::Duration;
use store::demo::{Device, Farm, House, Node, Person, Series, Setting};
use uuid::Uuid;

/// The farm is made to look so old; its history is 30 days.
const FARM_AGE: Duration = Duration::from_hours(31 * 24);
/// A live reading comes this often.
pub const LIVE_INTERVAL: Duration = Duration::from_secs(10);
/// What the simulated nodes say of themselves.
const FIRMWARE: &str = "sim-1.0.0";

/// Everything that `tokkatot demo` makes.
#[derive(Debug)]
pub struct Demo {
    /// The demo farm, and a neighbour's.
    pub farms: Vec<Farm>,
    /// The four sign-ins of the demo farm.
    pub sign_ins: Vec<SignIn>,
    /// What programs need to play it.
    pub nodes: DemoNodes,
}

/// The demo farm's identity: the same in every installation.
pub fn farm_id() -> FarmId {
    FarmId(id("farm", farms::DARA.name))
}

/// Makes up the farms as they are at `now`, with new passwords from `random`.
///
/// # Errors
/// The machine has no randomness to hash with.
pub fn compose(seed: u64, now: Timestamp, random: &mut impl CryptoRng) -> Result<Demo> {
    let mut roster = Roster { farm: farm_id(), seed, nodes: Vec::new() };
    let mut farms = Vec::new();
    let mut sign_ins = Vec::new();
    for spec in [&farms::DARA, &farms::BOPHA] {
        let mut people = Vec::new();
        for person in spec.people {
            let (person, sign_in) = account(person, random)?;
            people.push(person);
            sign_ins.push(sign_in);
        }
        let mut farm = empty_farm(spec, people, now);
        for house in spec.houses {
            roster.nodes.push(add_house(&mut farm, house, seed, now, random)?);
        }
        farm.events = events::of(&farm, seed, now);
        farms.push(farm);
    }
    let mut sign_ins = sign_ins.into_iter();
    let of_dara: Vec<SignIn> = sign_ins.by_ref().take(farms::DARA.people.len()).collect();
    let neighbour = sign_ins.next().context("the neighbour has an account")?;
    Ok(Demo { farms, sign_ins: of_dara, nodes: DemoNodes { neighbour, roster } })
}

fn empty_farm(spec: &FarmSpec, people: Vec<Person>, now: Timestamp) -> Farm {
    Farm {
        id: FarmId(id("farm", spec.name)),
        name: spec.name.to_owned(),
        location: spec.location.to_owned(),
        coordinates: spec.coordinates,
        created_at: now.minus(FARM_AGE),
        people,
        houses: Vec::new(),
        nodes: Vec::new(),
        devices: Vec::new(),
        events: Vec::new(),
    }
}

fn account(spec: &PersonSpec, random: &mut impl CryptoRng) -> Result<(Person, SignIn)> {
    let password = secrets::password(random);
    let person = Person {
        id: UserId(id("person", spec.username)),
        name: spec.name.to_owned(),
        username: spec.username.to_owned(),
        phone: spec.phone.to_owned(),
        password_hash: secrets::account_hash(&password)?,
        role: spec.role,
    };
    let sign_in = SignIn { role: spec.role, login: spec.username.to_owned(), password };
    Ok((person, sign_in))
}

/// Adds a house with its node, devices and past; returns what the simulator needs to go on from there.
fn add_house(
    farm: &mut Farm,
    spec: &HouseSpec,
    seed: u64,
    now: Timestamp,
    random: &mut impl CryptoRng,
) -> Result<RosterNode> {
    let (today, _) = local_day_and_hour(now);
    let plan = plan(spec, today - spec.age_days)?;
    let password = secrets::node_password(random);
    let node = Node {
        id: NodeId(id("node", spec.node)),
        name: spec.node.parse()?,
        serial: spec.serial.to_owned(),
        password_hash: secrets::node_hash(&password, random),
        firmware: FIRMWARE.to_owned(),
    };
    let house = House {
        id: HouseId(id("house", spec.node)),
        name: spec.name.to_owned(),
        birds: spec.birds,
        bird_count: i32::try_from(spec.bird_count)?,
        placed_on: chrono::NaiveDate::from_epoch_days(plan.placed_day).context("day 0")?,
    };
    let past = past::of(&plan, spec, seed, now);
    for (device, planned) in spec.devices.iter().zip(&plan.devices) {
        let series = |sensor: &SensorKind| Series {
            sensor: *sensor,
            interval_s: i32::try_from(LIVE_INTERVAL.as_secs()).unwrap_or(10),
            readings: past.take(&planned.channel, *sensor),
        };
        let series = planned.sensors().iter().map(series).collect();
        farm.devices.push(Device {
            id: DeviceId(id("device", &format!("{}:{}", spec.node, device.channel))),
            node: node.id,
            house: house.id,
            channel: planned.channel.clone(),
            name: device.name.to_owned(),
            kind: device.kind,
            electrical: device.electrical,
            model: device.model,
            reported: past
                .state(&planned.channel)
                .map(|(is_on, since)| (is_on, since.max(farm.created_at))),
            settings: settings(spec, planned),
            series,
        });
    }
    let roster = RosterNode { name: node.name.clone(), password, house: plan, has_history: true };
    farm.nodes.push(node);
    farm.houses.push(house);
    Ok(roster)
}

fn plan(spec: &HouseSpec, placed_day: i32) -> Result<HousePlan> {
    let mut devices = Vec::new();
    for device in spec.devices {
        devices.push(DevicePlan { channel: device.channel.parse()?, kind: device.kind });
    }
    Ok(HousePlan { birds: spec.birds, count: spec.bird_count, placed_day, devices })
}

/// Limits and polling of what a device measures.
fn settings(spec: &HouseSpec, device: &DevicePlan) -> Vec<Setting> {
    let setting = |name, value, unit| Setting { name, value, unit };
    let (low, high) = spec.temperature_c;
    let mut settings: Vec<Setting> = device
        .sensors()
        .iter()
        .flat_map(|sensor| match sensor {
            SensorKind::Temperature => vec![
                setting("temp_threshold_low", low, "°C"),
                setting("temp_threshold_high", high, "°C"),
            ],
            SensorKind::Humidity => vec![
                setting("humidity_threshold_low", 40.0, "%"),
                setting("humidity_threshold_high", 92.0, "%"),
            ],
            SensorKind::WaterLevel => vec![setting("water_level_threshold_low", 25.0, "%")],
            SensorKind::FeedLevel => vec![setting("feed_level_threshold_low", 15.0, "%")],
            SensorKind::WaterVolume | SensorKind::FlowRate | SensorKind::Weight => Vec::new(),
        })
        .collect();
    if !settings.is_empty() {
        settings.push(setting("polling_interval", LIVE_INTERVAL.as_secs_f64(), "seconds"));
    }
    settings
}

/// An identity that is the same every time.
fn id(kind: &str, name: &str) -> Uuid {
    let seed = seed_of(0x0070_6b6b_6174_6f74, kind);
    let halves = Uuid::from_u64_pair(seed_of(seed, name), seed_of(!seed, name));
    uuid::Builder::from_random_bytes(halves.into_bytes()).into_uuid()
}
