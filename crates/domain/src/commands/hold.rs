//! Whether the interlocks of a device let an order through, and if not, which holds it and until when.
use super::{Action, Held, Interlocks, Order, Place, Rule, Switched, Target};
use crate::{Timestamp, devices::DeviceState};
use std::time::Duration;

const HOUR: Duration = Duration::from_hours(1);
/// What is tried may need so much longer to say that it has ended; and clocks differ by as much.
pub const GRACE: Duration = Duration::from_secs(10);

/// When a running device must be switched off, if ever.
pub fn must_end(interlocks: &Interlocks, switched: &Switched<'_>) -> Option<Timestamp> {
    let since = switched.since.filter(|_| switched.state == DeviceState::On)?;
    interlocks.max_on.map(|most| since.plus(most))
}

/// When a running device must be switched off that was tried for so long before anybody accepted it: it was told to
/// end that by itself. Of its kind there is a guess alone, so that no other time holds.
pub fn trial_must_end(tried: Duration, switched: &Switched<'_>) -> Option<Timestamp> {
    let since = switched.since.filter(|_| switched.state == DeviceState::On)?;
    Some(since.plus(tried).plus(GRACE))
}

/// Lets an order through, cut to the time that a device may run; or tells what holds it.
pub(super) fn check(order: Order, target: &Target<'_>, now: Timestamp) -> Result<Order, Held> {
    let (interlocks, switched) = (target.interlocks, &target.switched);
    if order.action.is_off() {
        return min_on(interlocks, switched, now).map_or(Ok(order), Err);
    }
    if switched.state != DeviceState::On {
        holds(interlocks, switched, now).map_or(Ok(()), Err)?;
    }
    exclusive(target).map_or(Ok(()), Err)?;
    let left = match must_end(interlocks, switched) {
        Some(end) if end <= now => return Err(held(Rule::MaxOn, None)),
        Some(end) => Some(end.since(now)),
        None => interlocks.max_on,
    };
    Ok(if order.action == Action::On { shorten(order, left) } else { order })
}

/// What a rule of its own would refuse a device now, if anything.
pub(super) fn holds(
    interlocks: &Interlocks,
    switched: &Switched<'_>,
    now: Timestamp,
) -> Option<Held> {
    match switched.state {
        DeviceState::On => min_on(interlocks, switched, now),
        DeviceState::Off | DeviceState::Unknown => {
            min_off(interlocks, switched, now).or_else(|| starts(interlocks, switched, now))
        }
    }
}

fn shorten(order: Order, left: Option<Duration>) -> Order {
    let duration = match (order.duration, left) {
        (Some(asked), Some(left)) => Some(asked.min(left)),
        (asked, left) => asked.or(left),
    };
    Order { duration, ..order }
}

const fn held(rule: Rule, until: Option<Timestamp>) -> Held {
    Held { rule, until, by: None }
}

fn min_on(interlocks: &Interlocks, switched: &Switched<'_>, now: Timestamp) -> Option<Held> {
    let since = switched.since.filter(|_| switched.state == DeviceState::On)?;
    let until = since.plus(interlocks.min_on?);
    (now < until).then_some(held(Rule::MinOn, Some(until)))
}

fn min_off(interlocks: &Interlocks, switched: &Switched<'_>, now: Timestamp) -> Option<Held> {
    let since = switched.since.filter(|_| switched.state == DeviceState::Off)?;
    let until = since.plus(interlocks.min_off?);
    (now < until).then_some(held(Rule::MinOff, Some(until)))
}

fn starts(interlocks: &Interlocks, switched: &Switched<'_>, now: Timestamp) -> Option<Held> {
    let most = usize::try_from(interlocks.max_starts_per_hour?).ok()?;
    // the start that must be an hour ago before there may be one more
    let oldest = switched.starts.iter().rev().nth(most.checked_sub(1)?)?;
    let until = oldest.plus(HOUR);
    (now < until).then_some(held(Rule::MaxStarts, Some(until)))
}

fn exclusive(target: &Target<'_>) -> Option<Held> {
    let (interlocks, switched) = (target.interlocks, &target.switched);
    let own = Place {
        house: switched.house,
        kind: target.kind,
        group: interlocks.exclusive_group.as_deref(),
        excludes_heat_and_cooling: interlocks.excludes_heat_and_cooling,
    };
    let other = switched.running.iter().find(|other| own.excludes(&other.place))?;
    Some(Held { rule: Rule::Exclusive, until: other.ends_at, by: Some(other.device) })
}

#[cfg(test)]
mod tests;
