//! The simulator's own node, by the command line: text, JSON, exit code.
use super::{HEARTBEAT, READINGS, RING, time};
use crate::support::{Binary, Folder};
use serde_json::Value;
use simulator::{
    faults::Faults,
    house::{House, HousePlan},
    link::{self, Tally, TrueTime, play},
    player::{Part, Player},
};
use std::{
    io::Write as _,
    path::{Path, PathBuf},
    process::{Output, Stdio},
    time::Duration,
};
use testkit::TestBroker;
use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;

/// A simulated node with a plug; ends with its test.
struct Simulated(AbortHandle);

impl Drop for Simulated {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Simulated {
    fn start(port: u16, name: &'static str, plug: PathBuf, time: TrueTime) -> Self {
        let work = async move {
            loop {
                tokio::select! {
                    () = run(port, name, time) => return,
                    () = pulled(&plug) => {}
                }
            }
        };
        Self(tokio::spawn(work).abort_handle())
    }
}

async fn run(port: u16, name: &str, time: TrueTime) {
    let now = time.now();
    let day = i32::try_from(now.as_millis() / 86_400_000).unwrap();
    let house = House::begin(HousePlan::usual(day), name, 1, now.minus(Duration::from_hours(1)));
    let part = Part {
        name: name.parse().unwrap(),
        house,
        interval: READINGS,
        capacity: RING,
        heartbeat: HEARTBEAT,
        faults: Faults::default(),
        seed: 1,
    };
    let broker = link::Broker { host: "127.0.0.1".to_owned(), port };
    let (tally, stop) = (Tally::default(), CancellationToken::new());
    play(Player::start(part, now), &broker, name, time, &tally, stop).await;
}

async fn pulled(plug: &Path) {
    let mut turn = tokio::time::interval(Duration::from_millis(20));
    while std::fs::remove_file(plug).is_err() {
        turn.tick().await;
    }
}

/// Runs `tokkatot node check` for that node, as on a tester's desk.
async fn check(broker: &TestBroker, plug: &Path, more: &[&str]) -> Output {
    let (user, password) = broker.server_account();
    let address = format!("127.0.0.1:{}", broker.port());
    let restart = format!("touch {}", plug.display());
    let ring = RING.to_string();
    let mut arguments = vec![
        "node",
        "check",
        "--broker",
        &address,
        "--user",
        &user,
        "--password-stdin",
        "--readings",
        "100ms",
        "--heartbeat",
        "2s",
        "--patience",
        "3s",
        "--reconnect",
        "5s",
        "--timed",
        "700ms",
        "--ring",
        &ring,
        "--restart-with",
        &restart,
    ];
    arguments.extend(more);
    let mut command = Binary::default().command(&arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    writeln!(child.stdin.take().unwrap(), "{password}").unwrap();
    tokio::task::spawn_blocking(move || child.wait_with_output().unwrap()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_simulators_node_keeps_every_rule() {
    let (broker, folder) = (testkit::broker(), Folder::new());
    broker.add_node("sim", "sim");
    let plug = folder.0.join("plug");
    let _node = Simulated::start(broker.port(), "sim", plug.clone(), time());
    let said = check(&broker, &plug, &["--name", "sim", "--json"]).await;
    let report: Value = serde_json::from_slice(&said.stdout).unwrap();
    assert_eq!(
        (said.status.code(), &report["passed"], &report["failed"], &report["left_out"]),
        (Some(0), &server::node_check::Rule::ALL.len().into(), &0.into(), &0.into()),
        "{report:#}"
    );
    let progress = String::from_utf8(said.stderr).unwrap();
    assert!(progress.contains("cutting the node's connection"), "{progress}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_rule_ends_with_one_and_says_what_to_do() {
    let (broker, folder) = (testkit::broker(), Folder::new());
    broker.add_node("sim", "sim");
    let plug = folder.0.join("plug");
    let _node = Simulated::start(broker.port(), "sim", plug.clone(), time());
    let more = ["--name", "sim", "--switch", "fan1", "--switch", "fan9", "--no-sensors"];
    let said = check(&broker, &plug, &more).await;
    let text = String::from_utf8(said.stdout).unwrap();
    assert_eq!(said.status.code(), Some(1), "{text}");
    for line in [
        "FAIL  state-after-connect",
        "seen: not told of: fan9",
        "fix: publish one up/state",
        "see: docs/devices.md#state",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(text.trim_end().ends_with("1 failed, 0 left out, 0 not tried"), "{text}");
}

#[test]
fn what_can_not_be_asked_for_is_refused_before_anything_is_done() {
    let refused = |arguments: &[&str], code: i32, reason: &str| {
        let said = Binary::default().run(&[&["node", "check", "--name", "n1"], arguments].concat());
        assert_eq!(said.code, code, "{said:?}");
        assert!(said.err.contains(reason), "{said:?}");
    };
    refused(&[], 2, "TOKKATOT_MQTT_URL");
    refused(&["--broker", "desk"], 2, "is not a broker such as 192.168.1.5:1883");
    refused(&["--broker", "desk:1883", "--user", "me"], 2, "--password-stdin");
    refused(&["--broker", "127.0.0.1:1"], 1, "--restart-with or --no-restart");
    refused(&["--broker", "127.0.0.1:1", "--no-restart"], 1, "the broker does not let us in");
}
