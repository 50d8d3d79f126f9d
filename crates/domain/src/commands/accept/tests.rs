use super::*;
use crate::{
    StopId,
    commands::{Held, Rule, TRIAL},
};
use uuid::Uuid;

const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

const PERSON: (CommandSource, Option<Role>) = (CommandSource::User, Some(Role::Manager));

fn asked(wish: Wish) -> Asked {
    Asked { wish, duration_ms: None }
}

/// A device in use that nothing holds.
fn target(kind: DeviceKind, device_type: DeviceType, interlocks: &Interlocks) -> Target<'_> {
    let state = DeviceState::Unknown;
    Target {
        kind,
        device_type,
        service: Service::InUse,
        bounds: None,
        newest: None,
        interlocks,
        switched: Switched { state, since: None, starts: &[], house: None, running: &[] },
        stop: None,
    }
}

/// Asks it of a device with the usual interlocks.
fn ask(
    kind: DeviceKind,
    device_type: DeviceType,
    asked: &Asked,
    change: impl FnOnce(&mut Target<'_>),
) -> Result<Accepted, Refused> {
    let interlocks = Interlocks::usual(kind);
    let mut target = target(kind, device_type, &interlocks);
    change(&mut target);
    accept(asked, PERSON, &target, NOW)
}

fn relay(asked: &Asked) -> Result<Accepted, Refused> {
    ask(DeviceKind::Fan, DeviceType::Relay, asked, |_| {})
}

#[test]
fn a_taken_wish_has_an_end_and_holds_the_device_by_hand() {
    let accepted = relay(&asked(Wish::Do(Action::On))).unwrap();
    assert_eq!(accepted.order, Order { action: Action::On, duration: None });
    assert_eq!(accepted.expires_at, NOW.plus(Duration::from_secs(60)));
    assert_eq!(accepted.held_until, Some(NOW.plus(Duration::from_secs(1800))));
    let long = Asked { duration_ms: Some(7_200_000), ..asked(Wish::Do(Action::On)) };
    let accepted = relay(&long).unwrap();
    assert_eq!(accepted.held_until, Some(NOW.plus(Duration::from_secs(7200))));
}

#[test]
fn a_toggle_is_the_other_of_what_was_wished_last() {
    let toggle = asked(Wish::Toggle);
    let action = |newest, state| {
        let asked = ask(DeviceKind::Fan, DeviceType::Relay, &toggle, |target| {
            target.newest = newest;
            target.switched.state = state;
        });
        asked.unwrap().order.action
    };
    assert_eq!(action(Some(Action::On), DeviceState::Off), Action::Off);
    assert_eq!(action(Some(Action::SetValue(40.0)), DeviceState::Off), Action::Off);
    assert_eq!(action(Some(Action::Off), DeviceState::On), Action::On);
    assert_eq!(action(None, DeviceState::On), Action::Off);
    assert_eq!(action(None, DeviceState::Off), Action::On);
    assert_eq!(action(None, DeviceState::Unknown), Action::On);
}

#[test]
fn values_keep_to_what_the_device_is_and_to_its_own_bounds() {
    let dim = |value, own: Option<(f64, f64)>| {
        let asked = asked(Wish::Do(Action::SetValue(value)));
        ask(DeviceKind::Fan, DeviceType::Pwm, &asked, |target| {
            target.bounds = own.map(|(least, most)| Bounds { least, most });
        })
    };
    let refused = |least, most| {
        let bounds = Bounds { least, most };
        Err(Refused::OutOfRange { bounds, unit: Unit::Percent })
    };
    assert!(dim(0.0, None).is_ok() && dim(100.0, None).is_ok() && dim(37.5, None).is_ok());
    assert_eq!(dim(100.1, None), refused(0.0, 100.0));
    assert_eq!(dim(-1.0, None), refused(0.0, 100.0));
    assert_eq!(dim(10.0, Some((20.0, 150.0))), refused(20.0, 100.0));
    assert!(dim(0.0, Some((20.0, 80.0))).is_ok(), "off is always allowed");
    for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
        assert_eq!(dim(value, None), Err(Refused::NotANumber), "{value}");
    }
    let turn = |value| {
        let asked = asked(Wish::Do(Action::SetAngle(value)));
        ask(DeviceKind::Valve, DeviceType::Servo, &asked, |_| {})
    };
    assert!(turn(0.0).is_ok() && turn(180.0).is_ok());
    let bounds = Bounds { least: 0.0, most: 180.0 };
    assert_eq!(turn(181.0), Err(Refused::OutOfRange { bounds, unit: Unit::Degree }));
}

#[test]
fn a_device_is_asked_only_for_what_it_can_do() {
    let dim = asked(Wish::Do(Action::SetValue(5.0)));
    assert_eq!(relay(&dim), Err(Refused::WrongAction));
    let turn = asked(Wish::Do(Action::SetAngle(5.0)));
    assert_eq!(ask(DeviceKind::Fan, DeviceType::Pwm, &turn, |_| {}), Err(Refused::WrongAction));
    let on = asked(Wish::Do(Action::On));
    for (kind, device_type) in
        [(DeviceKind::Other, DeviceType::Adc), (DeviceKind::Fan, DeviceType::Sensor)]
    {
        assert_eq!(ask(kind, device_type, &on, |_| {}), Err(Refused::NotASwitch));
    }
    // what somebody says that it is takes no relay away from people
    assert!(ask(DeviceKind::Climate, DeviceType::Relay, &on, |_| {}).is_ok());
    let out = ask(DeviceKind::Fan, DeviceType::Relay, &on, |target| target.service = Service::Out);
    assert_eq!(out, Err(Refused::NotInUse));
}

/// Asks it of a device that nobody has accepted and that said it is off.
fn try_(
    asked: &Asked,
    role: Role,
    change: impl FnOnce(&mut Target<'_>),
) -> Result<Accepted, Refused> {
    let interlocks = Interlocks::usual(DeviceKind::Fan);
    let mut target = target(DeviceKind::Fan, DeviceType::Pwm, &interlocks);
    (target.service, target.switched.state) = (Service::New, DeviceState::Off);
    change(&mut target);
    accept(asked, (CommandSource::User, Some(role)), &target, NOW)
}

const TRY: Asked = Asked { wish: Wish::Do(Action::On), duration_ms: Some(5_000) };

#[test]
fn what_is_new_runs_for_a_moment_and_no_longer() {
    let try_as = |wish, duration_ms| try_(&Asked { wish, duration_ms }, Role::Manager, |_| {});
    let on = Wish::Do(Action::On);
    let tried = try_as(on, Some(5_000)).unwrap();
    assert_eq!(tried.order, Order { action: Action::On, duration: Some(TRIAL) });
    assert_eq!(tried.held_until, None, "nothing else switches it");
    assert!(try_as(Wish::Do(Action::Off), None).is_ok());
    for (wish, duration_ms) in
        [(on, None), (on, Some(5_001)), (Wish::Do(Action::SetValue(5.0)), None)]
    {
        assert_eq!(try_as(wish, duration_ms), Err(Refused::NotInUse), "{wish:?} {duration_ms:?}");
    }
    for asked in [TRY, asked(Wish::Do(Action::Off))] {
        assert_eq!(try_(&asked, Role::Keeper, |_| {}), Err(Refused::NotInUse), "accepts nothing");
    }
}

#[test]
fn what_may_be_at_work_is_not_tried() {
    let off = asked(Wish::Do(Action::Off));
    for state in [DeviceState::On, DeviceState::Unknown] {
        let tried = |asked| try_(asked, Role::Manager, |target| target.switched.state = state);
        assert_eq!(tried(&TRY), Err(Refused::NotOff), "{state:?}");
        assert!(tried(&off).is_ok(), "{state:?}");
    }
}

#[test]
fn only_on_has_a_time_of_a_second_to_a_day() {
    let refused = Err(Refused::Duration { least: SHORTEST, most: LONGEST });
    let timed = |wish, duration_ms| relay(&Asked { wish, duration_ms: Some(duration_ms) });
    let on = Wish::Do(Action::On);
    for bad in [-1, 0, 999, 86_400_001, 315_360_000_000, i64::MIN, i64::MAX] {
        assert_eq!(timed(on, bad), refused, "{bad}");
    }
    let duration = |accepted: Result<Accepted, Refused>| accepted.unwrap().order.duration;
    assert_eq!(duration(timed(on, 1000)), Some(SHORTEST));
    assert_eq!(duration(timed(on, 86_400_000)), Some(LONGEST));
    assert_eq!(timed(Wish::Do(Action::Off), 1000), Err(Refused::NoDuration));
    assert_eq!(duration(timed(Wish::Toggle, 1000)), Some(SHORTEST));
    let running = Asked { wish: Wish::Toggle, duration_ms: Some(1000) };
    let off = ask(DeviceKind::Fan, DeviceType::Relay, &running, |target| {
        target.newest = Some(Action::On);
    });
    assert_eq!(off.unwrap().order, Order { action: Action::Off, duration: None });
}

#[test]
fn a_time_beyond_what_a_device_may_run_is_refused_with_that_bound() {
    let asked = Asked { wish: Wish::Do(Action::On), duration_ms: Some(61_000) };
    let minute = Duration::from_secs(60);
    let interlocks = Interlocks { max_on: Some(minute), ..Interlocks::usual(DeviceKind::Feeder) };
    let target = target(DeviceKind::Feeder, DeviceType::Relay, &interlocks);
    let refused = accept(&asked, PERSON, &target, NOW);
    assert_eq!(refused, Err(Refused::Duration { least: SHORTEST, most: minute }));
}

#[test]
fn feed_drops_for_a_time_or_not_at_all() {
    let feed = |device_type, wish, duration_ms| {
        let accepted =
            ask(DeviceKind::Feeder, device_type, &Asked { wish, duration_ms }, |target| {
                target.switched.state = DeviceState::Off;
            });
        accepted.map(|accepted| accepted.order)
    };
    let (on, off) = (Wish::Do(Action::On), Wish::Do(Action::Off));
    for (device_type, wish) in [(DeviceType::Relay, on), (DeviceType::Pwm, Wish::Toggle)] {
        assert_eq!(feed(device_type, wish, None), Err(Refused::NoPortion));
        let portion = Some(Duration::from_secs(10));
        let order = Order { action: Action::On, duration: portion };
        assert_eq!(feed(device_type, wish, Some(10_000)), Ok(order));
    }
    // what it is set to would have no end
    let set =
        [(DeviceType::Pwm, Action::SetValue(40.0)), (DeviceType::Servo, Action::SetAngle(90.0))];
    for (device_type, action) in set {
        assert_eq!(feed(device_type, Wish::Do(action), None), Err(Refused::WrongAction));
    }
    assert_eq!(
        feed(DeviceType::Relay, off, None),
        Ok(Order { action: Action::Off, duration: None })
    );
    let interlocks = Interlocks::usual(DeviceKind::Feeder);
    let target = target(DeviceKind::Feeder, DeviceType::Relay, &interlocks);
    let by_schedule = accept(&asked(on), (CommandSource::Schedule, None), &target, NOW);
    assert_eq!(by_schedule, Err(Refused::NoPortion), "whoever asks");
}

#[test]
fn while_an_emergency_stop_stands_only_off_is_taken() {
    let stop = Stop { id: StopId(Uuid::nil()), house: None, includes_fans: true, since: NOW };
    let stopped = |wish| {
        ask(DeviceKind::Fan, DeviceType::Pwm, &asked(wish), |target| target.stop = Some(stop))
    };
    let refused = Err(Refused::Stopped { stop: stop.id, since: NOW });
    assert_eq!(stopped(Wish::Do(Action::On)), refused);
    assert_eq!(stopped(Wish::Toggle), refused);
    assert_eq!(stopped(Wish::Do(Action::SetValue(1.0))), refused);
    assert!(stopped(Wish::Do(Action::Off)).is_ok());
    assert!(stopped(Wish::Do(Action::SetValue(0.0))).is_ok());
}

#[test]
fn only_people_hold_a_device_by_hand() {
    let interlocks = Interlocks::usual(DeviceKind::Light);
    let target = target(DeviceKind::Light, DeviceType::Relay, &interlocks);
    let on = asked(Wish::Do(Action::On));
    let held = |source| accept(&on, (source, Some(Role::Keeper)), &target, NOW).unwrap().held_until;
    assert_eq!(held(CommandSource::Schedule), None);
    assert_eq!(held(CommandSource::Rule), None);
    assert!(held(CommandSource::User).is_some());
}

#[test]
fn a_refusal_has_a_code_of_its_own() {
    let held = Held { rule: Rule::MinOff, until: Some(NOW), by: None };
    assert_eq!(Refused::Interlocked(held).code(), "interlocked");
    assert_eq!(Refused::NotANumber.code(), "not-a-number");
    assert_eq!(Refused::NoPortion.code(), "no-portion");
}

#[test]
fn only_what_can_be_set_has_values_and_none_beyond_its_own_bounds() {
    let own = |least, most| Some(Bounds { least, most });
    let fan = |device_type, own| bounds((DeviceKind::Fan, device_type), own);
    assert_eq!(fan(DeviceType::Relay, own(0.0, 5.0)), None);
    let widest = Bounds { least: 0.0, most: 100.0 };
    assert_eq!(fan(DeviceType::Pwm, None), Some((Unit::Percent, widest)));
    assert_eq!(bounds((DeviceKind::Feeder, DeviceType::Pwm), None), None);
    let servo = fan(DeviceType::Servo, own(10.0, 900.0));
    assert_eq!(servo, Some((Unit::Degree, Bounds { least: 10.0, most: 180.0 })));
}

#[test]
fn times_to_choose_from_are_no_longer_than_a_device_may_run() {
    let minutes = |max_on: Option<u64>| -> Vec<u64> {
        let times = times(max_on.map(Duration::from_mins));
        times.into_iter().map(|time| time.as_secs() / 60).collect()
    };
    assert_eq!(minutes(None), [15, 30, 60, 120, 240, 480]);
    assert_eq!(minutes(Some(90)), [15, 30, 60]);
    assert_eq!(minutes(Some(10)), [1, 5]);
    assert_eq!(minutes(Some(0)), [0_u64; 0]);
}
