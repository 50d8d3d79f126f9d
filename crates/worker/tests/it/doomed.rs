//! A server in a process of its own, so that the kernel can end it at any place as a power cut would. The process
//! is this same test program, told by a variable to be a server and nothing else.
use crate::world::{Running, World, eventually};
use serde_json::{Value, json};
use std::{
    io::{BufRead as _, BufReader, Write as _},
    os::unix::process::ExitStatusExt as _,
    process::{Child, Command, Stdio},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use store::{Clock, Database, DatabaseSettings, live::Bus};
use testkit::DatabaseRole;
use worker::{Failpoint, MqttSettings, Place, Status, Worker, WorkerSettings};

/// Says in the child what it is to serve.
const ORDERS: &str = "TOKKATOT_TEST_DOOMED";
/// The test that the child runs.
const ITSELF: &str =
    "doomed::a_server_of_its_own_ends_by_the_kernels_hand_and_leaves_the_duty_to_others";
/// What it is told instead of a place.
const GO_ON: &str = "go on";
/// What the child says, in a line.
const READY: &str = "!ready";
const ARMED: &str = "!armed";
const REACHED: &str = "!reached";

/// A server that can be killed.
pub(crate) struct Doomed {
    child: Child,
    said: Arc<Said>,
}

#[derive(Default)]
struct Said {
    ready: AtomicBool,
    armed: AtomicBool,
    reached: AtomicBool,
}

impl Doomed {
    /// Starts it; others may have the duty.
    pub(crate) fn start(world: &World, instance: &str) -> Self {
        let (username, password) = world.broker.server_account();
        let orders = json!({
            "database": world.database.url(DatabaseRole::Worker),
            "port": world.broker.port(),
            "username": username,
            "password": password,
            "instance": instance,
        });
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args([ITSELF, "--exact", "--nocapture"])
            .env(ORDERS, orders.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (lines, said) = (BufReader::new(child.stdout.take().unwrap()).lines(), Arc::default());
        let noted: Arc<Said> = Arc::clone(&said);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                match line.as_str() {
                    READY => noted.ready.store(true, Ordering::SeqCst),
                    ARMED => noted.armed.store(true, Ordering::SeqCst),
                    REACHED => noted.reached.store(true, Ordering::SeqCst),
                    _ => {}
                }
            }
        });
        Self { child, said }
    }

    /// Whether it has the duty and its link.
    pub(crate) fn has_link(&self) -> bool {
        self.said.ready.load(Ordering::SeqCst)
    }

    pub(crate) async fn is_ready(&self) {
        assert!(eventually(async || self.has_link()).await, "the server never has its link");
    }

    /// From now on it stops when it comes to this place.
    pub(crate) async fn arm(&mut self, place: Place) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{place:?}").unwrap();
        assert!(
            eventually(async || self.said.armed.load(Ordering::SeqCst)).await,
            "it hears nothing"
        );
    }

    /// Waits until it has come to the place.
    pub(crate) async fn reached(&self) -> bool {
        eventually(async || self.said.reached.load(Ordering::SeqCst)).await
    }

    /// It goes on from the place that it has come to; if it is frozen, as soon as it is not.
    pub(crate) fn let_go(&mut self) {
        writeln!(self.child.stdin.as_mut().unwrap(), "{GO_ON}").unwrap();
    }

    /// Freezes or thaws it.
    pub(crate) fn freeze(&self, frozen: bool) {
        let signal = if frozen { "-STOP" } else { "-CONT" };
        let sent = Command::new("kill").args([signal, &self.child.id().to_string()]).status();
        assert!(sent.unwrap().success());
    }

    /// `kill -9`. It must have lived until then.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        let status = self.child.wait().unwrap();
        assert_eq!(status.signal(), Some(9), "it had ended by itself: {status}");
    }
}

impl Drop for Doomed {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

/// Serves until the process is ended, or its parent is.
async fn serve(orders: &str) {
    let orders: Value = serde_json::from_str(orders).unwrap();
    let text = |name: &str| orders[name].as_str().unwrap().to_owned();
    let settings = DatabaseSettings::new(text("database"), 4);
    let database = Database::new(&settings).await.unwrap();
    let now = store::health::time(&mut database.get().await.unwrap()).await.unwrap();
    let port = u16::try_from(orders["port"].as_u64().unwrap()).unwrap();
    let mqtt = MqttSettings::new("127.0.0.1".to_owned(), port, text("username"), text("password"));
    let failpoint = Failpoint::default();
    let running = Running::of(Worker {
        settings: WorkerSettings::new(mqtt, settings, text("instance")),
        database,
        clock: Clock::anchored_at(now),
        bus: Bus::default(),
        status: Status::default(),
        failpoint: failpoint.clone(),
    });
    let armed = failpoint.clone();
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(Result::ok) {
            if line == GO_ON {
                armed.let_go();
                continue;
            }
            let place = Place::ALL.into_iter().find(|place| format!("{place:?}") == line);
            armed.arm(place.unwrap());
            say(ARMED);
        }
        // whoever gave the orders is gone
        std::process::exit(0);
    });
    while !running.has_link() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    say(READY);
    failpoint.reached().await;
    say(REACHED);
    std::future::pending::<()>().await;
}

/// A line of its own, whatever the test's runner has written before it.
fn say(word: &str) {
    let mut out = std::io::stdout();
    writeln!(out, "\n{word}").unwrap();
    out.flush().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_of_its_own_ends_by_the_kernels_hand_and_leaves_the_duty_to_others() {
    if let Ok(orders) = std::env::var(ORDERS) {
        return serve(&orders).await;
    }
    let world = World::new().await;
    let first = Doomed::start(&world, "one");
    first.is_ready().await;
    let second = Doomed::start(&world, "two");
    let holder = "SELECT holder FROM leases WHERE name = 'ingest'";
    assert_eq!(world.text(holder).await, "one");
    assert!(!second.has_link());
    first.kill();
    second.is_ready().await;
    assert_eq!(world.text(holder).await, "two");
}
