//! A database that refuses, fills up or does not answer: what was acknowledged is stored, once.
use crate::world::{Running, World, before, reading};
use serde_json::json;
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use testkit::{DatabaseRole, TestNode};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
};

impl World {
    /// Lets every insert of readings fail as PostgreSQL would for that reason.
    async fn break_readings(&self, code: &str, message: &str) {
        let function = format!(
            "CREATE FUNCTION break_readings() RETURNS trigger LANGUAGE plpgsql AS
             $$ BEGIN RAISE EXCEPTION '{message}' USING ERRCODE = '{code}'; END $$;
             CREATE TRIGGER break_readings BEFORE INSERT ON readings
             FOR EACH STATEMENT EXECUTE FUNCTION break_readings()"
        );
        self.execute(&function).await;
    }

    async fn mend_readings(&self) {
        self.execute("DROP TRIGGER break_readings ON readings").await;
    }
}

/// Sends what was not acknowledged again and again, as a node does, until all is.
async fn insist(node: &mut TestNode, ts: i64, last: i64) {
    let mut acked = 0;
    while acked < last {
        for seq in acked + 1..=last {
            node.say("readings", reading(seq, ts + seq, 20.0)).await;
        }
        while let Some(ack) = node.hear_within("ack", Duration::from_millis(500)).await {
            acked = acked.max(ack["seq"].as_i64().unwrap());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_loses_nothing_and_puts_nothing_away() {
    let world = World::new().await;
    let _running = world.start().await;
    let mut node = world.node("coop-1").await;
    let ts = before(world.clock.now(), 60);
    node.say("readings", reading(1, ts + 1, 20.0)).await;
    node.hear("ack").await;
    let full = r#"could not extend file "base/5/16402": No space left on device"#;
    world.break_readings("53100", full).await;
    for seq in 2..=5 {
        node.say("readings", reading(seq, ts + seq, 20.0)).await;
    }
    let acked = node.hear_within("ack", Duration::from_secs(5)).await;
    assert_eq!(acked, None, "nothing is acknowledged meanwhile");
    world.mend_readings().await;
    while node.hear("ack").await["seq"] != 5 {}
    world.until_values("20 20 20 20 20").await;
    assert_eq!(world.quarantined().await, "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_nobody_knows_costs_no_acknowledged_reading() {
    let world = World::new().await;
    let _running = world.start().await;
    let mut node = world.node("coop-1").await;
    let ts = before(world.clock.now(), 60);
    node.say("readings", reading(1, ts + 1, 20.0)).await;
    node.hear("ack").await;
    world.break_readings("XX000", "something went wrong").await;
    for seq in 2..=5 {
        node.say("readings", reading(seq, ts + seq, 20.0)).await;
    }
    let acked = node.hear_within("ack", Duration::from_secs(6)).await;
    assert_eq!(acked, None, "nothing is acknowledged meanwhile");
    world.mend_readings().await;
    insist(&mut node, ts, 5).await;
    world.until_values("20 20 20 20 20").await;
}

/// Between worker and database; swallows the answer to a commit of readings when it is told to.
struct Proxy {
    port: u16,
    swallows: Arc<AtomicBool>,
}

impl Proxy {
    async fn before(database: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let swallows = Arc::new(AtomicBool::new(false));
        let swallowing = Arc::clone(&swallows);
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = TcpStream::connect(("127.0.0.1", database)).await.unwrap();
                let ((from, to), (answers, back)) = (client.into_split(), server.into_split());
                let inserts = Arc::new(AtomicBool::new(false));
                tokio::spawn(ask(from, back, Arc::clone(&inserts)));
                tokio::spawn(answer(answers, to, inserts, Arc::clone(&swallowing)));
            }
        });
        Self { port, swallows }
    }
}

/// Passes questions on and notes whether this connection is the one that inserts readings.
async fn ask(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, inserts: Arc<AtomicBool>) {
    let mut chunk = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut chunk).await {
        let text = String::from_utf8_lossy(&chunk[..length]);
        if text.contains("INSERT INTO readings") {
            inserts.store(true, Ordering::Relaxed);
        }
        if to.write_all(&chunk[..length]).await.is_err() {
            break;
        }
    }
}

async fn answer(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    inserts: Arc<AtomicBool>,
    swallows: Arc<AtomicBool>,
) {
    let mut chunk = vec![0; 64 * 1024];
    while let Ok(length @ 1..) = from.read(&mut chunk).await {
        if inserts.load(Ordering::Relaxed) && swallows.swap(false, Ordering::Relaxed) {
            break; // the worker sees a connection that broke
        }
        if to.write_all(&chunk[..length]).await.is_err() {
            break;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_was_lost_has_its_effect_once() {
    let world = World::new().await;
    let mut worker = world.worker("one");
    let url = world.database.url(DatabaseRole::Worker);
    let (host, rest) = url.rsplit_once(':').unwrap();
    let (port, name) = rest.split_once('/').unwrap();
    let proxy = Proxy::before(port.parse().unwrap()).await;
    let through = format!("{host}:{}/{name}", proxy.port);
    worker.settings.database = store::DatabaseSettings::new(through, 4);
    let running = Running::of(worker);
    running.is_ready().await;
    let mut node = world.node("coop-1").await;
    let timeless = |seq: i64| {
        json!({"boot": "k3f9", "seq": seq,
            "readings": [{"device": "air", "sensor": "temperature", "value": 20 + seq}]})
    };
    node.say("readings", timeless(1).to_string()).await;
    node.hear("ack").await;
    for seq in 2..=5 {
        proxy.swallows.store(true, Ordering::Relaxed);
        node.say("readings", timeless(seq).to_string()).await;
        while node.hear("ack").await["seq"] != seq {}
        assert!(!proxy.swallows.load(Ordering::Relaxed), "the answer was swallowed");
    }
    let values = "SELECT string_agg(value::text, ' ' ORDER BY time) FROM sensor_readings";
    assert_eq!(world.text(values).await, "21 22 23 24 25");
}
