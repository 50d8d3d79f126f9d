//! Which wishes are taken, and what they mean for a device.
use super::{
    Action, CommandSource, Interlocks, Refused, Service, Stop, Switched, Wish, hold, life,
};
use crate::{
    Timestamp,
    devices::{DeviceKind, DeviceState, DeviceType},
    roles::Role,
};
use std::time::Duration;

/// The shortest time that an `on` may be asked for.
pub const SHORTEST: Duration = Duration::from_secs(1);
/// The longest.
pub const LONGEST: Duration = Duration::from_hours(24);
/// How long a device is held by hand after a person has switched it.
pub const OVERRIDE: Duration = Duration::from_mins(30);

/// What was asked, as it came.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Asked {
    /// What is wanted.
    pub wish: Wish,
    /// After how many milliseconds the device is to end it by itself.
    pub duration_ms: Option<i64>,
}

/// What a wish means: what the device is told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Order {
    /// What it is to do.
    pub action: Action,
    /// After which time it ends an `on` by itself.
    pub duration: Option<Duration>,
}

/// The values that a device takes, both ends included.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    /// The smallest.
    pub least: f64,
    /// The largest.
    pub most: f64,
}

/// What a value counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Percent of full power.
    Percent,
    /// Degrees of an angle.
    Degree,
}

/// What is known of the device when something is asked of it.
#[derive(Debug, Clone, Copy)]
pub struct Target<'a> {
    /// What the farmer sees in it.
    pub kind: DeviceKind,
    /// What it is electrically.
    pub device_type: DeviceType,
    /// Whether people use it.
    pub service: Service,
    /// Its own narrower bounds.
    pub bounds: Option<Bounds>,
    /// What the newest of its open commands tells it.
    pub newest: Option<Action>,
    /// What must be kept.
    pub interlocks: &'a Interlocks,
    /// What it has really switched, and what runs beside it.
    pub switched: Switched<'a>,
    /// The emergency stop that holds it.
    pub stop: Option<Stop>,
}

/// A wish that is taken.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Accepted {
    /// What the device is told.
    pub order: Order,
    /// From here on it must not be carried out any more.
    pub expires_at: Timestamp,
    /// Until when the device is held by hand, if a person asked.
    pub held_until: Option<Timestamp>,
}

/// Takes or refuses what `source` asks of a device at `now`; `role` is what a person who asks may do.
pub fn accept(
    asked: &Asked,
    (source, role): (CommandSource, Option<Role>),
    target: &Target<'_>,
    now: Timestamp,
) -> Result<Accepted, Refused> {
    if target.device_type.is_input() {
        return Err(Refused::NotASwitch);
    }
    if target.service == Service::Out || !target.service.obeys(source, role) {
        return Err(Refused::NotInUse);
    }
    let action = resolve(asked.wish, target);
    check_value(action, target)?;
    let duration = duration(asked, action, target)?;
    if !target.service.lets(Order { action, duration }) {
        return Err(Refused::NotInUse);
    }
    if let Some(stop) = target.stop.filter(|_| !Stop::lets(action)) {
        return Err(Refused::Stopped { stop: stop.id, since: stop.since });
    }
    if !action.is_off() && !target.service.starts(target.switched.state) {
        return Err(Refused::NotOff);
    }
    let order =
        hold::check(Order { action, duration }, target, now).map_err(Refused::Interlocked)?;
    let expires_at = now.plus(life(target.kind, action));
    let held = OVERRIDE.max(order.duration.unwrap_or_default());
    // nothing else switches what is new
    let is_held = source == CommandSource::User && target.service == Service::InUse;
    let held_until = is_held.then(|| now.plus(held));
    Ok(Accepted { order, expires_at, held_until })
}

/// A toggle is the other of what was last wished for, or else of what the device reports; where nobody
/// knows, it is on: whoever taps a switch that says nothing wants to see it run.
fn resolve(wish: Wish, target: &Target<'_>) -> Action {
    let is_on = match (wish, target.newest) {
        (Wish::Do(action), _) => return action,
        (Wish::Toggle, Some(newest)) => !newest.is_off(),
        (Wish::Toggle, None) => target.switched.state == DeviceState::On,
    };
    if is_on { Action::Off } else { Action::On }
}

fn check_value(action: Action, target: &Target<'_>) -> Result<(), Refused> {
    let is_right = match action {
        Action::On | Action::Off => return Ok(()),
        Action::SetValue(_) => Unit::Percent,
        Action::SetAngle(_) => Unit::Degree,
    };
    let known = bounds((target.kind, target.device_type), target.bounds);
    let known = known.filter(|(unit, _)| *unit == is_right);
    let (unit, bounds) = known.ok_or(Refused::WrongAction)?;
    let value = action.value().filter(|value| value.is_finite()).ok_or(Refused::NotANumber)?;
    // nothing is always allowed: it is off
    if (bounds.least..=bounds.most).contains(&value) || action.is_off() {
        Ok(())
    } else {
        Err(Refused::OutOfRange { bounds, unit })
    }
}

/// The values that a device of a kind and a type takes within its own bounds; nothing if it only goes on and off,
/// as a feeder does: what it is set to would have no end.
pub fn bounds(
    (kind, device_type): (DeviceKind, DeviceType),
    own: Option<Bounds>,
) -> Option<(Unit, Bounds)> {
    let (unit, most) = match device_type {
        _ if kind == DeviceKind::Feeder => return None,
        DeviceType::Pwm => (Unit::Percent, 100.0),
        DeviceType::Servo => (Unit::Degree, 180.0),
        _ => return None,
    };
    let widest = Bounds { least: 0.0, most };
    Some((unit, own.map_or(widest, |own| own.within(widest))))
}

/// The times that people choose from for an `on`, shortest first, of a device that may run for `max_on`.
pub fn times(max_on: Option<Duration>) -> Vec<Duration> {
    let most = max_on.unwrap_or(LONGEST);
    let minutes = [1, 5, 15, 30, 60, 2 * 60, 4 * 60, 8 * 60].map(Duration::from_mins);
    // who may run all day is not asked about single minutes
    let least = Duration::from_mins(if most < Duration::from_hours(1) { 1 } else { 15 });
    minutes.into_iter().filter(|time| (least..=most).contains(time)).collect()
}

impl Bounds {
    fn within(self, widest: Self) -> Self {
        Self { least: self.least.max(widest.least), most: self.most.min(widest.most) }
    }
}

/// How long an `on` is to last. A toggle that turned out to be off needs no end; feed does not flow without one.
fn duration(
    asked: &Asked,
    action: Action,
    target: &Target<'_>,
) -> Result<Option<Duration>, Refused> {
    let Some(millis) = asked.duration_ms else {
        let needs_one = target.kind == DeviceKind::Feeder && !action.is_off();
        return if needs_one { Err(Refused::NoPortion) } else { Ok(None) };
    };
    match (asked.wish, action) {
        (_, Action::On) => {}
        (Wish::Toggle, _) => return Ok(None),
        _ => return Err(Refused::NoDuration),
    }
    let most = LONGEST.min(target.interlocks.max_on.unwrap_or(LONGEST));
    let least = SHORTEST.min(most);
    u64::try_from(millis)
        .ok()
        .map(Duration::from_millis)
        .filter(|duration| (least..=most).contains(duration))
        .map(Some)
        .ok_or(Refused::Duration { least, most })
}

#[cfg(test)]
mod tests;
