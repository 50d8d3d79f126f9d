//! The emergency stop: everything off at once, nothing on while it stands.
use crate::{
    plant::{NOW, Plant, after, asked, command},
    society::at,
};
use domain::{
    StopId,
    commands::{Action, Reason, Refused, Status},
    protocol::CommandStatus::{Completed, Failed},
};
use store::{
    FarmScope, StoreError,
    commands::Outcome,
    overrides,
    stops::{self, NewStop, Notice, Pressed},
};
use uuid::Uuid;

const STOP: StopId = StopId(Uuid::from_u128(900));

fn whole_farm(id: StopId) -> NewStop {
    NewStop { id, house: None, includes_fans: false }
}

impl Plant {
    async fn press(&self, stop: &NewStop, seconds: u64) -> Pressed {
        let origin = at(after(seconds));
        stops::press(&self.society.app, &self.keeper, stop, &origin).await.unwrap().outcome
    }

    async fn release(&self, stop: StopId, seconds: u64) -> bool {
        let origin = at(after(seconds));
        stops::release(&self.society.app, &self.admin, stop, &origin).await.unwrap().outcome
    }
}

#[tokio::test]
async fn a_stop_ends_what_is_under_way_and_goes_ahead_of_all() {
    let plant = Plant::new().await;
    let (heater, pump) = (
        plant.device("heat", "heater", "relay").await,
        plant.device("pump", "pump", "relay").await,
    );
    let (fan, light) = (plant.fan().await, plant.device("light", "light", "relay").await);
    plant.tap(command(1), heater, asked(Action::On), NOW).await;
    plant.send(NOW).await;
    plant.tap(command(2), pump, asked(Action::On), NOW).await;
    plant.tap(command(3), fan, asked(Action::Off), NOW).await;
    assert_eq!(plant.press(&whole_farm(STOP), 1).await, Pressed::Stopped(3), "not the fan");
    assert_eq!(plant.status(command(1)).await, "failed superseded", "with the device or not");
    assert_eq!(plant.status(command(2)).await, "failed superseded");
    assert_eq!(plant.status(command(3)).await, "queued", "fans are exempt");
    let sent = plant.attempt(after(1)).await.publish;
    let devices: Vec<_> = sent.iter().map(|sending| sending.device).collect();
    assert_eq!(devices.len(), 4);
    assert_eq!(devices[3], fan, "the stop's first");
    assert!(devices[..3].iter().all(|device| [heater, pump, light].contains(device)));
    assert!(sent.iter().all(|sending| sending.order.action == Action::Off));
    let mut conn = plant.keeper.begin(&plant.society.app).await.unwrap();
    let standing = stops::standing(&mut conn, plant.keeper.farm()).await.unwrap();
    assert_eq!((standing.len(), standing[0].unanswered), (1, 3));
    assert_eq!(
        overrides::standing(&mut conn, plant.keeper.farm(), after(1)).await.unwrap().len(),
        1
    );
    conn.commit().await.unwrap();
}

#[tokio::test]
async fn a_stop_also_ends_what_nobody_can_read() {
    let plant = Plant::new().await;
    let heater = plant.device("heat", "heater", "relay").await;
    plant.tap(command(1), heater, asked(Action::On), NOW).await;
    plant.send(NOW).await;
    plant.society.execute("UPDATE device_commands SET command_type = 'pulse'").await;
    assert_eq!(plant.press(&whole_farm(STOP), 1).await, Pressed::Stopped(1));
    assert_eq!(plant.status(command(1)).await, "failed superseded");
    let told = "SELECT event_data ->> 'command' AS value FROM event_logs
        WHERE event_type = 'command_superseded' AND event_data ->> 'action' IS NULL";
    assert_eq!(plant.society.texts(told).await, [command(1).to_string()]);
    let sent = plant.attempt(after(1)).await.publish;
    assert_eq!(sent.len(), 1, "its place is free for the stop's");
    assert_eq!((sent[0].device, sent[0].order.action), (heater, Action::Off));
}

#[tokio::test]
async fn while_it_stands_nothing_goes_on_and_after_its_release_it_may() {
    let plant = Plant::new().await;
    let heater = plant.device("heat", "heater", "relay").await;
    plant.press(&whole_farm(STOP), 0).await;
    let stopped = Outcome::Refused(Refused::Stopped { stop: STOP, since: NOW });
    assert_eq!(plant.tap(command(1), heater, asked(Action::On), after(1)).await, stopped);
    let off = plant.tap(command(2), heater, asked(Action::Off), after(1)).await;
    assert!(matches!(off, Outcome::Accepted(_)), "{off:?}");
    assert!(plant.release(STOP, 2).await);
    assert!(!plant.release(STOP, 3).await, "once");
    let on = plant.tap(command(3), heater, asked(Action::On), after(4)).await;
    assert!(matches!(on, Outcome::Accepted(_)), "{on:?}");
    assert_eq!(plant.send(after(4)).await, [command(3)], "what the stop had to say is taken back");
    let thief = plant.society.farm(plant.society.person("thief").await).await;
    plant.press(&whole_farm(StopId(Uuid::from_u128(901))), 5).await;
    let other = StopId(Uuid::from_u128(901));
    let released = stops::release(&plant.society.app, &thief, other, &at(after(6))).await;
    assert!(!released.unwrap().outcome);
}

#[tokio::test]
async fn what_was_accepted_before_a_stop_is_not_sent_after_it() {
    let plant = Plant::new().await;
    let heater = plant.device("heat", "heater", "relay").await;
    // a stop that the tap did not see, as if both came at once
    plant.tap(command(1), heater, asked(Action::On), NOW).await;
    let stop = format!(
        "INSERT INTO emergency_stops (farm_id, includes_fans, pressed_by) VALUES ('{}', false, '{}')",
        plant.keeper.farm(),
        plant.keeper.user()
    );
    plant.society.execute(&stop).await;
    let batch = plant.attempt(after(1)).await;
    assert_eq!((batch.publish.len(), batch.changes[0].reason), (0, Some(Reason::Stopped)));
}

#[tokio::test]
async fn whoever_presses_a_stop_that_stands_presses_that_one() {
    let plant = Plant::new().await;
    plant.device("heat", "heater", "relay").await;
    let other = StopId(Uuid::from_u128(901));
    assert_eq!(plant.press(&whole_farm(STOP), 0).await, Pressed::Stopped(1));
    assert_eq!(plant.press(&whole_farm(STOP), 1).await, Pressed::Again);
    assert_eq!(plant.press(&whole_farm(other), 1).await, Pressed::Again);
    let nowhere = NewStop { house: Some(domain::HouseId(Uuid::nil())), ..whole_farm(other) };
    assert_eq!(plant.press(&nowhere, 1).await, Pressed::NotFound);
    let here = NewStop { house: Some(plant.house), includes_fans: true, ..whole_farm(other) };
    assert_eq!(plant.press(&here, 1).await, Pressed::Stopped(1), "another one");
    let pressed = plant.events().await.iter().filter(|kind| *kind == "stop_pressed").count();
    assert_eq!(pressed, 2);
}

#[tokio::test]
async fn a_stop_is_repeated_under_another_identity_until_the_device_says_that_it_is_off() {
    let plant = Plant::new().await;
    let heater = plant.device("heat", "heater", "relay").await;
    plant.press(&whole_farm(STOP), 0).await;
    let first = plant.send(NOW).await;
    assert_eq!(plant.sweep(after(9)).await.told, 0);
    assert_eq!(plant.sweep(after(10)).await.told, 1, "no answer in time");
    let second = plant.send(after(10)).await;
    assert!(second.len() == 1 && second != first);
    plant.answer(second[0], (Failed, None), after(11)).await;
    assert_eq!(plant.sweep(after(29)).await.told, 0, "less and less often");
    assert_eq!(plant.sweep(after(30)).await.told, 1, "it did not go off");
    plant.society.execute("UPDATE devices SET is_online = false").await;
    let third = plant.send(after(30)).await;
    plant.sweep(after(630)).await;
    assert_eq!(plant.status(third[0]).await, "timeout expired");
    assert_eq!(plant.sweep(after(700)).await.told, 0, "it can not be reached");
    plant.society.execute("UPDATE devices SET is_online = true").await;
    assert_eq!(plant.sweep(after(701)).await.told, 1, "it is back");
    let fourth = plant.send(after(701)).await;
    plant.answer(fourth[0], (Completed, Some("off")), after(702)).await;
    assert_eq!(plant.sweep(after(800)).await.told, 0, "it said so");
    assert_eq!(plant.of_device(heater, "reported_state").await, "off");
}

#[tokio::test]
async fn what_a_stop_told_is_looked_at_device_by_device_while_it_stands() {
    let plant = Plant::new().await;
    let heater = plant.device("heat", "heater", "relay").await;
    let pump = plant.device("pump", "pump", "relay").await;
    plant.press(&whole_farm(STOP), 0).await;
    plant.send(NOW).await;
    let heating =
        format!("SELECT id::text AS value FROM device_commands WHERE device_id = '{heater}'");
    let heating = plant.society.texts(&heating).await.remove(0).parse().unwrap();
    plant.answer(heating, (Completed, Some("off")), after(1)).await;
    plant.sweep(after(10)).await;
    let farm = plant.keeper.farm();
    let look = async |scope: &FarmScope| {
        let look = async |conn: &mut _| {
            let told = stops::told(conn, farm).await?;
            Ok::<_, StoreError>((told, stops::is_there(conn, farm, STOP).await?))
        };
        scope.read(&plant.society.app, look).await.unwrap()
    };
    let (told, is_there) = look(&plant.keeper).await;
    let of = |device| *told.iter().find(|told| told.device == device).unwrap();
    assert_eq!((told.len(), is_there), (2, true));
    assert_eq!((of(heater).has_answered, of(heater).status), (true, Status::Completed));
    assert_eq!((of(pump).has_answered, of(pump).status), (false, Status::Queued));
    assert_eq!((of(pump).stop, of(pump).asked_at), (STOP, after(10)), "it is told again");
    let thief = plant.society.farm(plant.society.person("thief").await).await;
    assert_eq!(look(&thief).await, (Vec::new(), false));
    assert!(plant.release(STOP, 20).await);
    assert_eq!(look(&plant.keeper).await, (Vec::new(), true), "it was");
}

#[tokio::test]
async fn a_session_tells_of_the_stops_on_its_farms() {
    let plant = Plant::new().await;
    let stops = async || plant.society.account(plant.keeper.user()).await.stops;
    assert_eq!(stops().await, []);
    plant.press(&whole_farm(STOP), 5).await;
    let here = NewStop { house: Some(plant.house), ..whole_farm(StopId(Uuid::from_u128(901))) };
    plant.press(&here, 6).await;
    let told = stops().await;
    let name = plant.society.texts("SELECT name AS value FROM houses").await.remove(0);
    let (farm, zone) = (plant.keeper.farm(), "Asia/Phnom_Penh".to_owned());
    let by = plant.society.account(plant.keeper.user()).await.name;
    let whole = Notice { farm, zone, house: None, by, since: after(5) };
    let house = Notice { house: Some(name), since: after(6), ..whole.clone() };
    assert_eq!(told, [whole, house]);
    let thief = plant.society.farm(plant.society.person("thief").await).await;
    assert_eq!(plant.society.account(thief.user()).await.stops, []);
    assert!(plant.release(STOP, 7).await);
    assert_eq!(stops().await.len(), 1);
}
