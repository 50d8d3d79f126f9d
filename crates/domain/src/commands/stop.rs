//! The emergency stop: everything off, ahead of all, and nothing on until a manager lets it go on.
use super::Action;
use crate::{
    HouseId, StopId, Timestamp,
    devices::{DeviceKind, DeviceType},
};
use std::time::Duration;

/// A stopped device that can be reached and did not answer is told again after this.
pub const STOP_RETRY: Duration = Duration::from_secs(10);

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
    fn a_stop_lets_nothing_on() {
        assert!(Stop::lets(Action::Off) && Stop::lets(Action::SetValue(0.0)));
        for action in [Action::On, Action::SetValue(1.0), Action::SetAngle(0.0)] {
            assert!(!Stop::lets(action), "{action:?}");
        }
    }
}
