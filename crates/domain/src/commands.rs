//! What devices are told to do: which wishes are taken, how a command lives, which is sent next, and why a
//! device is as it is. Pure rules: whoever keeps and sends commands asks them with the time.
mod accept;
mod gate;
mod hold;
mod interlocks;
mod life;
mod machine;
mod portion;
mod queue;
mod refused;
mod service;
mod stage;
mod stop;
mod why;

pub use accept::{
    Accepted, Asked, Bounds, LONGEST, OVERRIDE, Order, SHORTEST, Target, Unit, accept, bounds,
    times,
};
pub use gate::{Barred, gate};
pub use hold::{GRACE, must_end, trial_must_end};
pub use interlocks::{
    Held, Interlocks, InterlocksError, LinkLoss, MAX_GROUP, MAX_STARTS, Neighbour, Place, Rule,
    Switched, counterpart,
};
pub use life::{ANSWER, DOING, SENDABLE, is_once, life};
pub use machine::{Command, Happening, Progress, Step};
pub use portion::{portion, portions};
pub use queue::{Plan, plan};
pub use refused::Refused;
pub use service::{Service, TRIAL};
pub use stage::{MENTION, Report, SLOW, Stage, Trace, UNDO, is_slow, stage, undo};
pub use stop::{Stop, stop_pause};
pub use why::{Automation, Because, Ends, Override, Standing, Why, why};

use serde::{Deserialize, Serialize};

/// What a device is told to do.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Action {
    /// Run.
    On,
    /// Stop running.
    Off,
    /// Run at so many percent.
    SetValue(f64),
    /// Turn to so many degrees.
    SetAngle(f64),
}

impl Action {
    /// The name in messages and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::On => "on",
            Self::Off => "off",
            Self::SetValue(_) => "set_value",
            Self::SetAngle(_) => "set_angle",
        }
    }

    /// The action of that name; `None` if there is none, or it lacks its value.
    pub fn parse(name: &str, value: Option<f64>) -> Option<Self> {
        match (name, value) {
            ("on", _) => Some(Self::On),
            ("off", _) => Some(Self::Off),
            ("set_value", Some(value)) => Some(Self::SetValue(value)),
            ("set_angle", Some(value)) => Some(Self::SetAngle(value)),
            _ => None,
        }
    }

    /// The number that goes with it.
    pub const fn value(self) -> Option<f64> {
        match self {
            Self::On | Self::Off => None,
            Self::SetValue(value) | Self::SetAngle(value) => Some(value),
        }
    }

    /// Whether nothing runs afterwards: no percent is off.
    pub fn is_off(self) -> bool {
        self == Self::Off || self == Self::SetValue(0.0)
    }

    /// Whether the state that a device reports is what it was told; a position can be called anything.
    pub fn is_state(self, state: &str) -> bool {
        match self {
            Self::SetAngle(_) => true,
            _ if self.is_off() => state == "off",
            _ => state == "on",
        }
    }
}

/// What somebody wants of a device, before it is known what that means for it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Wish {
    /// This.
    Do(Action),
    /// The other of on and off.
    Toggle,
}

impl Wish {
    /// The name in forms and in the database.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Do(action) => action.name(),
            Self::Toggle => "toggle",
        }
    }

    /// Reads a form's words. The value of an action that takes none is passed over.
    pub fn parse(name: &str, value: Option<f64>) -> Result<Self, Refused> {
        match name {
            "toggle" => Ok(Self::Toggle),
            "set_value" | "set_angle" if value.is_none() => Err(Refused::NoValue),
            _ => Action::parse(name, value).map(Self::Do).ok_or(Refused::UnknownAction),
        }
    }
}

macro_rules! names {
    ($(#[$enum_doc:meta])* $enum:ident { $($(#[$doc:meta])* $variant:ident = $name:literal),+ $(,)? }) => {
        $(#[$enum_doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $enum {
            $($(#[$doc])* $variant),+
        }

        impl $enum {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in the database and in messages.
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name),+
                }
            }

            /// That of this name.
            pub fn parse(name: &str) -> Option<Self> {
                Self::ALL.iter().copied().find(|other| other.name() == name)
            }
        }
    };
}
use names;

names! {
    /// What asks for a command.
    CommandSource {
        /// A person.
        User = "user",
        /// A schedule.
        Schedule = "schedule",
        /// A rule.
        Rule = "rule",
        /// An emergency stop or an interlock.
        Safety = "safety",
    }
}

names! {
    /// How far a command has come, as it is told.
    Status {
        /// It waits.
        Queued = "queued",
        /// The broker has taken it.
        Sent = "sent",
        /// The device has heard it.
        Executing = "executing",
        /// The device says that it is done.
        Completed = "completed",
        /// It was not done.
        Failed = "failed",
        /// Nobody knows whether it was done.
        Timeout = "timeout",
    }
}

impl Status {
    /// Whether nothing follows.
    pub const fn is_end(self) -> bool {
        matches!(self, Self::Completed | Self::Failed | Self::Timeout)
    }
}

names! {
    /// Why a command ended as it did.
    Reason {
        /// Its time was over before the device could be reached.
        Expired = "expired",
        /// The device did not answer in time.
        NoAnswer = "no_answer",
        /// A newer command took its place.
        Superseded = "superseded",
        /// It was taken back, or its device or its stop has gone.
        Cancelled = "cancelled",
        /// An interlock did not let it be sent.
        Interlocked = "interlocked",
        /// An emergency stop stands.
        Stopped = "stopped",
        /// Whoever asked for it may not control devices any more.
        Forbidden = "forbidden",
        /// The device refused it or could not do it.
        Refused = "refused",
        /// The device says that it is done, and tells another state than it was to have.
        Disagrees = "disagrees",
    }
}

impl Reason {
    /// The state that a command ends in for that reason.
    pub const fn status(self) -> Status {
        match self {
            Self::Expired | Self::NoAnswer => Status::Timeout,
            Self::Disagrees => Status::Completed,
            Self::Superseded
            | Self::Cancelled
            | Self::Interlocked
            | Self::Stopped
            | Self::Forbidden
            | Self::Refused => Status::Failed,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_as_they_are_written() {
        assert!(Status::ALL.iter().all(|status| Status::parse(status.name()) == Some(*status)));
        assert!(Reason::ALL.iter().all(|reason| Reason::parse(reason.name()) == Some(*reason)));
        assert!(Reason::ALL.iter().all(|reason| reason.status().is_end()));
        for source in CommandSource::ALL {
            assert_eq!(CommandSource::parse(source.name()), Some(*source));
        }
        for action in [Action::On, Action::Off, Action::SetValue(5.0), Action::SetAngle(5.0)] {
            assert_eq!(Action::parse(action.name(), action.value()), Some(action));
            assert_eq!(Wish::parse(action.name(), action.value()), Ok(Wish::Do(action)));
        }
    }

    #[test]
    fn what_is_no_wish_is_refused() {
        for unknown in ["", "ON", "open", "reboot", "set_value "] {
            assert_eq!(Wish::parse(unknown, Some(1.0)), Err(Refused::UnknownAction), "{unknown}");
        }
        assert_eq!(Wish::parse("set_value", None), Err(Refused::NoValue));
        assert_eq!(Wish::parse("on", Some(5.0)), Ok(Wish::Do(Action::On)));
    }

    #[test]
    fn a_reported_state_is_held_against_what_was_asked() {
        assert!(Action::On.is_state("on") && !Action::On.is_state("off"));
        assert!(Action::SetValue(0.0).is_state("off") && Action::SetValue(40.0).is_state("on"));
        assert!(Action::SetAngle(90.0).is_state("open"));
        assert!(!Action::Off.is_state("jammed"));
    }
}
