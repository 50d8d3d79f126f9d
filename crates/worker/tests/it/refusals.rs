//! What is not taken: put away with a reason, or refused and counted, and never in the way of the next.
use crate::world::{World, message, reading};
use serde_json::json;
use std::time::Duration;

#[tokio::test(flavor = "multi_thread")]
async fn bad_input_is_put_away_with_a_reason_and_the_next_good_reading_is_stored() {
    let world = World::new().await;
    let _running = world.start().await;
    let mut node = world.node("coop-1").await;
    let value = |value: &str| {
        format!(r#"{{"readings":[{{"device":"air","sensor":"temperature","value":{value}}}]}}"#)
            .into_bytes()
    };
    let cases: [(Vec<u8>, &str); 12] = [
        (b"hello".to_vec(), "bad-json"),
        (b"".to_vec(), "bad-json"),
        (value("\"29.1\""), "bad-field"),
        (value("NaN"), "bad-json"),
        (value("1e400"), "bad-number"),
        (br#"{"readings":[{"sensor":"temperature","value":28"#.to_vec(), "bad-json"),
        (br#"{"seq":1,"seq":2,"readings":[]}"#.to_vec(), "duplicate-key"),
        (b"{\"boot\":\"\xff\xfe\",\"readings\":[]}".to_vec(), "not-utf8"),
        (vec![b' '; 70 * 1024], "too-large"),
        ("[".repeat(100_000).into_bytes(), "too-large"),
        ("[".repeat(60_000).into_bytes(), "too-deep"),
        (
            br#"{"readings":[{"device":"a/b","sensor":"temperature","value":1}]}"#.to_vec(),
            "bad-text",
        ),
    ];
    for (payload, _) in &cases {
        node.say("readings", payload.clone()).await;
    }
    node.say("readings", reading(1, world.now_ms(), 28.5)).await;
    world.until_values("28.5").await;
    let mut reasons = cases.map(|(_, reason)| reason);
    reasons.sort_unstable();
    world.until_quarantined(&reasons.join(" ")).await;
    let kept =
        "SELECT concat_ws(' ', topic, node, size, octet_length(payload), octet_length(sha256))
        FROM quarantine WHERE reason = 'too-large' AND size = 71680";
    assert_eq!(world.text(kept).await, "tokkatot/coop-1/up/readings coop-1 71680 4096 32");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_message_is_acknowledged_or_its_node_would_send_it_for_ever() {
    let world = World::new().await;
    let _running = world.start().await;
    let mut node = world.node("coop-1").await;
    let ts = world.now_ms();
    node.say("readings", reading(1, ts, 28.5)).await;
    let bad = json!([{"device": "air", "sensor": "temperature", "value": "29.1"}]);
    node.say("readings", message(2, ts + 1, bad)).await;
    node.say("readings", reading(3, ts + 2, 28.6)).await;
    while node.hear("ack").await["seq"] != 3 {}
    assert_eq!(world.quarantined().await, "bad-field");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_floods_nonsense_is_shown_to_answer_wrongly_and_noted_once_a_minute() {
    let world = World::new().await;
    let _running = world.start().await;
    let mut node = world.node("coop-1").await;
    world.execute("CREATE TABLE noted AS SELECT now() AS at LIMIT 0; GRANT INSERT ON noted TO PUBLIC;
        CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN INSERT INTO noted VALUES (now()); RETURN NULL; END $$;
        CREATE TRIGGER noted AFTER UPDATE OF answered_wrongly_at ON nodes FOR EACH ROW EXECUTE FUNCTION note()").await;
    for _ in 0..200 {
        node.say("readings", "hello").await;
    }
    node.say("readings", reading(1, world.now_ms(), 28.5)).await;
    world.until_values("28.5").await;
    world.until("SELECT count(*) FROM quarantine", "200").await;
    let shown =
        "SELECT concat_ws(' ', answered_wrongly_why, answers_wrongly_since = answered_wrongly_at)
        FROM nodes WHERE name = 'coop-1'";
    assert_eq!(world.text(shown).await, "bad-json t");
    assert_eq!(world.text("SELECT count(*) FROM noted").await, "1");
    let events = "SELECT count(*) FROM event_logs WHERE event_type = 'node_answers_wrongly'";
    assert_eq!(world.text(events).await, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn retained_telemetry_is_put_away() {
    let world = World::new().await;
    let _running = world.start().await;
    let mut node = world.node("coop-1").await;
    node.say_retained("readings", reading(1, world.now_ms(), 28.5)).await;
    world.until_quarantined("retained").await;
    assert_eq!(world.values().await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn telemetry_that_the_broker_kept_is_put_away() {
    let world = World::new().await;
    let mut node = world.node("coop-1").await;
    node.say_retained("readings", reading(1, world.now_ms(), 28.5)).await;
    let _running = world.start().await;
    world.until_quarantined("retained").await;
    assert_eq!(world.values().await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_publishes_on_anothers_topic_reaches_nothing() {
    let world = World::new().await;
    world.add_node("coop-2", Some(world.farm)).await;
    let _running = world.start().await;
    let intruder = world.node("coop-2").await;
    let ts = world.now_ms();
    for topic in [
        "tokkatot/coop-1/up/readings",
        "tokkatot/coop-1/up/state",
        "tokkatot/coop-2/down/ack",
        "tokkatot/coop-1/down/ack",
    ] {
        intruder.say_on(topic, false, reading(1, ts, 99.0)).await;
        intruder.say_on(topic, true, reading(1, ts, 99.0)).await;
    }
    // a client library may give up a connection whose messages are refused
    tokio::time::sleep(Duration::from_millis(500)).await;
    drop(intruder);
    let mut intruder = world.node("coop-2").await;
    intruder.say("readings", reading(1, ts, 20.0)).await;
    intruder.hear("ack").await;
    let nodes = "SELECT string_agg(concat(node, '=', value), ' ') FROM sensor_readings";
    assert_eq!(world.text(nodes).await, "coop-2=20");
    assert_eq!(world.quarantined().await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_node_is_refused_at_once() {
    let world = World::new().await;
    let running = world.start().await;
    let mut node = world.node("coop-1").await;
    let ts = world.now_ms();
    node.say("readings", reading(1, ts, 28.5)).await;
    node.hear("ack").await;
    world.change(&running, "UPDATE nodes SET revoked_at = now()").await;
    node.say("readings", reading(2, ts + 1, 28.6)).await;
    assert_eq!(node.hear_within("ack", Duration::from_millis(700)).await, None);
    assert_eq!(world.values().await, "28.5");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_the_database_refuses_is_found_and_the_others_are_stored() {
    let world = World::new().await;
    world
        .execute("ALTER TABLE readings ADD CONSTRAINT readings_odd_check CHECK (value <> 13)")
        .await;
    let mut node = world.node("coop-1").await;
    // all of it waits at the broker, so that it comes as one batch
    world.start().await.stop().await;
    let ts = world.now_ms();
    for seq in 1..=9 {
        node.say("readings", reading(seq, ts + seq, 8.0 + f64::from(i32::try_from(seq).unwrap())))
            .await;
    }
    let _running = world.start().await;
    while node.hear("ack").await["seq"] != 9 {}
    world.until_values("9 10 11 12 14 15 16 17").await;
    assert_eq!(world.quarantined().await, "refused-by-database");
}
