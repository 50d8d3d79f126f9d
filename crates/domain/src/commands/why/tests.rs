use super::*;
use crate::devices::DeviceKind;
use std::time::Duration;

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000).plus(Duration::from_secs(seconds))
}

const STOP: StopId = StopId(Uuid::from_u128(1));
const RULE: Uuid = Uuid::from_u128(2);
const SCHEDULE: Uuid = Uuid::from_u128(3);
const USER: UserId = UserId(Uuid::from_u128(4));

/// Everything at once, of which the strongest is to be told.
fn all(interlocks: &Interlocks) -> Standing<'_> {
    let switched = Switched {
        state: DeviceState::Off,
        since: Some(at(0)),
        starts: &[],
        house: None,
        running: &[],
    };
    Standing {
        switched,
        ends_at: None,
        stop: Some(Stop { id: STOP, house: None, includes_fans: true, since: at(10) }),
        interlocks,
        interlocked: Some((Rule::MaxOn, at(0))),
        was_stopped: Some((STOP, at(1))),
        manual: Some(Override {
            action: Action::Off,
            by: Some(USER),
            since: at(1),
            until: at(1800),
        }),
        rule: Some(Automation { id: RULE, since: at(2), until: None }),
        schedule: Some(Automation { id: SCHEDULE, since: at(3), until: Some(at(7200)) }),
    }
}

#[test]
fn the_strongest_cause_is_told() {
    let interlocks = Interlocks::usual(DeviceKind::Light);
    let mut standing = all(&interlocks);
    let told = |standing: &Standing<'_>| {
        let Why { because, since, ends, .. } = why(standing, at(20));
        (because, since, ends)
    };
    assert_eq!(told(&standing), (Because::Stop(STOP), Some(at(10)), Ends::Release));
    standing.stop = None;
    let interlock = (Because::Interlock(Rule::MaxOn), Some(at(0)), Ends::Nothing);
    assert_eq!(told(&standing), interlock);
    standing.interlocked = None;
    let hand = (Because::Hand(Some(USER)), Some(at(1)), Ends::Automation(at(1800)));
    assert_eq!(told(&standing), hand);
    standing.manual = None;
    assert_eq!(told(&standing), (Because::Rule(RULE), Some(at(2)), Ends::Program(None)));
    standing.rule = None;
    let schedule = (Because::Schedule(SCHEDULE), Some(at(3)), Ends::Program(Some(at(7200))));
    assert_eq!(told(&standing), schedule);
    standing.schedule = None;
    let was_stopped = (Because::WasStopped(STOP), Some(at(1)), Ends::Nothing);
    assert_eq!(told(&standing), was_stopped, "it was released");
    standing.was_stopped = None;
    assert_eq!(told(&standing), (Because::Itself, Some(at(0)), Ends::Nothing));
}

#[test]
fn what_is_over_is_no_cause_any_more() {
    let interlocks = Interlocks::usual(DeviceKind::Light);
    let mut standing = all(&interlocks);
    (standing.stop, standing.interlocked, standing.rule) = (None, None, None);
    standing.was_stopped = None;
    assert_eq!(why(&standing, at(1800)).because, Because::Schedule(SCHEDULE));
    assert_eq!(why(&standing, at(7200)).because, Because::Itself);
    standing.interlocked = Some((Rule::MaxOn, at(0)));
    standing.was_stopped = Some((STOP, at(1)));
    standing.switched.state = DeviceState::On;
    assert_eq!(why(&standing, at(7200)).because, Because::Itself, "it runs again");
}

#[test]
fn the_earliest_end_is_told() {
    let interlocks = Interlocks {
        max_on: Some(Duration::from_secs(600)),
        ..Interlocks::usual(DeviceKind::Pump)
    };
    let mut standing = all(&interlocks);
    (standing.stop, standing.interlocked) = (None, None);
    standing.switched.state = DeviceState::On;
    assert_eq!(why(&standing, at(20)).ends, Ends::Interlock(at(600)));
    standing.ends_at = Some(at(300));
    assert_eq!(why(&standing, at(20)).ends, Ends::Timer(at(300)));
    assert_eq!(why(&standing, at(301)).ends, Ends::Interlock(at(600)), "the timer has passed");
}

#[test]
fn what_would_be_refused_now_is_told_too() {
    let interlocks = Interlocks {
        min_off: Some(Duration::from_secs(60)),
        ..Interlocks::usual(DeviceKind::Pump)
    };
    let standing = all(&interlocks);
    let held = Held { rule: Rule::MinOff, until: Some(at(60)), by: None };
    assert_eq!(why(&standing, at(20)).held, Some(held));
    assert_eq!(why(&standing, at(60)).held, None);
}
