//! Whoever ends commands tells which: open pages and counters hear of it. What an interlock did not let out says why.
use crate::{
    plant::{NOW, Plant, after, asked, command},
    society::at,
};
use domain::{
    StopId,
    commands::{Action, Held, Reason, Rule, Status},
    live::News,
};
use store::{
    commands::{self, Change, Effect, Tap},
    devices,
    live::{Bus, Message},
    stops::{self, NewStop},
};
use uuid::Uuid;

const STOP: StopId = StopId(Uuid::from_u128(900));

/// Which commands, how far they are and why.
fn told(changes: &[Change]) -> Vec<(u128, Status, Option<Reason>)> {
    let mut told: Vec<_> = changes
        .iter()
        .map(|change| (change.command.0.as_u128(), change.status, change.reason))
        .collect();
    told.sort_unstable();
    told
}

#[tokio::test]
async fn a_tap_tells_of_itself_and_of_what_it_supersedes() {
    let plant = Plant::new().await;
    let fan = plant.fan().await;
    plant.tap(command(1), fan, asked(Action::On), NOW).await;
    let tap = Tap { id: command(2), device: fan, asked: asked(Action::Off) };
    let (app, when) = (&plant.society.app, at(after(1)));
    let effect = commands::accept(app, &plant.keeper, &tap, &when).await.unwrap();
    let superseded = (1, Status::Failed, Some(Reason::Superseded));
    assert_eq!(told(&effect.changes), [superseded, (2, Status::Queued, None)]);
    assert!(effect.changes.iter().all(|change| change.device == fan && change.at == after(1)));
    let again = commands::accept(app, &plant.keeper, &tap, &when).await.unwrap();
    assert_eq!(again.changes, [], "it is no news");

    let bus = Bus::default();
    let mut page = bus.subscribe(plant.keeper.farm());
    effect.tell(&bus);
    let mut heard = Vec::new();
    for _ in 0..2 {
        let Message::News(event) = page.recv().await.unwrap() else { panic!("it missed some") };
        let News::Command(command) = &event.news else { panic!("{event:?}") };
        heard.push((command.command_id.0.as_u128(), command.status));
    }
    assert_eq!(heard, [(1, Status::Failed), (2, Status::Queued)]);
}

#[tokio::test]
async fn a_stop_and_its_release_tell_of_what_they_end() {
    let plant = Plant::new().await;
    let heater = plant.device("heat", "heater", "relay").await;
    let pump = plant.device("pump", "pump", "relay").await;
    plant.tap(command(1), heater, asked(Action::On), NOW).await;
    plant.send(NOW).await;
    plant.tap(command(2), pump, asked(Action::On), NOW).await;
    let stop = NewStop { id: STOP, house: None, includes_fans: false };
    let (app, when) = (&plant.society.app, at(after(1)));
    let pressed = stops::press(app, &plant.keeper, &stop, &when).await.unwrap();
    let over = Some(Reason::Superseded);
    assert_eq!(told(&pressed.changes), [(1, Status::Failed, over), (2, Status::Failed, over)]);
    let again = stops::press(app, &plant.keeper, &stop, &when).await.unwrap();
    assert_eq!(again.changes, []);
    let Effect { outcome, changes } =
        stops::release(app, &plant.admin, STOP, &at(after(2))).await.unwrap();
    assert!(outcome);
    let ends: Vec<_> = changes.iter().map(|change| (change.status, change.reason)).collect();
    assert_eq!(ends, [(Status::Failed, Some(Reason::Cancelled)); 2], "neither was sent yet");
    assert_eq!(plant.attempt(after(3)).await.publish, []);
}

#[tokio::test]
async fn who_takes_a_device_out_of_use_tells_of_what_ends_with_it() {
    let plant = Plant::new().await;
    let pump = plant.device("pump", "pump", "relay").await;
    plant.tap(command(1), pump, asked(Action::On), NOW).await;
    plant.send(NOW).await;
    let retired = devices::retire(&plant.society.app, &plant.admin, pump, &at(after(1))).await;
    let retired = retired.unwrap();
    assert!(retired.outcome);
    assert_eq!(told(&retired.changes), [(1, Status::Failed, Some(Reason::Cancelled))]);
}

#[tokio::test]
async fn what_was_refused_on_its_way_out_says_which_rule_it_was_and_until_when() {
    let plant = Plant::new().await;
    let pump = plant.device("pump", "pump", "relay").await;
    let rest = format!(
        "INSERT INTO interlocks (farm_id, device_id, min_off_s, excludes_heat_and_cooling, on_link_loss)
        VALUES ('{}', '{pump}', 60, false, 'off')",
        plant.admin.farm()
    );
    plant.society.execute(&rest).await;
    plant.tap(command(1), pump, asked(Action::On), NOW).await;
    // somebody uses its button before it is sent
    plant.report(pump, "on", Some(after(1)), after(1)).await;
    plant.report(pump, "off", Some(after(2)), after(2)).await;
    let batch = plant.attempt(after(3)).await;
    assert_eq!((batch.publish.len(), batch.changes[0].reason), (0, Some(Reason::Interlocked)));
    let mut conn = plant.keeper.begin(&plant.society.app).await.unwrap();
    let record = commands::find(&mut conn, plant.keeper.farm(), command(1)).await.unwrap().unwrap();
    conn.commit().await.unwrap();
    let held = Held { rule: Rule::MinOff, until: Some(after(62)), by: None };
    assert_eq!(record.held, Some(held));
    let told = "SELECT concat_ws(' ', event_data ->> 'reason', event_data ->> 'rule',
        event_data ->> 'until') AS value FROM event_logs WHERE event_type = 'command_failed'";
    let until = after(62).as_micros();
    assert_eq!(plant.society.texts(told).await, [format!("interlocked min_off {until}")]);
}

#[tokio::test]
async fn what_a_stop_did_not_let_out_names_it() {
    let plant = Plant::new().await;
    let heater = plant.device("heat", "heater", "relay").await;
    plant.tap(command(1), heater, asked(Action::On), NOW).await;
    // a stop that the tap did not see, as if both came at once
    let stop = format!(
        "INSERT INTO emergency_stops (id, farm_id, includes_fans, pressed_by)
        VALUES ('{STOP}', '{}', false, '{}')",
        plant.keeper.farm(),
        plant.keeper.user()
    );
    plant.society.execute(&stop).await;
    plant.attempt(after(1)).await;
    let told = "SELECT event_data ->> 'stop' AS value FROM event_logs
        WHERE event_type = 'command_failed'";
    assert_eq!(plant.society.texts(told).await, [STOP.to_string()]);
}
