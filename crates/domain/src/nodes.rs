//! What is said of a controller's own health.
use crate::Timestamp;
use std::time::Duration;

/// Percent of charge from which on down people are warned.
const LOW_BATTERY: i32 = 20;

/// A controller that was heard for so long without anything that can not be read answers rightly again.
pub const WRONG_FOR: Duration = Duration::from_mins(10);

/// Whether a controller answers wrongly: when it last sent what can not be read, and when it was last heard at
/// all. Nobody knows whether one that has fallen silent since was mended.
pub fn answers_wrongly(last: Timestamp, heard: Option<Timestamp>) -> bool {
    heard.is_none_or(|heard| heard.since(last) < WRONG_FOR)
}

/// How well a controller is heard by its radio.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Signal {
    /// Messages will be lost.
    VeryWeak,
    /// Messages may be lost when somebody stands in between.
    Weak,
    /// Enough.
    Fair,
    /// As near the access point.
    Good,
}

impl Signal {
    /// The strength in words of a strength in dBm, which is negative: nearer to 0 is stronger.
    pub const fn of(rssi_dbm: i32) -> Self {
        match rssi_dbm {
            -66.. => Self::Good,
            -75..=-67 => Self::Fair,
            -84..=-76 => Self::Weak,
            ..=-85 => Self::VeryWeak,
        }
    }

    /// The name in messages.
    pub const fn name(self) -> &'static str {
        match self {
            Self::VeryWeak => "very-weak",
            Self::Weak => "weak",
            Self::Fair => "fair",
            Self::Good => "good",
        }
    }
}

/// Whether a battery of so many percent is nearly empty.
pub const fn is_battery_low(battery_pct: i32) -> bool {
    battery_pct <= LOW_BATTERY
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signal_is_told_by_its_strength() {
        for (dbm, signal) in [
            (-40, Signal::Good),
            (-66, Signal::Good),
            (-67, Signal::Fair),
            (-75, Signal::Fair),
            (-76, Signal::Weak),
            (-84, Signal::Weak),
            (-85, Signal::VeryWeak),
            (i32::MIN, Signal::VeryWeak),
        ] {
            assert_eq!(Signal::of(dbm), signal, "{dbm}");
        }
        assert!(is_battery_low(20) && !is_battery_low(21));
    }

    #[test]
    fn who_was_heard_for_a_while_without_nonsense_answers_rightly() {
        let last = Timestamp::from_millis(1_700_000_000_000);
        assert!(answers_wrongly(last, Some(last)));
        assert!(answers_wrongly(last, Some(last.plus(Duration::from_secs(599)))));
        assert!(!answers_wrongly(last, Some(last.plus(WRONG_FOR))));
        assert!(answers_wrongly(last, None) && answers_wrongly(last, Some(last.minus(WRONG_FOR))));
    }
}
