use super::*;
use crate::{
    DeviceId, HouseId,
    commands::{InterlocksError, MAX_GROUP, Neighbour, Service},
    devices::{DeviceKind, DeviceType},
};
use uuid::Uuid;

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000).plus(Duration::from_secs(seconds))
}

fn seconds(seconds: u64) -> Option<Duration> {
    Some(Duration::from_secs(seconds))
}

/// A pump that rests and runs for a minute at least, runs for ten at most, and starts four times an hour.
fn pump() -> Interlocks {
    Interlocks {
        max_on: seconds(600),
        min_on: seconds(60),
        min_off: seconds(60),
        max_starts_per_hour: Some(4),
        ..Interlocks::usual(DeviceKind::Pump)
    }
}

fn switched(state: DeviceState, since: Timestamp, starts: &[Timestamp]) -> Switched<'_> {
    Switched { state, since: Some(since), starts, house: None, running: &[] }
}

fn ask(
    interlocks: &Interlocks,
    (kind, switched): (DeviceKind, Switched<'_>),
    (action, duration): (Action, Option<Duration>),
    now: Timestamp,
) -> Result<Option<Duration>, Held> {
    let target = Target {
        kind,
        device_type: DeviceType::Relay,
        service: Service::InUse,
        bounds: None,
        newest: None,
        interlocks,
        switched,
        stop: None,
    };
    check(Order { action, duration }, &target, now).map(|order| order.duration)
}

fn ask_pump(
    switched: Switched<'_>,
    action: Action,
    now: Timestamp,
) -> Result<Option<Duration>, Held> {
    ask(&pump(), (DeviceKind::Pump, switched), (action, None), now)
}

fn until(rule: Rule, at: Timestamp) -> Held {
    Held { rule, until: Some(at), by: None }
}

#[test]
fn a_device_rests_and_runs_its_time() {
    let off = switched(DeviceState::Off, at(0), &[]);
    assert_eq!(ask_pump(off, Action::On, at(59)), Err(until(Rule::MinOff, at(60))));
    assert!(ask_pump(off, Action::On, at(60)).is_ok());
    assert!(ask_pump(off, Action::Off, at(1)).is_ok(), "it is off");
    let on = switched(DeviceState::On, at(0), &[]);
    assert_eq!(ask_pump(on, Action::Off, at(59)), Err(until(Rule::MinOn, at(60))));
    assert!(ask_pump(on, Action::Off, at(60)).is_ok());
    assert!(ask_pump(on, Action::On, at(1)).is_ok(), "it is on");
    let unknown = switched(DeviceState::Unknown, at(0), &[]);
    assert!(ask_pump(unknown, Action::On, at(1)).is_ok());
    assert!(ask_pump(unknown, Action::Off, at(1)).is_ok());
}

#[test]
fn a_device_starts_no_more_often_than_it_may() {
    let starts = [at(0), at(600), at(1200), at(1800)];
    let off = switched(DeviceState::Off, at(2000), &starts);
    assert_eq!(ask_pump(off, Action::On, at(3599)), Err(until(Rule::MaxStarts, at(3600))));
    assert!(ask_pump(off, Action::On, at(3600)).is_ok());
    let fewer = switched(DeviceState::Off, at(2000), &starts[1..]);
    assert!(ask_pump(fewer, Action::On, at(2100)).is_ok());
    let running = switched(DeviceState::On, at(1800), &starts);
    assert!(ask_pump(running, Action::On, at(2000)).is_ok(), "that is no start");
}

#[test]
fn an_on_ends_by_itself_when_it_must() {
    let off = switched(DeviceState::Off, at(0), &[]);
    assert_eq!(ask_pump(off, Action::On, at(100)), Ok(seconds(600)));
    let asked = (Action::On, seconds(30));
    assert_eq!(ask(&pump(), (DeviceKind::Pump, off), asked, at(100)), Ok(seconds(30)));
    let on = switched(DeviceState::On, at(0), &[]);
    assert_eq!(ask_pump(on, Action::On, at(500)), Ok(seconds(100)), "what is left");
    assert_eq!(must_end(&pump(), &on), Some(at(600)));
    let over = Held { rule: Rule::MaxOn, until: None, by: None };
    assert_eq!(ask_pump(on, Action::On, at(600)), Err(over));
    assert!(ask_pump(on, Action::Off, at(601)).is_ok());
    assert_eq!(must_end(&pump(), &off), None);
}

#[test]
fn heating_and_cooling_exclude_each_other_within_a_house() {
    let (here, there) = (Some(HouseId(Uuid::from_u128(1))), Some(HouseId(Uuid::from_u128(2))));
    let place = |kind, house| Place { house, kind, group: None, excludes_heat_and_cooling: true };
    let fan = place(DeviceKind::Fan, here);
    assert!(fan.excludes(&place(DeviceKind::Heater, here)));
    assert!(place(DeviceKind::Heater, here).excludes(&fan));
    assert!(!fan.excludes(&place(DeviceKind::Heater, there)));
    assert!(!fan.excludes(&place(DeviceKind::Fan, here)), "two fans may run");
    assert!(!fan.excludes(&place(DeviceKind::Lamp, here)));
    let nowhere = place(DeviceKind::Fan, None);
    assert!(!nowhere.excludes(&place(DeviceKind::Heater, None)));
    let vent = Place { excludes_heat_and_cooling: false, ..fan };
    assert!(!vent.excludes(&place(DeviceKind::Heater, here)));
    assert!(!place(DeviceKind::Heater, here).excludes(&vent));
}

#[test]
fn of_a_group_one_runs_and_it_is_named() {
    let group = |group| Place {
        house: None,
        kind: DeviceKind::Belt,
        group,
        excludes_heat_and_cooling: false,
    };
    assert!(group(Some("supply")).excludes(&group(Some("supply"))));
    assert!(!group(Some("supply")).excludes(&group(Some("other"))));
    assert!(!group(None).excludes(&group(None)));
    let device = DeviceId(Uuid::from_u128(7));
    let neighbour = Neighbour { device, place: group(Some("supply")), ends_at: Some(at(90)) };
    let running = [neighbour];
    let switched = Switched { running: &running, ..switched(DeviceState::Off, at(0), &[]) };
    let interlocks = Interlocks {
        exclusive_group: Some("supply".to_owned()),
        ..Interlocks::usual(DeviceKind::Belt)
    };
    let belt = (DeviceKind::Belt, switched);
    let held = Held { rule: Rule::Exclusive, until: Some(at(90)), by: Some(device) };
    assert_eq!(ask(&interlocks, belt, (Action::On, None), at(1)), Err(held));
    assert!(ask(&interlocks, belt, (Action::Off, None), at(1)).is_ok());
}

#[test]
fn interlocks_that_can_not_hold_are_refused() {
    let set = |change: fn(&mut Interlocks)| {
        let mut interlocks = pump();
        change(&mut interlocks);
        interlocks.check()
    };
    assert_eq!(pump().check(), Ok(()));
    for kind in [DeviceKind::Feeder, DeviceKind::Heater, DeviceKind::Fan, DeviceKind::Other] {
        assert_eq!(Interlocks::usual(kind).check(), Ok(()), "{kind:?}");
    }
    let time = |rule| Err(InterlocksError::Time(rule));
    assert_eq!(set(|i| i.max_on = Some(Duration::ZERO)), time(Rule::MaxOn));
    assert_eq!(set(|i| i.min_off = seconds(86_401)), time(Rule::MinOff));
    assert_eq!(set(|i| i.min_on = seconds(601)), Err(InterlocksError::MinOverMax));
    assert_eq!(set(|i| i.max_starts_per_hour = Some(0)), Err(InterlocksError::Starts));
    assert_eq!(set(|i| i.max_starts_per_hour = Some(61)), Err(InterlocksError::Starts));
    assert_eq!(set(|i| i.exclusive_group = Some(String::new())), Err(InterlocksError::Group));
    let khmer = |length| Some("ក".repeat(length));
    let grouped = |name| Interlocks { exclusive_group: name, ..pump() }.check();
    assert_eq!(grouped(khmer(MAX_GROUP)), Ok(()));
    assert_eq!(grouped(khmer(MAX_GROUP + 1)), Err(InterlocksError::Group));
}
