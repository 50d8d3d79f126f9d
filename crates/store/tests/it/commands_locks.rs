//! All who change commands take devices in one order: nobody waits for who waits for them.
use crate::{
    plant::{LEASE, NOW, Plant, after, asked, command},
    row_locks::until_waiting,
    society::at,
    sql,
};
use domain::{DeviceId, StopId, commands::Action, protocol::CommandStatus::Executing};
use store::{
    commands::{self, Answer, Tap, answer_all, hold_devices},
    stops::{self, NewStop},
};
use uuid::Uuid;

/// How often they meet.
const ROUNDS: u64 = 12;

/// Sweeps, presses, taps in the other order, what ingest takes in and what is sent, all about the same devices at
/// once: a deadlock would be an error of one of them.
#[tokio::test]
async fn those_who_sweep_press_tap_send_and_answer_do_not_wait_for_each_other_for_ever() {
    let plant = Plant::new().await;
    let mut devices: Vec<DeviceId> = Vec::new();
    for number in 0..9 {
        devices.push(plant.device(&format!("pump{number}"), "pump", "relay").await);
    }
    let (app, pool) = (&plant.society.app, plant.society.database.worker());
    let mut number = 0;
    for round in 0..ROUNDS {
        let now = after(round * 100);
        let mut sent = Vec::new();
        for device in &devices {
            number += 1;
            plant.tap(command(number), *device, asked(Action::On), now).await;
            sent.push(command(number));
        }
        plant.send(now).await;
        let later = now.plus(std::time::Duration::from_secs(11));
        let taps: Vec<Tap> = devices
            .iter()
            .rev()
            .map(|device| {
                number += 1;
                Tap { id: command(number), device: *device, asked: asked(Action::Off) }
            })
            .collect();
        let answers: Vec<Answer<'_>> = sent
            .iter()
            .rev()
            .map(|id| Answer {
                node: plant.node,
                command: *id,
                status: Executing,
                state: Some("on"),
                error: None,
                at: later,
            })
            .collect();
        let stop = NewStop {
            id: StopId(Uuid::from_u128(u128::from(round) + 9000)),
            house: None,
            includes_fans: false,
        };
        let when = at(later);
        let sweep = async {
            let mut worker = pool.get().await.unwrap();
            commands::sweep(&mut worker, LEASE, true, later).await
        };
        let send = async {
            let mut worker = pool.get().await.unwrap();
            commands::attempt(&mut worker, LEASE, 500, later).await
        };
        let answer = async {
            let mut worker = pool.get().await.unwrap();
            store::transaction::begin(&mut worker).await?;
            let held = hold_devices(&mut worker, &answers, &[]).await?;
            let heard = answer_all(&mut worker, (&answers, &held), later).await;
            store::transaction::end(&mut worker, heard).await
        };
        let all = tokio::try_join!(
            async { sweep.await.map(drop) },
            async { send.await.map(drop) },
            async { answer.await.map(drop) },
            async { commands::accept_all(app, &plant.keeper, &taps, &when).await.map(drop) },
            async { stops::press(app, &plant.admin, &stop, &when).await.map(drop) },
        );
        assert!(all.is_ok(), "{all:?}");
        assert!(stops::release(app, &plant.admin, stop.id, &when).await.unwrap().outcome);
        let end = "UPDATE device_commands SET status = 'failed', reason = 'cancelled', completed_at = now(),
            due_at = NULL WHERE completed_at IS NULL";
        plant.society.execute(end).await;
    }
    assert_eq!(plant.attempt(NOW).await.publish, []);
}

/// A sweep passes by what a tap has in hand, and a tap waits for what a sweep has.
#[tokio::test]
async fn a_tap_waits_for_a_sweep_and_a_sweep_for_nobody() {
    let plant = Plant::new().await;
    let (one, two) = (plant.fan().await, plant.device("lamp", "lamp", "relay").await);
    for (number, device) in [(1, one), (2, two)] {
        plant.tap(command(number), device, asked(Action::On), NOW).await;
    }
    plant.send(NOW).await;
    let owner = plant.society.database.owner();
    let (mut onlooker, mut holder) = (owner.get().await.unwrap(), owner.get().await.unwrap());
    let mut other_onlooker = owner.get().await.unwrap();
    // the sweep has its devices, and waits for a command's row
    let hold =
        format!("BEGIN; SELECT 1 FROM device_commands WHERE id = '{}' FOR UPDATE", command(1));
    sql::execute(&mut holder, &hold).await;
    let taps = [(3, two), (4, one)].map(|(number, device)| Tap {
        id: command(number),
        device,
        asked: asked(Action::Off),
    });
    let when = at(after(11));
    let tapping = async {
        until_waiting(&mut other_onlooker, 1).await;
        commands::accept_all(&plant.society.app, &plant.keeper, &taps, &when).await
    };
    let sweeping = async {
        let pool = plant.society.database.worker();
        let mut worker = pool.get().await.unwrap();
        commands::sweep(&mut worker, LEASE, true, after(11)).await.unwrap().unwrap()
    };
    let gate = async {
        until_waiting(&mut onlooker, 2).await;
        sql::execute(&mut holder, "ROLLBACK").await;
    };
    let (swept, tapped, ()) = tokio::join!(sweeping, tapping, gate);
    assert_eq!(swept.changes.len(), 2);
    assert_eq!(tapped.unwrap().changes.len(), 2, "by then nothing was left to supersede");
}
