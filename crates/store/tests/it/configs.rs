//! How devices are set, and how their controllers come to know.
use crate::{
    plant::{LEASE, NOW, Plant, after},
    society::at,
};
use domain::{
    DeviceId, NodeId, Timestamp,
    commands::{Bounds, Interlocks, LinkLoss},
    configs::{ConfigProgress, DeviceConfig, Stage},
    devices::DeviceKind,
    readings::Calibration,
};
use serde_json::{Value, json};
use std::time::Duration;
use store::{
    FarmScope,
    configs::{self, Acked, Learned, Lost, Pushed, Saved, Sending, Undo},
    readings::Fenced,
};

const AIR: DeviceConfig =
    DeviceConfig { polling_interval: Some(Duration::from_secs(30)), bounds: None };

impl Plant {
    async fn settle(&self, device: DeviceId, config: &DeviceConfig, locks: &Interlocks) -> Saved {
        self.settle_as(&self.admin, device, config, locks).await
    }

    async fn settle_as(
        &self,
        who: &FarmScope,
        device: DeviceId,
        config: &DeviceConfig,
        locks: &Interlocks,
    ) -> Saved {
        let wish = (device, config, locks);
        configs::save(&self.society.app, who, wish, &at(NOW)).await.unwrap()
    }

    async fn wanted(&self, node: NodeId) -> String {
        let query =
            format!("SELECT version::text AS value FROM node_configs WHERE node_id = '{node}'");
        self.society.texts(&query).await.pop().unwrap_or_default()
    }

    async fn push(&self) -> Vec<Sending> {
        let pool = self.society.database.worker();
        let mut worker = pool.get().await.unwrap();
        configs::attempt(&mut worker, LEASE, 100).await.unwrap().unwrap()
    }

    async fn ack(&self, version: i64, refused: Option<(i64, &str)>, when: Timestamp) -> Learned {
        let pool = self.society.database.worker();
        let ack = Acked {
            node: self.node,
            version,
            refused: refused.map(|(version, _)| version),
            error: refused.map(|(_, why)| why),
        };
        configs::note_acks(&mut pool.get().await.unwrap(), &[ack], when).await.unwrap()
    }

    async fn progress(&self) -> ConfigProgress {
        let mut conn = self.keeper.begin(&self.society.app).await.unwrap();
        let found = configs::progress(&mut conn, self.admin.farm(), self.node).await.unwrap();
        conn.commit().await.unwrap();
        found.unwrap()
    }

    async fn noted(&self, like: &str) -> Vec<String> {
        let query = format!(
            "SELECT event_type || ' ' || event_data AS value FROM event_logs
            WHERE event_type LIKE '{like}' ORDER BY id"
        );
        self.society.texts(&query).await
    }
}

#[tokio::test]
async fn whatever_a_controller_must_know_raises_its_version_and_nothing_else_does() {
    let plant = Plant::new().await;
    assert_eq!(plant.wanted(plant.node).await, "");
    let pump = plant.device("pump", "pump", "relay").await;
    assert_eq!(plant.wanted(plant.node).await, "1");
    let usual = Interlocks::usual(DeviceKind::Pump);
    let locks = Interlocks { max_on: Some(Duration::from_secs(600)), ..usual.clone() };
    assert_eq!(plant.settle(pump, &DeviceConfig::default(), &locks).await, Saved::Changed);
    assert_eq!(plant.wanted(plant.node).await, "2");
    assert_eq!(plant.settle(pump, &DeviceConfig::default(), &locks).await, Saved::Same);
    let alone = Interlocks { excludes_heat_and_cooling: true, ..locks.clone() };
    plant.settle(pump, &DeviceConfig::default(), &alone).await;
    assert_eq!(plant.wanted(plant.node).await, "2", "the server alone goes by that");
    plant.settle(pump, &AIR, &alone).await;
    assert_eq!(plant.wanted(plant.node).await, "3");
    for change in ["name = 'x'", "reported_state = 'on'", "is_active = false", "house_id = NULL"] {
        plant.society.execute(&format!("UPDATE devices SET {change}")).await;
    }
    assert_eq!(plant.wanted(plant.node).await, "3");
    plant.society.execute("UPDATE devices SET kind = 'belt'").await;
    assert_eq!(plant.wanted(plant.node).await, "4");
    plant.society.execute("UPDATE devices SET type = 'pwm'").await;
    assert_eq!(plant.wanted(plant.node).await, "5", "it is driven in another way");
    // new hardware: both must know
    let other = plant.node_of(plant.admin.farm(), "n2").await;
    plant.society.execute(&format!("UPDATE devices SET node_id = '{other}'")).await;
    assert_eq!(
        (plant.wanted(plant.node).await, plant.wanted(other).await),
        ("6".into(), "1".into())
    );
    let new = "UPDATE devices SET approved_at = NULL; UPDATE devices SET kind = 'pump'";
    plant.society.execute(new).await;
    assert_eq!(plant.wanted(other).await, "2", "what nobody has accepted concerns nobody");
}

#[tokio::test]
async fn what_is_set_is_found_again_and_told_with_what_it_was() {
    let plant = Plant::new().await;
    let dimmer = plant.device("dim", "fan", "pwm").await;
    let config =
        DeviceConfig { polling_interval: None, bounds: Some(Bounds { least: 20.0, most: 80.0 }) };
    let usual = Interlocks::usual(DeviceKind::Fan);
    assert_eq!(plant.settle(dimmer, &config, &usual).await, Saved::Changed);
    let none = DeviceConfig::default();
    let find = async || {
        let mut conn = plant.keeper.begin(&plant.society.app).await.unwrap();
        let found = configs::find(&mut conn, plant.admin.farm(), dimmer).await.unwrap();
        conn.commit().await.unwrap();
        found.unwrap()
    };
    assert_eq!((find().await.config, find().await.interlocks), (config, usual.clone()));
    assert_eq!(plant.wanted(plant.node).await, "1", "bounds are the server's to keep");
    assert_eq!(plant.settle(dimmer, &none, &usual).await, Saved::Changed);
    assert_eq!(find().await.config, none);
    let told = plant.noted("device_configured").await;
    let to = |least: Value, most: Value| json!({"polling_interval_s": null, "least": least, "most": most});
    let (unset, set) = (to(Value::Null, Value::Null), to(json!(20.0), json!(80.0)));
    let said: Vec<Value> = told
        .iter()
        .map(|line| serde_json::from_str(line.split_once(' ').unwrap().1).unwrap())
        .collect();
    assert_eq!(said[0], json!({ "from": unset, "to": set }));
    assert_eq!(said[1], json!({ "from": set, "to": unset }));
    let thief = plant.society.farm(plant.society.person("thief").await).await;
    assert_eq!(plant.settle_as(&thief, dimmer, &config, &usual).await, Saved::NoDevice);
    assert_eq!(find().await.config, none);
}

#[tokio::test]
async fn a_controller_is_told_all_of_its_devices_once_for_each_version() {
    let plant = Plant::new().await;
    let (air, pump) = (
        plant.device("air", "climate", "sensor").await,
        plant.device("pump", "pump", "relay").await,
    );
    plant.device("new", "fan", "relay").await;
    plant.society.execute("UPDATE devices SET approved_at = NULL WHERE channel = 'new'").await;
    plant.settle(air, &AIR, &Interlocks::usual(DeviceKind::Climate)).await;
    let locks = Interlocks {
        max_on: Some(Duration::from_secs(600)),
        on_link_loss: LinkLoss::Hold,
        ..Interlocks::usual(DeviceKind::Pump)
    };
    plant.settle(pump, &DeviceConfig::default(), &locks).await;
    let limit = format!(
        "INSERT INTO device_configs (farm_id, device_id, parameter_name, parameter_value)
        VALUES ('{}', '{air}', 'temp_threshold_high', '35')",
        plant.admin.farm()
    );
    plant.society.execute(&limit).await;
    let sent = plant.push().await;
    assert_eq!(sent.len(), 1);
    let version: i64 = plant.wanted(plant.node).await.parse().unwrap();
    let wanted = json!({ "version": version, "devices": {
        "air": { "polling_interval": 30, "temp_threshold_high": 35.0 },
        "pump": { "max_on_s": 600, "on_link_loss": "hold" },
    } });
    assert_eq!(serde_json::to_value(sent[0].payload()).unwrap(), wanted);
    assert_eq!(sent[0].topic(), "tokkatot/n1/down/config");
    assert_eq!(plant.push().await, []);
    plant.settle(air, &DeviceConfig::default(), &Interlocks::usual(DeviceKind::Climate)).await;
    assert_eq!(plant.push().await[0].pushed.version, version + 1);
}

#[tokio::test]
async fn who_can_not_be_reached_waits_and_what_may_be_lost_goes_again() {
    let plant = Plant::new().await;
    plant.fan().await;
    plant.society.execute("UPDATE nodes SET is_online = false").await;
    assert_eq!(plant.push().await, []);
    plant.society.execute("UPDATE nodes SET is_online = true").await;
    let pushed = plant.push().await[0].pushed;
    let pool = plant.society.database.worker();
    let mut worker = pool.get().await.unwrap();
    configs::unsent(&mut worker, &[Pushed { version: 7, ..pushed }]).await.unwrap();
    assert_eq!(plant.push().await, [], "that was another one");
    configs::unsent(&mut worker, &[pushed]).await.unwrap();
    assert_eq!(plant.push().await[0].pushed, pushed);
    configs::requeue(&mut worker, Lost::Link).await.unwrap();
    assert_eq!(plant.push().await[0].pushed, pushed, "nobody knows whether it went out");
    let farms = configs::sent(&mut worker, &[pushed], after(1)).await.unwrap();
    assert_eq!(farms, [plant.admin.farm()]);
    assert_eq!(plant.progress().await.stage(), Stage::Sent(after(1)));
    configs::requeue(&mut worker, Lost::Link).await.unwrap();
    assert_eq!(plant.push().await, [], "the broker has it");
    configs::requeue(&mut worker, Lost::Nodes(&[plant.node])).await.unwrap();
    assert_eq!(plant.push().await[0].pushed, pushed);
    plant.society.execute("UPDATE leases SET epoch = 3").await;
    configs::requeue(&mut worker, Lost::Nodes(&[plant.node])).await.unwrap();
    let fenced = configs::attempt(&mut worker, LEASE, 100).await.unwrap();
    assert_eq!(fenced, Err(Fenced));
}

#[tokio::test]
async fn what_a_controller_says_of_the_wanted_version_is_told_once() {
    let plant = Plant::new().await;
    let pump = plant.device("pump", "pump", "relay").await;
    assert_eq!(plant.ack(0, None, after(1)).await.unknown, 0);
    assert_eq!(plant.progress().await.stage(), Stage::Saved);
    for _ in 0..3 {
        plant.ack(1, None, after(2)).await;
        plant.ack(0, None, after(3)).await;
    }
    plant.ack(1, None, after(4)).await;
    assert_eq!(plant.progress().await.stage(), Stage::Confirmed(after(4)));
    assert_eq!(
        plant.noted("config\\_%").await,
        [r#"config_confirmed {"node": "n1", "version": 1}"#]
    );
    plant.settle(pump, &AIR, &Interlocks::usual(DeviceKind::Pump)).await;
    for _ in 0..3 {
        plant.ack(1, Some((2, "no such pin")), after(5)).await;
    }
    plant.ack(1, Some((9, "a version of nobody's")), after(6)).await;
    let progress = plant.progress().await;
    assert_eq!(progress.stage(), Stage::Refused(after(5), Some("no such pin")));
    let told = plant.noted("config_refused").await;
    assert_eq!(told, [r#"config_refused {"node": "n1", "error": "no such pin", "version": 2}"#]);
    plant.society.execute("DELETE FROM node_configs").await;
    assert_eq!(plant.ack(1, None, after(7)).await.unknown, 1, "it has nothing to be told");
}

#[tokio::test]
async fn a_controller_that_is_ahead_is_overtaken_once_a_minute() {
    let plant = Plant::new().await;
    plant.fan().await;
    let overtake = async |when| {
        let pool = plant.society.database.worker();
        configs::overtake(&mut pool.get().await.unwrap(), when).await.unwrap()
    };
    plant.push().await;
    assert_eq!(overtake(after(0)).await, 0);
    assert!(plant.ack(9, None, after(1)).await.is_any_ahead);
    assert_eq!(overtake(after(1)).await, 1);
    assert_eq!(plant.push().await[0].pushed.version, 10);
    plant.ack(11, None, after(2)).await;
    assert_eq!(overtake(after(60)).await, 0, "one that always says more is no reason to hurry");
    assert_eq!(overtake(after(61)).await, 1);
    assert_eq!(plant.wanted(plant.node).await, "12");
}

#[tokio::test]
async fn of_changes_at_the_same_time_each_has_its_version() {
    let plant = Plant::new().await;
    let mut fans = Vec::new();
    for number in 0..8 {
        fans.push(plant.device(&format!("fan{number}"), "fan", "relay").await);
    }
    let before: i64 = plant.wanted(plant.node).await.parse().unwrap();
    let locks =
        Interlocks { max_on: Some(Duration::from_secs(60)), ..Interlocks::usual(DeviceKind::Fan) };
    let none = DeviceConfig::default();
    let changes = fans.iter().map(|fan| plant.settle(*fan, &none, &locks));
    // and somebody pushes all the while
    let pushes = async {
        let mut versions = Vec::new();
        for _ in 0..20 {
            for sending in plant.push().await {
                let limited = sending.devices.values().filter(|told| told.contains_key("max_on_s"));
                versions.push((sending.pushed.version, i64::try_from(limited.count()).unwrap()));
            }
        }
        versions
    };
    let (saved, mut versions) = tokio::join!(futures::future::join_all(changes), pushes);
    assert_eq!(saved, [Saved::Changed; 8]);
    versions.extend(plant.push().await.iter().map(|sending| (sending.pushed.version, 8)));
    assert_eq!(plant.wanted(plant.node).await, (before + 8).to_string());
    assert!(versions.is_sorted() && versions.last().unwrap().0 == before + 8, "{versions:?}");
    for (version, limited) in versions {
        assert_eq!(limited, version - before, "version {version} says what was true then");
    }
}

#[tokio::test]
async fn a_calibration_holds_from_when_it_was_set_and_can_be_taken_back() {
    let plant = Plant::new().await;
    let air = plant.device("air", "climate", "sensor").await;
    let series = format!(
        "INSERT INTO series (farm_id, device_id, sensor, unit)
        VALUES ('{}', '{air}', 'temperature', '°C')",
        plant.admin.farm()
    );
    plant.society.execute(&series).await;
    let app = &plant.society.app;
    let set = async |b: f64, when| {
        let line = Some(Calibration { a: 1.0, b });
        configs::calibrate(app, &plant.admin, (air, "temperature", line), &at(when)).await.unwrap()
    };
    let undo = async |when| {
        let mut conn = plant.keeper.begin(app).await.unwrap();
        let found = configs::sensors(&mut conn, plant.admin.farm(), air).await.unwrap();
        conn.commit().await.unwrap();
        let meant = found[0].changed_at.unwrap_or(NOW);
        let change = (air, "temperature", meant);
        let undone = configs::undo_calibration(app, &plant.admin, change, &at(when)).await.unwrap();
        let again = configs::undo_calibration(app, &plant.admin, change, &at(when)).await.unwrap();
        assert_eq!(again, Saved::Same, "a second tap");
        undone
    };
    let find = async || {
        let mut conn = plant.keeper.begin(app).await.unwrap();
        let mut found = configs::sensors(&mut conn, plant.admin.farm(), air).await.unwrap();
        conn.commit().await.unwrap();
        let facts = found.remove(0);
        (facts.calibration.map(|dated| dated.value.b), facts.undo)
    };
    assert_eq!((find().await, undo(after(0)).await), ((None, None), Saved::Same));
    assert_eq!(set(-0.5, after(1)).await, Saved::Changed);
    assert_eq!(set(-0.5, after(1)).await, Saved::Same);
    assert_eq!(find().await, (Some(-0.5), Some(Undo::ToNone)));
    assert_eq!(set(-0.7, after(2)).await, Saved::Changed);
    let first = Undo::To(Calibration { a: 1.0, b: -0.5 });
    assert_eq!(find().await, (Some(-0.7), Some(first)));
    assert_eq!(undo(after(3)).await, Saved::Changed);
    assert_eq!(find().await.0, Some(-0.5));
    let held = "SELECT string_agg(concat_ws(' ', parameter_value ->> 'b', is_calibrated, unit,
            extract(epoch FROM deleted_at - created_at)::int), '; ' ORDER BY created_at) AS value FROM device_configs";
    assert_eq!(plant.society.texts(held).await, ["-0.5 t °C 1; -0.7 t °C 1; -0.5 t °C"]);
    let (none, last) = ((air, "temperature", None), at(after(4)));
    let cleared = configs::calibrate(app, &plant.admin, none, &last).await.unwrap();
    assert_eq!(cleared, Saved::Changed);
    assert_eq!(find().await, (None, Some(first)));
    assert_eq!(plant.noted("sensor_calibrated").await.len(), 4);
    assert_eq!(plant.wanted(plant.node).await, "1", "no controller hears of it");
    let nothing = (air, "weight", None);
    let none = configs::calibrate(app, &plant.admin, nothing, &at(NOW)).await.unwrap();
    assert_eq!(none, Saved::NoDevice);
    let thief = plant.society.farm(plant.society.person("thief").await).await;
    let theirs = (air, "temperature", Some(Calibration { a: 2.0, b: 0.0 }));
    assert_eq!(configs::calibrate(app, &thief, theirs, &at(NOW)).await.unwrap(), Saved::NoDevice);
}
