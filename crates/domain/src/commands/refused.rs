//! Why a wish is not taken.
use super::{Bounds, Held, Unit};
use crate::{StopId, Timestamp};
use std::time::Duration;

/// Why a wish is not taken. [`Refused::code`] is what messages and events are made of.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
pub enum Refused {
    /// Nothing is called that.
    #[error("there is no such action")]
    UnknownAction,
    /// It only senses.
    #[error("the device has nothing to switch")]
    NotASwitch,
    /// Nobody has accepted it yet, or it was put out of use.
    #[error("the device is not in use")]
    NotInUse,
    /// Nobody has accepted it yet, and it has not said that it is off: it may be at work.
    #[error("the device is new and may be running")]
    NotOff,
    /// A switch has no percent, a dimmer no angle.
    #[error("the device can not do that")]
    WrongAction,
    /// The action needs a value.
    #[error("a value is missing")]
    NoValue,
    /// The value is no number, or an infinite one.
    #[error("the value is not a number")]
    NotANumber,
    /// The value is out of its bounds.
    #[error("the value must be {} to {}", bounds.least, bounds.most)]
    OutOfRange {
        /// What it may be.
        bounds: Bounds,
        /// What that counts.
        unit: Unit,
    },
    /// Only an `on` ends by itself.
    #[error("only on can be asked for a time")]
    NoDuration,
    /// Feed drops for a time, and none was said.
    #[error("a feeder must be told for how long")]
    NoPortion,
    /// The time is too short, negative or too long.
    #[error("the time must be {least:?} to {most:?}")]
    Duration {
        /// The shortest.
        least: Duration,
        /// The longest.
        most: Duration,
    },
    /// An emergency stop stands.
    #[error("an emergency stop stands")]
    Stopped {
        /// The stop.
        stop: StopId,
        /// When it was pressed.
        since: Timestamp,
    },
    /// An interlock does not let it.
    #[error("an interlock does not let it: {0:?}")]
    Interlocked(Held),
}

impl Refused {
    /// The short code, in kebab case.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::UnknownAction => "unknown-action",
            Self::NotASwitch => "not-a-switch",
            Self::NotInUse => "not-in-use",
            Self::NotOff => "not-off",
            Self::WrongAction => "wrong-action",
            Self::NoValue => "no-value",
            Self::NotANumber => "not-a-number",
            Self::OutOfRange { .. } => "out-of-range",
            Self::NoDuration => "no-duration",
            Self::NoPortion => "no-portion",
            Self::Duration { .. } => "duration",
            Self::Stopped { .. } => "stopped",
            Self::Interlocked(_) => "interlocked",
        }
    }
}
