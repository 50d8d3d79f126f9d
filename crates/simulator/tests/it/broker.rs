//! The link and the load at a real Mosquitto, with a server that acknowledges what it has heard.
use domain::{NodeName, Timestamp};
use rumqttc::v5::{
    AsyncClient, Event, MqttOptions,
    mqttbytes::{QoS, v5::Packet},
};
use serde_json::{Value, json};
use simulator::{
    faults::Faults,
    house::{House, HousePlan},
    link::{self, Tally, TrueTime, play},
    load::{self, Load, Sender},
    node::HEARTBEAT,
    player::{Part, Player},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use testkit::TestBroker;
use tokio_util::sync::CancellationToken;

const NOW: Timestamp = Timestamp::from_millis(1_795_000_000_000);

/// What was heard of each node and boot.
type Heard = Arc<Mutex<BTreeMap<(String, String), BTreeSet<u64>>>>;

/// Hears all nodes and acknowledges what is complete, through every break of the link.
fn server(broker: &TestBroker) -> Heard {
    let (user, password) = broker.server_account();
    let mut options = MqttOptions::new("server", "127.0.0.1", broker.port());
    options.set_credentials(user, password).set_keep_alive(Duration::from_secs(5));
    let (client, mut events) = AsyncClient::new(options, 10_000);
    let heard = Heard::default();
    let noted = Arc::clone(&heard);
    tokio::spawn(async move {
        loop {
            match events.poll().await {
                Ok(Event::Incoming(Packet::ConnAck(_))) => {
                    client.try_subscribe("tokkatot/+/up/#", QoS::AtLeastOnce).unwrap();
                }
                Ok(Event::Incoming(Packet::Publish(publish))) => {
                    let topic = String::from_utf8(publish.topic.to_vec()).unwrap();
                    if let Some((down, ack)) = note(&noted, &topic, &publish.payload) {
                        client.try_publish(down, QoS::AtMostOnce, false, ack).unwrap();
                    }
                }
                Ok(_) => {}
                Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
            }
        }
    });
    heard
}

/// Remembers a numbered message; the topic and text of its ack.
fn note(heard: &Heard, topic: &str, payload: &[u8]) -> Option<(String, String)> {
    let message: Value = serde_json::from_slice(payload).ok()?;
    let (boot, seq) = (message["boot"].as_str()?.to_owned(), message["seq"].as_u64()?);
    let node = topic.split('/').nth(1)?.to_owned();
    let mut heard = heard.lock().unwrap();
    let seen = heard.entry((node.clone(), boot.clone())).or_default();
    seen.insert(seq);
    let complete = (1..).take_while(|seq| seen.contains(seq)).last()?;
    let ack = json!({"boot": boot, "seq": complete}).to_string();
    Some((format!("tokkatot/{node}/down/ack"), ack))
}

async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let began = Instant::now();
    while !is_so() {
        assert!(began.elapsed() < Duration::from_secs(30), "never: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_measured_while_the_broker_was_away_arrives_when_it_is_back() {
    let mut broker = testkit::broker();
    broker.add_node("n1", "secret");
    let heard = server(&broker);
    let house = House::begin(HousePlan::usual(20_770), "n1", 1, NOW);
    let part = Part {
        name: "n1".parse().unwrap(),
        house,
        interval: Duration::from_millis(50),
        capacity: 10_000,
        heartbeat: HEARTBEAT,
        faults: Faults::default(),
        seed: 1,
    };
    let (stop, stopped) = (CancellationToken::new(), CancellationToken::new());
    let address = link::Broker { host: "127.0.0.1".to_owned(), port: broker.port() };
    let token = stop.clone();
    let done = stopped.clone();
    tokio::spawn(async move {
        let tally = Tally::default();
        let player = Player::start(part, NOW);
        play(player, &address, "secret", TrueTime::starting(NOW), &tally, token).await;
        done.cancel();
    });
    let last = || {
        let heard = heard.lock().unwrap();
        heard.values().filter_map(|seen| seen.last().copied()).max().unwrap_or(0)
    };
    until("the node speaks", || last() > 5).await;
    broker.kill();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let before = last();
    broker.start();
    until("the node speaks again", || last() > before + 40).await;
    stop.cancel();
    tokio::time::timeout(Duration::from_secs(5), stopped.cancelled()).await.unwrap();
    let heard = heard.lock().unwrap();
    assert_eq!(heard.len(), 1, "one boot");
    let seen = heard.values().next().unwrap();
    let missing: Vec<u64> = (1..=before + 20).filter(|seq| !seen.contains(seq)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_with_a_wrong_password_keeps_trying_and_stops_when_told() {
    let broker = testkit::broker();
    let house = House::begin(HousePlan::usual(20_770), "n1", 1, NOW);
    let part = Part {
        name: "n1".parse().unwrap(),
        house,
        interval: Duration::from_millis(50),
        capacity: 10,
        heartbeat: HEARTBEAT,
        faults: Faults::default(),
        seed: 1,
    };
    let address = link::Broker { host: "127.0.0.1".to_owned(), port: broker.port() };
    let (stop, tally) = (CancellationToken::new(), Tally::default());
    let player = Player::start(part, NOW);
    let playing = play(player, &address, "wrong", TrueTime::starting(NOW), &tally, stop.clone());
    let telling = async {
        tokio::time::sleep(Duration::from_millis(500)).await;
        stop.cancel();
    };
    let both = async { tokio::join!(playing, telling) };
    tokio::time::timeout(Duration::from_secs(5), both).await.unwrap();
    assert_eq!(tally.published.load(std::sync::atomic::Ordering::Relaxed), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_load_is_sent_whole_and_measured_whole() {
    let broker = testkit::broker();
    broker.add_node("a", "secret-a");
    let heard = server(&broker);
    let (user, password) = broker.server_account();
    let many: Vec<NodeName> = (0..10).map(|n| format!("m{n}").parse().unwrap()).collect();
    let senders = vec![
        Sender {
            username: "a".to_owned(),
            password: "secret-a".to_owned(),
            nodes: vec!["a".parse().unwrap()],
        },
        Sender { username: user, password, nodes: many },
    ];
    let load = Load {
        messages: 2001,
        readings: 5,
        rate: Some(2000.0),
        window: 100,
        boot: "b1".to_owned(),
        begin: NOW,
    };
    // the server has to hear before anyone speaks
    tokio::time::sleep(Duration::from_millis(500)).await;
    let address = link::Broker { host: "127.0.0.1".to_owned(), port: broker.port() };
    let measured = load::run(&address, senders, &load).await.unwrap();
    assert_eq!(measured.count(), 2001);
    assert!(measured.elapsed > Duration::from_millis(900), "{measured:?}");
    assert!(measured.percentile(0.5) > Duration::ZERO);
    let heard = heard.lock().unwrap();
    assert_eq!(heard.len(), 11);
    assert_eq!(heard.values().map(BTreeSet::len).sum::<usize>(), 2001);
}
