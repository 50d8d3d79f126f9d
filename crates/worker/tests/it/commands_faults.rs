//! Broker, server and node fail while commands are on their way: none is lost, and none goes out that must not.
#![expect(clippy::panic, reason = "a test fails by it")]

use crate::{
    false_broker::{Connection, FalseBroker},
    hand::{PORTION, ask, devices, fan, feed, keeper, obey, status, tap},
    world::{Running, World, eventually},
};
use domain::{
    CommandId, DeviceId, StopId,
    commands::{Action, Asked, Wish},
};
use rumqttc::v5::{
    AsyncClient, Event, EventLoop, MqttOptions,
    mqttbytes::{
        QoS,
        v5::{ConnectProperties, Packet, PubAck, Publish},
    },
};
use std::time::Duration;
use store::{
    Clock, FarmScope, Origin,
    stops::{self, NewStop},
};

/// The next command that the server publishes.
async fn published(connection: &mut Connection) -> Publish {
    let search = async {
        loop {
            match connection.next().await {
                Some(Packet::Publish(publish)) if publish.topic.ends_with(b"command") => {
                    return publish;
                }
                Some(_) => {}
                None => panic!("the server left"),
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(10), search).await.unwrap()
}

fn id_of(publish: &Publish) -> String {
    let payload: serde_json::Value = serde_json::from_slice(&publish.payload).unwrap();
    payload["command_id"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_is_published_once_surely_with_its_life_and_never_retained() {
    let world = World::new().await;
    let broker = FalseBroker::new().await;
    let _running = broker.worker(&world);
    let mut connection = broker.accept().await;
    let (keeper, device) = (keeper(&world).await, fan(&world).await);
    let id = tap(&world, &keeper, device, Action::On).await;
    let publish = published(&mut connection).await;
    assert_eq!(id_of(&publish), id.to_string());
    assert_eq!((publish.qos, publish.retain), (QoS::AtLeastOnce, false));
    let expiry = publish.properties.unwrap().message_expiry_interval.unwrap();
    assert!((50..60).contains(&expiry), "{expiry}");
    // committed as on its way, and not called sent before the broker says so
    let row =
        "SELECT concat_ws(' ', status, attempts, attempted_at IS NOT NULL) FROM device_commands";
    assert_eq!(world.text(row).await, "queued 1 t");
    connection.send(Packet::PubAck(PubAck::new(publish.pkid, None))).await;
    world.until(&status(id), "sent").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_broker_did_not_confirm_goes_out_again_except_feed() {
    let world = World::new().await;
    let broker = FalseBroker::new().await;
    let _running = broker.worker(&world);
    let mut first = broker.accept().await;
    let (keeper, fan) = (keeper(&world).await, fan(&world).await);
    let feeder = devices(&world, "coop-1", "feeder", 1).await[0].1;
    let ids = [feed(&world, &keeper, feeder).await, tap(&world, &keeper, fan, Action::On).await];
    let heard = [published(&mut first).await, published(&mut first).await];
    assert_eq!(heard.map(|publish| id_of(&publish)), ids.map(|id| id.to_string()));
    drop(first);
    let mut second = broker.accept().await;
    let publish = published(&mut second).await;
    assert_eq!(id_of(&publish), ids[1].to_string(), "the same command");
    // an acknowledgement counts, whatever number its packet had before
    second.send(Packet::PubAck(PubAck::new(publish.pkid, None))).await;
    world.until(&status(ids[1]), "sent").await;
    let is_quiet = tokio::time::timeout(Duration::from_millis(1500), published(&mut second)).await;
    assert!(is_quiet.is_err(), "feed goes out once");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_asked_while_the_broker_is_away_goes_out_when_it_is_back() {
    let mut world = World::new().await;
    let running = world.start().await;
    let keeper = keeper(&world).await;
    let fans = devices(&world, "coop-1", "fan", 5).await;
    let feeder = devices(&world, "coop-1", "feeder", 1).await[0].1;
    world.broker.kill();
    assert!(eventually(async || !running.has_link()).await);
    for (_, fan) in &fans {
        tap(&world, &keeper, *fan, Action::On).await;
    }
    feed(&world, &keeper, feeder).await;
    world.broker.start();
    let mut node = world.node("coop-1").await;
    for _ in 0..6 {
        let command = node.hear("command").await;
        obey(&mut node, &command).await;
    }
    world.until("SELECT count(*) FROM device_commands WHERE status = 'completed'", "6").await;
}

/// A node whose messages the broker keeps while it is away.
fn sleeper(world: &World) -> (AsyncClient, EventLoop) {
    let mut options = MqttOptions::new("coop-1", "127.0.0.1", world.broker.port());
    options.set_credentials("coop-1", "coop-1").set_clean_start(false);
    let properties =
        ConnectProperties { session_expiry_interval: Some(3600), ..ConnectProperties::new() };
    options.set_connect_properties(properties);
    AsyncClient::new(options, 10)
}

/// The commands that come within a span.
async fn commands_within(events: &mut EventLoop, span: Duration) -> Vec<String> {
    let mut heard = Vec::new();
    let listening = async {
        loop {
            if let Ok(Event::Incoming(Packet::Publish(publish))) = events.poll().await {
                heard.push(id_of(&publish));
            }
        }
    };
    assert!(tokio::time::timeout(span, listening).await.is_err());
    heard
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_broker_kept_for_a_node_is_not_delivered_after_its_life() {
    let world = World::new().await;
    let running = world.start().await;
    let pumps = devices(&world, "coop-1", "pump", 2).await;
    world.execute("UPDATE devices SET is_online = false").await;
    let (client, mut events) = sleeper(&world);
    client.subscribe("tokkatot/coop-1/down/command", QoS::AtLeastOnce).await.unwrap();
    while !matches!(events.poll().await, Ok(Event::Incoming(Packet::SubAck(_)))) {}
    drop((client, events));
    let mut ids = Vec::new();
    for ((_, device), seconds) in pumps.iter().zip([4, 600]) {
        let id = CommandId(uuid::Uuid::new_v4());
        let insert = format!(
            "INSERT INTO device_commands (id, farm_id, device_id, command_type, source, status, expires_at)
             VALUES ('{id}', '{}', '{device}', 'off', 'safety', 'queued', now() + interval '{seconds} s')",
            world.farm
        );
        world.execute(&insert).await;
        world.until(&status(id), "sent").await;
        ids.push(id);
    }
    // no server is there to tell it again: the broker alone decides
    running.stop().await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    let (_client, mut events) = sleeper(&world);
    let heard = commands_within(&mut events, Duration::from_millis(700)).await;
    assert_eq!(heard, [ids[1].to_string()], "the one that lives was kept");
    let _running = world.start().await;
    world.until(&status(ids[0]), "timeout expired").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_to_a_fan_that_is_away_is_not_delivered_when_it_is_back_an_hour_later() {
    let mut world = World::new().await;
    world.clock = Clock::fake(world.clock.now());
    let (keeper, device) = (keeper(&world).await, fan(&world).await);
    world.execute("UPDATE devices SET is_online = false").await;
    let (client, mut events) = sleeper(&world);
    client.subscribe("tokkatot/coop-1/down/command", QoS::AtLeastOnce).await.unwrap();
    while !matches!(events.poll().await, Ok(Event::Incoming(Packet::SubAck(_)))) {}
    drop((client, events));
    let id = tap(&world, &keeper, device, Action::On).await;
    // the broker has a clock of its own: what is left of the command's life passes in fact
    world.clock.advance(Duration::from_secs(57));
    let _running = world.start().await;
    world.until(&status(id), "sent").await;
    world.clock.advance(Duration::from_secs(3600));
    world.until(&status(id), "timeout expired").await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let (client, mut events) = sleeper(&world);
    client
        .publish("tokkatot/coop-1/up/availability", QoS::AtLeastOnce, true, "online")
        .await
        .unwrap();
    let heard = commands_within(&mut events, Duration::from_millis(1500)).await;
    assert_eq!(heard, Vec::<String>::new());
    world.until("SELECT is_online FROM nodes", "true").await;
    assert_eq!(world.text("SELECT attempts FROM device_commands").await, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_takes_over_publishes_what_the_one_before_it_may_not_have() {
    let world = World::new().await;
    let broker = FalseBroker::new().await;
    let first = broker.worker(&world);
    let mut connection = broker.accept().await;
    first.is_ready().await;
    let (keeper, device) = (keeper(&world).await, fan(&world).await);
    let id = tap(&world, &keeper, device, Action::On).await;
    published(&mut connection).await;
    first.kill().await;
    let mut node = world.node("coop-1").await;
    let _second = Running::of(world.worker("two"));
    let command = node.hear("command").await;
    assert_eq!(command["command_id"], id.to_string());
    obey(&mut node, &command).await;
    world.until(&status(id), "completed").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_lost_the_right_before_it_was_sent_switches_nothing() {
    let world = World::new().await;
    let broker = FalseBroker::new().await;
    let _running = broker.worker(&world);
    let (keeper, device) = (keeper(&world).await, fan(&world).await);
    let id = tap(&world, &keeper, device, Action::On).await;
    world.execute("UPDATE farm_users SET role = 'viewer'").await;
    let mut connection = broker.accept().await;
    world.until(&status(id), "failed forbidden").await;
    let published = tokio::time::timeout(Duration::from_millis(500), published(&mut connection));
    assert!(published.await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_too_long_for_its_turn_is_not_published_stale_but_anew() {
    let world = World::new().await;
    let (_broker, _running, mut connection) = one_by_one(&world).await;
    let keeper = keeper(&world).await;
    let feeders = devices(&world, "coop-1", "feeder", 2).await;
    let feeders: Vec<_> = feeders.into_iter().map(|(_, id)| id).collect();
    let ids = tap_at_once(&world, &keeper, &feeders, PORTION).await;
    let first = published(&mut connection).await;
    world.until(ATTEMPTED, "2").await;
    // a server that was frozen for so long may have lost its duty
    tokio::time::sleep(Duration::from_millis(3200)).await;
    connection.send(Packet::PubAck(PubAck::new(first.pkid, None))).await;
    let second = published(&mut connection).await;
    assert_eq!([id_of(&first), id_of(&second)], [ids[0].to_string(), ids[1].to_string()]);
    connection.send(Packet::PubAck(PubAck::new(second.pkid, None))).await;
    world.until(&status(ids[1]), "sent").await;
    // what had never left counts as never tried, and so even feed goes out
    assert_eq!(
        world.text("SELECT string_agg(attempts::text, ' ') FROM device_commands").await,
        "1 1"
    );
}

/// A server at a broker that takes one message at a time.
async fn one_by_one(world: &World) -> (FalseBroker, Running, Connection) {
    let broker = FalseBroker::new().await;
    let running = broker.worker(world);
    let connection = broker.accept_one_by_one().await;
    running.is_ready().await;
    (broker, running, connection)
}

/// Taps that the outbox takes in one batch, in this order.
async fn tap_at_once(
    world: &World,
    keeper: &FarmScope,
    devices: &[DeviceId],
    asked: Asked,
) -> Vec<CommandId> {
    let announce = async |how| {
        let alter = "TABLE device_commands";
        world.execute(&format!("ALTER {alter} {how} TRIGGER device_commands_announce")).await;
    };
    announce("DISABLE").await;
    let mut ids = Vec::new();
    for device in devices {
        ids.push(ask(world, keeper, *device, asked).await);
    }
    announce("ENABLE").await;
    ids
}

const ATTEMPTED: &str = "SELECT count(*) FROM device_commands WHERE attempted_at IS NOT NULL";

#[tokio::test(flavor = "multi_thread")]
async fn what_a_server_never_wrote_when_it_stops_waits_for_the_next_one() {
    let world = World::new().await;
    let (_broker, running, mut connection) = one_by_one(&world).await;
    let keeper = keeper(&world).await;
    let feeders: Vec<_> =
        devices(&world, "coop-1", "feeder", 2).await.into_iter().map(|(_, id)| id).collect();
    let ids = tap_at_once(&world, &keeper, &feeders, PORTION).await;
    let first = published(&mut connection).await;
    assert_eq!(id_of(&first), ids[0].to_string());
    world.until(ATTEMPTED, "2").await;
    running.stop().await;
    let rows =
        "SELECT string_agg(concat_ws(' ', attempts, attempted_at IS NOT NULL), ', ' ORDER BY place)
        FROM device_commands";
    assert_eq!(world.text(rows).await, "1 t, 0 f", "of the one nobody knows, the other never left");
    let mut node = world.node("coop-1").await;
    let _second = Running::of(world.worker("two"));
    assert_eq!(node.hear("command").await["command_id"], *ids[1].to_string());
    assert_eq!(
        node.hear_within("command", Duration::from_secs(1)).await,
        None,
        "feed goes out once"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_goes_ahead_of_what_waits_for_the_broker_and_instead_of_it() {
    let world = World::new().await;
    let (_broker, _running, mut connection) = one_by_one(&world).await;
    let keeper = keeper(&world).await;
    let pumps = devices(&world, "coop-1", "pump", 2).await;
    let fans = devices(&world, "coop-1", "fan", 2).await;
    let batch = [pumps[0].1, pumps[1].1, fans[0].1];
    let on = Asked { wish: Wish::Do(Action::On), duration_ms: None };
    let ids = tap_at_once(&world, &keeper, &batch, on).await;
    let first = published(&mut connection).await;
    assert_eq!(id_of(&first), ids[0].to_string());
    world.until(ATTEMPTED, "3").await;
    // the way is full with this one
    let last = tap(&world, &keeper, fans[1].1, Action::On).await;
    world.until(ATTEMPTED, "4").await;
    let stop =
        NewStop { id: StopId(uuid::Uuid::from_u128(900)), house: None, includes_fans: false };
    let origin = Origin { at: world.clock.now(), address: None, user_agent: None };
    drop(stops::press(&world.database.app(), &keeper, &stop, &origin).await.unwrap());
    world.until(&format!("{ATTEMPTED} AND stop_id IS NOT NULL"), "2").await;
    let mut heard = Vec::new();
    let mut packet = first.pkid;
    for _ in 0..4 {
        connection.send(Packet::PubAck(PubAck::new(packet, None))).await;
        let publish = published(&mut connection).await;
        packet = publish.pkid;
        let payload: serde_json::Value = serde_json::from_slice(&publish.payload).unwrap();
        heard.push((payload["device"].as_str().unwrap().to_owned(), payload["action"].clone()));
    }
    heard[..2].sort_by(|one, other| one.0.cmp(&other.0));
    heard[2..].sort_by(|one, other| one.0.cmp(&other.0));
    let expected = [("pump1", "off"), ("pump2", "off"), ("fan1", "on"), ("fan2", "on")];
    assert_eq!(heard, expected.map(|(device, action)| (device.to_owned(), action.into())));
    assert_ne!(last, ids[2]);
    let superseded = format!(
        "SELECT concat_ws(' ', status, reason) FROM device_commands WHERE id = '{}'",
        ids[1]
    );
    assert_eq!(world.text(&superseded).await, "failed superseded");
}
