//! The two farms of the demo, as their owners would describe them. Names, places and numbers are made
//! up; the limits are those of `spec` for the birds' age where it is often warmer outdoors than the
//! birds would like.
use domain::{devices::DeviceKind, poultry::BirdKind, roles::Role};

/// A farm.
pub(super) struct FarmSpec {
    pub(super) name: &'static str,
    pub(super) location: &'static str,
    /// Degrees north and east.
    pub(super) coordinates: (f64, f64),
    /// The owner first.
    pub(super) people: &'static [PersonSpec],
    pub(super) houses: &'static [HouseSpec],
}

/// A member.
pub(super) struct PersonSpec {
    /// Family name first.
    pub(super) name: &'static str,
    pub(super) username: &'static str,
    pub(super) phone: &'static str,
    pub(super) role: Role,
}

/// A house with its node.
pub(super) struct HouseSpec {
    pub(super) name: &'static str,
    pub(super) node: &'static str,
    pub(super) serial: &'static str,
    pub(super) birds: BirdKind,
    pub(super) bird_count: u32,
    /// Days since day 0.
    pub(super) age_days: i32,
    /// Between what the air is good.
    pub(super) temperature_c: (f64, f64),
    /// There was a power cut some days ago.
    pub(super) had_power_cut: bool,
    pub(super) devices: &'static [DeviceSpec],
}

/// A device.
pub(super) struct DeviceSpec {
    pub(super) channel: &'static str,
    pub(super) kind: DeviceKind,
    pub(super) name: &'static str,
    pub(super) electrical: &'static str,
    pub(super) model: &'static str,
}

const fn sensor(
    channel: &'static str,
    kind: DeviceKind,
    name: &'static str,
    model: &'static str,
) -> DeviceSpec {
    DeviceSpec { channel, kind, name, electrical: "sensor", model }
}

const fn relay(channel: &'static str, kind: DeviceKind, name: &'static str) -> DeviceSpec {
    DeviceSpec { channel, kind, name, electrical: "relay", model: "SRD-05VDC" }
}

const AIR: DeviceSpec = sensor("air", DeviceKind::Climate, "សីតុណ្ហភាព និងសំណើម", "SHT31");
const TANK: DeviceSpec = sensor("tank", DeviceKind::WaterLevel, "ធុងទឹក", "JSN-SR04T");
const BIN: DeviceSpec = sensor("bin", DeviceKind::Scale, "ធុងចំណី", "HX711");
const LIGHT: DeviceSpec = relay("light", DeviceKind::Light, "ភ្លើង");
const PUMP: DeviceSpec = relay("pump", DeviceKind::Pump, "ម៉ាស៊ីនបូមទឹក");
const FEEDER: DeviceSpec = relay("feeder", DeviceKind::Feeder, "ម៉ូទ័រទម្លាក់ចំណី");

/// The demo farm: whoever tries Tokkatot signs in here.
pub(super) const DARA: FarmSpec = FarmSpec {
    name: "កសិដ្ឋាន ដារា",
    location: "ស្រុកកៀនស្វាយ ខេត្តកណ្ដាល",
    coordinates: (11.4862, 105.0774),
    people: &[
        PersonSpec {
            name: "ហេង ដារា", username: "dara", phone: "+85512555101", role: Role::Admin
        },
        PersonSpec {
            name: "សុខ វិចិត្រា",
            username: "vichetra",
            phone: "+85512555102",
            role: Role::Manager,
        },
        PersonSpec {
            name: "ចាន់ សុភាព",
            username: "sopheap",
            phone: "+85512555103",
            role: Role::Keeper,
        },
        PersonSpec {
            name: "ហេង ស្រីនាង",
            username: "sreyneang",
            phone: "+85512555104",
            role: Role::Viewer,
        },
    ],
    houses: &[
        HouseSpec {
            name: "ទ្រុងទី 1",
            node: "dara-1",
            serial: "DEMO-0001",
            birds: BirdKind::Broiler,
            bird_count: 500,
            age_days: 24,
            temperature_c: (21.0, 34.0),
            had_power_cut: false,
            devices: &[
                AIR,
                TANK,
                BIN,
                relay("fan1", DeviceKind::Fan, "កង្ហារទី 1"),
                relay("fan2", DeviceKind::Fan, "កង្ហារទី 2"),
                relay("heater", DeviceKind::Heater, "ម៉ាស៊ីនកម្តៅ"),
                LIGHT,
                FEEDER,
                PUMP,
            ],
        },
        HouseSpec {
            name: "ទ្រុងទី 2",
            node: "dara-2",
            serial: "DEMO-0002",
            birds: BirdKind::Layer,
            bird_count: 300,
            age_days: 212,
            temperature_c: (18.0, 34.0),
            had_power_cut: true,
            devices: &[AIR, TANK, BIN, relay("fan1", DeviceKind::Fan, "កង្ហារ"), LIGHT, FEEDER, PUMP],
        },
        HouseSpec {
            name: "ទ្រុងកូនមាន់",
            node: "dara-3",
            serial: "DEMO-0003",
            birds: BirdKind::Local,
            bird_count: 200,
            age_days: 6,
            temperature_c: (28.0, 37.0),
            had_power_cut: false,
            devices: &[
                AIR,
                TANK,
                relay("fan1", DeviceKind::Fan, "កង្ហារ"),
                relay("lamp", DeviceKind::Lamp, "អំពូលកម្តៅ"),
                LIGHT,
                PUMP,
            ],
        },
    ],
};

/// A neighbour, whom nobody of the demo farm may see.
pub(super) const BOPHA: FarmSpec = FarmSpec {
    name: "កសិដ្ឋាន បុប្ផា",
    location: "ស្រុកបាទី ខេត្តតាកែវ",
    coordinates: (11.2705, 104.8342),
    people: &[PersonSpec {
        name: "គង់ បុប្ផា",
        username: "bopha",
        phone: "+85512555201",
        role: Role::Admin,
    }],
    houses: &[HouseSpec {
        name: "ទ្រុងទី 1",
        node: "bopha-1",
        serial: "DEMO-0004",
        birds: BirdKind::Local,
        bird_count: 150,
        age_days: 70,
        temperature_c: (18.0, 34.0),
        had_power_cut: false,
        devices: &[AIR, TANK, relay("fan1", DeviceKind::Fan, "កង្ហារ"), PUMP],
    }],
};

/// Whether a node's house was without power lately.
pub(super) fn had_power_cut(node: &str) -> bool {
    let houses = DARA.houses.iter().chain(BOPHA.houses);
    houses.filter(|house| house.node == node).any(|house| house.had_power_cut)
}
