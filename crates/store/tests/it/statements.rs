//! How many statements the way of a command takes: not more with many devices than with one.
use crate::{
    plan::{statements_of, statements_over},
    plant::{LEASE, NOW, Plant, after, asked, command},
    society::at,
};
use domain::{
    DeviceId, StopId,
    commands::Action,
    protocol::CommandStatus::{self, Completed, Executing},
};
use store::{
    Database, DatabaseSettings,
    commands::{self, Answer, Heard, Outcome, Tap, answer_all, hold_devices},
    stops::{self, NewStop, Pressed},
};
use testkit::DatabaseRole;
use uuid::Uuid;

impl Plant {
    /// So many heaters, without a house.
    async fn heaters(&self, count: usize) -> Vec<DeviceId> {
        let (farm, node) = (self.admin.farm(), self.node);
        let many = format!(
            "INSERT INTO devices (farm_id, node_id, channel, device_id, hardware_id, name, type, kind,
                firmware_version, approved_at, is_online)
            SELECT '{farm}', '{node}', 'r' || n, 'n1:r' || n, 's:r' || n, 'r' || n, 'relay', 'heater', '1',
                now(), true FROM generate_series(1, {count}) n"
        );
        self.society.execute(&many).await;
        let ids = "SELECT id::text AS value FROM devices ORDER BY length(channel), channel";
        let ids = self.society.texts(ids).await;
        ids.iter().map(|id| DeviceId(id.parse().unwrap())).collect()
    }

    /// One connection of the web's role.
    async fn web(&self) -> Database {
        let url = self.society.database.url(DatabaseRole::App);
        Database::new(&DatabaseSettings::new(url, 1)).await.unwrap()
    }
}

#[tokio::test]
async fn two_hundred_devices_are_stopped_in_as_many_statements_as_one() {
    let mut counts = Vec::new();
    for count in [1, 200] {
        let plant = Plant::new().await;
        plant.heaters(count).await;
        let web = plant.web().await;
        let stop = NewStop { id: StopId(Uuid::from_u128(900)), house: None, includes_fans: false };
        let when = at(NOW);
        let press = stops::press(&web, &plant.keeper, &stop, &when);
        let (pressing, pressed) = statements_over(&web, press).await;
        assert_eq!(pressed.unwrap().outcome, Pressed::Stopped(count));
        let pool = plant.society.database.worker();
        let mut worker = pool.get().await.unwrap();
        let (sending, batch) = statements_of(&mut worker, async |worker| {
            commands::attempt(worker, LEASE, 500, NOW).await.unwrap().unwrap()
        })
        .await;
        assert_eq!(batch.publish.len(), count, "all in one batch");
        counts.push((pressing.len(), sending.len()));
    }
    assert_eq!(counts, [(11, 9), (11, 9)], "with begin and commit");
}

#[tokio::test]
async fn a_tap_is_taken_and_sent_in_few_statements() {
    let plant = Plant::new().await;
    let fan = plant.fan().await;
    let pool = plant.society.database.worker();
    let mut worker = pool.get().await.unwrap();
    let look = async |worker: &mut _| commands::attempt(worker, LEASE, 500, NOW).await;
    let (idle, _) = statements_of(&mut worker, look).await;
    assert_eq!(idle.len(), 3, "nothing waits: {idle:#?}");
    let web = plant.web().await;
    let tap = Tap { id: command(1), device: fan, asked: asked(Action::On) };
    let when = at(NOW);
    let accept = commands::accept(&web, &plant.keeper, &tap, &when);
    let (accepting, taken) = statements_over(&web, accept).await;
    assert!(matches!(taken.unwrap().outcome, Outcome::Accepted(_)));
    assert_eq!(accepting.len(), 11, "{accepting:#?}");
    let (sending, batch) = statements_of(&mut worker, look).await;
    assert_eq!(batch.unwrap().unwrap().publish.len(), 1);
    assert_eq!(sending.len(), 9, "{sending:#?}");
}

#[tokio::test]
async fn many_answers_take_as_many_statements_as_one() {
    let plant = Plant::new().await;
    let heaters = plant.heaters(40).await;
    for (number, heater) in (1..).zip(&heaters) {
        plant.tap(command(number), *heater, asked(Action::Off), NOW).await;
    }
    assert_eq!(plant.send(after(1)).await.len(), 40);
    let pool = plant.society.database.worker();
    let mut worker = pool.get().await.unwrap();
    let of = |number, status: CommandStatus, state| Answer {
        node: plant.node,
        command: command(number),
        status,
        state,
        error: None,
        at: after(2),
    };
    let mut take = async |answers: Vec<Answer<'static>>| {
        let take = async |worker: &mut _| {
            store::transaction::begin(worker).await?;
            let held = hold_devices(worker, &answers, &[]).await?;
            let heard = answer_all(worker, (&answers, &held), after(2)).await;
            store::transaction::end(worker, heard).await
        };
        let (statements, heard) = statements_of(&mut worker, take).await;
        let moved = heard.unwrap().iter().filter(|heard| matches!(heard, Heard::Moved(_))).count();
        (statements.len(), moved)
    };
    let (heard, done) = (|n| of(n, Executing, None), |n| of(n, Completed, Some("off")));
    assert_eq!(take(vec![heard(1)]).await, (6, 1), "with begin and commit");
    assert_eq!(take((2..=20).map(heard).collect()).await, (6, 19));
    assert_eq!(take(vec![done(1)]).await, (9, 1));
    let rest = (2..=20).map(done).chain((21..=40).flat_map(|n| [heard(n), done(n)]));
    assert_eq!(take(rest.collect()).await, (9, 59));
    assert_eq!(take((1..=40).map(done).collect()).await, (4, 0), "heard before");
    let all = "SELECT count(*)::text AS value FROM device_commands
        WHERE status = 'completed' AND executing_at IS NOT NULL AND response_data ->> 'state' = 'off'";
    assert_eq!(plant.society.texts(all).await, ["40"]);
}

#[tokio::test]
async fn two_states_of_a_device_in_one_batch_are_both_taken_in() {
    let plant = Plant::new().await;
    let fan = plant.fan().await;
    let pool = plant.society.database.worker();
    let mut worker = pool.get().await.unwrap();
    let mut answers = Vec::new();
    for (number, action, state) in [(1_u8, Action::On, "on"), (2, Action::Off, "off")] {
        plant.tap(command(number.into()), fan, asked(action), NOW).await;
        plant.send(NOW).await;
        // the first is given up, so that the second goes out, and both are answered at once
        let given_up = "UPDATE device_commands SET due_at = requested_at WHERE due_at IS NOT NULL";
        plant.society.execute(given_up).await;
        plant.sweep(after(1)).await;
        answers.push(Answer {
            node: plant.node,
            command: command(number.into()),
            status: Completed,
            state: Some(state),
            error: None,
            at: after(u64::from(number) + 1),
        });
    }
    let held = hold_devices(&mut worker, &answers, &[]).await.unwrap();
    let heard = answer_all(&mut worker, (&answers, &held), after(4)).await.unwrap();
    assert_eq!(heard, [Heard::Late, Heard::Late]);
    let switched = "SELECT concat(is_on, ' ', cause) AS value FROM switchings ORDER BY at";
    assert_eq!(plant.society.texts(switched).await, ["t command", "f command"]);
    assert_eq!(plant.of_device(fan, "reported_state").await, "off");
    let again = answer_all(&mut worker, (&answers, &[]), after(5)).await.unwrap();
    assert_eq!(again, [Heard::Unknown; 2], "whose device is not held has no command");
}
