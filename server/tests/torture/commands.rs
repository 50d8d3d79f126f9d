//! Commands under kills: each ends, none is done twice or too late, and a kill of the server costs none.
use crate::{FARM, now, rounds, trial};
use domain::NodeName;
use installation::{Part, Trial};
use std::{
    collections::HashMap,
    time::{Duration, Instant},
};
use testkit::switch_node::SwitchNode;

/// Devices of the one node.
const DEVICES: usize = 10;
/// How often something is asked of each of them.
const EVERY: Duration = Duration::from_millis(120);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_survive_kills_of_the_server() {
    let ends = torture(Part::Server, rounds()).await;
    let is_done = |end: &str| matches!(end, "completed" | "failed superseded");
    assert!(ends.keys().all(|end| is_done(end.as_str())), "{ends:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_survive_kills_of_the_broker() {
    // what a node said may have been in the broker, which forgets
    let ends = torture(Part::Mosquitto, rounds().div_ceil(2)).await;
    let is_told =
        |end: &str| matches!(end, "completed" | "failed superseded" | "timeout no_answer");
    assert!(ends.keys().all(|end| is_told(end.as_str())), "{ends:?}");
}

/// How many commands ended in each way.
async fn torture(part: Part, rounds: usize) -> HashMap<String, u32> {
    let mut trial = trial();
    let node = make_node(&trial);
    tokio::time::sleep(Duration::from_secs(1)).await;
    for round in (0_u64..).take(rounds) {
        // the blow falls at another point of a command's way each time
        ask_for(&trial, Duration::from_millis(500 + (round * 137) % 700));
        trial.kill(part).unwrap();
        ask(&trial);
        trial.start(part).unwrap();
    }
    ask_for(&trial, Duration::from_secs(1));
    let began = Instant::now();
    let open =
        "SELECT count(*) FROM device_commands WHERE status IN ('queued', 'sent', 'executing')";
    while trial.query(open).unwrap().trim() != "0" {
        assert!(began.elapsed() < Duration::from_secs(90), "commands never end");
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    let told = node.told();
    assert_eq!(told.stale, 0, "told after their life");
    check(&trial, &told.commands)
}

/// Each completed command was told to the node, and nothing else was than what was asked for.
fn check(trial: &Trial, told: &HashMap<String, u32>) -> HashMap<String, u32> {
    let rows = trial
        .query("SELECT id, concat_ws(' ', status, reason) FROM device_commands ORDER BY place")
        .unwrap();
    let mut ends: HashMap<String, u32> = HashMap::new();
    let mut known = 0;
    for line in rows.lines() {
        let (id, end) = line.split_once('|').unwrap();
        assert!(end != "completed" || told.contains_key(id), "{id} was never told");
        known += usize::from(told.contains_key(id));
        *ends.entry(end.to_owned()).or_default() += 1;
    }
    assert_eq!(known, told.len(), "the node was told what nobody asked for");
    assert!(ends.get("completed").is_some_and(|count| *count > 20), "{ends:?}");
    let again = told.values().filter(|times| **times > 1).count();
    println!("{ends:?}; {again} were told again and done once");
    ends
}

fn make_node(trial: &Trial) -> SwitchNode {
    let name: NodeName = "switches".parse().unwrap();
    let made =
        trial.tokkatot(&["node", "create", "--name", name.as_str(), "--farm", FARM]).unwrap();
    let made: serde_json::Value = serde_json::from_str(&made).unwrap();
    trial
        .query(&format!(
            "INSERT INTO devices (farm_id, node_id, channel, device_id, hardware_id, name, type, kind,
                firmware_version, approved_at)
             SELECT farm_id, id, 'fan' || n, 'switches:fan' || n, 'switches:fan' || n, 'Fan ' || n, 'relay',
                'fan', '1', now() FROM nodes, generate_series(1, {DEVICES}) AS n WHERE name = 'switches'"
        ))
        .unwrap();
    SwitchNode::start(trial.ports().mqtt, &name, made["password"].as_str().unwrap(), now())
}

fn ask_for(trial: &Trial, span: Duration) {
    let began = Instant::now();
    while began.elapsed() < span {
        ask(trial);
        std::thread::sleep(EVERY);
    }
}

/// Asks every device for the other of what it was asked for last.
fn ask(trial: &Trial) {
    trial
        .query(
            "INSERT INTO device_commands (farm_id, device_id, command_type, source, status, expires_at)
             SELECT d.farm_id, d.id, CASE (SELECT c.command_type FROM device_commands c
                    WHERE c.device_id = d.id ORDER BY c.place DESC LIMIT 1)
                WHEN 'on' THEN 'off'::text ELSE 'on' END, 'schedule', 'queued', now() + interval '60 s'
             FROM devices d WHERE d.kind = 'fan'",
        )
        .unwrap();
}
