//! What devices must keep to, by what they reported.
use crate::{
    plant::{NOW, Plant, after, asked, command},
    society::at,
};
use domain::{
    DeviceId,
    commands::{Action, Held, Interlocks, LinkLoss, Reason, Refused, Rule},
    devices::DeviceKind,
    protocol::CommandStatus::Completed,
};
use std::time::Duration;
use store::{commands::Outcome, interlocks};

const MINUTE: Option<Duration> = Some(Duration::from_secs(60));

impl Plant {
    async fn set(&self, device: DeviceId, interlocks: &Interlocks) -> bool {
        let wish = (device, interlocks);
        interlocks::set(&self.society.app, &self.admin, wish, &at(NOW)).await.unwrap()
    }
}

#[tokio::test]
async fn interlocks_are_the_usual_ones_until_they_are_set() {
    let plant = Plant::new().await;
    let pump = plant.device("pump", "pump", "relay").await;
    let find = async |device| {
        let mut conn = plant.keeper.begin(&plant.society.app).await.unwrap();
        let found = interlocks::find(&mut conn, plant.keeper.farm(), device).await.unwrap();
        conn.commit().await.unwrap();
        found
    };
    assert_eq!(find(pump).await, Some(Interlocks::usual(DeviceKind::Pump)));
    let set = Interlocks {
        max_on: MINUTE,
        min_on: Some(Duration::from_secs(5)),
        min_off: MINUTE,
        max_starts_per_hour: Some(6),
        exclusive_group: Some("ម៉ូទ័រ".to_owned()),
        excludes_heat_and_cooling: false,
        on_link_loss: LinkLoss::Hold,
    };
    assert!(plant.set(pump, &set).await && plant.set(pump, &set).await);
    assert_eq!(find(pump).await, Some(set.clone()));
    assert_eq!(plant.events().await, ["interlocks_changed"], "no news the second time");
    let thief = plant.society.farm(plant.society.person("thief").await).await;
    let app = &plant.society.app;
    assert!(
        !interlocks::set(app, &thief, (pump, &Interlocks::usual(DeviceKind::Pump)), &at(NOW))
            .await
            .unwrap()
    );
    assert_eq!(find(pump).await, Some(set));
}

#[tokio::test]
async fn a_refusal_names_the_rule_and_its_end() {
    let plant = Plant::new().await;
    let pump = plant.device("pump", "pump", "relay").await;
    let set = Interlocks {
        min_on: MINUTE,
        min_off: MINUTE,
        max_starts_per_hour: Some(2),
        ..Interlocks::usual(DeviceKind::Pump)
    };
    plant.set(pump, &set).await;
    plant.report(pump, "on", None, after(0)).await;
    let held = |rule, until| {
        Outcome::Refused(Refused::Interlocked(Held { rule, until: Some(until), by: None }))
    };
    let off = plant.tap(command(1), pump, asked(Action::Off), after(30)).await;
    assert_eq!(off, held(Rule::MinOn, after(60)));
    plant.report(pump, "off", None, after(61)).await;
    let on = plant.tap(command(1), pump, asked(Action::On), after(70)).await;
    assert_eq!(on, held(Rule::MinOff, after(121)));
    plant.report(pump, "on", None, after(200)).await;
    plant.report(pump, "off", None, after(300)).await;
    let on = plant.tap(command(1), pump, asked(Action::On), after(400)).await;
    assert_eq!(on, held(Rule::MaxStarts, after(3600)));
    let on = plant.tap(command(1), pump, asked(Action::On), after(3600)).await;
    assert!(matches!(on, Outcome::Accepted(_)), "{on:?}");
}

#[tokio::test]
async fn what_holds_when_it_is_sent_is_what_counts() {
    let plant = Plant::new().await;
    let pump = plant.device("pump", "pump", "relay").await;
    plant.set(pump, &Interlocks { min_off: MINUTE, ..Interlocks::usual(DeviceKind::Pump) }).await;
    plant.tap(command(1), pump, asked(Action::On), NOW).await;
    plant.report(pump, "off", None, NOW).await;
    let batch = plant.attempt(after(1)).await;
    assert_eq!((batch.publish.len(), batch.changes[0].reason), (0, Some(Reason::Interlocked)));
}

#[tokio::test]
async fn what_excludes_a_device_is_named_and_runs_by_report_or_by_command() {
    let plant = Plant::new().await;
    let (fan, heater) = (plant.fan().await, plant.device("heat", "heater", "relay").await);
    let held = |by| {
        let held = Held { rule: Rule::Exclusive, until: None, by: Some(by) };
        Outcome::Refused(Refused::Interlocked(held))
    };
    plant.report(heater, "on", None, NOW).await;
    assert_eq!(plant.tap(command(1), fan, asked(Action::On), after(1)).await, held(heater));
    plant.report(heater, "off", None, after(2)).await;
    plant.tap(command(2), fan, asked(Action::On), after(3)).await;
    let on = plant.tap(command(3), heater, asked(Action::On), after(4)).await;
    assert_eq!(on, held(fan), "it was told to");
    let free =
        Interlocks { excludes_heat_and_cooling: false, ..Interlocks::usual(DeviceKind::Fan) };
    plant.set(fan, &free).await;
    let on = plant.tap(command(3), heater, asked(Action::On), after(5)).await;
    assert!(matches!(on, Outcome::Accepted(_)), "{on:?}");
}

#[tokio::test]
async fn a_group_excludes_across_the_farm() {
    let plant = Plant::new().await;
    let pump = |name| plant.device(name, "pump", "relay");
    let (one, two, other) = (pump("one").await, pump("two").await, pump("other").await);
    let group = |name: &str| Interlocks {
        exclusive_group: Some(name.to_owned()),
        ..Interlocks::usual(DeviceKind::Pump)
    };
    plant.set(one, &group("supply")).await;
    plant.set(two, &group("supply")).await;
    plant.set(other, &group("drain")).await;
    plant.report(one, "on", None, NOW).await;
    let held = Held { rule: Rule::Exclusive, until: None, by: Some(one) };
    let refused = plant.tap(command(1), two, asked(Action::On), after(1)).await;
    assert_eq!(refused, Outcome::Refused(Refused::Interlocked(held)));
    let on = plant.tap(command(2), other, asked(Action::On), after(1)).await;
    assert!(matches!(on, Outcome::Accepted(_)), "{on:?}");
}

#[tokio::test]
async fn a_device_that_has_run_as_long_as_it_may_is_switched_off() {
    let plant = Plant::new().await;
    let (pump, lamp) =
        (plant.device("pump", "pump", "relay").await, plant.device("lamp", "lamp", "relay").await);
    plant.set(pump, &Interlocks { max_on: MINUTE, ..Interlocks::usual(DeviceKind::Pump) }).await;
    // by its button: nobody told it to end by itself
    plant.report(pump, "on", None, NOW).await;
    plant.report(lamp, "on", None, NOW).await;
    assert_eq!(plant.sweep(after(59)).await.told, 0);
    assert_eq!(plant.sweep(after(60)).await.told, 1);
    assert_eq!(plant.sweep(after(61)).await.told, 0, "it is told");
    let sent = plant.send(after(61)).await;
    plant.sweep(after(71)).await;
    assert_eq!(plant.status(sent[0]).await, "timeout no_answer");
    assert_eq!(plant.sweep(after(119)).await.told, 0);
    assert_eq!(plant.sweep(after(121)).await.told, 1, "it goes on running");
    let sent = plant.send(after(121)).await;
    plant.answer(sent[0], (Completed, Some("off")), after(122)).await;
    assert_eq!(plant.sweep(after(300)).await.told, 0);
    let offs = plant.events().await.iter().filter(|kind| kind.ends_with("by_interlock")).count();
    assert_eq!(offs, 1, "once while it runs");
}

#[tokio::test]
async fn who_runs_for_too_long_is_found_among_many_that_do_not() {
    let plant = Plant::new().await;
    let (farm, node) = (plant.admin.farm(), plant.node);
    // identities before any other
    let many = format!(
        "INSERT INTO devices (id, farm_id, node_id, channel, device_id, hardware_id, name, type, kind,
            firmware_version, approved_at, is_online, reported_state, reported_at)
        SELECT lpad(to_hex(n), 32, '0')::uuid, '{farm}', '{node}', 'r' || n, 'n1:r' || n, 's:r' || n,
            'r' || n, 'relay', 'feeder', '1', now(), true, 'on', to_timestamp({})
        FROM generate_series(1, 600) n",
        after(500).as_millis() / 1000,
    );
    plant.society.execute(&many).await;
    let late = plant.device("feed", "feeder", "relay").await;
    plant.report(late, "on", None, NOW).await;
    assert_eq!(plant.sweep(after(600)).await.told, 1, "it alone has run for ten minutes");
    assert_eq!(plant.of_device(late, "desired_state").await, "off");
    assert_eq!(plant.sweep(after(1100)).await.told, 500, "a batch at a time");
}

#[tokio::test]
async fn who_can_not_be_reached_is_told_to_end_once_it_can() {
    let plant = Plant::new().await;
    let feeder = plant.device("feed", "feeder", "relay").await;
    let new = plant.device("new", "feeder", "relay").await;
    for device in [feeder, new] {
        plant.report(device, "on", None, NOW).await;
    }
    plant.society.execute("UPDATE devices SET is_online = false").await;
    plant
        .society
        .execute(&format!("UPDATE devices SET approved_at = NULL WHERE id = '{new}'"))
        .await;
    for seconds in [600, 700, 4000] {
        assert_eq!(plant.sweep(after(seconds)).await.told, 0);
    }
    assert_eq!(plant.events().await, [""; 0]);
    plant.society.execute("UPDATE devices SET is_online = true").await;
    assert_eq!(plant.sweep(after(4001)).await.told, 1, "but not what nobody has accepted");
}
