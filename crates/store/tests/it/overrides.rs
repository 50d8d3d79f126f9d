//! Devices that are held by hand.
use crate::{
    plant::{NOW, Plant, after, asked, command},
    society::at,
};
use domain::{
    DeviceId, StopId,
    commands::{Action, Asked, Because, Ends, Interlocks, Rule, Why},
    devices::DeviceKind,
    protocol::CommandStatus::{Completed, Failed},
};
use std::time::Duration;
use store::{
    commands::{self, Heard, stances},
    devices::{self, Replaced},
    interlocks, nodes, overrides,
    stops::{self, NewStop},
};
use uuid::Uuid;

#[tokio::test]
async fn who_switches_by_hand_holds_the_device_for_half_an_hour() {
    let plant = Plant::new().await;
    let (fan, lamp) = (plant.fan().await, plant.device("lamp", "lamp", "relay").await);
    plant.tap(command(1), fan, asked(Action::On), NOW).await;
    let long = Asked { duration_ms: Some(7_200_000), ..asked(Action::On) };
    plant.tap(command(2), lamp, long, NOW).await;
    plant.send(NOW).await;
    plant.tap(command(3), fan, asked(Action::Off), after(60)).await;
    for (number, state) in [(1, "on"), (2, "on"), (3, "off")] {
        plant.send(after(60)).await;
        plant.answer(command(number), (Completed, Some(state)), after(60)).await;
    }
    let mut conn = plant.keeper.begin(&plant.society.app).await.unwrap();
    let standing = overrides::standing(&mut conn, plant.keeper.farm(), after(60)).await.unwrap();
    conn.commit().await.unwrap();
    let of = |device| standing.iter().find(|(held, _)| *held == device).unwrap().1;
    assert_eq!((of(fan).action, of(fan).since), (Action::Off, after(60)));
    assert_eq!((of(fan).until, of(fan).by), (after(1860), Some(plant.keeper.user())));
    assert_eq!(of(lamp).until, after(7200));
    assert_eq!(plant.sweep(after(1859)).await.freed, []);
    assert_eq!(plant.sweep(after(1860)).await.freed, [(plant.keeper.farm(), fan)]);
    assert_eq!(plant.sweep(after(1861)).await.freed, []);
    let ended = plant.events().await.iter().filter(|kind| *kind == "override_ended").count();
    assert_eq!(ended, 1);
}

#[tokio::test]
async fn a_device_can_be_given_back_before_its_time() {
    let plant = Plant::new().await;
    let fan = plant.fan().await;
    plant.tap(command(1), fan, asked(Action::On), NOW).await;
    let app = &plant.society.app;
    let thief = plant.society.farm(plant.society.person("thief").await).await;
    assert!(!overrides::end(app, &thief, fan, &at(after(1))).await.unwrap());
    assert!(overrides::end(app, &plant.keeper, fan, &at(after(1))).await.unwrap());
    assert!(!overrides::end(app, &plant.keeper, fan, &at(after(2))).await.unwrap());
    let mut conn = plant.keeper.begin(app).await.unwrap();
    assert_eq!(overrides::standing(&mut conn, plant.keeper.farm(), after(2)).await.unwrap(), []);
    conn.commit().await.unwrap();
    plant.tap(command(2), fan, asked(Action::Off), after(3)).await;
    let mut conn = plant.keeper.begin(app).await.unwrap();
    assert_eq!(
        overrides::standing(&mut conn, plant.keeper.farm(), after(3)).await.unwrap().len(),
        1
    );
}

impl Plant {
    async fn why(&self, device: DeviceId, seconds: u64) -> Why {
        let mut conn = self.keeper.begin(&self.society.app).await.unwrap();
        let all = stances(&mut conn, self.keeper.farm(), after(seconds)).await.unwrap();
        conn.commit().await.unwrap();
        all.iter().find(|stance| stance.device == device).unwrap().why
    }
}

#[tokio::test]
async fn why_a_device_is_as_it_is_is_told_with_its_end() {
    let plant = Plant::new().await;
    let (pump, air) = (
        plant.device("pump", "pump", "relay").await,
        plant.device("air", "climate", "sensor").await,
    );
    let limit = Interlocks {
        max_on: Some(Duration::from_secs(600)),
        ..Interlocks::usual(DeviceKind::Pump)
    };
    let (app, keeper) = (&plant.society.app, &plant.keeper);
    interlocks::set(app, &plant.admin, (pump, &limit), &at(NOW)).await.unwrap();
    plant.report(pump, "off", None, NOW).await;
    let why = plant.why(pump, 1).await;
    assert_eq!((why.because, why.since, why.ends), (Because::Itself, Some(NOW), Ends::Nothing));

    let timed = Asked { duration_ms: Some(120_000), ..asked(Action::On) };
    plant.tap(command(1), pump, timed, after(10)).await;
    plant.send(after(10)).await;
    plant.answer(command(1), (Completed, Some("on")), after(11)).await;
    let why = plant.why(pump, 20).await;
    let hand = Because::Hand(Some(keeper.user()));
    assert_eq!((why.because, why.ends), (hand, Ends::Timer(after(131))));
    let why = plant.why(pump, 200).await;
    assert_eq!((why.because, why.ends), (hand, Ends::Interlock(after(611))), "it goes on running");

    plant.sweep(after(611)).await;
    let off = plant.send(after(611)).await;
    plant.answer(off[0], (Completed, Some("off")), after(612)).await;
    let why = plant.why(pump, 613).await;
    assert_eq!((why.because, why.since), (Because::Interlock(Rule::MaxOn), Some(after(612))));

    plant.report(pump, "on", None, after(690)).await;
    let stop = NewStop { id: StopId(Uuid::from_u128(9)), house: None, includes_fans: false };
    drop(stops::press(app, keeper, &stop, &at(after(700))).await.unwrap());
    let why = plant.why(pump, 701).await;
    assert_eq!((why.because, why.ends), (Because::Stop(stop.id), Ends::Release));
    let mut conn = keeper.begin(app).await.unwrap();
    let all = stances(&mut conn, keeper.farm(), after(701)).await.unwrap();
    assert!(all.iter().all(|stance| stance.device != air), "a sensor has none");
    conn.commit().await.unwrap();

    let off = plant.send(after(702)).await;
    plant.answer(off[0], (Completed, Some("off")), after(703)).await;
    assert!(stops::release(app, keeper, stop.id, &at(after(800))).await.unwrap().outcome);
    let why = plant.why(pump, 801).await;
    assert_eq!((why.because, why.since), (Because::WasStopped(stop.id), Some(after(703))));
}

impl Plant {
    /// Two commands and an override of a device: one command is with it, one waits.
    async fn keep_busy(&self, device: DeviceId) {
        self.tap(command(1), device, asked(Action::On), NOW).await;
        self.send(NOW).await;
        self.tap(command(2), device, asked(Action::Off), NOW).await;
        assert_eq!(self.held().await, 1);
    }

    async fn held(&self) -> usize {
        let farm = self.keeper.farm();
        let standing = async |conn: &mut _| overrides::standing(conn, farm, after(1)).await;
        self.keeper.read(&self.society.app, standing).await.unwrap().len()
    }

    /// Both commands were taken back, nobody holds the device, and the log says so.
    async fn has_let_go(&self) {
        assert_eq!(self.status(command(1)).await, "failed cancelled", "with the device or not");
        assert_eq!(self.status(command(2)).await, "failed cancelled");
        assert_eq!(self.held().await, 0);
        let told = self.events().await;
        assert_eq!(
            told[told.len() - 3..],
            ["command_cancelled", "command_cancelled", "override_ended"]
        );
        let sent = self.attempt(after(1)).await.publish;
        let both = [command(1), command(2)];
        let goes_out = sent.iter().any(|sending| both.contains(&sending.command));
        assert!(!goes_out, "nothing of it goes out any more");
        let late = self.answer(command(1), (Completed, Some("on")), after(2)).await;
        assert!(!matches!(late, Heard::Moved(_)), "{late:?}");
    }
}

#[tokio::test]
async fn a_device_that_goes_out_of_use_is_asked_for_nothing_and_held_by_nobody() {
    let plant = Plant::new().await;
    let fan = plant.fan().await;
    plant.keep_busy(fan).await;
    for _ in 0..2 {
        let gone = devices::retire(&plant.society.app, &plant.admin, fan, &at(after(1))).await;
        assert!(gone.unwrap().outcome);
    }
    plant.has_let_go().await;
}

#[tokio::test]
async fn what_was_asked_of_the_old_hardware_is_not_asked_of_the_new() {
    let plant = Plant::new().await;
    let fan = plant.fan().await;
    let new = plant.device("fan2", "fan", "relay").await;
    let unseen = format!("UPDATE devices SET approved_at = NULL WHERE id = '{new}'");
    plant.society.execute(&unseen).await;
    plant.keep_busy(fan).await;
    let replaced =
        devices::replace(&plant.society.app, &plant.admin, (fan, new), &at(after(1))).await;
    assert_eq!(replaced.unwrap().outcome, Replaced::Done);
    plant.has_let_go().await;
}

#[tokio::test]
async fn nor_what_was_asked_of_the_devices_of_a_controller_that_was_replaced() {
    let plant = Plant::new().await;
    let fan = plant.fan().await;
    let new = plant.node_of(plant.admin.farm(), "n2").await;
    plant.keep_busy(fan).await;
    let pair = (plant.node, new);
    let replaced = nodes::replace(&plant.society.app, &plant.admin, pair, &at(after(1))).await;
    assert_eq!(replaced.unwrap().outcome, Replaced::Done);
    plant.has_let_go().await;
}

#[tokio::test]
async fn what_was_never_done_holds_nothing_by_hand() {
    let plant = Plant::new().await;
    let (fan, lamp) = (plant.fan().await, plant.device("lamp", "lamp", "relay").await);
    plant.report(fan, "off", None, NOW).await;
    plant.tap(command(2), lamp, asked(Action::On), NOW).await;
    plant.send(NOW).await;
    plant.tap(command(1), fan, asked(Action::On), NOW).await;
    assert_eq!((plant.held().await, plant.of_device(fan, "desired_state").await), (2, "on".into()));
    plant.sweep(after(61)).await;
    assert_eq!(plant.status(command(1)).await, "timeout expired");
    assert_eq!(plant.status(command(2)).await, "timeout no_answer", "nobody knows");
    assert_eq!(
        (plant.held().await, plant.of_device(fan, "desired_state").await),
        (1, "off".into())
    );
    let ended = plant.events().await.iter().filter(|kind| *kind == "override_ended").count();
    assert_eq!(ended, 1);
}

#[tokio::test]
async fn a_later_wish_outlives_an_earlier_one_that_was_refused() {
    let plant = Plant::new().await;
    let fan = plant.fan().await;
    plant.tap(command(1), fan, asked(Action::On), NOW).await;
    plant.send(NOW).await;
    plant.tap(command(2), fan, asked(Action::Off), after(1)).await;
    plant.answer(command(1), (Failed, None), after(2)).await;
    assert_eq!(
        (plant.held().await, plant.of_device(fan, "desired_state").await),
        (1, "off".into())
    );
    let (app, when) = (&plant.society.app, at(after(3)));
    assert!(commands::cancel(app, &plant.keeper, command(2), &when).await.unwrap().is_some());
    assert_eq!((plant.held().await, plant.of_device(fan, "desired_state").await), (0, "-".into()));
}
