//! Many nodes in one process, one light task each.
use crate::{
    faults::Faults,
    house::{House, HousePlan},
    link::{Broker, Tally, TrueTime, play},
    node::HEARTBEAT,
    player::{Part, Player},
};
use domain::{FarmId, NodeName};
use serde::{Deserialize, Serialize};
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

/// The nodes of a farm, with what is needed to play them. Holds passwords: a file of it is for its
/// owner alone.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Roster {
    /// The farm they belong to.
    pub farm: FarmId,
    /// Which year's weather it has.
    pub seed: u64,
    /// Its nodes.
    pub nodes: Vec<RosterNode>,
}

/// A node and its house.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RosterNode {
    /// The node's name, which is its MQTT user name.
    pub name: NodeName,
    /// Its MQTT password.
    pub password: String,
    /// Where it stands.
    pub house: HousePlan,
    /// Whether its house was living before: then it is found as it would be now, else it begins.
    #[serde(default)]
    pub has_history: bool,
}

/// How a fleet plays.
#[derive(Debug, Clone, Copy)]
pub struct Pace {
    /// From one message of a node to its next.
    pub interval: Duration,
    /// Numbered messages each node can keep.
    pub capacity: usize,
    /// What goes wrong.
    pub faults: Faults,
    /// Decides when it goes wrong.
    pub seed: u64,
}

/// How often a fleet says how it is.
const REPORT: Duration = Duration::from_mins(1);

/// Plays all nodes of `roster` until `stop`, and waits until all have taken their leave. They start
/// spread over one interval, so that they do not all speak at once.
pub async fn run(
    roster: Roster,
    broker: Broker,
    pace: Pace,
    time: TrueTime,
    stop: CancellationToken,
) {
    let tally = Arc::new(Tally::default());
    let broker = Arc::new(broker);
    let count = u32::try_from(roster.nodes.len()).unwrap_or(u32::MAX);
    let step = pace.interval.min(Duration::from_secs(10)) / count.max(1);
    let mut tasks = JoinSet::new();
    for (node, number) in roster.nodes.into_iter().zip(0_u32..) {
        let (broker, tally) = (Arc::clone(&broker), Arc::clone(&tally));
        let (seed, stop) = (roster.seed, stop.clone());
        tasks.spawn(async move {
            tokio::select! {
                () = tokio::time::sleep(step * number) => {}
                () = stop.cancelled() => return,
            }
            let RosterNode { name, password, house, has_history } = node;
            let now = time.now();
            let house = if has_history {
                House::at(house, name.as_str(), seed, now)
            } else {
                House::begin(house, name.as_str(), seed, now.minus(Duration::from_hours(1)))
            };
            let Pace { interval, capacity, faults, seed } = pace;
            let heartbeat = HEARTBEAT;
            let part = Part { name, house, interval, capacity, heartbeat, faults, seed };
            play(Player::start(part, now), &broker, &password, time, &tally, stop).await;
        });
    }
    let mut report = tokio::time::interval(REPORT);
    report.reset();
    while !tasks.is_empty() {
        tokio::select! {
            _ = tasks.join_next() => {}
            _ = report.tick() => tracing::info!(
                connected = tally.connected.load(Ordering::Relaxed),
                published = tally.published.load(Ordering::Relaxed),
                heard = tally.heard.load(Ordering::Relaxed),
                "The simulated nodes are at work."
            ),
        }
    }
}
