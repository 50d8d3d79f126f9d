//! `tokkatot node check` at right nodes, at broken ones, and where there is none.
mod beside_server;
mod double;
mod fault;
pub(crate) mod firmware;
mod given_up;
mod simulated;

use crate::support::Folder;
use domain::Timestamp;
use double::{Double, HEARTBEAT, READINGS, RING};
use fault::{Fault, name_of};
use server::node_check::{self, Options, Outcome, Power, Report, Rule};
use simulator::link::TrueTime;
use std::{
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime},
};
use testkit::TestBroker;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use worker::BrokerAccess;

#[expect(
    clippy::disallowed_methods,
    reason = "commands expire by the time of the program under test"
)]
fn time() -> TrueTime {
    let since_1970 = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
    TrueTime::starting(Timestamp::from_millis(since_1970.as_millis().try_into().unwrap()))
}

fn access(broker: &TestBroker) -> BrokerAccess {
    let login = Some(broker.server_account());
    BrokerAccess { host: "127.0.0.1".to_owned(), port: broker.port(), login }
}

/// For a node that does everything quickly; `plug` is the file that restarts it.
fn options(name: &str, plug: &Path) -> Options {
    Options {
        node: name.parse().unwrap(),
        switches: vec!["fan1".parse().unwrap(), "light".parse().unwrap()],
        has_no_switches: false,
        has_no_sensors: false,
        readings: READINGS,
        heartbeat: HEARTBEAT,
        patience: Duration::from_secs(3),
        reconnect: Duration::from_secs(4),
        timed: Duration::from_millis(700),
        ring: Some(RING),
        power: Power::By(format!("touch {}", plug.display())),
    }
}

async fn checked(access: BrokerAccess, options: Options, time: TrueTime) -> anyhow::Result<Report> {
    let never = CancellationToken::new();
    node_check::run(access, options, time, Arc::new(|_| {}), never).await
}

fn failed(report: &Report) -> Vec<Rule> {
    let failed = report.findings.iter().filter(|finding| finding.outcome == Outcome::Failed);
    failed.map(|finding| finding.rule).collect()
}

/// Every rule that a right node was seen to keep; anything else is told whole.
fn assert_all_passed(report: &Report) {
    let passed: Vec<Rule> = report
        .findings
        .iter()
        .filter(|finding| finding.outcome == Outcome::Passed)
        .map(|finding| finding.rule)
        .collect();
    assert_eq!(passed, Rule::ALL, "{}", report.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn each_broken_node_breaks_its_own_rule_and_no_other() {
    let (broker, folder, time) = (testkit::broker(), Folder::new(), time());
    let mut checks = JoinSet::new();
    for fault in Fault::ALL.iter().copied().chain([Fault::None]) {
        let name = name_of(fault);
        let plug = folder.0.join(name.as_str());
        broker.add_node(name.as_str(), name.as_str());
        let (access, options) = (access(&broker), options(name.as_str(), &plug));
        let port = broker.port();
        checks.spawn(async move {
            let _double = Double::start(port, name.as_str(), fault, plug, time);
            (fault, checked(access, options, time).await)
        });
    }
    let mut wrong = Vec::new();
    while let Some(done) = checks.join_next().await {
        let (fault, report) = done.unwrap();
        let report = report.unwrap_or_else(|error| panic!("{fault:?}: {error:#}"));
        assert_eq!(report.findings.len(), Rule::ALL.len(), "{fault:?}: {}", report.text());
        if failed(&report) != fault.breaks().into_iter().collect::<Vec<_>>() {
            wrong.push(format!("{fault:?} broke {:?}\n{}", failed(&report), report.text()));
        }
        if fault == Fault::None {
            assert_all_passed(&report);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let broken: std::collections::BTreeSet<Rule> =
        Fault::ALL.iter().filter_map(|fault| fault.breaks()).collect();
    assert!(Rule::ALL.iter().all(|rule| broken.contains(rule)), "each rule can be broken");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_is_not_there_is_no_broken_node() {
    let (broker, folder) = (testkit::broker(), Folder::new());
    let patience = Duration::from_millis(300);
    let options = Options {
        reconnect: patience,
        heartbeat: patience,
        ..options("nobody", &folder.0.join("plug"))
    };
    let error = checked(access(&broker), options, time()).await.unwrap_err().to_string();
    assert!(error.starts_with("nothing is heard of nobody"), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_answers_the_node_ends_the_check() {
    let (broker, folder, time) = (testkit::broker(), Folder::new(), time());
    broker.add_node("n1", "n1");
    let plug = folder.0.join("plug");
    let _double = Double::start(broker.port(), "n1", Fault::None, plug.clone(), time);
    let (user, password) = broker.server_account();
    let mut options = rumqttc::v5::MqttOptions::new("the-server", "127.0.0.1", broker.port());
    options.set_credentials(user, password);
    let (client, mut events) = rumqttc::v5::AsyncClient::new(options, 10);
    let server = tokio::spawn(async move {
        let mut turn = tokio::time::interval(Duration::from_millis(100));
        loop {
            tokio::select! {
                event = events.poll() => drop(event.unwrap()),
                _ = turn.tick() => {
                    let ack = r#"{"boot":"b1","seq":1}"#;
                    let quality = rumqttc::v5::mqttbytes::QoS::AtMostOnce;
                    client.try_publish("tokkatot/n1/down/ack", quality, false, ack).unwrap();
                }
            }
        }
    });
    let checked = checked(access(&broker), self::options("n1", &plug), time).await;
    server.abort();
    let error = checked.unwrap_err().to_string();
    assert!(error.contains("somebody else says down/ack to the node"), "{error}");
}
