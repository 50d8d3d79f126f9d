use super::*;
use crate::commands::Action;
use std::time::Duration;
use uuid::Uuid;

fn at(seconds: u64) -> Timestamp {
    Timestamp::from_millis(1_700_000_000_000).plus(Duration::from_secs(seconds))
}

fn command(kind: DeviceKind, progress: Progress) -> Command {
    Command {
        id: CommandId(Uuid::nil()),
        kind,
        order: Order { action: Action::On, duration: None },
        is_stop: false,
        attempts: 1,
        expires_at: at(60),
        progress,
    }
}

const SENT: Progress = Progress::Sent { due_at: Timestamp::from_millis(1_700_000_010_000) };

/// Follows a command through what happens, each a second after the other.
fn follow(mut command: Command, happenings: &[Happening]) -> Progress {
    for (second, happening) in happenings.iter().enumerate() {
        if let Step::Move(progress) = command.step(*happening, at(second.try_into().unwrap())) {
            command.attempts += i32::from(*happening == Happening::Attempted);
            command.progress = progress;
        }
    }
    command.progress
}

const fn answered(answer: Answer) -> Happening {
    Happening::Answered { answer, agrees: true }
}

#[test]
fn a_command_goes_from_hand_to_hand_to_its_end() {
    let new = Command { attempts: 0, ..command(DeviceKind::Fan, Progress::Queued) };
    let acked = Happening::PubAcked { is_reachable: true };
    let steps = [Happening::Attempted, acked, answered(Answer::Executing)];
    assert_eq!(follow(new, &steps[..1]), Progress::Attempted { due_at: at(10) });
    assert_eq!(follow(new, &steps[..2]), Progress::Sent { due_at: at(11) });
    assert_eq!(follow(new, &steps), Progress::Executing { due_at: at(62) });
    let done = [steps[0], steps[1], steps[2], answered(Answer::Completed)];
    assert_eq!(follow(new, &done), Progress::Ended { status: Status::Completed, reason: None });
    // a device may be faster than the broker's word, and leave "executing" out
    let hasty = [steps[0], answered(Answer::Completed), acked];
    assert_eq!(follow(new, &hasty), Progress::Ended { status: Status::Completed, reason: None });
    let failed = [steps[0], answered(Answer::Failed)];
    assert_eq!(follow(new, &failed), Progress::ended(Reason::Refused));
}

#[test]
fn people_are_told_queued_until_the_broker_has_it() {
    assert_eq!(Progress::Attempted { due_at: at(0) }.status(), Status::Queued);
    assert_eq!(SENT.status(), Status::Sent);
}

#[test]
fn who_does_not_answer_is_given_up() {
    let sent = command(DeviceKind::Fan, SENT);
    assert_eq!(sent.step(Happening::Tick, at(9)), Step::Stay);
    let given_up = Step::Move(Progress::ended(Reason::NoAnswer));
    assert_eq!(sent.step(Happening::Tick, at(10)), given_up);
    let executing = command(DeviceKind::Fan, Progress::Executing { due_at: at(61) });
    assert_eq!(executing.step(Happening::Tick, at(60)), Step::Stay, "it was heard in time");
    assert_eq!(executing.step(Happening::Tick, at(61)), given_up);
}

#[test]
fn a_node_that_is_away_has_the_commands_life_to_come_back() {
    let attempted = command(DeviceKind::Fan, Progress::Attempted { due_at: at(10) });
    let acked = attempted.step(Happening::PubAcked { is_reachable: false }, at(1));
    assert_eq!(acked, Step::Move(Progress::Sent { due_at: at(60) }));
    let sent = command(DeviceKind::Fan, Progress::Sent { due_at: at(60) });
    assert_eq!(sent.step(Happening::Tick, at(59)), Step::Stay);
    let expired = Step::Move(Progress::ended(Reason::Expired));
    assert_eq!(sent.step(Happening::Tick, at(60)), expired);
}

#[test]
fn nothing_is_attempted_when_its_time_is_over() {
    let new = Command { attempts: 0, ..command(DeviceKind::Fan, Progress::Queued) };
    let expired = Step::Move(Progress::ended(Reason::Expired));
    assert_eq!(new.step(Happening::Attempted, at(60)), expired);
    assert_eq!(new.step(Happening::Tick, at(60)), expired);
    assert_eq!(new.step(Happening::Tick, at(59)), Step::Stay);
    let again = command(DeviceKind::Fan, Progress::Queued);
    let unknown = Step::Move(Progress::ended(Reason::NoAnswer));
    assert_eq!(again.step(Happening::Tick, at(60)), unknown, "it may have been heard");
}

#[test]
fn what_may_be_lost_goes_out_again_while_it_lives() {
    for progress in [Progress::Attempted { due_at: at(10) }, SENT] {
        let command = command(DeviceKind::Fan, progress);
        assert_eq!(command.step(Happening::LinkLost, at(5)), Step::Move(Progress::Queued));
        assert_eq!(command.step(Happening::LinkLost, at(60)), Step::Stay);
    }
    let attempted = command(DeviceKind::Fan, Progress::Attempted { due_at: at(10) });
    assert_eq!(attempted.step(Happening::Tick, at(10)), Step::Move(Progress::Queued));
    let executing = command(DeviceKind::Fan, Progress::Executing { due_at: at(70) });
    assert_eq!(executing.step(Happening::LinkLost, at(5)), Step::Stay, "the device has it");
}

#[test]
fn a_feeder_is_never_told_twice() {
    for progress in [Progress::Attempted { due_at: at(10) }, SENT] {
        let feeder = command(DeviceKind::Feeder, progress);
        assert_eq!(feeder.step(Happening::LinkLost, at(5)), Step::Stay, "it may answer yet");
        let over = Step::Move(Progress::ended(Reason::NoAnswer));
        assert_eq!(feeder.step(Happening::Tick, at(10)), over);
    }
}

#[test]
fn an_answer_after_the_end_is_late_unless_it_was_heard_before() {
    let ended = |reason| command(DeviceKind::Fan, Progress::ended(reason));
    for reason in [Reason::NoAnswer, Reason::Expired, Reason::Superseded] {
        for answer in [Answer::Executing, Answer::Completed, Answer::Failed] {
            assert_eq!(ended(reason).step(answered(answer), at(99)), Step::Late, "{reason:?}");
        }
    }
    let done = Progress::Ended { status: Status::Completed, reason: None };
    let done = command(DeviceKind::Fan, done);
    assert_eq!(done.step(answered(Answer::Completed), at(1)), Step::Ignore);
    assert_eq!(done.step(answered(Answer::Executing), at(1)), Step::Ignore);
    assert_eq!(done.step(answered(Answer::Failed), at(1)), Step::Late, "it says something else");
    assert_eq!(ended(Reason::Refused).step(answered(Answer::Failed), at(1)), Step::Ignore);
}

#[test]
fn nobody_can_know_what_was_never_sent() {
    for progress in [Progress::Queued, Progress::ended(Reason::Superseded)] {
        let never = Command { attempts: 0, ..command(DeviceKind::Fan, progress) };
        assert_eq!(never.step(answered(Answer::Completed), at(1)), Step::Ignore);
    }
    let again = command(DeviceKind::Fan, Progress::Queued);
    let done = Step::Move(Progress::Ended { status: Status::Completed, reason: None });
    assert_eq!(again.step(answered(Answer::Completed), at(1)), done, "it was sent before");
}

#[test]
fn a_device_that_tells_another_state_is_believed_and_told_of() {
    let answer = Happening::Answered { answer: Answer::Completed, agrees: false };
    let step = command(DeviceKind::Fan, SENT).step(answer, at(1));
    assert_eq!(step, Step::Move(Progress::ended(Reason::Disagrees)));
    assert_eq!(Reason::Disagrees.status(), Status::Completed);
}

#[test]
fn what_has_ended_does_not_end_again() {
    let ended = command(DeviceKind::Fan, Progress::ended(Reason::NoAnswer));
    for happening in [
        Happening::Ended(Reason::Superseded),
        Happening::Tick,
        Happening::LinkLost,
        Happening::Attempted,
        Happening::PubAcked { is_reachable: true },
    ] {
        assert_eq!(ended.step(happening, at(99)), Step::Stay, "{happening:?}");
    }
}

#[test]
fn what_never_left_the_server_waits_again_even_for_a_feeder() {
    let steps = [Happening::Attempted, Happening::NotSent];
    for kind in [DeviceKind::Fan, DeviceKind::Feeder] {
        let new = Command { attempts: 0, ..command(kind, Progress::Queued) };
        assert_eq!(follow(new, &steps), Progress::Queued);
    }
    for progress in [SENT, Progress::Executing { due_at: at(62) }, Progress::Queued] {
        let step = command(DeviceKind::Fan, progress).step(Happening::NotSent, at(1));
        assert_eq!(step, Step::Stay, "{progress:?}");
    }
}

#[test]
fn a_lost_link_ends_nothing_since_answers_may_lie_at_the_broker() {
    let waiting = Progress::Sent { due_at: at(60) };
    for (progress, reason) in [(waiting, Reason::Expired), (SENT, Reason::NoAnswer)] {
        let command = command(DeviceKind::Fan, progress);
        assert_eq!(command.step(Happening::LinkLost, at(61)), Step::Stay);
        let over = Step::Move(Progress::ended(reason));
        assert_eq!(command.step(Happening::Tick, at(61)), over, "once silence means something");
    }
}

#[test]
fn what_has_no_time_left_for_the_broker_is_over() {
    let queued = command(DeviceKind::Fan, Progress::Queued);
    assert!(matches!(
        queued.step(Happening::Attempted, at(58)),
        Step::Move(Progress::Attempted { .. })
    ));
    let over = Step::Move(Progress::ended(Reason::NoAnswer));
    assert_eq!(queued.step(Happening::Attempted, at(59)), over);
    let new = Command { attempts: 0, ..queued };
    assert_eq!(
        new.step(Happening::Attempted, at(59)),
        Step::Move(Progress::ended(Reason::Expired))
    );
    assert_eq!(command(DeviceKind::Fan, SENT).step(Happening::LinkLost, at(59)), Step::Stay);
}
