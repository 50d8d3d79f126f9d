//! What runs while it goes out of use or gets other hardware.
use crate::{
    plant::{NOW, Plant, after, asked, command},
    society::at,
};
use domain::{DeviceId, StopId, commands::Action, protocol::CommandStatus::Completed};
use std::time::Duration;
use store::{
    devices::{self, Replaced, Restored},
    nodes,
    stops::{self, NewStop, Pressed},
    switchings,
};
use uuid::Uuid;

impl Plant {
    async fn retire(&self, device: DeviceId, seconds: u64) {
        let origin = at(after(seconds));
        assert!(
            devices::retire(&self.society.app, &self.admin, device, &origin).await.unwrap().outcome
        );
    }

    /// `action status reason` of all that a device was told, oldest first.
    async fn off_told(&self, device: DeviceId) -> Vec<String> {
        let query = format!(
            "SELECT concat_ws(' ', command_type, status, reason) AS value FROM device_commands
            WHERE device_id = '{device}' ORDER BY place"
        );
        self.society.texts(&query).await
    }

    /// A channel of a node that was heard of and says that.
    async fn heard_of(&self, node: domain::NodeId, channel: &str) -> DeviceId {
        let (id, farm) = (Uuid::new_v4(), self.admin.farm());
        let insert = format!(
            "INSERT INTO devices (id, farm_id, node_id, channel, device_id, hardware_id, name, type, kind,
                firmware_version, is_online, reported_state, reported_at)
            VALUES ('{id}', '{farm}', '{node}', '{channel}', '{node}:{channel}', '{node}:{channel}',
                '{channel}', 'relay', 'pump', '1', true, 'off', to_timestamp(0))"
        );
        self.society.execute(&insert).await;
        DeviceId(id)
    }

    /// `seconds after now, on or off`, oldest first.
    async fn switched(&self, device: DeviceId) -> Vec<(u64, bool)> {
        let mut conn = self.keeper.begin(&self.society.app).await.unwrap();
        let found = switchings::history(&mut conn, device, after(100_000), 20).await.unwrap();
        conn.commit().await.unwrap();
        found.iter().rev().map(|s| (s.at.since(NOW).as_secs(), s.is_on)).collect()
    }
}

#[tokio::test]
async fn what_runs_is_switched_off_as_it_goes_out_of_use() {
    let plant = Plant::new().await;
    let pump = plant.device("pump", "pump", "relay").await;
    plant.report(pump, "on", None, NOW).await;
    plant.tap(command(1), pump, asked(Action::On), after(1)).await;
    plant.retire(pump, 2).await;
    assert_eq!(plant.off_told(pump).await, ["on failed cancelled", "off queued"]);
    let off = plant.send(after(2)).await;
    assert_eq!(off.len(), 1, "whatever is in use");
    plant.answer(off[0], (Completed, Some("off")), after(3)).await;
    assert_eq!(plant.of_device(pump, "reported_state").await, "off");
    // whoever brings it back is not told that it had run for too long
    let restored = devices::restore(&plant.society.app, &plant.admin, pump, &at(after(4))).await;
    assert_eq!(restored.unwrap(), Restored::InUse);
    let mut conn = plant.keeper.begin(&plant.society.app).await.unwrap();
    let stances = store::commands::stances(&mut conn, plant.keeper.farm(), after(5)).await.unwrap();
    conn.commit().await.unwrap();
    let why = format!("{:?}", stances.iter().find(|stance| stance.device == pump).unwrap().why);
    assert!(!why.contains("Interlock"), "{why}");
}

#[tokio::test]
async fn what_was_told_to_run_is_switched_off_whatever_it_says_and_what_is_off_is_left_alone() {
    let plant = Plant::new().await;
    let pump = plant.device("pump", "pump", "relay").await;
    plant.report(pump, "off", None, NOW).await;
    plant.tap(command(1), pump, asked(Action::On), after(1)).await;
    plant.send(after(1)).await;
    plant.retire(pump, 2).await;
    assert_eq!(
        plant.off_told(pump).await,
        ["on failed cancelled", "off queued"],
        "it is on its way"
    );
    let light = plant.device("light", "light", "relay").await;
    plant.report(light, "off", None, NOW).await;
    plant.retire(light, 2).await;
    let air = plant.device("air", "climate", "sensor").await;
    plant.retire(air, 2).await;
    assert!(plant.off_told(light).await.is_empty() && plant.off_told(air).await.is_empty());
}

#[tokio::test]
async fn what_is_out_of_use_is_stopped_when_it_has_run_long_enough_and_what_nobody_accepted_is_not()
{
    let plant = Plant::new().await;
    let old = plant.device("old", "feeder", "relay").await;
    plant.report(old, "off", None, NOW).await;
    plant.retire(old, 0).await;
    let new = plant.heard_of(plant.node, "new").await;
    plant.society.execute(&format!("UPDATE devices SET kind = 'feeder' WHERE id = '{new}'")).await;
    // somebody presses their buttons
    plant.report(old, "on", None, after(1)).await;
    plant.report(new, "on", None, after(1)).await;
    plant.sweep(after(50_000)).await;
    assert_eq!(plant.off_told(old).await, ["off queued"]);
    assert_eq!(plant.off_told(new).await, Vec::<String>::new());
    assert_eq!(plant.send(after(50_000)).await.len(), 1, "and is really told so");
    assert_eq!(plant.events().await, ["device_switched_off_by_interlock"]);
}

#[tokio::test]
async fn an_emergency_stop_holds_what_is_out_of_use_too() {
    let plant = Plant::new().await;
    let heater = plant.device("heat", "heater", "relay").await;
    plant.report(heater, "off", None, NOW).await;
    plant.retire(heater, 0).await;
    plant.report(heater, "on", None, after(1)).await;
    let stop = NewStop { id: StopId(Uuid::from_u128(900)), house: None, includes_fans: false };
    let pressed = stops::press(&plant.society.app, &plant.keeper, &stop, &at(after(2))).await;
    assert_eq!(pressed.unwrap().outcome, Pressed::Stopped(1));
    assert_eq!(plant.send(after(2)).await.len(), 1);
}

#[tokio::test]
async fn on_times_and_starts_end_with_the_part_that_ran() {
    let plant = Plant::new().await;
    let pump = plant.device("pump", "pump", "relay").await;
    plant.report(pump, "on", None, after(10)).await;
    let new = plant.heard_of(plant.node, "pump2").await;
    let pair = (pump, new);
    let replaced = devices::replace(&plant.society.app, &plant.admin, pair, &at(after(20))).await;
    assert_eq!(replaced.unwrap().outcome, Replaced::Done);
    plant.report(pump, "off", None, after(30)).await;
    plant.report(pump, "on", None, after(40)).await;
    assert_eq!(plant.switched(pump).await, [(10, true), (20, false), (40, true)]);
    let mut conn = plant.keeper.begin(&plant.society.app).await.unwrap();
    let today = switchings::today(&mut conn, pump, after(45)).await.unwrap();
    assert_eq!((today.on, today.starts), (Duration::from_secs(15), 2));
    conn.commit().await.unwrap();
}

#[tokio::test]
async fn on_times_and_starts_end_with_the_controller_that_is_replaced() {
    let plant = Plant::new().await;
    let (pump, light) = (
        plant.device("pump", "pump", "relay").await,
        plant.device("light", "light", "relay").await,
    );
    plant.report(pump, "on", None, after(10)).await;
    plant.report(light, "on", None, after(10)).await;
    plant.report(light, "off", None, after(15)).await;
    let spare = plant.node_of(plant.admin.farm(), "n2").await;
    let pair = (plant.node, spare);
    let replaced = nodes::replace(&plant.society.app, &plant.admin, pair, &at(after(20))).await;
    assert_eq!(replaced.unwrap().outcome, Replaced::Done);
    plant.report(pump, "on", None, after(40)).await;
    assert_eq!(plant.switched(pump).await, [(10, true), (20, false), (40, true)]);
    assert_eq!(plant.switched(light).await, [(10, true), (15, false)]);
}
