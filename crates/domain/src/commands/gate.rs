//! Whether what was accepted may still be sent: between the two somebody may have lost their role, pressed
//! the emergency stop, or switched on what excludes it.
use super::{Command, CommandSource, Held, Reason, Stop, Target, hold};
use crate::{StopId, Timestamp, roles::Role};

/// Why a command must not be sent, with what people are told of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Barred {
    /// What it ends for.
    pub reason: Reason,
    /// The rule of its device that holds it, and until when.
    pub held: Option<Held>,
    /// The emergency stop that stands.
    pub stop: Option<StopId>,
}

impl From<Reason> for Barred {
    fn from(reason: Reason) -> Self {
        Self { reason, held: None, stop: None }
    }
}

/// Why a command must not be sent at `now`, if it must not. `role` is what who asked may do by now.
pub fn gate(
    command: &Command,
    (source, role): (CommandSource, Option<Role>),
    target: &Target<'_>,
    now: Timestamp,
) -> Option<Barred> {
    let action = command.order.action;
    if command.is_stop {
        // a stop that was released, or holds the device no more, switches nothing off
        return target.stop.is_none().then_some(Reason::Cancelled.into());
    }
    if !target.service.obeys(source, role) {
        return Some(Reason::Forbidden.into());
    }
    // what an interlock itself asks for is held by none; it may have to stop what is out of use and runs on
    let is_free = source == CommandSource::Safety;
    let may_be_switched = target.service.lets(command.order) || is_free && action.is_off();
    if !may_be_switched {
        return Some(Reason::Cancelled.into());
    }
    if let Some(stop) = target.stop.filter(|_| !Stop::lets(action)) {
        return Some(Barred { stop: Some(stop.id), ..Reason::Stopped.into() });
    }
    if !action.is_off() && !target.service.starts(target.switched.state) {
        return Some(Reason::Cancelled.into());
    }
    let held = hold::check(command.order, target, now).err().filter(|_| !is_free);
    held.map(|held| Barred { held: Some(held), ..Reason::Interlocked.into() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        CommandId, StopId,
        commands::{Action, Interlocks, Order, Progress, Rule, Service, Switched, TRIAL},
        devices::{DeviceKind, DeviceState, DeviceType},
    };
    use std::time::Duration;
    use uuid::Uuid;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn ask(
        what: (Action, bool),
        asker: (CommandSource, Option<Role>),
        change: impl FnOnce(&mut Target<'_>),
    ) -> Option<Reason> {
        barred(what, asker, change).map(|barred| barred.reason)
    }

    fn barred(
        (action, is_stop): (Action, bool),
        asker: (CommandSource, Option<Role>),
        change: impl FnOnce(&mut Target<'_>),
    ) -> Option<Barred> {
        barred_order((Order { action, duration: None }, is_stop), asker, change)
    }

    fn barred_order(
        (order, is_stop): (Order, bool),
        asker: (CommandSource, Option<Role>),
        change: impl FnOnce(&mut Target<'_>),
    ) -> Option<Barred> {
        let command = Command {
            id: CommandId(Uuid::nil()),
            kind: DeviceKind::Pump,
            order,
            is_stop,
            attempts: 0,
            expires_at: NOW.plus(Duration::from_secs(60)),
            progress: Progress::Queued,
        };
        let minute = Some(Duration::from_secs(60));
        let interlocks =
            Interlocks { min_on: minute, min_off: minute, ..Interlocks::usual(DeviceKind::Pump) };
        let (state, since) = (DeviceState::Unknown, Some(NOW));
        let mut target = Target {
            kind: DeviceKind::Pump,
            device_type: DeviceType::Relay,
            service: Service::InUse,
            bounds: None,
            newest: None,
            interlocks: &interlocks,
            switched: Switched { state, since, starts: &[], house: None, running: &[] },
            stop: None,
        };
        change(&mut target);
        gate(&command, asker, &target, NOW)
    }

    const KEEPER: (CommandSource, Option<Role>) = (CommandSource::User, Some(Role::Keeper));
    const MANAGER: (CommandSource, Option<Role>) = (CommandSource::User, Some(Role::Manager));
    const TRY: Order = Order { action: Action::On, duration: Some(TRIAL) };
    const ON: (Action, bool) = (Action::On, false);
    const OFF: (Action, bool) = (Action::Off, false);

    #[test]
    fn who_lost_the_right_meanwhile_switches_nothing() {
        assert_eq!(ask(ON, KEEPER, |_| {}), None);
        for role in [Some(Role::Viewer), None] {
            let reason = ask(ON, (CommandSource::User, role), |_| {});
            assert_eq!(reason, Some(Reason::Forbidden));
        }
        assert_eq!(ask(ON, (CommandSource::Schedule, None), |_| {}), None);
    }

    #[test]
    fn a_stop_that_came_meanwhile_holds() {
        let stop = Stop { id: StopId(Uuid::nil()), house: None, includes_fans: false, since: NOW };
        let stopped = |what| ask(what, KEEPER, |target| target.stop = Some(stop));
        assert_eq!(stopped(ON), Some(Reason::Stopped));
        assert_eq!(stopped(OFF), None);
    }

    #[test]
    fn what_held_it_is_told_with_its_end() {
        let stop = Stop { id: StopId(Uuid::nil()), house: None, includes_fans: false, since: NOW };
        let stopped = barred(ON, KEEPER, |target| target.stop = Some(stop)).unwrap();
        assert_eq!((stopped.stop, stopped.held), (Some(stop.id), None));
        let resting =
            barred(ON, KEEPER, |target| target.switched.state = DeviceState::Off).unwrap();
        let until = Some(NOW.plus(Duration::from_mins(1)));
        assert_eq!(resting.held, Some(Held { rule: Rule::MinOff, until, by: None }));
        assert_eq!((resting.reason, resting.stop), (Reason::Interlocked, None));
    }

    #[test]
    fn an_interlock_holds_all_but_safety() {
        let running =
            |what, asker| ask(what, asker, |target| target.switched.state = DeviceState::On);
        assert_eq!(running(OFF, KEEPER), Some(Reason::Interlocked));
        assert_eq!(running(OFF, (CommandSource::Safety, None)), None);
        let resting = ask(ON, KEEPER, |target| target.switched.state = DeviceState::Off);
        assert_eq!(resting, Some(Reason::Interlocked));
    }

    #[test]
    fn safety_stops_what_is_out_of_use_and_runs_on_and_starts_none_of_it() {
        let safety = (CommandSource::Safety, None);
        let retired = |what| ask(what, safety, |target| target.service = Service::Out);
        assert_eq!(retired(OFF), None);
        assert_eq!(retired(ON), Some(Reason::Cancelled));
    }

    #[test]
    fn a_stops_own_passes_all_but_its_release() {
        let stop = Stop { id: StopId(Uuid::nil()), house: None, includes_fans: false, since: NOW };
        let own = ((Action::Off, true), (CommandSource::Safety, None));
        let held = |change: fn(&mut Target<'_>)| {
            ask(own.0, own.1, |target| {
                target.stop = Some(stop);
                change(target);
            })
        };
        assert_eq!(held(|target| target.switched.state = DeviceState::On), None);
        assert_eq!(held(|target| target.service = Service::Out), None);
        assert_eq!(ask(own.0, own.1, |_| {}), Some(Reason::Cancelled));
    }

    #[test]
    fn what_is_new_is_tried_and_no_more() {
        let new = |what| ask(what, MANAGER, |target| target.service = Service::New);
        assert_eq!(new(ON), Some(Reason::Cancelled));
        assert_eq!(new(OFF), None);
        assert!(Service::New.lets(TRY) && !Service::Out.lets(TRY));
    }

    fn tried(asker: (CommandSource, Option<Role>), state: DeviceState) -> Option<Reason> {
        let barred = barred_order((TRY, false), asker, |target| {
            target.service = Service::New;
            (target.switched.state, target.switched.since) = (state, None);
        });
        barred.map(|barred| barred.reason)
    }

    #[test]
    fn who_may_accept_nothing_any_more_tries_nothing() {
        assert_eq!(tried(MANAGER, DeviceState::Off), None);
        assert_eq!(tried(KEEPER, DeviceState::Off), Some(Reason::Forbidden));
        let off = ask(OFF, KEEPER, |target| target.service = Service::New);
        assert_eq!(off, Some(Reason::Forbidden));
    }

    #[test]
    fn what_began_to_run_meanwhile_is_not_tried() {
        for state in [DeviceState::On, DeviceState::Unknown] {
            assert_eq!(tried(MANAGER, state), Some(Reason::Cancelled), "{state:?}");
        }
    }

    #[test]
    fn what_was_put_out_of_use_is_left_alone() {
        let retired = ask(ON, KEEPER, |target| target.service = Service::Out);
        assert_eq!(retired, Some(Reason::Cancelled));
        let off = ask(OFF, KEEPER, |target| target.service = Service::Out);
        assert_eq!(off, Some(Reason::Cancelled));
    }
}
