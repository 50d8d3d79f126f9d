//! What a device must keep to, whoever switches it: how long it runs and rests, how often it starts, and
//! what may not run beside it. It goes by what devices reported, not by what they were told.
use super::names;
use crate::{
    DeviceId, HouseId, Timestamp,
    devices::{DeviceKind, DeviceState},
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The longest name of a group, in characters.
pub const MAX_GROUP: usize = 50;
/// The most starts in an hour that a limit can be.
pub const MAX_STARTS: u32 = 60;
const LONGEST: Duration = Duration::from_hours(24);

names! {
    /// One of the rules.
    Rule {
        /// It has run long enough.
        MaxOn = "max_on",
        /// It has to run a little longer.
        MinOn = "min_on",
        /// It has to rest a little longer.
        MinOff = "min_off",
        /// It has started often enough within an hour.
        MaxStarts = "max_starts",
        /// Something runs that excludes it.
        Exclusive = "exclusive",
    }
}

names! {
    /// What a device does by itself when its node has lost the broker.
    LinkLoss {
        /// It goes on as it is.
        Hold = "hold",
        /// It goes off.
        Off = "off",
        /// It goes on.
        On = "on",
    }
}

impl LinkLoss {
    /// What is safe where nobody has said anything: what burns, floods or spills goes off.
    pub const fn usual(kind: DeviceKind) -> Self {
        match kind {
            DeviceKind::Heater
            | DeviceKind::Feeder
            | DeviceKind::Pump
            | DeviceKind::Belt
            | DeviceKind::Valve => Self::Off,
            _ => Self::Hold,
        }
    }
}

/// The interlocks of one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interlocks {
    /// The longest time it may run; then it is switched off.
    pub max_on: Option<Duration>,
    /// The shortest time it must run.
    pub min_on: Option<Duration>,
    /// The shortest time it must rest.
    pub min_off: Option<Duration>,
    /// How often it may start within an hour.
    pub max_starts_per_hour: Option<u32>,
    /// Nothing else of this group may run at the same time.
    pub exclusive_group: Option<String>,
    /// Whether it, a heater or a fan, may not run beside its counterpart in the house.
    pub excludes_heat_and_cooling: bool,
    /// What it does by itself without the broker.
    pub on_link_loss: LinkLoss,
}

/// Why interlocks can not be set so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InterlocksError {
    /// A time is zero or longer than a day.
    #[error("a time must be 1 s to 24 h")]
    Time(Rule),
    /// It would have to run longer than it may.
    #[error("the shortest time on is longer than the longest")]
    MinOverMax,
    /// Not 1 to 60.
    #[error("starts per hour must be 1 to 60")]
    Starts,
    /// Empty or too long.
    #[error("a group's name has 1 to 50 characters")]
    Group,
}

impl Interlocks {
    /// What holds where nobody has said anything: feed does not flow for ever, and heating and cooling
    /// do not work against each other.
    pub fn usual(kind: DeviceKind) -> Self {
        Self {
            max_on: (kind == DeviceKind::Feeder).then(|| Duration::from_mins(10)),
            min_on: None,
            min_off: None,
            max_starts_per_hour: None,
            exclusive_group: None,
            excludes_heat_and_cooling: matches!(kind, DeviceKind::Heater | DeviceKind::Fan),
            on_link_loss: LinkLoss::usual(kind),
        }
    }

    /// Whether they can hold.
    pub fn check(&self) -> Result<(), InterlocksError> {
        let times =
            [(Rule::MaxOn, self.max_on), (Rule::MinOn, self.min_on), (Rule::MinOff, self.min_off)];
        let is_wrong =
            |time: Option<Duration>| time.is_some_and(|time| time.is_zero() || time > LONGEST);
        if let Some((rule, _)) = times.into_iter().find(|(_, time)| is_wrong(*time)) {
            return Err(InterlocksError::Time(rule));
        }
        if self.max_on.zip(self.min_on).is_some_and(|(most, least)| least > most) {
            return Err(InterlocksError::MinOverMax);
        }
        if self.max_starts_per_hour.is_some_and(|starts| !(1..=MAX_STARTS).contains(&starts)) {
            return Err(InterlocksError::Starts);
        }
        let is_name = |name: &String| (1..=MAX_GROUP).contains(&name.chars().count());
        if self.exclusive_group.as_ref().is_some_and(|name| !is_name(name)) {
            return Err(InterlocksError::Group);
        }
        Ok(())
    }
}

/// What keeps a device as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Held {
    /// The rule.
    pub rule: Rule,
    /// Until when, if that is known.
    pub until: Option<Timestamp>,
    /// The device that runs instead.
    pub by: Option<DeviceId>,
}

/// Where a device stands among others.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place<'a> {
    /// The house it hangs in.
    pub house: Option<HouseId>,
    /// What the farmer sees in it.
    pub kind: DeviceKind,
    /// Its group.
    pub group: Option<&'a str>,
    /// Whether it excludes its counterpart.
    pub excludes_heat_and_cooling: bool,
}

impl Place<'_> {
    /// Whether the two may not run at the same time. A group holds across the farm, heating against
    /// cooling within a house.
    pub fn excludes(&self, other: &Self) -> bool {
        let is_counterpart = counterpart(self.kind) == Some(other.kind);
        let both = self.excludes_heat_and_cooling && other.excludes_heat_and_cooling;
        let is_house = self.house.is_some() && self.house == other.house;
        (self.group.is_some() && self.group == other.group) || (is_counterpart && both && is_house)
    }
}

/// What works against a device of this kind.
pub const fn counterpart(kind: DeviceKind) -> Option<DeviceKind> {
    match kind {
        DeviceKind::Heater => Some(DeviceKind::Fan),
        DeviceKind::Fan => Some(DeviceKind::Heater),
        _ => None,
    }
}

/// Another device of the farm that runs, or was told to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Neighbour<'a> {
    /// The device.
    pub device: DeviceId,
    /// Where it stands.
    pub place: Place<'a>,
    /// When it ends by itself, if that is known.
    pub ends_at: Option<Timestamp>,
}

/// What a device has really switched.
#[derive(Debug, Clone, Copy)]
pub struct Switched<'a> {
    /// What it last reported.
    pub state: DeviceState,
    /// Since when.
    pub since: Option<Timestamp>,
    /// When it started within the last hour at least, oldest first.
    pub starts: &'a [Timestamp],
    /// Where it stands.
    pub house: Option<HouseId>,
    /// Others that run or were told to.
    pub running: &'a [Neighbour<'a>],
}
