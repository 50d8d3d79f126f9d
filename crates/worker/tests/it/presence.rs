//! Who can be reached.
use crate::world::{Running, World, reading};
use diesel_async::SimpleAsyncConnection as _;
use domain::{Timestamp, live::News};
use std::time::Duration;
use store::{Clock, live::Message};

const ONLINE: &str = "SELECT is_online FROM nodes";
const EVENTS: &str = "SELECT string_agg(event_type, ' ' ORDER BY id) FROM event_logs
    WHERE event_type IN ('node_online', 'node_offline')";

async fn standing_still() -> (World, Running) {
    let mut world = World::new().await;
    // whole seconds: the database keeps microseconds
    world.clock = Clock::fake(Timestamp::from_millis(world.now_ms()));
    let running = world.start().await;
    (world, running)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_node_goes_offline_after_three_intervals_and_comes_back() {
    let (world, _running) = standing_still().await;
    let mut node = world.node("coop-1").await;
    node.say("readings", reading(1, world.now_ms(), 28.5)).await;
    world.until(ONLINE, "true").await;
    world.until("SELECT is_online FROM devices", "true").await;
    world.clock.advance(Duration::from_secs(90));
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(world.text(ONLINE).await, "true");
    world.clock.advance(Duration::from_secs(1));
    world.until(ONLINE, "false").await;
    assert_eq!(world.text("SELECT is_online FROM devices").await, "false");
    node.say("heartbeat", "{}").await;
    world.until(ONLINE, "true").await;
    assert_eq!(world.text(EVENTS).await, "node_online node_offline node_online");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_last_will_takes_a_node_offline_at_once_and_pages_hear_it() {
    let world = World::new().await;
    let _running = world.start().await;
    let mut node = world.node("coop-1").await;
    node.say("readings", reading(1, world.now_ms(), 28.5)).await;
    world.until(ONLINE, "true").await;
    let mut page = world.bus.subscribe(world.farm);
    drop(node);
    world.until(ONLINE, "false").await;
    let gone = async {
        loop {
            if let Message::News(event) = page.recv().await.unwrap()
                && matches!(&event.news, News::Device(device) if !device.is_online)
            {
                return;
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(5), gone).await.expect("pages hear it");
    let heard = "SELECT last_seen_at > now() - interval '1 minute' FROM nodes";
    assert_eq!(world.text(heard).await, "true", "and can say when it was last heard");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kept_online_is_no_sign_of_life_and_a_kept_offline_counts() {
    let world = World::new().await;
    world.add_node("coop-2", Some(world.farm)).await;
    world
        .execute("UPDATE nodes SET is_online = true, last_seen_at = now() WHERE name = 'coop-2'")
        .await;
    let mut one = world.node("coop-1").await;
    one.say_retained("availability", "online").await;
    let mut two = world.node("coop-2").await;
    two.say_retained("availability", "offline").await;
    let _running = world.start().await;
    world
        .until("SELECT string_agg(is_online::text, ' ' ORDER BY name) FROM nodes", "false false")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_goes_offline_while_our_own_link_is_down() {
    let (mut world, running) = standing_still().await;
    let mut node = world.node("coop-1").await;
    node.say("readings", reading(1, world.now_ms(), 28.5)).await;
    world.until(ONLINE, "true").await;
    world.broker.kill();
    assert!(crate::world::eventually(async || !running.has_link()).await);
    world.clock.advance(Duration::from_secs(600));
    tokio::time::sleep(Duration::from_millis(2500)).await;
    assert_eq!(world.text(ONLINE).await, "true");
    drop(node);
    world.broker.start();
    running.is_ready().await;
    world.clock.advance(Duration::from_secs(90));
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(world.text(ONLINE).await, "true", "everyone has a full span of grace");
    world.clock.advance(Duration::from_secs(1));
    world.until(ONLINE, "false").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_goes_offline_while_the_database_holds_up_what_they_say() {
    let (world, _running) = standing_still().await;
    let mut node = world.node("coop-1").await;
    node.say("readings", reading(1, world.now_ms(), 28.5)).await;
    world.until(ONLINE, "true").await;
    let owner = world.database.owner();
    let mut locker = owner.get().await.unwrap();
    locker.batch_execute("BEGIN; LOCK TABLE readings IN ACCESS EXCLUSIVE MODE").await.unwrap();
    node.say("readings", reading(2, world.now_ms() + 1, 28.6)).await;
    let waiting = "SELECT count(*) > 0 FROM pg_locks
        WHERE relation = 'readings'::regclass AND NOT granted";
    world.until(waiting, "true").await;
    world.clock.advance(Duration::from_secs(600));
    tokio::time::sleep(Duration::from_millis(2500)).await;
    assert_eq!(world.text(ONLINE).await, "true");
    locker.batch_execute("COMMIT").await.unwrap();
    world.until_values("28.5 28.6").await;
    world.clock.advance(Duration::from_secs(90));
    tokio::time::sleep(Duration::from_millis(1500)).await;
    assert_eq!(world.text(ONLINE).await, "true", "everyone has a full span of grace");
    world.clock.advance(Duration::from_secs(1));
    world.until(ONLINE, "false").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_node_that_is_thrown_off_is_offline_at_once() {
    let world = World::new().await;
    let running = world.start().await;
    let mut node = world.node("coop-1").await;
    node.say("readings", reading(1, world.now_ms(), 28.5)).await;
    world.until(ONLINE, "true").await;
    world.change(&running, "UPDATE nodes SET revoked_at = now()").await;
    // its last will, as when the broker throws it off
    drop(node);
    world.until(ONLINE, "false").await;
}
