//! Wrong clocks: corrected once per boot, kept in both forms.
use crate::world::{World, before, reading};
use serde_json::json;

const ROWS: &str = "SELECT string_agg(concat_ws(' ', (extract(epoch FROM ts) * 1000)::bigint,
    (extract(epoch FROM device_ts) * 1000)::bigint, quality), '; ' ORDER BY seq) FROM readings";

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_was_never_set_is_corrected_for_its_whole_boot() {
    let world = World::new().await;
    let _running = world.start().await;
    let mut node = world.node("coop-1").await;
    for (seq, ts) in [(1, 5_000), (2, 7_000), (1, 5_000)] {
        node.say("readings", reading(seq, ts, 28.5)).await;
        node.hear("ack").await;
    }
    let offset: i64 = world.text("SELECT clock_offset_ms FROM node_boots").await.parse().unwrap();
    assert!((world.now_ms() - 5_000 - offset).abs() < 10_000, "{offset}");
    let wanted = format!("{} 5000 1; {} 7000 1", offset + 5_000, offset + 7_000);
    assert_eq!(world.text(ROWS).await, wanted, "a replay lands on the same instant");
    let event = "SELECT count(*) FROM event_logs WHERE event_type = 'node_clock_wrong'";
    assert_eq!(world.text(event).await, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_ten_years_ahead_is_corrected_and_one_within_bounds_is_believed() {
    let world = World::new().await;
    let _running = world.start().await;
    let mut node = world.node("coop-1").await;
    let good = before(world.clock.now(), 3600);
    node.say("readings", reading(1, good, 28.5)).await;
    node.hear("ack").await;
    assert_eq!(world.text(ROWS).await, format!("{good} 0"));
    let ahead = world.now_ms() + 10 * 365 * 24 * 3600 * 1000;
    let other_boot = reading(1, ahead, 29.5).replace("k3f9", "other");
    node.say("readings", other_boot).await;
    node.hear("ack").await;
    let offset: i64 = world
        .text("SELECT clock_offset_ms FROM node_boots WHERE boot = 'other'")
        .await
        .parse()
        .unwrap();
    let now = ahead + offset;
    assert!((world.now_ms() - now).abs() < 10_000, "{offset}");
    let of_boot = "SELECT concat_ws(' ', (extract(epoch FROM time) * 1000)::bigint, quality)
        FROM sensor_readings WHERE boot = 'other'";
    assert_eq!(world.text(of_boot).await, format!("{now} 1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn readings_without_a_time_get_that_of_their_arrival() {
    let world = World::new().await;
    let _running = world.start().await;
    let mut node = world.node("coop-1").await;
    let started = world.now_ms();
    for seq in [1, 2, 2, 1] {
        let payload = json!({"boot": "k3f9", "seq": seq,
            "readings": [{"device": "air", "sensor": "temperature", "value": 20 + seq}]});
        node.say("readings", payload.to_string()).await;
        node.hear("ack").await;
    }
    let rows = world.text(
        "SELECT string_agg(concat(value, '/', quality), ' ' ORDER BY time) FROM sensor_readings",
    );
    assert_eq!(rows.await, "21/1 22/1", "each number once");
    let first =
        world.text("SELECT (extract(epoch FROM min(time)) * 1000)::bigint FROM sensor_readings");
    let first: i64 = first.await.parse().unwrap();
    assert!((started..=world.now_ms()).contains(&first));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_clock_that_ran_ahead_and_is_set_is_believed_from_then_on() {
    let world = World::new().await;
    let running = world.start().await;
    let mut node = world.node("coop-1").await;
    let (now, seven_hours) = (world.now_ms(), 7 * 3600 * 1000);
    for seq in 1..=2 {
        node.say("readings", reading(seq, now + seven_hours + seq, 28.5)).await;
        node.hear("ack").await;
    }
    // it was told the time; far from the moments at which the others came, which theirs were corrected to
    let (third, fourth) = (now + 30_003, now + 30_004);
    node.say("readings", reading(3, third, 28.6)).await;
    node.hear("ack").await;
    let offset: i64 = world.text("SELECT clock_offset_ms FROM node_boots").await.parse().unwrap();
    let early = now + seven_hours + offset;
    let wanted = |last: i64| {
        let (one, two) = (early + 1, early + 2);
        format!(
            "{one} {} 1; {two} {} 1; {} 0; {last} 0",
            now + seven_hours + 1,
            now + seven_hours + 2,
            third
        )
    };
    assert_eq!(world.text("SELECT clock_set_seq FROM node_boots").await, "3");
    // replays land where they were, also with another server
    running.stop().await;
    let _running = world.start().await;
    node.say("readings", reading(2, now + seven_hours + 2, 28.5)).await;
    node.say("readings", reading(3, third, 28.6)).await;
    node.say("readings", reading(4, fourth, 28.7)).await;
    while node.hear("ack").await["seq"] != 4 {}
    assert_eq!(world.text(ROWS).await, wanted(fourth));
    assert_eq!(world.quarantined().await, "");
}
