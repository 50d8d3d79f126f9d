//! How devices are set: what may be set within which bounds, what of it a controller is told, and how far that
//! has come. Calibrations and the bounds of values are the server's to apply; no controller hears of them.
mod calibration;

pub use calibration::{
    BadCalibration, Point, Which, by_one_point, by_two_points, furthest_off, least_apart,
};

use crate::{
    Timestamp,
    commands::{Bounds, Interlocks},
    devices::{DeviceKind, DeviceType},
};
use serde_json::{Map, Value, json};
use std::time::Duration;

/// The parameter that says how often a sensor is read.
pub const POLLING_INTERVAL: &str = "polling_interval";
/// Seconds from one reading to the next: the shortest and the longest that can be set.
pub const POLLING_S: (u32, u32) = (1, 3600);
/// The highest version there can be; above it a controller would have no room for changes.
pub const MAX_VERSION: i64 = 1 << 52;
/// A controller that has a version above ours is overtaken once in this time at most.
pub const OVERTAKE_AFTER: Duration = Duration::from_mins(1);

/// What people set of a device besides its interlocks.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct DeviceConfig {
    /// From one reading to the next; `None` leaves it to the firmware.
    pub polling_interval: Option<Duration>,
    /// What a value or an angle may be; `None` allows all that its kind can.
    pub bounds: Option<Bounds>,
}

/// Why a device can not be set so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BadConfig {
    /// Not 1 s to 1 h.
    #[error("the polling interval must be 1 s to 1 h")]
    Polling,
    /// Outside of what a device of this type can, or it takes no value at all.
    #[error("the bounds are wider than the device's type allows")]
    Bounds,
    /// The smallest is not below the largest.
    #[error("the smallest value is not below the largest")]
    Order,
}

/// A device that takes values: the parameter of its bounds, the widest of them, and their unit.
pub const fn range_of(device_type: DeviceType) -> Option<(&'static str, Bounds, &'static str)> {
    match device_type {
        DeviceType::Pwm => Some(("value", Bounds { least: 0.0, most: 100.0 }, "%")),
        DeviceType::Servo => Some(("angle", Bounds { least: 0.0, most: 180.0 }, "°")),
        _ => None,
    }
}

impl DeviceConfig {
    /// Whether a device of this type can be set so.
    pub fn check(&self, device_type: DeviceType) -> Result<(), BadConfig> {
        let (least, most) = POLLING_S;
        let is_span = |span: Duration| {
            let bounds = Duration::from_secs(least.into())..=Duration::from_secs(most.into());
            span.subsec_nanos() == 0 && bounds.contains(&span)
        };
        if self.polling_interval.is_some_and(|span| !is_span(span)) {
            return Err(BadConfig::Polling);
        }
        let Some(bounds) = self.bounds else { return Ok(()) };
        let Some((_, widest, _)) = range_of(device_type) else { return Err(BadConfig::Bounds) };
        let is_within = |value: f64| (widest.least..=widest.most).contains(&value);
        if !is_within(bounds.least) || !is_within(bounds.most) {
            return Err(BadConfig::Bounds);
        }
        if bounds.least >= bounds.most { Err(BadConfig::Order) } else { Ok(()) }
    }
}

/// What a controller is told of one of its devices. A parameter that is not named has the firmware's own
/// default. `limits` are thresholds by their parameter's name.
pub fn parameters(
    kind: DeviceKind,
    polling_interval: Option<Duration>,
    limits: impl IntoIterator<Item = (String, f64)>,
    interlocks: &Interlocks,
) -> Map<String, Value> {
    let mut told = Map::new();
    let mut tell = |name: &str, value: Value| told.insert(name.to_owned(), value);
    if let Some(span) = polling_interval {
        tell(POLLING_INTERVAL, json!(span.as_secs()));
    }
    for (name, limit) in limits {
        tell(&name, json!(limit));
    }
    if kind.is_sensor() {
        return told;
    }
    tell("on_link_loss", json!(interlocks.on_link_loss));
    let times = [
        ("max_on_s", interlocks.max_on),
        ("min_on_s", interlocks.min_on),
        ("min_off_s", interlocks.min_off),
    ];
    for (name, span) in times {
        if let Some(span) = span {
            tell(name, json!(span.as_secs()));
        }
    }
    if let Some(starts) = interlocks.max_starts_per_hour {
        tell("max_starts_per_hour", json!(starts));
    }
    if let Some(group) = &interlocks.exclusive_group {
        tell("exclusive_group", json!(group));
    }
    told
}

/// How far a controller's configuration has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigProgress {
    /// The version that is wanted.
    pub version: i64,
    /// When it was saved.
    pub changed_at: Timestamp,
    /// What the broker took last.
    pub sent: Option<(i64, Timestamp)>,
    /// What the controller said last that it has in force.
    pub heard: Option<(i64, Timestamp)>,
    /// What it refused last, and why in its words.
    pub refused: Option<(i64, Timestamp, Option<String>)>,
}

/// Where the wanted version is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stage<'a> {
    /// With us; it goes out as soon as the controller can be reached.
    Saved,
    /// On its way.
    Sent(Timestamp),
    /// In force, by the controller's own word.
    Confirmed(Timestamp),
    /// The controller will not have it.
    Refused(Timestamp, Option<&'a str>),
}

impl ConfigProgress {
    /// Where the wanted version is. What the controller said last counts.
    pub fn stage(&self) -> Stage<'_> {
        let heard = self.heard.filter(|(version, _)| *version == self.version);
        let refused = self.refused.as_ref().filter(|(version, ..)| *version == self.version);
        let sent = self.sent.filter(|(version, _)| *version == self.version);
        match (heard, refused, sent) {
            (Some((_, at)), Some((_, refused_at, why)), _) if *refused_at > at => {
                Stage::Refused(*refused_at, why.as_deref())
            }
            (Some((_, at)), ..) => Stage::Confirmed(at),
            (None, Some((_, at, why)), _) => Stage::Refused(*at, why.as_deref()),
            (None, None, Some((_, at))) => Stage::Sent(at),
            (None, None, None) => Stage::Saved,
        }
    }
}

/// The version by which a controller is overtaken that has a higher one than is wanted; nothing where it has not,
/// or where it was overtaken less than a minute ago.
pub fn overtake(wanted: i64, heard: i64, last: Option<Timestamp>, now: Timestamp) -> Option<i64> {
    let is_ahead = heard > wanted && heard < MAX_VERSION;
    let has_rested = last.is_none_or(|last| now >= last.plus(OVERTAKE_AFTER));
    (is_ahead && has_rested).then(|| heard.saturating_add(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn seconds(seconds: u64) -> Option<Duration> {
        Some(Duration::from_secs(seconds))
    }

    #[test]
    fn what_is_set_stays_within_its_bounds() {
        let polling = |span| {
            let config = DeviceConfig { polling_interval: span, bounds: None };
            config.check(DeviceType::Sensor)
        };
        assert_eq!(polling(None), Ok(()));
        assert_eq!((polling(seconds(1)), polling(seconds(3600))), (Ok(()), Ok(())));
        assert_eq!(polling(seconds(0)), Err(BadConfig::Polling));
        assert_eq!(polling(seconds(3601)), Err(BadConfig::Polling));
        assert_eq!(polling(Some(Duration::from_millis(1500))), Err(BadConfig::Polling));
        let bounds = |least, most, device_type| {
            let bounds = Some(Bounds { least, most });
            DeviceConfig { polling_interval: None, bounds }.check(device_type)
        };
        assert_eq!(bounds(20.0, 80.0, DeviceType::Pwm), Ok(()));
        assert_eq!(bounds(0.0, 180.0, DeviceType::Servo), Ok(()));
        assert_eq!(bounds(0.0, 101.0, DeviceType::Pwm), Err(BadConfig::Bounds));
        assert_eq!(bounds(f64::NAN, 50.0, DeviceType::Pwm), Err(BadConfig::Bounds));
        assert_eq!(bounds(50.0, 50.0, DeviceType::Pwm), Err(BadConfig::Order));
        assert_eq!(bounds(0.0, 1.0, DeviceType::Relay), Err(BadConfig::Bounds));
    }

    #[test]
    fn a_controller_is_told_what_it_can_keep_to_and_nothing_else() {
        let interlocks = Interlocks {
            max_on: seconds(600),
            max_starts_per_hour: Some(6),
            exclusive_group: Some("motor".to_owned()),
            ..Interlocks::usual(DeviceKind::Pump)
        };
        let pump = parameters(DeviceKind::Pump, None, [], &interlocks);
        let wanted = json!({ "on_link_loss": "off", "max_on_s": 600, "max_starts_per_hour": 6,
            "exclusive_group": "motor" });
        assert_eq!(Value::Object(pump), wanted);
        let limits = [("temp_threshold_high".to_owned(), 35.0)];
        let air = parameters(DeviceKind::Climate, seconds(30), limits, &interlocks);
        let wanted = json!({ "polling_interval": 30, "temp_threshold_high": 35.0 });
        assert_eq!(Value::Object(air), wanted, "a sensor switches nothing");
    }

    #[test]
    fn the_stage_is_that_of_the_wanted_version() {
        let at = |seconds| NOW.plus(Duration::from_secs(seconds));
        let mut progress =
            ConfigProgress { version: 7, changed_at: NOW, sent: None, heard: None, refused: None };
        progress.heard = Some((6, at(1)));
        assert_eq!(progress.stage(), Stage::Saved);
        progress.sent = Some((7, at(2)));
        assert_eq!(progress.stage(), Stage::Sent(at(2)));
        progress.refused = Some((7, at(3), Some("no".to_owned())));
        assert_eq!(progress.stage(), Stage::Refused(at(3), Some("no")));
        progress.heard = Some((7, at(4)));
        assert_eq!(progress.stage(), Stage::Confirmed(at(4)), "it has thought better of it");
        progress.version = 8;
        assert_eq!(progress.stage(), Stage::Saved);
        progress.heard = Some((9, at(5)));
        assert_eq!(progress.stage(), Stage::Saved, "another's version is not ours");
    }

    #[test]
    fn a_controller_that_is_ahead_is_overtaken_but_not_without_end() {
        assert_eq!(overtake(3, 9, None, NOW), Some(10));
        assert_eq!((overtake(9, 9, None, NOW), overtake(9, 3, None, NOW)), (None, None));
        let last = Some(NOW.minus(Duration::from_secs(59)));
        assert_eq!(overtake(3, 9, last, NOW), None);
        let last = Some(NOW.minus(OVERTAKE_AFTER));
        assert_eq!(overtake(3, 9, last, NOW), Some(10));
        assert_eq!(overtake(3, MAX_VERSION, None, NOW), None);
    }
}
