//! A device's latch in finished words, before it is HTML. The command that its form would make has no identity
//! here: that is drawn when the form is written, so that two views of one latch are the same.
use crate::home::{Moment, Sentence};
use domain::{CommandId, FarmId, HouseId};
use std::time::Duration;

/// By what a device is switched, what was asked of it, and what became of that.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct LatchView {
    /// Where its form is sent to.
    pub(crate) action: String,
    /// The page to come back to.
    pub(crate) page: OnPage,
    /// Its newest command, which can be asked for again or undone.
    pub(crate) newest: Option<CommandId>,
    /// For how long feed drops if this is a feeder's.
    pub(crate) portion: Option<Duration>,
    /// Whether the reader may move it.
    pub(crate) may_control: bool,
    pub(crate) bolt: Bolt,
    pub(crate) words: BoltWords,
    /// What stands where a command goes.
    pub(crate) goal: String,
    /// What will end what it is doing.
    pub(crate) ends: Option<Sentence>,
    pub(crate) notes: Vec<LatchNote>,
    /// What else can be asked of it.
    pub(crate) buttons: Vec<LatchButton>,
    pub(crate) links: Vec<LatchLink>,
    /// How far its command is, for people who listen to the page.
    pub(crate) said: Option<String>,
}

/// The page that a latch stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum OnPage {
    /// Home, with this house in front.
    Home(Option<HouseId>),
    /// All switches, or those of one house.
    Control(Option<HouseId>),
    /// The device's own, with what more can be asked of it.
    Device,
    /// The one that tells all about the device.
    About,
}

impl OnPage {
    /// What a form says of it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Home(_) => "home",
            Self::Control(_) => "control",
            Self::Device => "device",
            Self::About => "about",
        }
    }

    /// The house that stands in front there.
    pub(crate) const fn house(self) -> Option<HouseId> {
        match self {
            Self::Home(house) | Self::Control(house) => house,
            Self::Device | Self::About => None,
        }
    }

    /// What a form says, read.
    pub(crate) fn parse(name: &str, house: Option<HouseId>) -> Option<Self> {
        match name {
            "home" => Some(Self::Home(house)),
            "control" => Some(Self::Control(house)),
            "device" => Some(Self::Device),
            "about" => Some(Self::About),
            _ => None,
        }
    }

    /// The page's address; `device` is whose latch was tapped.
    pub(crate) fn address(self, farm: FarmId, device: domain::DeviceId) -> String {
        let house = self.house().map(|house| format!("?house={house}")).unwrap_or_default();
        match self {
            Self::Home(_) => format!("/farms/{farm}{house}#d-{device}"),
            Self::Control(_) => format!("/farms/{farm}/control{house}#d-{device}"),
            Self::Device => format!("/farms/{farm}/control/{device}#d-{device}"),
            Self::About => format!("/farms/{farm}/devices/{device}#d-{device}"),
        }
    }
}

/// Which way a command moves the bolt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Way {
    /// To on.
    On,
    /// To off.
    Off,
}

impl Way {
    /// The one back.
    pub(crate) const fn other(self) -> Self {
        match self {
            Self::On => Self::Off,
            Self::Off => Self::On,
        }
    }
}

/// Where the bolt is, and whether it can be moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Bolt {
    /// The device says that it is on: it can be moved to off.
    On,
    /// And the other way round.
    Off,
    /// Nobody knows: it can be moved either way.
    Unknown,
    /// A command is on its way.
    Going(Trail),
    /// It came to nothing.
    Halted(Trail),
    /// An emergency stop holds it.
    Locked,
    /// There is only one thing that it does, and no state to speak of.
    Act,
}

/// How far a command has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Trail {
    pub(crate) way: Way,
    /// Where the plate still stands; nobody may know.
    pub(crate) from: Option<Way>,
    /// Steps behind it, up to two.
    pub(crate) done: u8,
    /// It is known that it failed.
    pub(crate) is_bad: bool,
}

/// The words on a bolt.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct BoltWords {
    /// "On", "Off", "Not known".
    pub(crate) on: String,
    pub(crate) off: String,
    pub(crate) unknown: String,
    /// "Turn fan on".
    pub(crate) turn_on: String,
    pub(crate) turn_off: String,
    /// "Locked".
    pub(crate) locked: String,
}

/// A stage or a reason, below the bolt.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct LatchNote {
    /// `going`, `warn`, `bad`, `good` or `lost`.
    pub(crate) kind: &'static str,
    pub(crate) icon: &'static str,
    pub(crate) title: Sentence,
    pub(crate) text: Option<Sentence>,
    /// How long ago it was asked for, where that goes on.
    pub(crate) clock: Option<Clock>,
}

impl LatchNote {
    /// A note without a clock.
    pub(crate) fn new(kind: &'static str, icon: &'static str, title: Sentence) -> Self {
        Self { kind, icon, title, text: None, clock: None }
    }

    /// The same with a sentence below its title.
    pub(crate) fn with(self, text: Sentence) -> Self {
        Self { text: Some(text), ..self }
    }
}

/// An age that goes on while the page is open.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Clock {
    pub(crate) at: i64,
    /// "4 s ago".
    pub(crate) text: String,
    pub(crate) moment: Moment,
}

/// A plain button.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct LatchButton {
    /// What the form says as `wish`.
    pub(crate) wish: &'static str,
    pub(crate) icon: &'static str,
    pub(crate) word: String,
}

/// A way to somewhere else.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct LatchLink {
    pub(crate) href: String,
    pub(crate) icon: &'static str,
    pub(crate) word: String,
    pub(crate) class: &'static str,
}
