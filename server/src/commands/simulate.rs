//! `tokkatot simulate`: nodes that speak protocol v1 over real MQTT, with faults on request.
mod nodes;

use crate::{
    config::{Need, Settings, Span},
    demo::{LIVE_INTERVAL, files},
};
use anyhow::{Context as _, Result, bail};
use clap::Args;
use domain::{FarmId, Timestamp};
use simulator::{
    faults::Faults,
    fleet::{self, Pace, Roster},
    link::{Broker, TrueTime},
};
use std::{
    path::PathBuf,
    process::ExitCode,
    str::FromStr,
    time::{Duration, SystemTime},
};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// The file that `demo` writes and `simulate` reads.
pub(super) const NODES_FILE: &str = "demo-nodes.json";

/// What `simulate` can be told. Without --nodes it plays the demo farm's nodes and no others.
#[derive(Debug, Args)]
pub struct Arguments {
    /// How many nodes; those that the demo farm does not have are registered as sim-0001 and so on
    #[arg(long, env = "TOKKATOT_SIMULATE_NODES", value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pub nodes: Option<u32>,
    /// From one message of a node to its next [default: 10s]
    #[arg(long, env = "TOKKATOT_SIMULATE_INTERVAL", value_name = "DURATION")]
    pub interval: Option<Span>,
    /// The id of a farm to register all the nodes on, instead of playing the demo farm's
    #[arg(long, env = "TOKKATOT_SIMULATE_FARM", value_name = "UUID", requires = "nodes")]
    pub farm: Option<FarmId>,
    /// Share of messages that get lost, as 1%
    #[arg(long, env = "TOKKATOT_SIMULATE_DROP", value_name = "SHARE")]
    pub drop: Option<Share>,
    /// Power cuts, about so often [when given: 10m]
    #[arg(long, env = "TOKKATOT_SIMULATE_REBOOT", value_name = "DURATION", num_args = 0..=1, require_equals = true, default_missing_value = "10m")]
    pub reboot: Option<Span>,
    /// Share of measurements at which a sensor begins to fail [when given: 1%]
    #[arg(long, env = "TOKKATOT_SIMULATE_SENSOR_ERROR", value_name = "SHARE", num_args = 0..=1, require_equals = true, default_missing_value = "1%")]
    pub sensor_error: Option<Share>,
    /// Clocks that are so much fast and take no correction
    #[arg(long, env = "TOKKATOT_SIMULATE_CLOCK_ERROR", value_name = "DURATION")]
    pub clock_error: Option<Span>,
    /// Decides when what goes wrong [default: 1]
    #[arg(
        long,
        env = "TOKKATOT_SIMULATE_SEED",
        value_name = "NUMBER",
        default_value_t = 1,
        hide_default_value = true
    )]
    pub seed: u64,
    /// Messages that a node can keep while nobody acknowledges them
    #[arg(long, env = "TOKKATOT_SIMULATE_BUFFER", value_name = "NUMBER", default_value_t = 2000, value_parser = clap::value_parser!(u32).range(1..=1_000_000))]
    pub buffer: u32,
    /// The nodes' credentials [default: demo-nodes.json beside the file of --env-file]
    #[arg(long, env = "TOKKATOT_DEMO_NODES", value_name = "FILE")]
    pub nodes_file: Option<PathBuf>,
}

impl Arguments {
    /// Nodes that are not there yet have to be registered.
    pub(super) fn needs(&self) -> Vec<Need> {
        let mut needs = vec![Need::Broker];
        if self.nodes.is_some() {
            needs.push(Need::WorkerDatabase);
        }
        needs
    }

    fn pace(&self) -> Result<Pace> {
        let interval = self.interval.map_or(LIVE_INTERVAL, |span| span.0);
        if interval < Duration::from_millis(10) {
            bail!("--interval is at least 10ms");
        }
        let error_ms = |span: Span| i64::try_from(span.0.as_millis()).ok();
        let faults = Faults {
            drop: self.drop.map_or(0.0, |share| share.0),
            reboot: self.reboot.map(|span| span.0),
            sensor_error: self.sensor_error.map_or(0.0, |share| share.0),
            clock_error_ms: self.clock_error.and_then(error_ms),
        };
        let capacity = usize::try_from(self.buffer)?;
        Ok(Pace { interval, capacity, faults, seed: self.seed })
    }
}

pub(super) async fn run(arguments: Arguments, settings: Settings) -> Result<ExitCode> {
    let pace = arguments.pace()?;
    let roster = roster(&arguments, &settings).await?;
    let broker = settings.broker.context("TOKKATOT_MQTT_URL is not set")?;
    let broker = Broker { host: broker.host, port: broker.port };
    tracing::info!(
        nodes = roster.nodes.len(),
        broker = format!("{}:{}", broker.host, broker.port),
        interval_ms = pace.interval.as_secs_f64() * 1000.0,
        "The simulated nodes start."
    );
    let stop = stop_on_signal()?;
    fleet::run(roster, broker, pace, TrueTime::starting(own_time()), stop).await;
    Ok(ExitCode::SUCCESS)
}

/// The nodes to play: the demo's, as many as asked for, and registered ones beyond.
async fn roster(arguments: &Arguments, settings: &Settings) -> Result<Roster> {
    let file = || {
        let beside = || settings.folder.join(NODES_FILE);
        files::read_nodes(&arguments.nodes_file.clone().unwrap_or_else(beside))
    };
    let mut roster = match arguments.farm {
        Some(farm) => Roster { farm, seed: arguments.seed, nodes: Vec::new() },
        None => file()?.roster,
    };
    let Some(wanted) = arguments.nodes else { return Ok(roster) };
    let wanted = usize::try_from(wanted)?;
    roster.nodes.truncate(wanted);
    let missing = wanted - roster.nodes.len();
    if missing > 0 {
        let worker = settings.worker_database.as_ref();
        let worker = worker.context("TOKKATOT_WORKER_DATABASE_URL is not set")?;
        let database = store::Database::new(&worker.settings()).await?;
        roster.nodes.extend(nodes::register(&database, roster.farm, missing).await?);
    }
    Ok(roster)
}

/// Cancelled by SIGTERM or SIGINT; a second one ends the process at once.
pub(super) fn stop_on_signal() -> Result<CancellationToken> {
    let mut terminate = signal(SignalKind::terminate()).context("signals cannot be heard")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("signals cannot be heard")?;
    let stop = CancellationToken::new();
    let asked = stop.clone();
    tokio::spawn(async move {
        for _ in 0..2 {
            tokio::select! {
                _ = terminate.recv() => {}
                _ = interrupt.recv() => {}
            }
            if asked.is_cancelled() {
                std::process::exit(1);
            }
            asked.cancel();
        }
    });
    Ok(stop)
}

#[expect(clippy::disallowed_methods, reason = "nodes have clocks of their own, and their testers")]
pub(super) fn own_time() -> Timestamp {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(0))
}

/// A part of all: `1%`, or `0.01`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Share(pub f64);

impl FromStr for Share {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (number, of) = match text.strip_suffix('%') {
            Some(number) => (number, 100.0),
            None => (text, 1.0),
        };
        let share = number.trim().parse::<f64>().ok().map(|number| number / of);
        share
            .filter(|share| (0.0..=1.0).contains(share))
            .map(Self)
            .ok_or_else(|| format!("{text:?} is not a share such as 1% or 0.01, at most 100%"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_a_percentage_or_a_fraction() {
        assert_eq!("1%".parse(), Ok(Share(0.01)));
        assert_eq!("0.25".parse(), Ok(Share(0.25)));
        for bad in ["", "%", "x", "101%", "1.5", "-1%", "NaN", "inf"] {
            assert!(bad.parse::<Share>().is_err(), "{bad:?}");
        }
    }
}
