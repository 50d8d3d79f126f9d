//! `make bench`: the whole path measured on this machine, with real services of its own. Prints
//! figures for docs/benchmarks.md; judges nothing.
mod load;
mod pages;
mod report;
mod usage;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use domain::Timestamp;
use load::{Credential, Plan};
use report::{Ingest, Report};
use std::{
    path::PathBuf,
    time::{Duration, Instant, SystemTime, UNIX_EPOCH},
};
use testkit::installation::{Installation, free_port};

/// Measures throughput, latency, memory and page rendering.
#[derive(Debug, Parser)]
struct Options {
    /// The built server, in release.
    #[arg(long)]
    binary: PathBuf,
    /// The built web files.
    #[arg(long)]
    site: PathBuf,
    /// Messages of each throughput run.
    #[arg(long, default_value_t = 200_000)]
    messages: usize,
    /// Seconds of each latency and page run.
    #[arg(long, default_value_t = 15)]
    seconds: u64,
    #[command(subcommand)]
    helper: Option<Helper>,
}

#[derive(Debug, Subcommand)]
enum Helper {
    /// Serves one file's bytes from a bare handler (used by the benchmark itself).
    Bare {
        /// Where to listen on 127.0.0.1.
        port: u16,
        /// What to return.
        page: PathBuf,
    },
}

/// Nodes of the throughput runs: enough that no single connection is the limit.
const NODES: usize = 50;
/// Nodes of the memory run.
const MANY_NODES: usize = 1000;
const FARM: &str = "00000000-0000-4000-8000-0000000000be";

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    if let Some(Helper::Bare { port, page }) = options.helper {
        return pages::serve_bare(port, std::fs::read(page)?).await;
    }
    let installation = Installation::start(&options.binary, &options.site)?;
    let mut report = Report::begin()?;
    let seconds = Duration::from_secs(options.seconds);
    make_farm(&installation)?;
    let nodes = make_nodes(&installation, MANY_NODES)?;
    let few = nodes.get(..NODES).context("too few nodes")?;

    // caches, prepared statements and partitions are warm before anything is counted
    throughput(&installation, few, 20_000, 1, 0).await?;
    for (readings, boot) in [(1, 1), (5, 2)] {
        let run = throughput(&installation, few, options.messages, readings, boot).await?;
        report.ingest(&run)?;
    }
    for (rate, boot) in [(100_u32, 3), (5000, 4)] {
        let interval = Duration::from_secs(1) * u32::try_from(NODES)? / rate;
        let messages = usize::try_from(seconds.as_nanos() / interval.as_nanos())?;
        let plan = plan(messages, 5, Some(interval), boot);
        report.latency(rate, &load::run(installation.mqtt_port, few, plan).await?)?;
    }
    memory(&installation, &nodes, &mut report).await?;
    home(&installation, seconds, &mut report).await?;
    report.end()
}

fn make_farm(installation: &Installation) -> Result<()> {
    let sql = format!(
        "INSERT INTO users (id, email, password_hash, name)
         VALUES (gen_random_uuid(), 'bench@example.org', repeat('x', 97), 'Bench');
         INSERT INTO farms (id, owner_id, name) SELECT '{FARM}', id, 'Bench' FROM users"
    );
    installation.query(&sql).map(drop)
}

/// Registers nodes that share one password, in one statement: the command line would take a minute.
fn make_nodes(installation: &Installation, count: usize) -> Result<Vec<Credential>> {
    let made = installation.tokkatot(&["node", "create", "--name", "bench-0", "--farm", FARM])?;
    let made: serde_json::Value = serde_json::from_str(&made)?;
    let password = made.get("password").and_then(|p| p.as_str()).context("no password")?;
    installation.query(&format!(
        "INSERT INTO nodes (farm_id, name, password_hash, claimed_at)
         SELECT farm_id, 'bench-' || number, password_hash, claimed_at
         FROM nodes, generate_series(1, {}) AS number WHERE name = 'bench-0'",
        count - 1
    ))?;
    // the server writes the broker's files within a second of the change
    std::thread::sleep(Duration::from_secs(3));
    let credential =
        |number| Credential { node: format!("bench-{number}"), password: password.to_owned() };
    Ok((0..count).map(credential).collect())
}

async fn throughput(
    installation: &Installation,
    nodes: &[Credential],
    messages: usize,
    readings: usize,
    boot: u32,
) -> Result<Ingest> {
    let pid = |service: &testkit::installation::Service| service.pid().context("not running");
    let (server, broker) = (pid(&installation.server)?, pid(&installation.mosquitto)?);
    let postgres = pid(&installation.postgres)?;
    let used = |pid| usage::cpu(pid);
    let before = [used(server)?, used(postgres)?, used(broker)?];
    let began = Instant::now();
    let plan = plan(messages / nodes.len(), readings, None, boot);
    let latencies = load::run(installation.mqtt_port, nodes, plan).await?;
    let elapsed = began.elapsed();
    let after = [used(server)?, used(postgres)?, used(broker)?];
    let mut cpu = after.iter().zip(before).map(|(after, before)| after.saturating_sub(before));
    let mut next = || cpu.next().unwrap_or_default();
    Ok(Ingest {
        messages: latencies.len(),
        readings,
        elapsed,
        server: next(),
        postgres: next(),
        broker: next(),
    })
}

async fn memory(
    installation: &Installation,
    nodes: &[Credential],
    report: &mut Report,
) -> Result<()> {
    let server = installation.server.pid().context("not running")?;
    let before = usage::resident_mib(server)?;
    let plan = plan(10, 5, Some(Duration::from_secs(1)), 5);
    load::run(installation.mqtt_port, nodes, plan).await?;
    report.memory(nodes.len(), before, usage::resident_mib(server)?)
}

async fn home(installation: &Installation, span: Duration, report: &mut Report) -> Result<()> {
    installation.tokkatot(&["demo"])?;
    let credentials = installation.read("demo-credentials")?;
    let line = credentials.lines().next().context("no demo sign-ins")?;
    let mut words = line.split_whitespace().skip(1);
    let (login, password) = (words.next().context("no login")?, words.next().context("none")?);
    let cookie = pages::sign_in(installation.http_port, login, password).await?;
    let farm = installation.query(&format!(
        "SELECT farm_id FROM farm_users JOIN users ON users.id = user_id
         WHERE '{login}' IN (phone, email, username) LIMIT 1"
    ))?;
    let path = format!("/farms/{farm}");
    let body = pages::body(installation.http_port, &path, &cookie).await?;
    let server = installation.server.pid().context("not running")?;

    let port = free_port()?;
    let page = std::env::temp_dir().join(format!("tokkatot-bench-{port}.html"));
    std::fs::write(&page, &body)?;
    let mut bare = std::process::Command::new(std::env::current_exe()?)
        .args(["--binary", "-", "--site", "-", "bare", &port.to_string()])
        .arg(&page)
        .spawn()?;
    tokio::time::sleep(Duration::from_millis(500)).await;
    let bare_rate = pages::ask(port, "/", "", bare.id(), span).await;
    bare.kill()?;
    bare.wait()?;
    std::fs::remove_file(page)?;
    let home_rate = pages::ask(installation.http_port, &path, &cookie, server, span).await?;
    report.home(body.len(), home_rate, bare_rate?)
}

fn plan(messages: usize, readings: usize, interval: Option<Duration>, boot: u32) -> Plan {
    // each run has its own hours, so that no reading of it was ever seen before
    let begin = now().minus(Duration::from_secs(3600 * u64::from(20 - boot)));
    Plan { messages, readings, interval, window: 400, begin, boot }
}

#[expect(clippy::disallowed_methods, reason = "devices have clocks of their own")]
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(0))
}
