//! Commands from the tap to the device's word, and every way in which they end.
use crate::{
    plant::{LEASE, NOW, Plant, after, asked, command},
    society::at,
};
use diesel_async::SimpleAsyncConnection as _;
use domain::{
    CommandId,
    commands::{Action, Asked, Bounds, Reason, Refused, Status, Unit, Wish},
    protocol::CommandStatus::{Completed, Executing, Failed},
    roles::Role,
};
use std::time::Duration;
use store::{
    commands::{self, Answer, Heard, Lost, Outcome, Tap},
    lease::Lease,
    members,
    readings::Fenced,
};

const ONE: CommandId = CommandId(uuid::Uuid::from_u128(1));
const TWO: CommandId = CommandId(uuid::Uuid::from_u128(2));
const ON: Asked = asked(Action::On);
const OFF: Asked = asked(Action::Off);

#[tokio::test]
async fn a_tap_is_told_to_the_device_and_done_when_the_device_says_so() {
    let plant = Plant::new().await;
    let fan = plant.fan().await;
    let timed = Asked { duration_ms: Some(300_000), ..ON };
    let outcome = plant.tap(ONE, fan, timed, NOW).await;
    assert!(matches!(outcome, Outcome::Accepted(_)), "{outcome:?}");
    assert_eq!(plant.of_device(fan, "desired_state").await, "on");

    let batch = plant.attempt(after(1)).await;
    let sending = &batch.publish[0];
    assert_eq!(sending.topic(), "tokkatot/n1/down/command");
    let payload = serde_json::to_value(sending.payload()).unwrap();
    let expected = serde_json::json!({
        "command_id": ONE, "device": "fan1", "action": "on", "value": null, "duration_ms": 300_000,
        "expires_at": after(60).as_millis(), "issued_at": NOW.as_millis(),
    });
    assert_eq!(payload, expected);
    assert_eq!(plant.status(ONE).await, "queued", "nobody knows yet whether the broker has it");
    assert_eq!(plant.attempt(after(1)).await.publish, [], "it is on its way");

    let pool = plant.society.database.worker();
    let told = commands::sent(&mut pool.get().await.unwrap(), &[ONE], after(1)).await.unwrap();
    assert_eq!(told.changes[0].status, Status::Sent);
    let heard = plant.answer(ONE, (Executing, None), after(2)).await;
    assert!(matches!(heard, Heard::Moved(change) if change.status == Status::Executing));
    let heard = plant.answer(ONE, (Completed, Some("on")), after(3)).await;
    assert!(matches!(heard, Heard::Moved(change) if change.status == Status::Completed));
    assert_eq!(plant.status(ONE).await, "completed");
    assert_eq!(plant.answer(ONE, (Completed, Some("on")), after(4)).await, Heard::Again);
    assert_eq!(plant.of_device(fan, "reported_state").await, "on");
    assert_eq!(plant.of_device(fan, "last_command_status").await, "success");
    assert_eq!(plant.events().await, ["command_requested", "command_completed"]);
}

#[tokio::test]
async fn a_tap_has_one_identity_however_often_it_comes() {
    let plant = Plant::new().await;
    let (fan, other) = (plant.fan().await, plant.device("fan2", "fan", "relay").await);
    assert!(matches!(plant.tap(ONE, fan, ON, NOW).await, Outcome::Accepted(_)));
    assert_eq!(plant.tap(ONE, fan, ON, after(1)).await, Outcome::Again(Status::Queued));
    plant.send(after(1)).await;
    assert_eq!(plant.tap(ONE, fan, ON, after(2)).await, Outcome::Again(Status::Sent));
    for (device, asked) in [(fan, OFF), (other, ON), (fan, Asked { duration_ms: Some(1000), ..ON })]
    {
        assert_eq!(plant.tap(ONE, device, asked, after(2)).await, Outcome::Clash, "{asked:?}");
    }
    let admins = plant.tap_as(&plant.admin, ONE, fan, ON, after(2)).await;
    assert_eq!(admins, Outcome::Clash, "another person's");
    assert_eq!(plant.events().await, ["command_requested"]);
}

#[tokio::test]
async fn another_farms_device_is_none_and_its_identities_are_taken() {
    let plant = Plant::new().await;
    let fan = plant.fan().await;
    plant.tap(ONE, fan, ON, NOW).await;
    let thief = plant.society.farm(plant.society.person("thief").await).await;
    assert_eq!(plant.tap_as(&thief, TWO, fan, ON, NOW).await, Outcome::NotFound);
    let own = plant.device("fan9", "fan", "relay").await;
    let moved = format!(
        "INSERT INTO nodes (id, farm_id, name, password_hash) VALUES (md5('t')::uuid, '{0}', 'n9', '$7$x');
        UPDATE devices SET farm_id = '{0}', house_id = NULL, node_id = md5('t')::uuid WHERE id = '{own}'",
        thief.farm()
    );
    plant.society.execute(&moved).await;
    assert_eq!(plant.tap_as(&thief, ONE, own, ON, NOW).await, Outcome::Clash);
    assert_eq!(plant.events().await, ["command_requested", "command_refused"]);
    assert_eq!(plant.attempt(NOW).await.publish.len(), 1, "the farm's own");
}

#[tokio::test]
async fn bad_input_is_refused_and_written_down_and_nothing_is_sent() {
    let plant = Plant::new().await;
    let pwm = plant.device("fan1", "fan", "pwm").await;
    let sensor = plant.device("air", "climate", "sensor").await;
    let bounds = Bounds { least: 20.0, most: 80.0 };
    let farm = plant.admin.farm();
    let own = format!(
        "INSERT INTO device_configs (farm_id, device_id, parameter_name, parameter_value, min_value, max_value)
        VALUES ('{farm}', '{pwm}', 'value', '50', 20, 80)"
    );
    plant.society.execute(&own).await;
    let new = plant.device("new", "fan", "relay").await;
    plant
        .society
        .execute(&format!("UPDATE devices SET approved_at = NULL WHERE id = '{new}'"))
        .await;
    let day = Duration::from_secs(86_400);
    let duration = Refused::Duration { least: Duration::from_secs(1), most: day };
    let long = Asked { duration_ms: Some(315_360_000_000), ..ON };
    let back = Asked { duration_ms: Some(-5), ..ON };
    let wishes = [
        (pwm, asked(Action::SetValue(101.0)), Refused::OutOfRange { bounds, unit: Unit::Percent }),
        (pwm, asked(Action::SetValue(f64::NAN)), Refused::NotANumber),
        (pwm, asked(Action::SetAngle(5.0)), Refused::WrongAction),
        (pwm, long, duration),
        (pwm, back, duration),
        (sensor, ON, Refused::NotASwitch),
        (new, ON, Refused::NotInUse),
    ];
    for (device, asked, refused) in wishes {
        assert_eq!(plant.tap(ONE, device, asked, NOW).await, Outcome::Refused(refused));
    }
    assert!(matches!(
        plant.tap(ONE, pwm, asked(Action::SetValue(80.0)), NOW).await,
        Outcome::Accepted(_)
    ));
    assert_eq!(plant.events().await[..7], ["command_refused"; 7]);
    let data = "SELECT concat_ws(' ', event_data ->> 'reason', event_data ->> 'least',
        event_data ->> 'most', event_data ->> 'value') AS value FROM event_logs
        WHERE event_type = 'command_refused' ORDER BY id LIMIT 2";
    assert_eq!(plant.society.texts(data).await, ["out-of-range 20.0 80.0 101.0", "not-a-number"]);
    assert_eq!(plant.attempt(NOW).await.publish.len(), 1);
}

#[tokio::test]
async fn what_is_out_of_use_or_retired_is_told_nothing() {
    let plant = Plant::new().await;
    let (fan, lamp) = (plant.fan().await, plant.device("lamp", "lamp", "relay").await);
    plant.tap(ONE, fan, ON, NOW).await;
    plant.tap(TWO, lamp, ON, NOW).await;
    let over = format!(
        "UPDATE devices SET is_active = false WHERE id = '{fan}';
        UPDATE devices SET deleted_at = now() WHERE id = '{lamp}'"
    );
    plant.society.execute(&over).await;
    assert_eq!(plant.attempt(after(1)).await.publish, []);
    assert_eq!(plant.status(ONE).await, "failed cancelled");
    plant.sweep(after(60)).await;
    assert_eq!(plant.status(TWO).await, "timeout expired");
    for asked in [ON, asked(Action::Off)] {
        let out_of_use = Outcome::Refused(Refused::NotInUse);
        assert_eq!(plant.tap(command(3), fan, asked, after(61)).await, out_of_use);
        assert_eq!(plant.tap(command(4), lamp, asked, after(61)).await, Outcome::NotFound);
    }
    assert_eq!(plant.attempt(after(62)).await.publish, []);
}

#[tokio::test]
async fn several_are_tapped_at_once_and_each_is_answered_for_itself() {
    let plant = Plant::new().await;
    let (fan, air) = (plant.fan().await, plant.device("air", "climate", "sensor").await);
    let other = plant.device("fan2", "fan", "relay").await;
    let nowhere = domain::DeviceId(uuid::Uuid::nil());
    let devices = [(1, fan), (2, air), (3, nowhere), (4, other)];
    let taps = devices.map(|(id, device)| Tap { id: command(id), device, asked: ON });
    let outcomes = commands::accept_all(&plant.society.app, &plant.keeper, &taps, &at(NOW)).await;
    let outcomes = outcomes.unwrap().outcome;
    assert!(matches!(outcomes[0], Outcome::Accepted(_)));
    assert_eq!(outcomes[1], Outcome::Refused(Refused::NotASwitch));
    assert_eq!(outcomes[2], Outcome::NotFound);
    assert!(matches!(outcomes[3], Outcome::Accepted(_)));
    assert_eq!(plant.send(NOW).await, [command(1), command(4)], "in the order of the taps");
}

#[tokio::test]
async fn a_newer_wish_takes_the_place_of_one_that_waits_and_waits_for_one_that_is_sent() {
    let plant = Plant::new().await;
    let fan = plant.fan().await;
    let toggle = Asked { wish: Wish::Toggle, duration_ms: None };
    for number in 1..=3 {
        let outcome = plant.tap(command(number), fan, toggle, NOW).await;
        assert!(matches!(outcome, Outcome::Accepted(_)), "{outcome:?}");
    }
    assert_eq!(plant.status(ONE).await, "failed superseded");
    assert_eq!(plant.send(after(1)).await, [command(3)]);
    plant.tap(command(4), fan, toggle, after(2)).await;
    let actions = "SELECT command_type::text AS value FROM device_commands ORDER BY place";
    assert_eq!(plant.society.texts(actions).await, ["on", "off", "on", "off"], "in turn");
    assert_eq!(plant.attempt(after(2)).await.publish, [], "one is with the device");
    plant.answer(command(3), (Completed, Some("on")), after(3)).await;
    assert_eq!(plant.send(after(3)).await, [command(4)]);
}

#[tokio::test]
async fn who_lost_the_role_before_it_was_sent_switches_nothing() {
    let plant = Plant::new().await;
    let fan = plant.fan().await;
    plant.tap(ONE, fan, ON, NOW).await;
    let demoted = (plant.keeper.user(), Role::Viewer);
    members::change_role(&plant.society.app, &plant.admin, demoted, &at(NOW)).await.unwrap();
    let batch = plant.attempt(after(1)).await;
    assert_eq!(batch.publish, []);
    assert_eq!(batch.changes[0].reason, Some(Reason::Forbidden));
    assert_eq!(plant.status(ONE).await, "failed forbidden");
    let told = ["command_requested", "command_failed", "override_ended"];
    assert_eq!(plant.events().await, told, "nobody holds by hand what they did not switch");
}

#[tokio::test]
async fn who_does_not_answer_is_given_up_and_a_late_answer_corrects_the_state_alone() {
    let plant = Plant::new().await;
    let fan = plant.fan().await;
    plant.tap(ONE, fan, ON, NOW).await;
    plant.send(after(1)).await;
    assert_eq!(plant.sweep(after(10)).await.changes, []);
    assert_eq!(plant.sweep(after(11)).await.changes[0].reason, Some(Reason::NoAnswer));
    assert_eq!(plant.status(ONE).await, "timeout no_answer");
    assert_eq!(plant.of_device(fan, "reported_state").await, "-", "never on");
    assert_eq!(plant.of_device(fan, "last_command_status").await, "timeout");
    let late = plant.answer(ONE, (Completed, Some("on")), after(15)).await;
    assert_eq!(late, Heard::Late);
    let again = plant.answer(ONE, (Completed, Some("on")), after(16)).await;
    assert_eq!(again, Heard::Again, "it repeats itself, the log does not");
    assert_eq!(plant.status(ONE).await, "timeout no_answer");
    assert_eq!(plant.of_device(fan, "reported_state").await, "on");
    let events = ["command_requested", "command_timeout", "command_result_late"];
    assert_eq!(plant.events().await, events);
}

#[tokio::test]
async fn a_device_that_is_away_has_the_life_of_its_command_and_no_more() {
    let plant = Plant::new().await;
    let (fan, lamp) = (plant.fan().await, plant.device("lamp", "lamp", "relay").await);
    plant.society.execute("UPDATE devices SET is_online = false").await;
    plant.tap(ONE, fan, ON, NOW).await;
    plant.send(after(1)).await;
    assert_eq!(plant.sweep(after(59)).await.changes, []);
    // nobody has served for a while
    plant.tap(TWO, lamp, ON, NOW).await;
    assert_eq!(plant.attempt(after(3600)).await.publish, [], "never an hour later");
    plant.sweep(after(3600)).await;
    assert_eq!(plant.status(ONE).await, "timeout expired");
    assert_eq!(plant.status(TWO).await, "timeout expired");
    assert_eq!(plant.attempt(after(3600)).await.publish, []);
}

#[tokio::test]
async fn what_may_be_lost_goes_out_again_under_its_identity_and_feed_does_not() {
    let plant = Plant::new().await;
    let (fan, feeder) = (plant.fan().await, plant.device("feed", "feeder", "relay").await);
    let lamp = plant.device("lamp", "lamp", "relay").await;
    let feed = Asked { duration_ms: Some(10_000), ..ON };
    for (number, device, asked) in [(1, fan, ON), (2, feeder, feed), (3, lamp, ON)] {
        plant.tap(command(number), device, asked, NOW).await;
    }
    // the server dies between the commit and the broker's word
    assert_eq!(plant.attempt(after(1)).await.publish.len(), 3);
    plant.answer(command(3), (Executing, None), after(1)).await;
    let pool = plant.society.database.worker();
    let mut worker = pool.get().await.unwrap();
    let requeued =
        commands::requeue(&mut worker, LEASE, Lost::Link, after(5)).await.unwrap().unwrap();
    assert_eq!((requeued.changes.len(), requeued.left.len()), (1, 0));
    assert_eq!(plant.send(after(5)).await, [ONE]);
    assert_eq!(plant.status(command(3)).await, "executing", "the device has it");
    plant.sweep(after(11)).await;
    assert_eq!(plant.status(TWO).await, "timeout no_answer", "it may have been heard");
    let attempts = "SELECT attempts::text AS value FROM device_commands ORDER BY place";
    assert_eq!(plant.society.texts(attempts).await, ["2", "1", "1"]);
}

#[tokio::test]
async fn feed_drops_for_the_time_that_was_asked_for_last_and_never_without_one() {
    let plant = Plant::new().await;
    let feeder = plant.device("feed", "feeder", "relay").await;
    let portion = async |when| {
        let keeper = &plant.keeper;
        let mut conn = keeper.begin(&plant.society.app).await.unwrap();
        let stances = commands::stances(&mut conn, keeper.farm(), when).await.unwrap();
        conn.commit().await.unwrap();
        stances.iter().find(|stance| stance.device == feeder).unwrap().portion
    };
    let seconds = |seconds| Some(Duration::from_secs(seconds));
    assert_eq!(portion(NOW).await, seconds(10), "nobody has chosen yet");
    let refused = plant.tap(ONE, feeder, ON, NOW).await;
    assert_eq!(refused, Outcome::Refused(Refused::NoPortion));
    assert_eq!(plant.attempt(NOW).await.publish, [], "nothing is sent");
    plant.tap(ONE, feeder, Asked { duration_ms: Some(30_000), ..ON }, NOW).await;
    let sent = plant.attempt(after(1)).await.publish;
    assert_eq!(sent[0].order.duration, seconds(30), "the device ends it by itself");
    plant.tap(TWO, feeder, OFF, after(2)).await;
    assert_eq!(portion(after(3)).await, seconds(30), "which an off does not change");
}

#[tokio::test]
async fn what_a_device_does_while_it_waits_to_go_out_again_is_with_the_device() {
    let plant = Plant::new().await;
    let fan = plant.fan().await;
    plant.tap(ONE, fan, ON, NOW).await;
    plant.send(after(1)).await;
    let pool = plant.society.database.worker();
    let mut worker = pool.get().await.unwrap();
    commands::requeue(&mut worker, LEASE, Lost::Link, after(5)).await.unwrap().unwrap();
    // its answer to the first time lay at the broker
    plant.answer(ONE, (Executing, None), after(5)).await;
    plant.tap(TWO, fan, OFF, after(6)).await;
    assert_eq!(plant.attempt(after(6)).await.publish, [], "one at a time");
    assert_eq!(commands::count_in_flight(&mut worker).await.unwrap(), 1);
}

#[tokio::test]
async fn silence_ends_nothing_while_nobody_listens() {
    let plant = Plant::new().await;
    let (fan, lamp) = (plant.fan().await, plant.device("lamp", "lamp", "relay").await);
    plant.tap(ONE, fan, ON, NOW).await;
    plant.send(after(1)).await;
    plant.tap(TWO, lamp, ON, NOW).await;
    let pool = plant.society.database.worker();
    let mut worker = pool.get().await.unwrap();
    let deaf = commands::sweep(&mut worker, LEASE, false, after(90)).await.unwrap().unwrap();
    let ended: Vec<_> = deaf.changes.iter().map(|change| change.command).collect();
    assert_eq!(ended, [TWO], "what never went out has expired, what did may be answered");
    plant.answer(ONE, (Completed, Some("on")), after(95)).await;
    assert_eq!(plant.status(ONE).await, "completed");
}

#[tokio::test]
async fn who_is_held_by_another_is_passed_over_and_told_of() {
    let plant = Plant::new().await;
    let (fan, lamp) = (plant.fan().await, plant.device("lamp", "lamp", "relay").await);
    plant.tap(ONE, fan, ON, NOW).await;
    plant.tap(TWO, lamp, ON, NOW).await;
    let pool = plant.society.database.worker();
    let mut other = pool.get().await.unwrap();
    let hold = format!("BEGIN; SELECT FROM devices WHERE id = '{fan}' FOR UPDATE");
    other.batch_execute(&hold).await.unwrap();
    let batch = plant.attempt(after(1)).await;
    assert_eq!(batch.publish.len(), 1);
    assert_eq!((batch.publish[0].command, batch.held), (TWO, 1));
    other.batch_execute("ROLLBACK").await.unwrap();
    let batch = plant.attempt(after(1)).await;
    assert_eq!((batch.publish[0].command, batch.held), (ONE, 0));
}

#[tokio::test]
async fn a_node_that_comes_back_is_told_again_what_lives() {
    let plant = Plant::new().await;
    let fan = plant.fan().await;
    plant.society.execute("UPDATE devices SET is_online = false").await;
    plant.tap(ONE, fan, ON, NOW).await;
    plant.send(NOW).await;
    plant.society.execute("UPDATE devices SET is_online = true").await;
    let pool = plant.society.database.worker();
    let mut worker = pool.get().await.unwrap();
    let nodes = [plant.node];
    let lost = Lost::Nodes(&nodes);
    commands::requeue(&mut worker, LEASE, lost, after(30)).await.unwrap().unwrap();
    assert_eq!(plant.send(after(30)).await, [ONE]);
    assert_eq!(plant.sweep(after(40)).await.changes[0].reason, Some(Reason::NoAnswer));
}

#[tokio::test]
async fn who_asks_for_another_farms_device_is_told_of() {
    let plant = Plant::new().await;
    let fan = plant.fan().await;
    let thief = plant.society.farm(plant.society.person("thief").await).await;
    assert_eq!(plant.tap_as(&thief, ONE, fan, ON, NOW).await, Outcome::NotFound);
    let told = "SELECT concat_ws(' ', farm_id, device_id, user_id, event_data ->> 'device',
        event_data ->> 'reason') AS value FROM event_logs WHERE event_type = 'command_refused'";
    let expected = format!("{} {} {fan} not_found", thief.farm(), thief.user());
    assert_eq!(plant.society.texts(told).await, [expected]);
}

#[tokio::test]
async fn only_who_was_told_can_answer() {
    let plant = Plant::new().await;
    let fan = plant.fan().await;
    let other = plant.node_of(plant.admin.farm(), "n2").await;
    let foreign = plant.society.farm(plant.society.person("thief").await).await;
    let foreign = plant.node_of(foreign.farm(), "n3").await;
    plant.tap(ONE, fan, ON, NOW).await;
    let done = (Completed, Some("on"));
    assert_eq!(plant.answer(ONE, done, NOW).await, Heard::Unknown, "it was not sent");
    plant.send(NOW).await;
    assert_eq!(plant.answer(TWO, done, after(1)).await, Heard::Unknown, "there is none");
    let pool = plant.society.database.worker();
    let mut worker = pool.get().await.unwrap();
    for node in [other, foreign] {
        let (status, state) = done;
        let answer = Answer { node, command: ONE, status, state, error: None, at: after(1) };
        let heard = commands::answer(&mut worker, &answer, after(1)).await.unwrap();
        assert_eq!(heard, Heard::Unknown, "another node's");
    }
    assert_eq!(plant.status(ONE).await, "sent");
    assert_eq!(plant.of_device(fan, "reported_state").await, "-");
    for (when, is_noted) in [(1, true), (2, false), (3602, true)] {
        let noted = commands::note_unknown(&mut worker, other, after(when)).await.unwrap();
        assert_eq!(noted, is_noted, "at {when}");
    }
    assert!(commands::note_unknown(&mut worker, foreign, after(2)).await.unwrap());
}

#[tokio::test]
async fn a_device_is_believed_when_it_fails_or_tells_another_state() {
    let plant = Plant::new().await;
    let fan = plant.fan().await;
    plant.tap(ONE, fan, ON, NOW).await;
    plant.send(NOW).await;
    plant.answer(ONE, (Completed, Some("off")), after(1)).await;
    assert_eq!(plant.status(ONE).await, "completed disagrees");
    assert_eq!(plant.of_device(fan, "reported_state").await, "off");
    plant.tap(TWO, fan, ON, after(2)).await;
    plant.send(after(2)).await;
    let pool = plant.society.database.worker();
    let answer = Answer {
        node: plant.node,
        command: TWO,
        status: Failed,
        state: Some("off"),
        error: Some("the motor is jammed"),
        at: after(3),
    };
    commands::answer(&mut pool.get().await.unwrap(), &answer, after(3)).await.unwrap();
    assert_eq!(plant.status(TWO).await, "failed refused");
    let mut conn = plant.keeper.begin(&plant.society.app).await.unwrap();
    let told = commands::find(&mut conn, plant.keeper.farm(), TWO).await.unwrap().unwrap();
    assert_eq!(told.error.as_deref(), Some("the motor is jammed"));
    assert_eq!(told.state.as_deref(), Some("off"));
    conn.commit().await.unwrap();
    assert_eq!(plant.of_device(fan, "last_command_status").await, "failed");
}

#[tokio::test]
async fn a_server_that_lost_its_lease_sends_and_ends_nothing() {
    let plant = Plant::new().await;
    let fan = plant.fan().await;
    plant.tap(ONE, fan, ON, NOW).await;
    let pool = plant.society.database.worker();
    let mut worker = pool.get().await.unwrap();
    let lost = Lease { epoch: 1, ..LEASE };
    assert_eq!(commands::attempt(&mut worker, lost, 10, NOW).await.unwrap(), Err(Fenced));
    assert_eq!(commands::sweep(&mut worker, lost, true, after(99)).await.unwrap(), Err(Fenced));
    assert_eq!(commands::requeue(&mut worker, lost, Lost::Link, NOW).await.unwrap(), Err(Fenced));
    assert_eq!(plant.status(ONE).await, "queued");
    assert_eq!(plant.send(NOW).await, [ONE]);
}

#[tokio::test]
async fn what_waits_can_be_taken_back_and_what_is_sent_can_not() {
    let plant = Plant::new().await;
    let fan = plant.fan().await;
    plant.tap(ONE, fan, ON, NOW).await;
    let (app, keeper) = (&plant.society.app, &plant.keeper);
    let thief = plant.society.farm(plant.society.person("thief").await).await;
    assert_eq!(commands::cancel(app, &thief, ONE, &at(NOW)).await.unwrap(), None);
    let change = commands::cancel(app, keeper, ONE, &at(NOW)).await.unwrap().unwrap();
    assert_eq!((change.command, change.reason), (ONE, Some(Reason::Cancelled)));
    assert_eq!(plant.status(ONE).await, "failed cancelled");
    plant.tap(TWO, fan, ON, NOW).await;
    plant.send(NOW).await;
    assert_eq!(commands::cancel(app, keeper, TWO, &at(NOW)).await.unwrap(), None);
    assert_eq!(
        plant.events().await,
        ["command_requested", "command_cancelled", "override_ended", "command_requested"]
    );
}

#[tokio::test]
async fn a_devices_history_is_read_page_by_page() {
    let plant = Plant::new().await;
    let (fan, lamp) = (plant.fan().await, plant.device("lamp", "lamp", "relay").await);
    for number in 1..=5 {
        plant.tap(command(number), fan, if number % 2 == 0 { OFF } else { ON }, NOW).await;
    }
    plant.tap(command(6), lamp, ON, NOW).await;
    let mut conn = plant.keeper.begin(&plant.society.app).await.unwrap();
    let first = commands::history(&mut conn, fan, i64::MAX, 3).await.unwrap();
    let ids = |page: &[commands::Record]| page.iter().map(|r| r.id).collect::<Vec<_>>();
    assert_eq!(ids(&first), [command(5), command(4), command(3)]);
    let rest = commands::history(&mut conn, fan, first[2].place, 3).await.unwrap();
    assert_eq!(ids(&rest), [command(2), command(1)]);
    assert_eq!(rest[0].requested_by, Some(plant.keeper.user()));
    let newest = commands::newest(&mut conn, &[fan, lamp]).await.unwrap();
    assert_eq!(newest.len(), 2);
    assert!(ids(&newest).contains(&command(5)) && ids(&newest).contains(&command(6)));
    conn.commit().await.unwrap();
    let thief = plant.society.farm(plant.society.person("thief").await).await;
    let mut conn = thief.begin(&plant.society.app).await.unwrap();
    assert_eq!(commands::history(&mut conn, fan, i64::MAX, 3).await.unwrap(), []);
}

#[tokio::test]
async fn a_command_is_announced_with_its_farm() {
    let plant = Plant::new().await;
    let fan = plant.fan().await;
    let url = plant.society.database.url(testkit::DatabaseRole::Worker);
    let settings = store::DatabaseSettings::new(url, 1);
    let mut listener = store::Listener::new(&settings, &[commands::CHANNEL]).await.unwrap();
    plant.tap(ONE, fan, ON, NOW).await;
    let heard = tokio::time::timeout(Duration::from_secs(10), listener.next()).await;
    assert_eq!(heard.unwrap().unwrap().payload, plant.keeper.farm().to_string());
}
