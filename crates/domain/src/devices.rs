//! What a farmer sees in a device.
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
            /// All of them.
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
