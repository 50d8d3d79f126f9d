//! What stands in a house: given once, in a file or by code; everything else follows from it.
use domain::{Channel, devices::DeviceKind, poultry::BirdKind, readings::SensorKind};
use serde::{Deserialize, Serialize};

/// One house with its birds and devices.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HousePlan {
    /// What kind of chicken.
    pub birds: BirdKind,
    /// How many.
    pub count: u32,
    /// The local day (since 1970-01-01) on which they were placed, their day 0.
    pub placed_day: i32,
    /// What the node controls and senses.
    pub devices: Vec<DevicePlan>,
}

/// One channel of the house's node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DevicePlan {
    /// Its name in messages.
    pub channel: Channel,
    /// What it is for.
    pub kind: DeviceKind,
}

impl DevicePlan {
    /// The quantities it measures; nothing for what only switches.
    pub fn sensors(&self) -> &'static [SensorKind] {
        match self.kind {
            DeviceKind::Climate => &[SensorKind::Temperature, SensorKind::Humidity],
            DeviceKind::WaterLevel => &[SensorKind::WaterLevel],
            DeviceKind::Scale => &[SensorKind::FeedLevel],
            _ => &[],
        }
    }
}

impl HousePlan {
    /// A house for tests and load: 500 broilers, 20 days old on `day`, with the usual devices.
    pub fn usual(day: i32) -> Self {
        let devices = [
            ("air", DeviceKind::Climate),
            ("tank", DeviceKind::WaterLevel),
            ("fan1", DeviceKind::Fan),
            ("light", DeviceKind::Light),
            ("pump", DeviceKind::Pump),
        ];
        let device = |(name, kind): (&str, DeviceKind)| {
            name.parse().ok().map(|channel| DevicePlan { channel, kind })
        };
        Self {
            birds: BirdKind::Broiler,
            count: 500,
            placed_day: day - 20,
            devices: devices.into_iter().filter_map(device).collect(),
        }
    }
}
