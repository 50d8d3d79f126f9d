//! The emergency stop: everything off, ahead of all, and nothing on until a manager lets it go on.
use super::{Action, Service};
use crate::{
    HouseId, StopId, Timestamp,
    devices::{DeviceKind, DeviceType},
};
use std::time::Duration;

/// A stopped device that can be reached and did not answer is told again after this, and after twice as long each
/// time that it does not.
const RETRY: Duration = Duration::from_secs(10);
/// It is told again after this at the latest.
const LONGEST_RETRY: Duration = Duration::from_mins(5);

/// How long after it was told last a stopped device is told again that was told so often, without an answer, since
/// it came back or began to run.
pub fn stop_pause(times: u32) -> Duration {
    let Some(doubled) = times.checked_sub(1) else { return Duration::ZERO };
    let factor = 2_u32.checked_pow(doubled).unwrap_or(u32::MAX);
    RETRY.saturating_mul(factor).min(LONGEST_RETRY)
}

/// A pressed emergency stop that stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    /// The stop.
    pub id: StopId,
    /// The house; `None` is the whole farm.
    pub house: Option<HouseId>,
    /// Whether fans stand still too: birds that get no air die within the hour.
    pub includes_fans: bool,
    /// When it was pressed.
    pub since: Timestamp,
}

impl Stop {
    /// Whether a device of the farm stands still by it. What hangs in no house is stopped with the whole
    /// farm alone.
    pub fn holds(
        &self,
        (kind, device_type): (DeviceKind, DeviceType),
        house: Option<HouseId>,
    ) -> bool {
        let is_here = self.house.is_none_or(|stopped| house == Some(stopped));
        // by the wiring alone: what somebody says that it is keeps no relay from standing still
        is_here && !device_type.is_input() && (self.includes_fans || kind != DeviceKind::Fan)
    }

    /// Whether a device of the farm is not to be switched on while it stands. Where something new hangs and what it
    /// is nobody has said yet: every stop of its farm bars it.
    pub fn bars(
        &self,
        service: Service,
        what: (DeviceKind, DeviceType),
        house: Option<HouseId>,
    ) -> bool {
        service == Service::New || self.holds(what, house)
    }

    /// Whether a command passes while a stop stands: nothing but off, whoever asks.
    pub fn lets(action: Action) -> bool {
        action.is_off()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    fn stop(house: Option<HouseId>, includes_fans: bool) -> Stop {
        let since = Timestamp::from_millis(0);
        Stop { id: StopId(Uuid::nil()), house, includes_fans, since }
    }

    #[test]
    fn a_stop_holds_what_switches_in_its_house_and_spares_the_air() {
        let (here, there) = (Some(HouseId(Uuid::from_u128(1))), Some(HouseId(Uuid::from_u128(2))));
        let heater = (DeviceKind::Heater, DeviceType::Relay);
        assert!(stop(here, false).holds(heater, here));
        assert!(!stop(here, false).holds(heater, there));
        assert!(!stop(here, false).holds(heater, None));
        assert!(stop(None, false).holds(heater, None) && stop(None, false).holds(heater, there));
        let fan = (DeviceKind::Fan, DeviceType::Pwm);
        assert!(!stop(None, false).holds(fan, here) && stop(None, true).holds(fan, here));
        assert!(!stop(None, true).holds((DeviceKind::Climate, DeviceType::Sensor), here));
        assert!(!stop(None, true).holds((DeviceKind::Other, DeviceType::Adc), here));
        let misnamed = (DeviceKind::WaterLevel, DeviceType::Relay);
        assert!(stop(None, false).holds(misnamed, here), "whatever somebody says that it is");
    }

    #[test]
    fn every_stop_bars_what_is_new() {
        let here = Some(HouseId(Uuid::from_u128(1)));
        let fan = (DeviceKind::Fan, DeviceType::Relay);
        assert!(stop(here, false).bars(Service::New, fan, None));
        assert!(!stop(here, true).bars(Service::InUse, fan, None));
        assert!(stop(here, true).bars(Service::InUse, fan, here));
    }

    #[test]
    fn who_never_answers_is_told_less_and_less_often() {
        let pauses: Vec<u64> = (0..8).map(|times| stop_pause(times).as_secs()).collect();
        assert_eq!(pauses, [0, 10, 20, 40, 80, 160, 300, 300]);
        assert_eq!(stop_pause(u32::MAX), LONGEST_RETRY);
        let mut told = (0_u32, Duration::ZERO);
        while told.1 < Duration::from_hours(24) {
            told = (told.0 + 1, told.1 + stop_pause(told.0 + 1));
        }
        assert!(told.0 < 300, "{} times a day", told.0);
    }

    #[test]
    fn a_stop_lets_nothing_on() {
        assert!(Stop::lets(Action::Off) && Stop::lets(Action::SetValue(0.0)));
        for action in [Action::On, Action::SetValue(1.0), Action::SetAngle(0.0)] {
            assert!(!Stop::lets(action), "{action:?}");
        }
    }
}
