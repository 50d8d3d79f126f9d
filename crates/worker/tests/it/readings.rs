//! A reading's way from a node into the database and back as an acknowledgement.
use crate::world::{World, before, message, reading};
use serde_json::json;

#[tokio::test(flavor = "multi_thread")]
async fn a_reading_is_stored_and_then_acknowledged() {
    let world = World::new().await;
    let _running = world.start().await;
    let mut node = world.node("coop-1").await;
    let ts = world.now_ms();
    node.say("readings", reading(1, ts, 28.5)).await;
    let ack = node.hear("ack").await;
    // it comes only after the row is there: no waiting here
    assert_eq!(world.values().await, "28.5");
    assert_eq!(ack, json!({"boot": "k3f9", "seq": 1}));
    let row = "SELECT concat_ws(' ', node, device, sensor_type, unit, quality, boot, seq,
        (extract(epoch FROM time) * 1000)::bigint) FROM sensor_readings";
    assert_eq!(world.text(row).await, format!("coop-1 air temperature °C 0 k3f9 1 {ts}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_reading_three_times_is_one_row() {
    let world = World::new().await;
    let _running = world.start().await;
    let mut node = world.node("coop-1").await;
    let ts = world.now_ms();
    for _ in 0..3 {
        node.say("readings", reading(1, ts, 28.5)).await;
        assert_eq!(node.hear("ack").await["seq"], 1);
    }
    assert_eq!(world.values().await, "28.5");
    assert_eq!(world.quarantined().await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_reading_enters_history_and_replaces_nothing() {
    let world = World::new().await;
    let _running = world.start().await;
    let mut node = world.node("coop-1").await;
    let now = world.clock.now();
    node.say("readings", reading(1, before(now, 10), 28.5)).await;
    node.say("readings", reading(2, before(now, 60), 27.0)).await;
    node.say("readings", reading(3, before(now, 30), 27.5)).await;
    world.until_values("27 27.5 28.5").await;
    assert_eq!(world.text("SELECT value FROM latest_values").await, "28.5");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_value_for_the_same_time_is_put_away() {
    let world = World::new().await;
    let _running = world.start().await;
    let mut node = world.node("coop-1").await;
    let ts = world.now_ms();
    node.say("readings", reading(1, ts, 28.5)).await;
    node.hear("ack").await;
    node.say("readings", reading(1, ts, 31.0)).await;
    world.until_quarantined("conflict").await;
    assert_eq!(world.values().await, "28.5");
    assert_eq!(world.text("SELECT value FROM latest_values").await, "28.5");
    // in one message, too
    let twice = json!([
        {"device": "air", "sensor": "humidity", "value": 65},
        {"device": "air", "sensor": "humidity", "value": 66},
    ]);
    node.say("readings", message(2, ts, twice)).await;
    world.until_quarantined("conflict conflict").await;
    world.until_values("28.5 65").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_readings_in_many_messages_all_arrive() {
    let world = World::new().await;
    let _running = world.start().await;
    let mut node = world.node("coop-1").await;
    let start = before(world.clock.now(), 3600);
    for seq in 1..=300 {
        let ts = start + seq * 1000;
        let readings: Vec<_> = (0..5)
            .map(|n| json!({"device": format!("air{n}"), "sensor": "temperature", "value": 20 + n}))
            .collect();
        node.say("readings", message(seq, ts, json!(readings))).await;
    }
    let mut acked = 0;
    while acked < 300 {
        acked = node.hear("ack").await["seq"].as_i64().unwrap();
    }
    assert_eq!(world.text("SELECT count(*) FROM sensor_readings").await, "1500");
    assert_eq!(world.text("SELECT acked_seq FROM node_boots").await, "300");
    let latest = "SELECT count(*) FROM latest_readings WHERE ts = (SELECT max(ts) FROM readings)";
    assert_eq!(world.text(latest).await, "5");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calibration_corrects_the_value_and_keeps_the_raw_one() {
    let world = World::new().await;
    let running = world.start().await;
    let mut node = world.node("coop-1").await;
    let now = world.clock.now();
    node.say("readings", reading(1, before(now, 9), 28.5)).await;
    node.hear("ack").await;
    let calibration = r#"INSERT INTO device_configs (device_id, farm_id, parameter_name, parameter_value,
            created_at)
        SELECT id, farm_id, 'calibration_temperature', '{"a": 1.1, "b": -0.5}',
            now() - interval '5 seconds' FROM devices"#;
    world.change(&running, calibration).await;
    node.say("readings", reading(2, before(now, 1), 30.0)).await;
    node.say("readings", reading(3, before(now, 20), 26.0)).await;
    world.until("SELECT count(*) FROM sensor_readings", "3").await;
    let both =
        "SELECT string_agg(concat(round(value::numeric, 3), '/', value_raw), ' ' ORDER BY time)
        FROM sensor_readings";
    assert_eq!(world.text(both).await, "26.000/ 28.500/ 32.500/30", "it holds from its date on");
}

#[tokio::test(flavor = "multi_thread")]
async fn values_in_other_units_are_stored_in_ours() {
    let world = World::new().await;
    let _running = world.start().await;
    let mut node = world.node("coop-1").await;
    let ts = world.now_ms();
    let readings = json!([
        {"device": "air", "sensor": "temperature", "value": 86, "unit": "°F"},
        {"device": "scale", "sensor": "weight", "value": 1500, "unit": "g"},
        {"device": "gas", "sensor": "ammonia", "value": 12, "unit": "ppm"},
    ]);
    node.say("readings", message(1, ts, readings)).await;
    node.hear("ack").await;
    let stored =
        "SELECT string_agg(concat(round(value::numeric, 3), unit), ' ' ORDER BY sensor_type)
        FROM sensor_readings";
    assert_eq!(world.text(stored).await, "12.000ppm 30.000°C 1.500kg");
    let odd = json!([{"device": "air", "sensor": "temperature", "value": 1, "unit": "kg"}]);
    node.say("readings", message(2, ts + 1, odd)).await;
    assert_eq!(node.hear("ack").await["seq"], 2);
    assert_eq!(world.quarantined().await, "bad-unit");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_true_is_stored_as_suspect() {
    let world = World::new().await;
    let _running = world.start().await;
    let mut node = world.node("coop-1").await;
    let ts = world.now_ms();
    for (seq, value) in [(1, 85.0), (2, -127.0), (3, 28.5)] {
        node.say("readings", reading(seq, ts + seq, value)).await;
    }
    world.until_values("85 -127 28.5").await;
    let quality = "SELECT string_agg(quality::text, ' ' ORDER BY time) FROM sensor_readings";
    assert_eq!(world.text(quality).await, "3 3 0");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sensors_rhythm_is_learnt() {
    let world = World::new().await;
    let _running = world.start().await;
    let mut node = world.node("coop-1").await;
    let start = before(world.clock.now(), 3600);
    for seq in 1..=9 {
        node.say("readings", reading(seq, start + seq * 120_000, 28.5)).await;
    }
    while node.hear("ack").await["seq"] != 9 {}
    assert_eq!(world.text("SELECT interval_s FROM series").await, "120");
}
