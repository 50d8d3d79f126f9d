//! How long a command may wait before it must not be carried out any more.
use super::Action;
use crate::devices::DeviceKind;
use std::time::Duration;

/// How long a device that can be reached may take to say that it has heard.
pub const ANSWER: Duration = Duration::from_secs(10);
/// How long it may take to do what it has heard.
pub const DOING: Duration = Duration::from_mins(1);

/// Of a command's life this much is left at least when it goes out. The broker counts whole seconds and
/// delivers within the last of them, so it is given one less than is left, and that must be one.
pub const SENDABLE: Duration = Duration::from_secs(2);

/// How long after it was asked for a command may still be carried out. Off may come late; feed may not.
pub fn life(kind: DeviceKind, action: Action) -> Duration {
    match kind {
        _ if action.is_off() => Duration::from_mins(10),
        DeviceKind::Light => Duration::from_mins(10),
        DeviceKind::Feeder => Duration::from_secs(30),
        _ => Duration::from_mins(1),
    }
}

/// Whether it is published once at most: where nobody knows whether a feeder has heard, it does not hear
/// again. Feed that was not dropped can be asked for again, feed that was dropped twice lies there.
pub fn is_once(kind: DeviceKind, action: Action) -> bool {
    kind == DeviceKind::Feeder && !action.is_off()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn off_outlives_on_except_for_lights() {
        let seconds = |kind, action| life(kind, action).as_secs();
        assert_eq!(seconds(DeviceKind::Fan, Action::On), 60);
        assert_eq!(seconds(DeviceKind::Fan, Action::SetValue(40.0)), 60);
        assert_eq!(seconds(DeviceKind::Fan, Action::SetValue(0.0)), 600);
        assert_eq!(seconds(DeviceKind::Lamp, Action::On), 60);
        assert_eq!(seconds(DeviceKind::Light, Action::On), 600);
        assert_eq!(seconds(DeviceKind::Valve, Action::SetAngle(0.0)), 60);
        assert_eq!(seconds(DeviceKind::Feeder, Action::On), 30);
        assert_eq!(seconds(DeviceKind::Feeder, Action::Off), 600);
    }

    #[test]
    fn a_feeder_is_told_once_to_feed_and_again_to_stop() {
        assert!(is_once(DeviceKind::Feeder, Action::On));
        assert!(!is_once(DeviceKind::Feeder, Action::Off));
        assert!(!is_once(DeviceKind::Belt, Action::On));
    }
}
