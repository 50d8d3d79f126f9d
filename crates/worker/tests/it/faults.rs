//! The broker, the database and the server itself fail, and nothing acknowledged is lost.
use crate::world::{Running, World, before, eventually, reading};
use rumqttc::v5::{AsyncClient, MqttOptions};
use std::time::Duration;
use worker::BrokerState;

#[tokio::test(flavor = "multi_thread")]
async fn what_waited_at_the_broker_while_no_server_ran_is_taken_in() {
    let world = World::new().await;
    world.start().await.stop().await;
    let mut node = world.node("coop-1").await;
    let ts = before(world.clock.now(), 10);
    for seq in 1..=20 {
        node.say("readings", reading(seq, ts + seq, 28.5)).await;
    }
    let _running = world.start().await;
    while node.hear("ack").await["seq"] != 20 {}
    assert_eq!(world.text("SELECT count(*) FROM readings").await, "20");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_was_killed_is_found_again_and_the_subscription_made_anew() {
    let mut world = World::new().await;
    let running = world.start().await;
    let mut node = world.node("coop-1").await;
    let ts = before(world.clock.now(), 10);
    node.say("readings", reading(1, ts + 1, 28.5)).await;
    node.hear("ack").await;
    world.broker.kill();
    assert!(eventually(async || !running.has_link()).await);
    assert!(matches!(
        running.status.report().broker,
        BrokerState::Down(_) | BrokerState::Connecting
    ));
    world.broker.start();
    running.is_ready().await;
    drop(node);
    let mut node = world.node("coop-1").await;
    for seq in [1, 2] {
        node.say("readings", reading(seq, ts + seq, 28.5)).await;
    }
    while node.hear("ack").await["seq"] != 2 {}
    assert_eq!(world.text("SELECT count(*) FROM readings").await, "2");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_acknowledged_while_the_database_is_locked_and_all_of_it_afterwards() {
    let world = World::new().await;
    let _running = world.start().await;
    let mut node = world.node("coop-1").await;
    let ts = before(world.clock.now(), 10);
    node.say("readings", reading(1, ts + 1, 28.5)).await;
    node.hear("ack").await;
    let owner = world.database.owner();
    let mut connection = owner.get().await.unwrap();
    let lock = "BEGIN; LOCK TABLE readings IN ACCESS EXCLUSIVE MODE";
    diesel_async::SimpleAsyncConnection::batch_execute(&mut *connection, lock).await.unwrap();
    for seq in 2..=30 {
        node.say("readings", reading(seq, ts + seq, 28.5)).await;
    }
    assert_eq!(node.hear_within("ack", Duration::from_secs(1)).await, None);
    diesel_async::SimpleAsyncConnection::batch_execute(&mut *connection, "COMMIT").await.unwrap();
    while node.hear("ack").await["seq"] != 30 {}
    assert_eq!(world.text("SELECT count(*) FROM readings").await, "30");
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_to_the_database_that_are_cut_are_made_anew() {
    let world = World::new().await;
    let running = world.start().await;
    let mut node = world.node("coop-1").await;
    let ts = before(world.clock.now(), 20);
    for seq in 1..=40 {
        if seq % 10 == 0 {
            world.cut_connections().await;
        }
        node.say("readings", reading(seq, ts + seq, 28.5)).await;
    }
    while node.hear("ack").await["seq"] != 40 {}
    assert_eq!(world.text("SELECT count(*) FROM readings").await, "40");
    running.is_ready().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_standby_takes_over_within_ten_seconds_from_a_server_that_died() {
    let world = World::new().await;
    let first = world.start().await;
    let second = world.start_as("two");
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert!(first.has_link() && !second.has_link(), "one ingests, the other waits");
    assert!(second.status.report().is_ready());
    let mut node = world.node("coop-1").await;
    let ts = before(world.clock.now(), 10);
    node.say("readings", reading(1, ts + 1, 28.5)).await;
    node.hear("ack").await;
    first.kill().await;
    let began = tokio::time::Instant::now();
    node.say("readings", reading(2, ts + 2, 28.5)).await;
    second.is_ready().await;
    assert!(began.elapsed() < Duration::from_secs(10));
    assert_eq!(node.hear("ack").await["seq"], 2);
    assert_eq!(world.text("SELECT concat_ws(' ', holder, epoch) FROM leases").await, "two 2");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_lease_was_taken_writes_nothing_more() {
    let world = World::new().await;
    let running = world.start().await;
    let mut node = world.node("coop-1").await;
    let ts = before(world.clock.now(), 10);
    node.say("readings", reading(1, ts + 1, 28.5)).await;
    node.hear("ack").await;
    // as another server would, without waiting for the lock
    world
        .execute("UPDATE leases SET epoch = epoch + 1, holder = 'x', expires_at = now() + interval '1 h'")
        .await;
    node.say("readings", reading(2, ts + 2, 28.5)).await;
    assert_eq!(node.hear_within("ack", Duration::from_secs(1)).await, None);
    assert_eq!(world.text("SELECT count(*) FROM readings").await, "1");
    drop(running);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_servers_in_turn_keep_one_session() {
    let world = World::new().await;
    let mut node = world.node("coop-1").await;
    let ts = before(world.clock.now(), 10);
    for seq in 1..=6 {
        let running = world.start_as(&format!("server-{seq}"));
        running.is_ready().await;
        node.say("readings", reading(seq, ts + seq, 28.5)).await;
        node.hear("ack").await;
        running.stop().await;
    }
    assert_eq!(world.text("SELECT concat(count(*), '/', max(seq)) FROM readings").await, "6/6");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_under_load_loses_nothing_and_takes_seconds() {
    let world = World::new().await;
    let running = world.start().await;
    let mut node = world.node("coop-1").await;
    let ts = before(world.clock.now(), 100);
    for seq in 1..=200 {
        node.say("readings", reading(seq, ts + seq, 28.5)).await;
    }
    running.stop().await;
    let acked = async |node: &mut testkit::TestNode| {
        let mut acked = 0;
        while let Some(ack) = node.hear_within("ack", Duration::from_millis(300)).await {
            acked = ack["seq"].as_i64().unwrap();
        }
        acked
    };
    let before_stop = acked(&mut node).await;
    let stored: i64 = world.text("SELECT count(*) FROM readings").await.parse().unwrap();
    assert!(stored >= before_stop, "{stored} stored, {before_stop} acknowledged");
    let _running = world.start().await;
    world.until("SELECT count(*) FROM readings", "200").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_frozen_broker_is_noticed() {
    let world = World::new().await;
    let mut worker = world.worker("one");
    worker.settings.mqtt.keep_alive = Duration::from_secs(2);
    let mut node = world.node("coop-1").await;
    let running = Running::of(worker);
    running.is_ready().await;
    // the last thing heard is no answer to a ping, so that its time is none of the pings'
    tokio::time::sleep(Duration::from_millis(100)).await;
    node.say("heartbeat", "{}").await;
    world.until("SELECT is_online FROM nodes", "true").await;
    world.broker.freeze(true);
    let began = tokio::time::Instant::now();
    assert!(eventually(async || !running.has_link()).await);
    assert!(began.elapsed() < Duration::from_millis(3500), "1.5 times the keep-alive");
    world.broker.freeze(false);
    running.is_ready().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_server_on_one_broker_is_not_fought() {
    let world = World::new().await;
    let worker = world.worker("one");
    let mqtt = worker.settings.mqtt.clone();
    let running = Running::of(worker);
    running.is_ready().await;
    let mut options = MqttOptions::new(mqtt.client_id, mqtt.host, mqtt.port);
    options.set_credentials(mqtt.username, mqtt.password);
    let (_client, mut events) = AsyncClient::new(options, 1);
    // the other one comes back whenever it is thrown off, as we do
    let rival = tokio::spawn(async move {
        loop {
            if events.poll().await.is_err() {
                tokio::time::sleep(Duration::from_millis(200)).await;
            }
        }
    });
    let is_told = eventually(
        async || matches!(running.status.report().broker, BrokerState::Refused(why) if why.contains("second server")),
    );
    assert!(is_told.await, "{:?}", running.status.report());
    rival.abort();
}
