//! Somebody who holds a device and says nothing more, such as a server that is frozen, keeps nobody else waiting.
use crate::{
    plant::{LEASE, NOW, Plant, after, asked, command},
    society::at,
    sql,
};
use diesel_async::AsyncPgConnection;
use domain::{
    DeviceId, StopId,
    commands::{Action, Status},
    protocol::CommandStatus::Completed,
};
use std::time::Duration;
use store::{
    commands::{self, Lost},
    stops::{self, NewStop, Pressed},
};
use testkit::DatabaseRole;
use uuid::Uuid;

/// Holds a device's row until the transaction is ended.
async fn freeze(held: &mut AsyncPgConnection, device: DeviceId) {
    let lock = format!("BEGIN; SELECT 1 FROM devices WHERE id = '{device}' FOR NO KEY UPDATE");
    sql::execute(held, &lock).await;
}

/// Two lamps, each with a command on its way, and a third one for which one waits.
async fn lamps(plant: &Plant) -> [DeviceId; 3] {
    let mut lamps = Vec::new();
    for number in 1..=3 {
        lamps.push(plant.device(&format!("lamp{number}"), "lamp", "relay").await);
    }
    for (number, lamp) in (1..=2).zip(&lamps) {
        plant.tap(command(number), *lamp, asked(Action::On), NOW).await;
    }
    assert_eq!(plant.attempt(NOW).await.publish.len(), 2);
    plant.tap(command(3), lamps[2], asked(Action::On), NOW).await;
    lamps.try_into().unwrap()
}

async fn quickly<T>(work: impl Future<Output = T>) -> T {
    tokio::time::timeout(Duration::from_secs(5), work).await.expect("it waits for what is held")
}

#[tokio::test]
async fn commands_of_other_devices_go_out_while_one_is_held() {
    let plant = Plant::new().await;
    let [held, free, _] = lamps(&plant).await;
    let (owner, pool) = (plant.society.database.owner(), plant.society.database.worker());
    let mut frozen = owner.get().await.unwrap();
    freeze(&mut frozen, held).await;
    let mut worker = pool.get().await.unwrap();
    let both = [command(1), command(2)];
    let noted = quickly(commands::sent(&mut worker, &both, after(1))).await.unwrap();
    assert_eq!(noted.left, [command(1)], "kept for the next time");
    assert_eq!((noted.changes.len(), noted.changes[0].device), (1, free));
    let lost = quickly(commands::requeue(&mut worker, LEASE, Lost::Link, after(2))).await;
    let noted = lost.unwrap().unwrap();
    assert_eq!((noted.left, noted.changes.len()), (vec![held], 1));
    let unsent = quickly(commands::unsent(&mut worker, LEASE, &both[..1], after(2))).await;
    assert_eq!(unsent.unwrap().unwrap().left, [command(1)]);
    let sent = quickly(commands::attempt(&mut worker, LEASE, 500, after(2))).await;
    let sent = sent.unwrap().unwrap().publish;
    let sent: Vec<_> = sent.iter().map(|sending| sending.command).collect();
    assert_eq!(sent, [command(2), command(3)]);
    let swept =
        quickly(commands::sweep(&mut worker, LEASE, true, after(99))).await.unwrap().unwrap();
    assert_eq!(swept.changes.len(), 2, "what can be ended is");
    sql::execute(&mut frozen, "ROLLBACK").await;
    let held = [held];
    let lost = Lost::Devices(&held);
    let noted = commands::requeue(&mut worker, LEASE, lost, after(100)).await.unwrap().unwrap();
    assert_eq!((noted.left.len(), noted.changes.len()), (0, 0), "it is too late to go out again");
    let swept = plant.sweep(after(100)).await;
    assert_eq!(swept.changes[0].status, Status::Timeout);
}

#[tokio::test]
async fn what_is_late_is_looked_at_while_one_device_is_held() {
    let plant = Plant::new().await;
    let lamp = plant.device("lamp", "lamp", "relay").await;
    let feeders = [
        plant.device("feed1", "feeder", "relay").await,
        plant.device("feed2", "feeder", "relay").await,
    ];
    for feeder in feeders {
        plant.report(feeder, "on", None, NOW).await;
    }
    plant.tap(command(1), lamp, asked(Action::On), NOW).await;
    plant.send(NOW).await;
    plant.answer(command(1), (Completed, Some("on")), after(1)).await;
    let owner = plant.society.database.owner();
    let mut frozen = owner.get().await.unwrap();
    freeze(&mut frozen, feeders[0]).await;
    let lock = format!("SELECT 1 FROM overrides WHERE device_id = '{lamp}' FOR NO KEY UPDATE");
    sql::execute(&mut frozen, &lock).await;
    let swept = quickly(plant.sweep(after(1800))).await;
    assert_eq!((swept.told, swept.freed.len()), (1, 0), "one has fed for too long and is free");
    sql::execute(&mut frozen, "ROLLBACK").await;
    assert_eq!(plant.sweep(after(1801)).await.told, 1, "the other one");
}

#[tokio::test]
async fn a_stop_does_not_wait_for_a_device_that_is_held() {
    let plant = Plant::new().await;
    let [held, ..] = lamps(&plant).await;
    let owner = plant.society.database.owner();
    let mut frozen = owner.get().await.unwrap();
    freeze(&mut frozen, held).await;
    let stop = NewStop { id: StopId(Uuid::from_u128(900)), house: None, includes_fans: false };
    let (app, when) = (&plant.society.app, at(after(1)));
    let pressed = quickly(stops::press(app, &plant.keeper, &stop, &when)).await.unwrap().outcome;
    assert_eq!(pressed, Pressed::Stopped(2));
    sql::execute(&mut frozen, "ROLLBACK").await;
    assert_eq!(plant.sweep(after(2)).await.told, 1, "it is told once it is free");
    let sent = plant.send(after(2)).await;
    assert_eq!(sent.len(), 3);
    for id in sent {
        plant.answer(id, (Completed, Some("off")), after(3)).await;
    }
    assert_eq!(plant.status(command(1)).await, "failed superseded");
    assert_eq!(plant.sweep(after(30)).await.told, 0);
}

#[tokio::test]
async fn the_database_ends_who_is_silent_within_a_transaction() {
    let database = testkit::database().await;
    for role in [DatabaseRole::App, DatabaseRole::Worker] {
        let settings = store::DatabaseSettings::new(database.url(role), 1);
        let mut connection = store::connect(&settings).await.unwrap();
        let limit = "SELECT current_setting('idle_in_transaction_session_timeout') AS value";
        assert_eq!(sql::texts(&mut connection, limit).await, ["10s"]);
    }
}
