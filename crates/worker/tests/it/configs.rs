//! Controllers come to know how their devices are set, and what they say of it is kept.
use crate::{
    hand::{devices, fan},
    world::{Running, World, eventually},
};
use serde_json::{Value, json};
use std::time::Duration;
use testkit::TestNode;

/// Nothing more is said in this time, if it is not to be said at all.
const QUIET: Duration = Duration::from_millis(1500);
const WANTED: &str = "SELECT version FROM node_configs";
const HEARD: &str =
    "SELECT concat_ws(' ', sent_version = version, heard_version = version) FROM node_configs";

/// A node that can be reached, with a fan that is in use.
async fn connected(world: &World) -> (Running, TestNode) {
    let running = world.start().await;
    let mut node = world.node("coop-1").await;
    node.say("heartbeat", "{}").await;
    world.until("SELECT is_online FROM nodes WHERE name = 'coop-1'", "true").await;
    (running, node)
}

fn ack(version: i64) -> String {
    json!({ "version": version }).to_string()
}

async fn set_polling(world: &World, seconds: u32) {
    let sql = format!(
        "UPDATE device_configs SET deleted_at = now() WHERE deleted_at IS NULL;
        INSERT INTO device_configs (farm_id, device_id, parameter_name, parameter_value)
        SELECT farm_id, id, 'polling_interval', '{seconds}' FROM devices"
    );
    world.execute(&sql).await;
}

fn version(config: &Value) -> i64 {
    config["version"].as_i64().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_reaches_the_node_and_its_answer_the_farm() {
    let world = World::new().await;
    let (_running, mut node) = connected(&world).await;
    let mut page = world.bus.subscribe(world.farm);
    fan(&world).await;
    let began = tokio::time::Instant::now();
    let config = node.hear("config").await;
    assert!(began.elapsed() < Duration::from_millis(900), "{:?}", began.elapsed());
    assert_eq!(config, json!({ "version": 1, "devices": { "fan1": { "on_link_loss": "hold" } } }));
    world.until(HEARD, "t").await;
    assert!(page.try_recv().is_ok(), "open pages look again");
    node.say("config_ack", ack(1)).await;
    world.until(HEARD, "t t").await;
    set_polling(&world, 30).await;
    let mut config = node.hear("config").await;
    // the old value's end and the new one's beginning are one change
    let wanted: i64 = world.text(WANTED).await.parse().unwrap();
    while version(&config) < wanted {
        config = node.hear("config").await;
    }
    let told = json!({ "on_link_loss": "hold", "polling_interval": 30 });
    assert_eq!(config["devices"]["fan1"], told);
    let confirmed = "SELECT string_agg(event_data ->> 'version', ' ' ORDER BY id) FROM event_logs
        WHERE event_type = 'config_confirmed'";
    assert_eq!(world.text(confirmed).await, "1");
    assert_eq!(world.quarantined().await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_away_gets_the_newest_when_it_is_back_and_is_told_again_each_time() {
    let world = World::new().await;
    let _running = world.start().await;
    fan(&world).await;
    for seconds in [10, 20, 30] {
        set_polling(&world, seconds).await;
    }
    let mut node = world.node("coop-1").await;
    assert_eq!(node.hear_within("config", QUIET).await, None, "it has not said that it is there");
    node.say_retained("availability", "online").await;
    let config = node.hear("config").await;
    assert_eq!(config["devices"]["fan1"]["polling_interval"], 30);
    assert_eq!(node.hear_within("config", QUIET).await, None, "once");
    node.say("config_ack", ack(version(&config))).await;
    world.until(HEARD, "t t").await;
    // it may have lost its memory
    node.say_retained("availability", "online").await;
    assert_eq!(node.hear("config").await, config);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_higher_version_is_overtaken_and_a_refusal_is_kept() {
    let world = World::new().await;
    let (_running, mut node) = connected(&world).await;
    fan(&world).await;
    node.hear("config").await;
    node.say("config_ack", ack(41)).await;
    let config = node.hear("config").await;
    assert_eq!(version(&config), 42);
    let refusal = json!({ "version": 41, "refused": 42, "error": "គ្មានជើងនេះ" });
    node.say("config_ack", refusal.to_string()).await;
    let kept = "SELECT concat_ws(' ', heard_version, refused_version, refusal) FROM node_configs";
    world.until(kept, "41 42 គ្មានជើងនេះ").await;
    let told = "SELECT string_agg(event_data ->> 'error', ' ') FROM event_logs
        WHERE event_type = 'config_refused'";
    assert_eq!(world.text(told).await, "គ្មានជើងនេះ");
    assert_eq!(
        node.hear_within("config", QUIET).await,
        None,
        "what is refused is not said for ever"
    );
    // one that always has a higher one does not keep us busy
    for _ in 0..20 {
        node.say("config_ack", ack(1000)).await;
    }
    assert_eq!(node.hear_within("config", QUIET).await, None);
    assert_eq!(world.text(WANTED).await, "42");
}

#[tokio::test(flavor = "multi_thread")]
async fn words_about_configurations_that_nobody_sent_change_nothing() {
    let world = World::new().await;
    world.add_node("coop-2", None).await;
    let (_running, mut node) = connected(&world).await;
    let mut stranger = world.node("coop-2").await;
    fan(&world).await;
    node.hear("config").await;
    stranger.say("config_ack", ack(1)).await;
    for nonsense in ["{}", r#"{"version":-1}"#, r#"{"version":9007199254740993}"#, "7"] {
        node.say("config_ack", nonsense).await;
    }
    world.until_quarantined("bad-field bad-field bad-number bad-number").await;
    assert_eq!(world.text(HEARD).await, "t");
    assert_eq!(world.text("SELECT count(*) FROM node_configs").await, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_three_servers_one_tells_and_the_next_goes_on_where_it_ended() {
    let world = World::new().await;
    let servers = ["one", "two", "three"].map(|name| world.start_as(name));
    assert!(eventually(async || servers.iter().any(Running::has_link)).await);
    let mut node = world.node("coop-1").await;
    node.say("heartbeat", "{}").await;
    world.until("SELECT is_online FROM nodes WHERE name = 'coop-1'", "true").await;
    devices(&world, "coop-1", "fan", 5).await;
    let mut heard = vec![version(&node.hear("config").await)];
    while let Some(config) = node.hear_within("config", QUIET).await {
        heard.push(version(&config));
    }
    let wanted: i64 = world.text(WANTED).await.parse().unwrap();
    assert_eq!(heard.last(), Some(&wanted));
    assert!(heard.is_sorted_by(|one, next| one < next), "each once: {heard:?}");
    // the one that has the duty dies with a change under way that nobody has published
    let (holders, rest): (Vec<_>, Vec<_>) = servers.into_iter().partition(Running::has_link);
    for holder in holders {
        holder.kill().await;
    }
    world
        .execute("UPDATE node_configs SET attempted_version = version + 1, version = version + 1")
        .await;
    assert!(eventually(async || rest.iter().any(Running::has_link)).await);
    assert_eq!(version(&node.hear("config").await), wanted + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_broker_lost_with_its_life_is_told_again() {
    let mut world = World::new().await;
    let (running, node) = connected(&world).await;
    fan(&world).await;
    world.until(HEARD, "t").await;
    drop(node);
    world.broker.kill();
    set_polling(&world, 60).await;
    world.broker.start();
    running.is_ready().await;
    let mut node = world.node("coop-1").await;
    node.say_retained("availability", "online").await;
    let config = node.hear("config").await;
    assert_eq!(config["devices"]["fan1"]["polling_interval"], 60);
    assert_eq!(version(&config), world.text(WANTED).await.parse::<i64>().unwrap());
}
