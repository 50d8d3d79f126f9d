//! What a farmer sees in a device.
use crate::{DeviceId, HouseId};
use serde::{Deserialize, Serialize};

macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident = $name:literal),+ $(,)?) => {
        /// What a device is for. It decides icon, words, and the life of a command.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum DeviceKind {
            $($(#[$doc])* $kind),+
        }

        impl DeviceKind {
            /// All kinds, in the order in which people choose.
            pub const ALL: &'static [Self] = &[$(Self::$kind),+];

            /// The name in the database.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$kind => $name),+
                }
            }

            /// The kind of that name; what we do not know is `Other`.
            pub fn parse(name: &str) -> Self {
                match name {
                    $($name => Self::$kind,)+
                    _ => Self::Other,
                }
            }
        }
    };
}

kinds! {
    /// Moves air.
    Fan = "fan",
    /// Warms the house.
    Heater = "heater",
    /// Warms the chicks.
    Lamp = "lamp",
    /// Lights the house.
    Light = "light",
    /// Drops feed.
    Feeder = "feeder",
    /// Moves water.
    Pump = "pump",
    /// Carries manure away.
    Belt = "belt",
    /// Opens and closes a pipe.
    Valve = "valve",
    /// Senses air.
    Climate = "climate",
    /// Senses a tank.
    WaterLevel = "water_level",
    /// Weighs.
    Scale = "scale",
    /// Anything else.
    Other = "other",
}

impl DeviceKind {
    /// Whether it only senses: it has values and no state of its own.
    pub const fn is_sensor(self) -> bool {
        matches!(self, Self::Climate | Self::WaterLevel | Self::Scale)
    }

    /// Whether a channel of that type can be such a thing: what measures switches nothing, and the other way round.
    pub const fn fits(self, device_type: DeviceType) -> bool {
        match self {
            Self::Other => true,
            _ => self.is_sensor() == device_type.is_input(),
        }
    }

    /// The picture of a device for which nobody has chosen another.
    pub const fn icon(self) -> DeviceIcon {
        match self {
            Self::Fan => DeviceIcon::Fan,
            Self::Heater | Self::Lamp => DeviceIcon::Heater,
            Self::Light => DeviceIcon::Bulb,
            Self::Feeder => DeviceIcon::Feeder,
            Self::Pump => DeviceIcon::Pump,
            Self::Belt => DeviceIcon::Belt,
            Self::Valve | Self::WaterLevel => DeviceIcon::Drop,
            Self::Climate => DeviceIcon::Thermometer,
            Self::Scale => DeviceIcon::Chart,
            Self::Other => DeviceIcon::Power,
        }
    }
}

macro_rules! icons {
    ($($(#[$doc:meta])* $icon:ident = $name:literal),+ $(,)?) => {
        /// The pictures to choose from.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum DeviceIcon {
            $($(#[$doc])* $icon),+
        }

        impl DeviceIcon {
            /// All of them, in the order in which people choose.
            pub const ALL: &'static [Self] = &[$(Self::$icon),+];

            /// The name in the database, and in the file of icons.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$icon => $name),+
                }
            }

            /// The picture of that name.
            pub fn parse(name: &str) -> Option<Self> {
                match name {
                    $($name => Some(Self::$icon),)+
                    _ => None,
                }
            }
        }
    };
}

icons! {
    /// Blades.
    Fan = "fan",
    /// Something warm.
    Heater = "heater",
    /// Something bright.
    Bulb = "bulb",
    /// The sun.
    Sun = "sun",
    /// A feeder.
    Feeder = "feeder",
    /// A pump.
    Pump = "pump",
    /// Water.
    Drop = "drop",
    /// A conveyor.
    Belt = "belt",
    /// A thermometer.
    Thermometer = "thermometer",
    /// Damp air.
    Humidity = "humidity",
    /// Figures.
    Chart = "chart",
    /// Something that senses.
    Sensor = "sensor",
    /// A plug.
    Power = "power",
}

/// What a channel is electrically.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeviceType {
    /// A digital pin.
    Gpio,
    /// A switch.
    Relay,
    /// A dimmed output, in percent.
    Pwm,
    /// An analogue input.
    Adc,
    /// A motor that turns to an angle, in degrees.
    Servo,
    /// Something that measures.
    Sensor,
}

impl DeviceType {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Gpio, Self::Relay, Self::Pwm, Self::Adc, Self::Servo, Self::Sensor];

    /// What people may say of a channel that switches: only on and off, a strength, an angle.
    pub const SWITCHES: [Self; 3] = [Self::Relay, Self::Pwm, Self::Servo];

    /// The name in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Gpio => "gpio",
            Self::Relay => "relay",
            Self::Pwm => "pwm",
            Self::Adc => "adc",
            Self::Servo => "servo",
            Self::Sensor => "sensor",
        }
    }

    /// The type of that name.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|device_type| device_type.name() == name)
    }

    /// Whether it only listens: nothing can be switched there.
    pub const fn is_input(self) -> bool {
        matches!(self, Self::Adc | Self::Sensor)
    }
}

/// What a device is doing, as far as anyone knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeviceState {
    /// It said it is on.
    On,
    /// It said it is off.
    Off,
    /// It never said, said something else, or can not be reached.
    Unknown,
}

impl DeviceState {
    /// What a report stands for while the device can, or can not, be reached.
    pub fn of(reported: Option<&str>, is_online: bool) -> Self {
        match reported {
            Some("on") if is_online => Self::On,
            Some("off") if is_online => Self::Off,
            _ => Self::Unknown,
        }
    }

    /// The name in pages and messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
            Self::Unknown => "unknown",
        }
    }
}

/// The order of all devices once `device` stands at `place` (from 0; past the end is the end) among those of
/// its house. The others keep theirs.
pub fn put_at(
    all: &[(DeviceId, Option<HouseId>)],
    device: DeviceId,
    place: usize,
) -> Vec<DeviceId> {
    let house = all.iter().find(|(id, _)| *id == device).and_then(|(_, house)| *house);
    let is_sibling = |(id, of): &&(DeviceId, Option<HouseId>)| *of == house && *id != device;
    let mut siblings: Vec<DeviceId> = all.iter().filter(is_sibling).map(|(id, _)| *id).collect();
    siblings.insert(place.min(siblings.len()), device);
    let mut siblings = siblings.into_iter();
    // the house keeps its places among the farm's
    let next = |(id, of): &(DeviceId, Option<HouseId>)| match *of == house {
        true => siblings.next().unwrap_or(*id),
        false => *id,
    };
    all.iter().map(next).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_moves_among_those_of_its_house_and_the_others_stay() {
        let id = |n: u128| DeviceId(uuid::Uuid::from_u128(n));
        let house = |n: u128| Some(HouseId(uuid::Uuid::from_u128(n)));
        let all = [
            (id(1), house(1)),
            (id(2), None),
            (id(3), house(1)),
            (id(4), house(2)),
            (id(5), house(1)),
        ];
        let put = |device, place| {
            put_at(&all, id(device), place).iter().map(|id| id.0.as_u128()).collect::<Vec<_>>()
        };
        assert_eq!(put(5, 0), [5, 2, 1, 4, 3]);
        assert_eq!(put(1, 1), [3, 2, 1, 4, 5]);
        assert_eq!(put(1, 99), [3, 2, 5, 4, 1]);
        assert_eq!(put(3, 1), [1, 2, 3, 4, 5], "where it was");
        assert_eq!(put(2, 7), [1, 2, 3, 4, 5], "alone");
    }

    #[test]
    fn what_measures_is_no_switch_and_what_switches_measures_nothing() {
        let kinds = |device_type| {
            let fits = DeviceKind::ALL.iter().filter(|kind| kind.fits(device_type));
            fits.map(|kind| kind.name()).collect::<Vec<_>>().join(" ")
        };
        let switches = "fan heater lamp light feeder pump belt valve other";
        for device_type in DeviceType::SWITCHES {
            assert_eq!(kinds(device_type), switches);
        }
        for device_type in [DeviceType::Sensor, DeviceType::Adc] {
            assert_eq!(kinds(device_type), "climate water_level scale other");
        }
    }

    #[test]
    fn kinds_and_pictures_are_found_by_their_names() {
        for kind in DeviceKind::ALL {
            assert_eq!(DeviceKind::parse(kind.name()), *kind);
        }
        for icon in DeviceIcon::ALL {
            assert_eq!(DeviceIcon::parse(icon.name()), Some(*icon));
        }
        assert_eq!(DeviceIcon::parse("<svg>"), None);
    }
}
