//! Acknowledgements are cumulative and never pass a gap.
use crate::world::{World, before, reading};
use serde_json::json;
use std::time::Duration;

const SOON: Duration = Duration::from_millis(2500);

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledgement_stops_at_a_gap_until_it_is_filled() {
    let world = World::new().await;
    let _running = world.start().await;
    let mut node = world.node("coop-1").await;
    let ts = before(world.clock.now(), 10);
    for seq in [1, 2, 4, 5] {
        node.say("readings", reading(seq, ts + seq, 28.5)).await;
    }
    let mut acked = json!(null);
    while let Some(ack) = node.hear_within("ack", Duration::from_millis(700)).await {
        acked = ack["seq"].clone();
    }
    assert_eq!(acked, 2);
    assert_eq!(world.text("SELECT count(*) FROM readings").await, "4", "what came is kept");
    node.say("readings", reading(3, ts + 3, 28.5)).await;
    assert_eq!(node.hear("ack").await["seq"], 5);
    assert_eq!(world.text("SELECT acked_seq FROM node_boots").await, "5");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_node_gave_up_is_counted_and_passed() {
    let world = World::new().await;
    let _running = world.start().await;
    let mut node = world.node("coop-1").await;
    let ts = before(world.clock.now(), 10);
    node.say("readings", reading(1, ts, 28.5)).await;
    assert_eq!(node.hear("ack").await["seq"], 1);
    let mut late = serde_json::from_str::<serde_json::Value>(&reading(8, ts + 8, 28.6)).unwrap();
    late["first"] = json!(6);
    node.say("readings", late.to_string()).await;
    assert_eq!(node.hear("ack").await["seq"], 5, "6 and 7 may still come");
    node.say("readings", reading(6, ts + 6, 28.6)).await;
    node.say("readings", reading(7, ts + 7, 28.6)).await;
    while node.hear("ack").await["seq"] != 8 {}
    assert_eq!(world.text("SELECT given_up FROM node_boots").await, "4");
    let event =
        "SELECT event_data ->> 'messages' FROM event_logs WHERE event_type = 'readings_given_up'";
    assert_eq!(world.text(event).await, "4");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_boot_met_in_its_middle_is_acknowledged_a_moment_later() {
    let world = World::new().await;
    let _running = world.start().await;
    let mut node = world.node("coop-1").await;
    let ts = before(world.clock.now(), 10);
    node.say("readings", reading(1042, ts, 28.5)).await;
    assert_eq!(node.hear_within("ack", SOON).await, Some(json!({"boot": "k3f9", "seq": 1042})));
}

#[tokio::test(flavor = "multi_thread")]
async fn acknowledgements_go_on_after_a_restart_of_the_server() {
    let world = World::new().await;
    let running = world.start().await;
    let mut node = world.node("coop-1").await;
    let ts = before(world.clock.now(), 10);
    node.say("readings", reading(1, ts + 1, 28.5)).await;
    node.say("readings", reading(2, ts + 2, 28.5)).await;
    while node.hear("ack").await["seq"] != 2 {}
    running.stop().await;
    node.say("readings", reading(4, ts + 4, 28.5)).await;
    let _running = world.start().await;
    assert_eq!(node.hear("ack").await["seq"], 2, "3 is missing");
    node.say("readings", reading(3, ts + 3, 28.5)).await;
    assert_eq!(node.hear("ack").await["seq"], 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn readings_without_a_number_are_stored_and_not_acknowledged() {
    let world = World::new().await;
    let _running = world.start().await;
    let mut node = world.node("coop-1").await;
    let ts = world.now_ms();
    let payload =
        json!({"ts": ts, "readings": [{"sensor": "temperature", "value": 28.5}]}).to_string();
    node.say("readings", payload.clone()).await;
    node.say("readings", payload).await;
    world.until_values("28.5").await;
    assert_eq!(node.hear_within("ack", Duration::from_millis(500)).await, None);
    assert_eq!(world.text("SELECT device FROM sensor_readings").await, "main");
}

#[tokio::test(flavor = "multi_thread")]
async fn states_and_readings_share_one_sequence() {
    let world = World::new().await;
    let _running = world.start().await;
    let mut node = world.node("coop-1").await;
    let ts = before(world.clock.now(), 10);
    node.say("readings", reading(1, ts, 28.5)).await;
    let states =
        json!({"boot": "k3f9", "seq": 2, "ts": ts, "states": [{"device": "fan1", "state": "on"}]});
    node.say("state", states.to_string()).await;
    while node.hear("ack").await["seq"] != 2 {}
}

#[tokio::test(flavor = "multi_thread")]
async fn a_boot_met_in_its_middle_is_acknowledged_also_while_others_talk() {
    let world = World::new().await;
    world.add_node("coop-2", Some(world.farm)).await;
    let _running = world.start().await;
    let (mut node, mut other) = (world.node("coop-1").await, world.node("coop-2").await);
    let ts = before(world.clock.now(), 60);
    let talk = tokio::spawn(async move {
        for seq in 1.. {
            other.say("readings", reading(seq, ts + seq, 20.0)).await;
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    });
    node.say("readings", reading(1042, ts, 28.5)).await;
    let ack = node.hear_within("ack", Duration::from_secs(5)).await;
    talk.abort();
    assert_eq!(ack.unwrap()["seq"], 1042);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_boot_has_its_own_count_of_what_was_given_up() {
    let world = World::new().await;
    let mut node = world.node("coop-1").await;
    // all of it waits at the broker, so that it comes as one batch
    world.start().await.stop().await;
    let ts = before(world.clock.now(), 60);
    let with_first = |boot: &str, seq: i64, first: i64| {
        let mut message: serde_json::Value =
            serde_json::from_str(&reading(seq, ts + seq, 20.0)).unwrap();
        (message["boot"], message["first"]) = (json!(boot), json!(first));
        message.to_string()
    };
    node.say("readings", with_first("a", 1, 1)).await;
    node.say("readings", with_first("b", 1, 1)).await;
    node.say("readings", with_first("a", 6, 6)).await;
    node.say("readings", with_first("b", 2, 1)).await;
    let _running = world.start().await;
    let given_up = "SELECT string_agg(concat(boot, acked_seq, ' ', given_up), ', ' ORDER BY boot)
        FROM node_boots";
    world.until(given_up, "a6 4, b2 0").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_restarts_without_end_keeps_its_readings_and_fills_no_table() {
    let world = World::new().await;
    let _running = world.start().await;
    let mut node = world.node("coop-1").await;
    let ts = before(world.clock.now(), 600);
    for boot in 1..=70 {
        let message = reading(1, ts + boot, 20.0).replace("k3f9", &format!("boot-{boot}"));
        node.say("readings", message).await;
    }
    world.until("SELECT count(*) FROM readings", "70").await;
    assert_eq!(world.text("SELECT count(*) FROM node_boots").await, "60");
    let restarts = "SELECT count(*) FROM event_logs WHERE event_type = 'node_restarted'";
    assert_eq!(world.text(restarts).await, "59");
}
