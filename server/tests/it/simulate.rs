//! `tokkatot simulate` and the simulator's link, at a real Mosquitto with real credentials.
use crate::support::{Binary, Broker, Client, Folder, Received};
use domain::{NodeName, Timestamp};
use serde_json::{Value, json};
use server::broker::password;
use simulator::{
    faults::Faults,
    house::{House, HousePlan},
    link::{self, Tally, TrueTime, play},
    player::{Part, Player},
};
use std::{
    collections::{BTreeSet, HashMap},
    process::Child,
    sync::Arc,
    time::{Duration, Instant},
};
use store::nodes::NewNode;
use testkit::TestDatabase;
use tokio_util::sync::CancellationToken;

const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

/// Ends with its test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn on<'a>(heard: &'a [Received], topic: &str) -> Vec<&'a str> {
    heard.iter().filter(|(at, _)| at == topic).map(|(_, text)| text.as_str()).collect()
}

fn json_on(heard: &[Received], topic: &str) -> Vec<Value> {
    on(heard, topic).into_iter().map(|text| serde_json::from_str(text).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_farms_nodes_are_played_with_their_own_credentials() {
    let (database, folder) = (testkit::database().await, Folder::new());
    let broker = Broker::kept_for(&database).await;
    let file = |name: &str| folder.0.join(name).to_str().unwrap().to_owned();
    let binary = Binary::for_database(&database)
        .and_broker(&broker)
        .with("TOKKATOT_DEMO_CREDENTIALS", file("credentials"))
        .with("TOKKATOT_DEMO_NODES", file("nodes"));
    let seeded = binary.run(&["demo"]);
    assert_eq!(seeded.code, 0, "{seeded:?}");

    let mut server = broker.server_account().await;
    server.subscribe("tokkatot/+/up/#").await;
    let child = binary.command(&["simulate", "--interval", "200ms"]).spawn().unwrap();
    let mut running = Running(child);
    let heard = hear_until(&mut server, |heard| {
        ["dara-1", "dara-2", "dara-3", "bopha-1"]
            .iter()
            .all(|node| on(heard, &format!("tokkatot/{node}/up/readings")).len() > 3)
    })
    .await;
    assert_eq!(on(&heard, "tokkatot/dara-1/up/availability"), ["online"]);
    assert_eq!(json_on(&heard, "tokkatot/dara-1/up/heartbeat").len(), 1);
    let states = json_on(&heard, "tokkatot/dara-1/up/state");
    assert_eq!(states[0]["states"].as_array().unwrap().len(), 6);
    let readings = json_on(&heard, "tokkatot/dara-1/up/readings");
    let channels: Vec<&str> = readings[0]["readings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["device"].as_str().unwrap())
        .collect();
    assert_eq!(channels, ["air", "air", "tank", "bin"]);

    let asked = std::process::Command::new("kill").arg(running.0.id().to_string()).status();
    assert!(asked.unwrap().success());
    let heard = hear_until(&mut server, |heard| {
        on(heard, "tokkatot/dara-1/up/availability").contains(&"offline")
    })
    .await;
    assert_eq!(on(&heard, "tokkatot/dara-1/up/availability"), ["online", "offline"]);
    assert!(running.0.wait().unwrap().success(), "it takes its leave");
}

#[tokio::test(flavor = "multi_thread")]
async fn more_nodes_are_registered_on_the_farm_that_is_named() {
    let (database, folder) = (testkit::database().await, Folder::new());
    let broker = Broker::kept_for(&database).await;
    let file = |name: &str| folder.0.join(name).to_str().unwrap().to_owned();
    let binary = Binary::for_database(&database)
        .and_broker(&broker)
        .with("TOKKATOT_DEMO_CREDENTIALS", file("credentials"))
        .with("TOKKATOT_DEMO_NODES", file("nodes"));
    binary.run(&["demo"]);
    let farm = server::demo::farm_id().to_string();
    let mut server = broker.server_account().await;
    server.subscribe("tokkatot/+/up/readings").await;
    for _ in 0..2 {
        let arguments = ["simulate", "--nodes", "3", "--farm", &farm, "--interval", "200ms"];
        let _running = Running(binary.command(&arguments).spawn().unwrap());
        let mut since = server.hear_for(Duration::ZERO).await.len();
        hear_until(&mut server, |heard| {
            since = since.min(heard.len());
            (1..=3)
                .all(|n| on(&heard[since..], &format!("tokkatot/sim-000{n}/up/readings")).len() > 1)
        })
        .await;
    }
    let unknown = uuid::Uuid::nil().to_string();
    let said = binary.run(&["simulate", "--nodes", "9", "--farm", &unknown]);
    assert_eq!(said.code, 1);
    assert!(said.err.contains("there is no farm"), "{said:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn with_a_lossy_link_every_reading_arrives_in_the_end() {
    let database = testkit::database().await;
    let broker = Broker::kept_for(&database).await;
    let faults = Faults { drop: 0.05, ..Faults::default() };
    let node = Played::start(&broker, &database, faults).await;
    let mut server = broker.server_account().await;
    server.subscribe("tokkatot/n1/up/#").await;
    let mut arrived: HashMap<String, BTreeSet<u64>> = HashMap::new();
    let (began, mut looked) = (Instant::now(), 0);
    let mut complete = 0;
    while complete < 200 {
        assert!(began.elapsed() < Duration::from_secs(60), "only {complete} arrived");
        let heard = server.hear_for(Duration::from_millis(100)).await.to_vec();
        for (topic, text) in &heard[looked..] {
            if topic.ends_with("/readings") || topic.ends_with("/state") {
                let message: Value = serde_json::from_str(text).unwrap();
                let boot = message["boot"].as_str().unwrap().to_owned();
                arrived.entry(boot).or_default().insert(message["seq"].as_u64().unwrap());
            }
        }
        looked = heard.len();
        let Some((boot, seen)) = arrived.iter().next() else { continue };
        complete = (1..).take_while(|seq| seen.contains(seq)).last().unwrap_or(0);
        let ack = json!({"boot": boot, "seq": complete}).to_string();
        server.publish("tokkatot/n1/down/ack", &ack, false).await;
    }
    assert_eq!(arrived.len(), 1, "one boot, whatever the link did");
    node.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_comes_twice_is_done_once_and_a_late_one_never() {
    let database = testkit::database().await;
    let broker = Broker::kept_for(&database).await;
    let node = Played::start(&broker, &database, Faults::default()).await;
    let mut server = broker.server_account().await;
    server.subscribe("tokkatot/n1/up/#").await;
    hear_until(&mut server, |heard| !on(heard, "tokkatot/n1/up/readings").is_empty()).await;
    let command = |id: &str, expires_in_ms: i64| {
        json!({"command_id": id, "device": "fan1", "action": "on", "duration_ms": 600,
            "expires_at": node.time.now().as_millis() + expires_in_ms})
        .to_string()
    };
    for text in [command("late", -1), command("once", 60_000), command("once", 60_000)] {
        server.publish("tokkatot/n1/down/command", &text, false).await;
    }
    let ended = |state: &Value| state["states"][0]["cause"] == "timer";
    let heard =
        hear_until(&mut server, |heard| json_on(heard, "tokkatot/n1/up/state").iter().any(ended))
            .await;
    let results = json_on(&heard, "tokkatot/n1/up/result");
    let said: Vec<(&str, &str)> = results
        .iter()
        .map(|r| (r["command_id"].as_str().unwrap(), r["status"].as_str().unwrap()))
        .collect();
    assert_eq!(said, [("once", "executing"), ("once", "completed")]);
    node.stop().await;
}

/// Listens until what was heard is enough, for half a minute at most.
async fn hear_until(
    client: &mut Client,
    mut is_enough: impl FnMut(&[Received]) -> bool,
) -> Vec<Received> {
    let began = Instant::now();
    loop {
        let heard = client.hear_for(Duration::from_millis(50)).await;
        if is_enough(heard) {
            return heard.to_vec();
        }
        assert!(began.elapsed() < Duration::from_secs(30), "not enough: {heard:?}");
    }
}

/// One node `n1`, played in this process every 50 ms.
struct Played {
    time: TrueTime,
    stop: CancellationToken,
    task: tokio::task::JoinHandle<()>,
}

impl Played {
    async fn start(broker: &Broker, database: &TestDatabase, faults: Faults) -> Self {
        let name: NodeName = "n1".parse().unwrap();
        let secret = password::generate(&mut rand::rng());
        let new = NewNode {
            name: name.clone(),
            farm: None,
            password_hash: password::hash(&secret, &mut rand::rng()),
            serial: None,
            claim: None,
        };
        let owner = database.owner();
        store::nodes::create(&mut owner.get().await.unwrap(), &new, NOW).await.unwrap();
        drop(broker.connect_soon("n1", &secret, Duration::from_secs(10)).await);
        let time = TrueTime::starting(NOW);
        let house = House::begin(HousePlan::usual(20_770), "n1", 1, NOW);
        let interval = Duration::from_millis(50);
        let heartbeat = simulator::node::HEARTBEAT;
        let part = Part { name, house, interval, capacity: 10_000, heartbeat, faults, seed: 1 };
        let player = Player::start(part, NOW);
        let broker = link::Broker { host: "127.0.0.1".to_owned(), port: broker.port() };
        let (stop, tally) = (CancellationToken::new(), Arc::new(Tally::default()));
        let stopped = stop.clone();
        let task = tokio::spawn(async move {
            play(player, &broker, &secret, time, &tally, stopped).await;
        });
        Self { time, stop, task }
    }

    async fn stop(self) {
        self.stop.cancel();
        tokio::time::timeout(Duration::from_secs(5), self.task).await.unwrap().unwrap();
    }
}
