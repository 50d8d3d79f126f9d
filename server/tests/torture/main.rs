//! Kills each part of a real installation under load and then asks for every reading that a device
//! was told is durable; and asks at the door, long enough to tell known names from unknown ones by the time
//! an answer takes, if that can be done. `TOKKATOT_TORTURE_ROUNDS` (default 2; `make torture` says 10) is how often
//! the server dies; the broker and the database die half as often.
#![expect(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "a test")]
#![allow(clippy::print_stdout, reason = "says how much was proved")]

mod commands;
mod sign_in;

use domain::{NodeName, Timestamp};
use installation::{Part, Trial};
use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use testkit::patient_node::{Outcome, PatientNode};

const FARM: &str = "00000000-0000-4000-8000-00000000000f";
/// Four nodes, ten messages a second each, five readings a message: 200 readings a second.
const NODES: usize = 4;
const INTERVAL: Duration = Duration::from_millis(100);
/// The load goes on for so long after the last blow.
const AFTERWARDS: Duration = Duration::from_secs(3);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readings_survive_kills_of_the_server() {
    torture(rounds(), |trial| {
        trial.kill(Part::Server).unwrap();
        trial.start(Part::Server).unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readings_survive_kills_of_the_broker() {
    torture(rounds().div_ceil(2), |trial| {
        trial.kill(Part::Mosquitto).unwrap();
        trial.start(Part::Mosquitto).unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readings_survive_kills_of_the_database() {
    torture(rounds().div_ceil(2), |trial| {
        trial.kill(Part::Postgres).unwrap();
        trial.start(Part::Postgres).unwrap();
    })
    .await;
}

async fn torture(rounds: usize, blow: fn(&mut Trial)) {
    let mut trial = trial();
    let nodes = start_nodes(&trial);
    tokio::time::sleep(Duration::from_secs(1)).await;
    for round in (0_u64..).take(rounds) {
        // the blow falls at another point of the batch cycle each time
        let pause = 500 + (round * 137) % 700;
        tokio::time::sleep(Duration::from_millis(pause)).await;
        blow(&mut trial);
    }
    tokio::time::sleep(AFTERWARDS).await;
    let mut outcomes = Vec::new();
    for (name, node) in nodes {
        outcomes.push((name, node.finish().await));
    }
    check(&trial, &outcomes);
}

fn start_nodes(trial: &Trial) -> Vec<(NodeName, PatientNode)> {
    let nodes: Vec<(NodeName, PatientNode)> = (0..NODES)
        .map(|number| {
            let name: NodeName = format!("torture-{number}").parse().unwrap();
            let made = trial
                .tokkatot(&["node", "create", "--name", name.as_str(), "--farm", FARM])
                .unwrap();
            let made: serde_json::Value = serde_json::from_str(&made).unwrap();
            let password = made["password"].as_str().unwrap();
            let node = PatientNode::start(trial.ports().mqtt, &name, password, INTERVAL, now());
            (name, node)
        })
        .collect();
    nodes
}

/// Zero lost, zero double: each acknowledged reading stands in the history exactly once, with its
/// own value, and nothing stands there twice.
fn check(trial: &Trial, outcomes: &[(NodeName, Outcome)]) {
    let rows = trial
        .query(
            "SELECT node, device, round(extract(epoch FROM time) * 1000)::bigint, value, count(*)
             FROM sensor_readings WHERE node LIKE 'torture-%' GROUP BY 1, 2, 3, 4",
        )
        .unwrap();
    let stored: HashMap<(String, String, i64), (f64, u32)> = rows
        .lines()
        .map(|line| {
            let columns: Vec<&str> = line.split('|').collect();
            let key = (columns[0].to_owned(), columns[1].to_owned(), columns[2].parse().unwrap());
            (key, (columns[3].parse().unwrap(), columns[4].parse().unwrap()))
        })
        .collect();
    assert_eq!(stored.len(), rows.lines().count(), "one instant has two values");
    let mut promised = 0;
    for (node, outcome) in outcomes {
        assert_eq!(outcome.unanswered, 0, "{node} was never answered for some readings");
        for reading in &outcome.acknowledged {
            promised += 1;
            let key = (node.to_string(), reading.channel.to_string(), reading.ts.as_millis());
            let (value, count) =
                stored.get(&key).unwrap_or_else(|| panic!("lost: {node} {reading:?}"));
            assert_eq!(*count, 1, "double: {node} {reading:?}");
            assert!((value - reading.value).abs() < 1e-9, "changed: {node} {reading:?} is {value}");
        }
    }
    assert!(promised > 500, "only {promised} readings were acknowledged at all");
    println!("{promised} acknowledged readings, all there, none twice");
}

fn trial() -> Trial {
    let binary = PathBuf::from(env!("CARGO_BIN_EXE_tokkatot"));
    let site = std::env::var_os("TOKKATOT_SITE_DIR").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/site"),
        PathBuf::from,
    );
    let trial = Trial::begin(&binary, &site).unwrap();
    trial
        .query(&format!(
            "INSERT INTO users (id, email, password_hash, name)
             VALUES (gen_random_uuid(), 'torture@example.org', repeat('x', 97), 'Torture');
             INSERT INTO farms (id, owner_id, name) SELECT '{FARM}', id, 'Torture' FROM users"
        ))
        .unwrap();
    trial
}

fn rounds() -> usize {
    std::env::var("TOKKATOT_TORTURE_ROUNDS").map_or(2, |rounds| rounds.parse().unwrap())
}

#[expect(clippy::disallowed_methods, reason = "a device has a clock of its own")]
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap())
}
