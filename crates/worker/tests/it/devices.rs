//! Nodes, their devices, and what they say of themselves.
use crate::world::{World, before, message, reading};
use domain::live::News;
use serde_json::json;
use std::time::Duration;
use store::live::Message;
use tokio::sync::broadcast::Receiver;

#[tokio::test(flavor = "multi_thread")]
async fn an_unknown_channel_becomes_a_device_that_waits_for_approval() {
    let world = World::new().await;
    let _running = world.start().await;
    let mut node = world.node("coop-1").await;
    let readings = json!([
        {"device": "air", "sensor": "temperature", "value": 28.5},
        {"device": "air", "sensor": "humidity", "value": 65},
        {"device": "tank", "sensor": "water_level", "value": 80},
    ]);
    node.say("readings", message(1, world.now_ms(), readings)).await;
    node.hear("ack").await;
    let devices = "SELECT string_agg(concat_ws(' ', device_id, name, type, kind, hardware_id,
        coalesce(approved_at::text, 'new')), '; ' ORDER BY device_id) FROM devices";
    assert_eq!(
        world.text(devices).await,
        "coop-1:air air sensor climate coop-1:air new; coop-1:tank tank sensor water_level coop-1:tank new"
    );
    let series = "SELECT string_agg(concat(sensor, unit), ' ' ORDER BY sensor) FROM series";
    assert_eq!(world.text(series).await, "humidity% temperature°C water_level%");
    let events = "SELECT string_agg(event_data ->> 'device', ' ' ORDER BY event_data ->> 'device')
        FROM event_logs WHERE event_type = 'device_found' AND farm_id IS NOT NULL";
    assert_eq!(world.text(events).await, "coop-1:air coop-1:tank");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unclaimed_nodes_readings_wait_until_somebody_claims_it() {
    let world = World::new().await;
    world.add_node("coop-2", None).await;
    let running = world.start().await;
    let mut node = world.node("coop-2").await;
    let ts = world.now_ms();
    node.say("readings", reading(1, ts, 28.5)).await;
    node.say("heartbeat", r#"{"boot":"k3f9","uptime_s":60,"rssi_dbm":-65}"#).await;
    world.until("SELECT uptime_s FROM nodes WHERE name = 'coop-2'", "60").await;
    assert_eq!(node.hear_within("ack", Duration::from_millis(500)).await, None);
    assert_eq!(world.values().await, "");
    world.change(&running, &format!("UPDATE nodes SET farm_id = '{}'", world.farm)).await;
    node.say("readings", reading(1, ts, 28.5)).await;
    assert_eq!(node.hear("ack").await["seq"], 1);
    assert_eq!(world.values().await, "28.5");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_first_message_after_a_claim_is_not_taken_for_the_beginning() {
    let world = World::new().await;
    world.add_node("coop-2", None).await;
    let running = world.start().await;
    let mut node = world.node("coop-2").await;
    // not online, so that nobody cuts its connection
    let claim = format!(
        "UPDATE nodes SET farm_id = '{}', claimed_at = clock_timestamp() WHERE name = 'coop-2'",
        world.farm
    );
    world.change(&running, &claim).await;
    let ts = world.now_ms();
    node.say("readings", reading(3, ts, 28.3)).await;
    world.until_values("28.3").await;
    let early = node.hear_within("ack", Duration::from_millis(2500)).await;
    assert_eq!(early, None, "the node would forget what it has kept since before its claim");
    for (seq, value) in [(1, 28.1), (2, 28.2)] {
        node.say("readings", reading(seq, ts - 10 + seq, value)).await;
    }
    while node.hear("ack").await["seq"] != 3 {}
    world.until_values("28.1 28.2 28.3").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_moves_to_another_farm_gets_new_devices_there() {
    let world = World::new().await;
    let running = world.start().await;
    let mut node = world.node("coop-1").await;
    let ts = world.now_ms();
    node.say("readings", reading(1, ts, 28.5)).await;
    node.hear("ack").await;
    let farm = uuid::Uuid::new_v4();
    let moves = format!(
        "INSERT INTO farms (id, owner_id, name) SELECT '{farm}', owner_id, 'Other' FROM farms;
         UPDATE nodes SET farm_id = '{farm}'"
    );
    world.change(&running, &moves).await;
    node.say("readings", reading(2, ts + 1, 29.5)).await;
    node.hear("ack").await;
    let by_farm = "SELECT string_agg(concat(f.name, '=', value), ' ' ORDER BY time)
        FROM sensor_readings JOIN farms f ON f.id = farm_id";
    assert_eq!(world.text(by_farm).await, "Farm=28.5 Other=29.5");
    let living = "SELECT string_agg(f.name, ' ') FROM devices JOIN farms f ON f.id = farm_id
        WHERE devices.deleted_at IS NULL";
    assert_eq!(world.text(living).await, "Other");
}

/// The farm's owner, as on a page.
fn as_owner(world: &World, sql: &str) -> String {
    let farm = world.farm;
    format!(
        "INSERT INTO farm_users (farm_id, user_id, role, invited_by)
            VALUES ('{farm}', '{farm}', 'admin', '{farm}');
         BEGIN; SET LOCAL tokkatot.\"user\" = '{farm}'; SET LOCAL tokkatot.farms = '{farm}';
         {sql}; COMMIT"
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_device_whose_controller_is_replaced_goes_on_in_its_series() {
    let world = World::new().await;
    world.add_node("coop-2", Some(world.farm)).await;
    let running = world.start().await;
    let (mut old, mut new) = (world.node("coop-1").await, world.node("coop-2").await);
    let ts = before(world.clock.now(), 60);
    old.say("readings", reading(1, ts, 28.5)).await;
    old.hear("ack").await;
    new.say("readings", reading(1, ts + 1, 20.0)).await;
    new.hear("ack").await;
    let replace = "SELECT replace_node(a.id, b.id, now()) FROM nodes a, nodes b
        WHERE a.name = 'coop-1' AND b.name = 'coop-2'";
    world.change(&running, &as_owner(&world, replace)).await;
    new.say("readings", reading(2, ts + 2, 29.5)).await;
    while new.hear("ack").await["seq"] != 2 {}
    let living = "SELECT string_agg(concat(d.device_id, '=', r.value), ' ' ORDER BY time)
        FROM devices d JOIN sensor_readings r ON r.device_id = d.id WHERE d.deleted_at IS NULL";
    assert_eq!(world.text(living).await, "coop-2:air=28.5 coop-2:air=29.5");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_device_has_left_behind_does_not_write_into_its_series() {
    let world = World::new().await;
    world.add_node("coop-2", Some(world.farm)).await;
    let running = world.start().await;
    let (mut old, mut new) = (world.node("coop-1").await, world.node("coop-2").await);
    let ts = before(world.clock.now(), 60);
    old.say("readings", reading(1, ts, 28.5)).await;
    old.hear("ack").await;
    new.say("readings", reading(1, ts + 1, 20.0)).await;
    new.hear("ack").await;
    let replace = "UPDATE devices SET approved_at = now() WHERE device_id = 'coop-1:air';
        SELECT replace_device(a.id, b.id, now()) FROM devices a, devices b
        WHERE a.device_id = 'coop-1:air' AND b.device_id = 'coop-2:air'";
    world.change(&running, &as_owner(&world, replace)).await;
    old.say("readings", reading(2, ts + 2, 11.0)).await;
    while old.hear("ack").await["seq"] != 2 {}
    new.say("readings", reading(2, ts + 3, 29.5)).await;
    while new.hear("ack").await["seq"] != 2 {}
    let by_device = "SELECT string_agg(concat(d.device_id, '=', r.value, CASE WHEN approved_at IS NULL THEN ' new' END), ', ' ORDER BY time)
        FROM devices d JOIN sensor_readings r ON r.device_id = d.id WHERE d.deleted_at IS NULL";
    assert_eq!(world.text(by_device).await, "coop-2:air=28.5, coop-1:air=11 new, coop-2:air=29.5");
}

#[tokio::test(flavor = "multi_thread")]
async fn devices_report_their_state_and_the_newest_stays() {
    let world = World::new().await;
    let _running = world.start().await;
    let mut node = world.node("coop-1").await;
    let (newer, older) = (before(world.clock.now(), 5), before(world.clock.now(), 50));
    let state = |seq: i64, ts: i64, state: &str| {
        json!({"boot": "k3f9", "seq": seq, "ts": ts, "states": [
            {"device": "fan1", "state": state, "cause": "command", "since": ts - 1000}]})
        .to_string()
    };
    node.say("state", state(1, newer, "on")).await;
    node.say("state", state(2, older, "off")).await;
    while node.hear("ack").await["seq"] != 2 {}
    let device = "SELECT concat_ws(' ', reported_state, reported_cause, kind, type,
        (extract(epoch FROM reported_at) * 1000)::bigint,
        (extract(epoch FROM reported_since) * 1000)::bigint) FROM devices";
    let wanted = format!("on command fan relay {newer} {}", newer - 1000);
    assert_eq!(world.text(device).await, wanted);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_heartbeat_tells_how_the_node_is() {
    let world = World::new().await;
    let _running = world.start().await;
    let mut node = world.node("coop-1").await;
    let beat = r#"{"boot":"k3f9","uptime_s":86400,"firmware":"2.1.0","rssi_dbm":-65,
        "battery_pct":81,"heap_free":102400}"#;
    node.say("heartbeat", beat).await;
    let figures =
        "SELECT concat_ws(' ', uptime_s, firmware_version, rssi_dbm, battery_pct, heap_free)
        FROM nodes";
    world.until(figures, "86400 2.1.0 -65 81 102400").await;
    world.until("SELECT is_online FROM nodes", "true").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_connects_or_restarts_is_told_the_time() {
    let world = World::new().await;
    let _running = world.start().await;
    let mut node = world.node("coop-1").await;
    node.say_retained("availability", "online").await;
    let told = node.hear("time").await["now"].as_i64().unwrap();
    assert!((world.now_ms() - told).abs() < 5_000);
    node.say("readings", reading(1, world.now_ms(), 28.5)).await;
    node.hear("time").await;
    node.say("readings", reading(1, world.now_ms(), 28.5).replace("k3f9", "new")).await;
    node.hear("time").await;
    let restarts = "SELECT string_agg(event_data ->> 'boot', ' ') FROM event_logs
        WHERE event_type = 'node_restarted'";
    assert_eq!(world.text(restarts).await, "new", "its first start is none");
}

/// The first news of a kind.
async fn heard<T>(page: &mut Receiver<Message>, kind: impl Fn(News) -> Option<T>) -> T {
    let search = async {
        loop {
            let Message::News(event) = page.recv().await.unwrap() else { continue };
            if let Some(found) = kind(event.news.clone()) {
                return found;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(5), search).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn open_pages_hear_newest_values_and_states_also_of_new_devices() {
    let world = World::new().await;
    let _running = world.start().await;
    let mut node = world.node("coop-1").await;
    let ts = before(world.clock.now(), 10);
    node.say("readings", reading(1, ts, 28.5)).await;
    node.hear("ack").await;
    let mut page = world.bus.subscribe(world.farm);
    node.say("readings", reading(2, ts - 5000, 20.0)).await;
    let two = json!([
        {"device": "air", "sensor": "temperature", "value": 29.0},
        {"device": "new", "sensor": "temperature", "value": 1.0},
    ]);
    node.say("readings", message(3, ts + 1000, two)).await;
    let readings = heard(&mut page, |news| match news {
        News::Readings { readings } => Some(readings),
        _ => None,
    });
    let readings = readings.await;
    let mut said: Vec<_> = readings.iter().map(|r| (r.channel.as_str(), r.value)).collect();
    said.sort_by_key(|(channel, _)| *channel);
    assert_eq!(said, [("air", 29.0), ("new", 1.0)], "nothing older");
    let state = json!({"boot": "k3f9", "seq": 4, "ts": ts + 2000,
        "states": [{"device": "air", "state": "on", "cause": "schedule", "since": ts + 1500}]});
    node.say("state", state.to_string()).await;
    let device = heard(&mut page, |news| match news {
        News::Device(device) if device.state.is_some() => Some(device),
        _ => None,
    });
    let device = device.await;
    assert_eq!((device.state.as_deref(), device.is_online), (Some("on"), true));
    assert_eq!(device.cause.as_deref(), Some("schedule"));
    let since = device.since.unwrap().as_millis();
    assert_eq!(since - device.reported_at.unwrap().as_millis(), -500);
}

#[tokio::test(flavor = "multi_thread")]
async fn too_many_devices_of_one_node_are_put_away() {
    let world = World::new().await;
    let _running = world.start().await;
    let mut node = world.node("coop-1").await;
    let readings: Vec<_> = (0..70)
        .map(|n| json!({"device": format!("d{n}"), "sensor": "temperature", "value": 20}))
        .collect();
    node.say("readings", message(1, world.now_ms(), json!(readings))).await;
    assert_eq!(node.hear("ack").await["seq"], 1);
    assert_eq!(world.quarantined().await, "too-many-devices");
    assert_eq!(world.text("SELECT count(*) FROM devices").await, "64");
    node.say("readings", message(2, world.now_ms(), json!(readings[..60]))).await;
    assert_eq!(node.hear("ack").await["seq"], 2);
    assert_eq!(world.text("SELECT count(*) FROM readings").await, "60");
}
