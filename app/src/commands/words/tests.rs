use super::*;
use crate::reader::Lang;
use domain::{
    CommandId, DeviceId, StopId,
    commands::{Bounds, Held, Refused, Rule},
};
use std::time::Duration;

const NOW: Timestamp = Timestamp::from_millis(1_770_834_600_000);
const SOK: &str = "6a5ba5ee-1111-4000-8000-0000000000a1";
const NOBODY: &str = "6a5ba5ee-1111-4000-8000-0000000000a9";

fn told<T>(lang: Lang, say: impl FnOnce(Words<'_>) -> T) -> T {
    let people = HashMap::from([(SOK.parse().unwrap(), "សុខ".to_owned())]);
    let zone = chrono_tz::Asia::Phnom_Penh;
    say(Words { reader: Reader::new(lang), now: NOW, zone, people: &people })
}

fn en<T>(say: impl FnOnce(Words<'_>) -> T) -> T {
    told(Lang::En, say)
}

fn record(status: Status, reason: Option<Reason>) -> Record {
    Record {
        id: NOBODY.parse::<CommandId>().unwrap(),
        device: NOBODY.parse::<DeviceId>().unwrap(),
        place: 1,
        wish: None,
        order: Order { action: Action::On, duration: None },
        source: CommandSource::User,
        requested_by: SOK.parse().ok(),
        stop: None,
        status,
        reason,
        held: None,
        state: None,
        error: None,
        requested_at: NOW,
        sent_at: None,
        executing_at: None,
        completed_at: None,
        expires_at: NOW.plus(Duration::from_mins(1)),
    }
}

fn plain(text: &str) -> String {
    text.replace('\u{a0}', " ")
}

#[test]
fn every_stage_and_end_has_a_word_of_its_own_in_both_languages() {
    for lang in Lang::ALL {
        let open = [Status::Queued, Status::Sent, Status::Executing, Status::Completed];
        let all = open.map(|status| (status, None)).into_iter();
        let all = all.chain(Reason::ALL.iter().map(|reason| (reason.status(), Some(*reason))));
        let mut words = std::collections::HashSet::new();
        for (status, reason) in all {
            let (tag, detail) = told(lang, |words| {
                (words.stage(status, reason), words.detail(&record(status, reason), |_| None))
            });
            let is_plainly_done = status == Status::Completed && reason.is_none();
            assert_eq!(detail.is_none(), is_plainly_done, "{status:?} {reason:?}");
            for text in [Some(tag.text.clone()), detail].into_iter().flatten() {
                assert!(!text.contains("Unknown localization") && !text.contains('{'), "{text}");
            }
            // what was not sent is so for three reasons, told beside it
            let is_unsent =
                matches!(reason, Some(Reason::Interlocked | Reason::Stopped | Reason::Forbidden));
            assert!(words.insert(tag.text) || is_unsent, "{status:?} {reason:?}");
        }
    }
}

#[test]
fn sent_never_sounds_like_done_and_only_what_is_done_is_green() {
    for status in Status::ALL {
        let tag = en(|words| words.stage(*status, None));
        assert_eq!(tag.mood == Mood::Good, *status == Status::Completed, "{status:?}");
    }
    for reason in Reason::ALL {
        let tag = en(|words| words.stage(reason.status(), Some(*reason)));
        assert_ne!(tag.mood, Mood::Good, "{reason:?}");
    }
}

#[test]
fn an_order_is_told_with_its_number_and_its_time() {
    let order = |action, duration| plain(&en(|words| words.order(&Order { action, duration })));
    assert_eq!(order(Action::On, None), "Turn on");
    assert_eq!(order(Action::On, Some(Duration::from_mins(15))), "Turn on for 15 min");
    assert_eq!(order(Action::Off, None), "Turn off");
    assert_eq!(order(Action::SetValue(40.0), None), "Set to 40 %");
    assert_eq!(order(Action::SetAngle(22.5), None), "Set to 22.5°");
}

#[test]
fn what_a_device_said_stands_in_the_sentence_in_short() {
    let mut refused = record(Status::Failed, Some(Reason::Refused));
    refused.error = Some("  no\npower ".to_owned());
    let said = en(|words| words.detail(&refused, |_| None)).unwrap();
    assert_eq!(said, "The device says: no power");
    refused.error = Some("x".repeat(500));
    assert!(en(|words| words.detail(&refused, |_| None)).unwrap().len() < 150);
    refused.error = Some(String::new());
    assert_eq!(
        en(|words| words.detail(&refused, |_| None)).unwrap(),
        "The device could not do it."
    );
    let mut other = record(Status::Completed, Some(Reason::Disagrees));
    other.state = Some("off".to_owned());
    assert_eq!(
        en(|words| words.detail(&other, |_| None)).unwrap(),
        "The device says that it is: Off"
    );
}

#[test]
fn who_asked_is_a_person_or_what_else_it_was() {
    let mut asked = record(Status::Queued, None);
    assert_eq!(en(|words| words.who(&asked)), "សុខ");
    asked.requested_by = NOBODY.parse().ok();
    assert_eq!(en(|words| words.who(&asked)), "Somebody");
    asked.requested_by = None;
    for (source, text) in [
        (CommandSource::Schedule, "Schedule"),
        (CommandSource::Rule, "Rule"),
        (CommandSource::Safety, "Safety rule"),
    ] {
        assert_eq!(en(|words| words.who(&Record { source, ..asked.clone() })), text);
    }
    asked.source = CommandSource::Safety;
    asked.stop = Some(NOBODY.parse::<StopId>().unwrap());
    assert_eq!(en(|words| words.who(&asked)), "Emergency stop");
    asked.requested_by = SOK.parse().ok();
    assert_eq!(en(|words| words.who(&asked)), "Emergency stop by សុខ");
}

#[test]
fn a_refusal_says_what_would_be_allowed_or_until_when_it_is_not() {
    let refused = |refused: Refused| plain(&en(|words| words.refused(&refused, Some("Fan 1"))));
    let bounds = Bounds { least: 20.0, most: 80.0 };
    assert_eq!(
        refused(Refused::OutOfRange { bounds, unit: Unit::Percent }),
        "It must be 20 % to 80 %."
    );
    let (least, most) = (Duration::from_secs(1), Duration::from_mins(10));
    assert_eq!(refused(Refused::Duration { least, most }), "The time must be 1 s to 10 min.");
    let held = |rule, until| Refused::Interlocked(Held { rule, until, by: None });
    let soon = Some(NOW.plus(Duration::from_mins(5)));
    assert_eq!(refused(held(Rule::MinOff, soon)), "It must rest until 1:35 am.");
    assert_eq!(refused(held(Rule::MinOn, soon)), "It must run until 1:35 am.");
    assert_eq!(refused(held(Rule::Exclusive, None)), "Fan 1 is running. Turn it off first.");
    assert_eq!(
        refused(held(Rule::Exclusive, soon)),
        "Fan 1 is running until 1:35 am. Turn it off first, or wait."
    );
}

#[test]
fn what_an_interlock_did_not_let_out_says_which_and_until_when() {
    let mut kept = record(Status::Failed, Some(Reason::Interlocked));
    let fan = kept.device;
    let mut told = |held| {
        kept.held = held;
        let name = |device| (device == fan).then(|| "Fan 1".to_owned());
        Lang::ALL.map(|lang| told(lang, |words| words.detail(&kept, name)).unwrap())
    };
    let [_, plainly] = told(None);
    assert_eq!(plainly, en(|words| words.reader.say("command-interlocked-why")));
    let until = Some(NOW.plus(Duration::from_mins(5)));
    let rule = |rule, until, by| Some(Held { rule, until, by });
    assert_eq!(plain(&told(rule(Rule::MinOff, until, None))[1]), "It had to rest until 1:35 am.");
    let [_, beside] = told(rule(Rule::Exclusive, None, Some(fan)));
    assert_eq!(beside, "Fan 1 was running.");
    for each in Rule::ALL {
        for until in [None, until] {
            for text in told(rule(*each, until, None)) {
                let is_whole = !text.contains("Unknown localization") && !text.contains('{');
                assert!(is_whole && !text.is_empty(), "{each:?}: {text}");
            }
        }
    }
}

#[test]
fn every_refusal_is_told_in_both_languages() {
    let bounds = Bounds { least: 0.0, most: 100.0 };
    let span = Duration::from_secs(1);
    let mut all = vec![
        Refused::UnknownAction,
        Refused::NotASwitch,
        Refused::NotInUse,
        Refused::NotOff,
        Refused::WrongAction,
        Refused::NoValue,
        Refused::NotANumber,
        Refused::OutOfRange { bounds, unit: Unit::Degree },
        Refused::NoDuration,
        Refused::NoPortion,
        Refused::Duration { least: span, most: span },
        Refused::Stopped { stop: NOBODY.parse::<StopId>().unwrap(), since: NOW },
    ];
    for rule in Rule::ALL {
        for until in [None, Some(NOW)] {
            all.push(Refused::Interlocked(Held { rule: *rule, until, by: None }));
        }
    }
    for lang in Lang::ALL {
        for refused in &all {
            let text = told(lang, |words| words.refused(refused, None));
            let is_whole = !text.contains("Unknown localization") && !text.contains('{');
            assert!(is_whole && !text.is_empty(), "{refused:?}: {text}");
        }
    }
}
