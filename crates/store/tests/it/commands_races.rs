//! Many who tap and several servers that send, at once.
use crate::{
    plant::{LEASE, NOW, Plant, after, asked, command},
    society::at,
};
use domain::{
    CommandId,
    commands::{Action, Asked, Wish},
    protocol::CommandStatus::Completed,
};
use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
};
use store::{
    commands::{self, Answer, Outcome, Tap},
    stops::{self, NewStop},
};
use uuid::Uuid;

/// Two people tap a fan 100 times in all while a server sends and the device answers: one command is with the
/// device at a time (the database would refuse a second one), the last wish wins, and every tap is told of.
#[tokio::test]
async fn of_a_hundred_taps_by_two_people_the_last_wish_wins() {
    let plant = Plant::new().await;
    let fan = plant.fan().await;
    let is_over = AtomicBool::new(false);
    let tapping = async |who, first: u128| {
        for number in first..first + 50 {
            let action = if number % 3 == 0 { Action::Off } else { Action::On };
            let tap = Tap { id: command(number), device: fan, asked: asked(action) };
            let outcome = commands::accept(&plant.society.app, who, &tap, &at(NOW)).await;
            let outcome = outcome.unwrap().outcome;
            assert!(matches!(outcome, Outcome::Accepted(_)), "{outcome:?}");
        }
    };
    let serving = async {
        let mut published: Vec<CommandId> = Vec::new();
        loop {
            let was_over = is_over.load(Ordering::Relaxed);
            let sent = plant.send(after(1)).await;
            for id in &sent {
                plant.answer(*id, (Completed, None), after(1)).await;
            }
            published.extend(&sent);
            if was_over && sent.is_empty() {
                return published;
            }
        }
    };
    let taps = async {
        tokio::join!(tapping(&plant.keeper, 1), tapping(&plant.admin, 1001));
        is_over.store(true, Ordering::Relaxed);
    };
    let (published, ()) = tokio::join!(serving, taps);
    let last = "SELECT id::text AS value FROM device_commands ORDER BY place DESC LIMIT 1";
    let last = plant.society.texts(last).await;
    assert_eq!(published.last().map(CommandId::to_string), last.first().cloned());
    let mut times: BTreeMap<CommandId, usize> = BTreeMap::new();
    for id in published {
        *times.entry(id).or_default() += 1;
    }
    assert!(times.values().all(|count| *count == 1), "{times:?}");
    let requested = told_of(&plant, "command_requested").await;
    assert_eq!(requested, 100);
    let superseded = told_of(&plant, "command_superseded").await;
    let completed = told_of(&plant, "command_completed").await;
    assert_eq!(superseded + completed, 100, "every tap is accounted for");
}

/// How many commands there is an event of that kind about.
async fn told_of(plant: &Plant, kind: &str) -> usize {
    let query = format!(
        "SELECT count(DISTINCT event_data ->> 'command')::text AS value FROM event_logs
        WHERE event_type = '{kind}'"
    );
    plant.society.texts(&query).await[0].parse().unwrap()
}

#[tokio::test]
async fn three_servers_at_once_send_each_command_once() {
    let plant = Plant::new().await;
    let mut devices = Vec::new();
    for number in 0..30 {
        devices.push(plant.device(&format!("lamp{number}"), "lamp", "relay").await);
    }
    for (number, device) in (1..).zip(&devices) {
        plant.tap(command(number), *device, asked(Action::On), NOW).await;
    }
    let pool = plant.society.database.worker();
    let server = async || {
        let mut worker = pool.get().await.unwrap();
        let mut sent = Vec::new();
        for _ in 0..20 {
            let batch = commands::attempt(&mut worker, LEASE, 4, after(1)).await.unwrap().unwrap();
            sent.extend(batch.publish.into_iter().map(|sending| sending.command));
        }
        sent
    };
    let (one, two, three) = tokio::join!(server(), server(), server());
    let mut all = [one, two, three].concat();
    all.sort_unstable();
    assert_eq!(all, (1..=30).map(command).collect::<Vec<_>>());
}

/// Whoever is faster: after both a stop and a tap nothing but off is on its way.
#[tokio::test]
async fn a_tap_does_not_slip_past_an_emergency_stop() {
    let plant = Plant::new().await;
    let heater = plant.device("heat", "heater", "relay").await;
    let open = "SELECT count(*)::text AS value FROM device_commands
        WHERE status IN ('queued', 'sent', 'executing') AND command_type <> 'off'";
    for number in 1..=50_u128 {
        let tap = Tap { id: command(number), device: heater, asked: asked(Action::On) };
        let stop = NewStop {
            id: domain::StopId(Uuid::from_u128(number)),
            house: None,
            includes_fans: false,
        };
        let when = at(after(u64::try_from(number).unwrap()));
        let app = &plant.society.app;
        let (tapped, pressed) = if number % 2 == 0 {
            tokio::join!(
                commands::accept(app, &plant.keeper, &tap, &when),
                stops::press(app, &plant.admin, &stop, &when),
            )
        } else {
            let (pressed, tapped) = tokio::join!(
                stops::press(app, &plant.admin, &stop, &when),
                commands::accept(app, &plant.keeper, &tap, &when),
            );
            (tapped, pressed)
        };
        let (tapped, _) = (tapped.unwrap().outcome, pressed.unwrap());
        let is_known = matches!(tapped, Outcome::Accepted(_) | Outcome::Refused(_));
        assert!(is_known, "{tapped:?}");
        assert_eq!(plant.society.texts(open).await, ["0"], "after {number}");
        assert!(stops::release(app, &plant.admin, stop.id, &when).await.unwrap().outcome);
    }
}

/// Heating and cooling are asked for at once, and neither tap can see the other yet.
#[tokio::test]
async fn of_heater_and_fan_asked_for_at_once_one_is_sent() {
    let plant = Plant::new().await;
    let (fan, heater) = (plant.fan().await, plant.device("heat", "heater", "relay").await);
    let tap = |number, device| Tap { id: command(number), device, asked: asked(Action::On) };
    let when = at(NOW);
    let (one, two) = (tap(1, fan), tap(2, heater));
    let (one, two) = tokio::join!(
        commands::accept(&plant.society.app, &plant.keeper, &one, &when),
        commands::accept(&plant.society.app, &plant.admin, &two, &when),
    );
    let taken = [one.unwrap().outcome, two.unwrap().outcome];
    assert!(taken.iter().any(|outcome| matches!(outcome, Outcome::Accepted(_))), "{taken:?}");
    assert_eq!(plant.send(NOW).await.len(), 1);
    assert_eq!(plant.send(NOW).await.len(), 0);
}

#[tokio::test]
async fn an_answer_that_comes_twice_at_once_counts_once() {
    let plant = Plant::new().await;
    let fan = plant.fan().await;
    let pool = plant.society.database.worker();
    for number in 1..=20 {
        let wish = Wish::Do(if number % 2 == 0 { Action::Off } else { Action::On });
        plant.tap(command(number), fan, Asked { wish, duration_ms: None }, NOW).await;
        plant.send(NOW).await;
        let answer = Answer {
            node: plant.node,
            command: command(number),
            status: Completed,
            state: None,
            error: None,
            at: after(1),
        };
        let take = async || {
            let mut worker = pool.get().await.unwrap();
            commands::answer(&mut worker, &answer, after(1)).await.unwrap()
        };
        let heard = <[_; 2]>::from(tokio::join!(take(), take()));
        let moved = heard.iter().filter(|heard| matches!(heard, commands::Heard::Moved(_)));
        assert_eq!(moved.count(), 1, "{heard:?}");
    }
    let completed = plant.events().await.iter().filter(|kind| *kind == "command_completed").count();
    assert_eq!(completed, 20);
}
