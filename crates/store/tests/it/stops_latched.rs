//! An emergency stop holds what is there while it stands, not what was there when it was pressed.
use crate::{
    plant::{NOW, Plant, after, asked, command},
    society::at,
};
use domain::{
    DeviceId, HouseId, StopId,
    commands::{Action, Reason},
    protocol::CommandStatus::Completed,
};
use store::{
    StoreError,
    stops::{self, NewStop, Pressed, Standing},
};
use uuid::Uuid;

const STOP: StopId = StopId(Uuid::from_u128(900));

impl Plant {
    /// Stops the house or the farm, and lets all that was told obey within two seconds.
    async fn stop(&self, house: Option<HouseId>, includes_fans: bool) {
        let stop = NewStop { id: STOP, house, includes_fans };
        let pressed = stops::press(&self.society.app, &self.keeper, &stop, &at(NOW)).await;
        let pressed = pressed.unwrap().outcome;
        assert!(matches!(pressed, Pressed::Stopped(_)), "{pressed:?}");
        self.obey(1).await;
    }

    /// Everything that is sent at a time is answered a second later; how many that were.
    async fn obey(&self, seconds: u64) -> usize {
        let sent = self.send(after(seconds)).await;
        for id in &sent {
            self.answer(*id, (Completed, Some("off")), after(seconds + 1)).await;
        }
        sent.len()
    }

    /// How many were told by the sweep of that second.
    async fn told(&self, seconds: u64) -> usize {
        self.sweep(after(seconds)).await.told
    }

    async fn stands(&self) -> Standing {
        let farm = self.keeper.farm();
        let look = async |conn: &mut _| stops::standing(conn, farm).await;
        let standing: Result<_, StoreError> = self.keeper.read(&self.society.app, look).await;
        standing.unwrap()[0]
    }

    async fn change(&self, device: DeviceId, what: &str) {
        self.society.execute(&format!("UPDATE devices SET {what} WHERE id = '{device}'")).await;
    }
}

#[tokio::test]
async fn what_runs_again_while_a_stop_stands_is_told_again() {
    let plant = Plant::new().await;
    let heater = plant.device("heat", "heater", "relay").await;
    plant.stop(None, false).await;
    assert_eq!((plant.told(30).await, plant.stands().await.unanswered), (0, 0));
    // somebody uses its button, or it started anew with its relay closed
    plant.report(heater, "on", None, after(31)).await;
    assert_eq!(plant.stands().await.unanswered, 1);
    assert_eq!(plant.told(32).await, 1);
    assert_eq!(plant.obey(33).await, 1);
    assert_eq!((plant.told(50).await, plant.stands().await.unanswered), (0, 0));
}

#[tokio::test]
async fn what_comes_into_a_stopped_house_is_told_too() {
    let plant = Plant::new().await;
    let moved = plant.device("heat", "heater", "relay").await;
    let (back, changed) = (plant.device("pump", "pump", "relay").await, plant.fan().await);
    plant.change(moved, "house_id = NULL").await;
    plant.change(back, "deleted_at = now()").await;
    plant.stop(Some(plant.house), false).await;
    assert_eq!((plant.told(20).await, plant.stands().await.unanswered), (0, 0));
    let house = plant.house;
    plant.change(moved, &format!("house_id = '{house}'")).await;
    plant.change(back, "deleted_at = NULL").await;
    plant.change(changed, "kind = 'heater'").await;
    assert_eq!(plant.stands().await.unanswered, 3);
    assert_eq!(plant.told(21).await, 3);
    assert_eq!(plant.obey(22).await, 3);
    assert_eq!((plant.told(40).await, plant.stands().await.unanswered), (0, 0));
}

#[tokio::test]
async fn what_leaves_a_stopped_house_or_the_farm_is_not_waited_for() {
    let plant = Plant::new().await;
    let moved = plant.device("heat", "heater", "relay").await;
    let gone = plant.device("pump", "pump", "relay").await;
    let stop = NewStop { id: STOP, house: Some(plant.house), includes_fans: false };
    drop(stops::press(&plant.society.app, &plant.keeper, &stop, &at(NOW)).await.unwrap());
    plant.send(NOW).await;
    assert_eq!(plant.stands().await.unanswered, 2);
    plant.change(moved, "house_id = NULL").await;
    plant.change(gone, "deleted_at = now()").await;
    assert_eq!(plant.stands().await.unanswered, 0);
    assert_eq!(plant.told(30).await, 0);
    assert_eq!(plant.attempt(after(30)).await.publish, []);
}

#[tokio::test]
async fn a_stop_pressed_again_with_the_fans_is_another_one() {
    let plant = Plant::new().await;
    plant.fan().await;
    plant.device("heat", "heater", "relay").await;
    plant.stop(None, false).await;
    let press = async |stop: NewStop, seconds| {
        stops::press(&plant.society.app, &plant.keeper, &stop, &at(after(seconds)))
            .await
            .unwrap()
            .outcome
    };
    let same = NewStop { id: STOP, house: None, includes_fans: false };
    let with_fans = NewStop { includes_fans: true, ..same };
    assert_eq!(press(with_fans, 10).await, Pressed::Stopped(2), "back, and with the fans now");
    assert_eq!(press(with_fans, 11).await, Pressed::Again);
    assert_eq!(press(same, 11).await, Pressed::Again);
    assert_eq!(plant.obey(12).await, 2);
    let standing = "SELECT id::text AS value FROM emergency_stops WHERE released_at IS NULL";
    for id in plant.society.texts(standing).await {
        let id = StopId(id.parse().unwrap());
        let released = stops::release(&plant.society.app, &plant.admin, id, &at(after(20))).await;
        assert!(released.unwrap().outcome);
    }
    assert_eq!(press(same, 21).await, Pressed::Released, "an old page stops nothing by chance");
    assert_eq!(plant.society.texts(standing).await, [""; 0]);
}

#[tokio::test]
async fn the_identity_of_another_farms_stop_stops_this_one_all_the_same() {
    let plant = Plant::new().await;
    let other = plant.society.farm(plant.society.person("other").await).await;
    let stop = NewStop { id: STOP, house: None, includes_fans: false };
    drop(stops::press(&plant.society.app, &other, &stop, &at(NOW)).await.unwrap());
    plant.device("heat", "heater", "relay").await;
    let pressed = stops::press(&plant.society.app, &plant.keeper, &stop, &at(NOW)).await;
    assert_eq!(pressed.unwrap().outcome, Pressed::Stopped(1));
}

#[tokio::test]
async fn nothing_of_a_stop_goes_out_after_its_release() {
    let plant = Plant::new().await;
    let (heater, pump) = (
        plant.device("heat", "heater", "relay").await,
        plant.device("pump", "pump", "relay").await,
    );
    plant.change(pump, "is_online = false").await;
    let stop = NewStop { id: STOP, house: None, includes_fans: false };
    drop(stops::press(&plant.society.app, &plant.keeper, &stop, &at(NOW)).await.unwrap());
    assert_eq!(plant.send(NOW).await.len(), 2);
    assert_eq!(plant.told(10).await, 1, "the heater does not answer, the pump can not");
    let released = stops::release(&plant.society.app, &plant.admin, STOP, &at(after(11))).await;
    assert!(released.unwrap().outcome);
    let how = "SELECT concat_ws(' ', status, reason) AS value FROM device_commands ORDER BY place";
    let all = plant.society.texts(how).await;
    assert_eq!(all.iter().filter(|end| *end == "failed cancelled").count(), 2, "{all:?}");
    // as if it had come back into the line while the stop was released
    let again = format!(
        "INSERT INTO device_commands (farm_id, device_id, command_type, source, status, stop_id,
            requested_at, expires_at)
        VALUES ('{}', '{heater}', 'off', 'safety', 'queued', '{STOP}', to_timestamp({}), to_timestamp({}))",
        plant.keeper.farm(),
        after(11).as_millis() / 1000,
        after(600).as_millis() / 1000,
    );
    plant.society.execute(&again).await;
    let batch = plant.attempt(after(12)).await;
    assert_eq!((batch.publish.len(), batch.changes[0].reason), (0, Some(Reason::Cancelled)));
    plant.tap(command(1), pump, asked(Action::On), after(13)).await;
    assert_eq!(plant.attempt(after(13)).await.publish.len(), 1, "it is not held up");
}

#[tokio::test]
async fn who_never_answers_a_stop_is_told_less_often_until_something_happens_to_it() {
    let plant = Plant::new().await;
    let heater = plant.device("heat", "heater", "relay").await;
    let stop = NewStop { id: STOP, house: None, includes_fans: false };
    drop(stops::press(&plant.society.app, &plant.keeper, &stop, &at(NOW)).await.unwrap());
    assert_eq!(plant.send(NOW).await.len(), 1);
    let mut told = Vec::new();
    for second in (5..=160).step_by(5) {
        if plant.told(second).await > 0 {
            told.push(second);
            plant.send(after(second)).await;
        }
    }
    assert_eq!(told, [10, 30, 70, 150]);
    let back = format!(
        "UPDATE nodes SET online_changed_at = to_timestamp({}) WHERE id = '{}'",
        after(165).as_millis() / 1000,
        plant.node
    );
    plant.society.execute(&back).await;
    assert_eq!(plant.told(166).await, 1, "its node is back");
    plant.send(after(166)).await;
    assert_eq!(plant.told(176).await, 1, "and is counted from anew");
    plant.send(after(176)).await;
    assert_eq!(plant.told(186).await, 0);
    plant.report(heater, "on", None, after(187)).await;
    assert_eq!(plant.told(188).await, 1, "somebody switched it on");
    plant.send(after(188)).await;
    plant.report(heater, "on", None, after(199)).await;
    assert_eq!(plant.told(199).await, 1);
    plant.send(after(199)).await;
    plant.report(heater, "on", None, after(210)).await;
    assert_eq!(plant.told(210).await, 0, "that it still runs is no news");
}
