//! `make bench`: the whole path measured on this machine, with real services of its own. Prints
//! figures for docs/benchmarks.md; judges nothing.
mod commands;
mod pages;
mod report;
mod sign_in;
mod usage;
mod walls;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};
use domain::{NodeName, Timestamp};
use installation::{Part, Trial, free_port};
use report::{Ingest, Report};
use simulator::{
    link::Broker,
    load::{self, Load, Measured, Sender},
};
use std::{
    net::Ipv4Addr,
    path::PathBuf,
    time::{Duration, SystemTime, UNIX_EPOCH},
};
use usage::Meter;
use walls::Visit;

/// Measures throughput, latency, memory, commands, page rendering, sign-ins and what permissions cost.
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
    messages: u32,
    /// Only pages and sign-ins, not what nodes have to do with.
    #[arg(long, conflicts_with = "only_commands")]
    only_people: bool,
    /// Only the way of commands.
    #[arg(long)]
    only_commands: bool,
    /// Seconds of each latency, page and sign-in run.
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
const FEW: usize = 50;
/// Nodes of the memory run.
const MANY: usize = 1000;
/// Messages of one connection that may wait for their application ack.
const WINDOW: usize = 400;
const FARM: &str = "00000000-0000-4000-8000-0000000000be";

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    if let Some(Helper::Bare { port, page }) = options.helper {
        return pages::serve_bare(port, std::fs::read(page)?).await;
    }
    let trial = Trial::begin(&options.binary, &options.site)?;
    let mut report = Report::begin()?;
    let seconds = Duration::from_secs(options.seconds);
    if !options.only_people {
        make_farm(&trial)?;
        let nodes = make_nodes(&trial, MANY)?;
        if !options.only_commands {
            readings(&trial, (&nodes, options.messages, options.seconds), &mut report).await?;
        }
        report.commands(&commands::measure(&trial, (FARM, nodes), seconds).await?);
    }
    if !options.only_commands {
        people(&trial, seconds, &mut report).await?;
    }
    report.end()
}

/// The way of readings: throughput, latency and memory.
async fn readings(
    trial: &Trial,
    (nodes, messages, seconds): (&[Sender], u32, u64),
    report: &mut Report,
) -> Result<()> {
    report.head_of_ingest();
    let few = nodes.get(..FEW).context("too few nodes")?;

    // caches, prepared statements and partitions are warm before anything is counted
    throughput(trial, few, &load(0, 20_000, 1, None)).await?;
    for (run, readings) in [(1, 1), (2, 5)] {
        let load = load(run, messages, readings, None);
        report.ingest(&throughput(trial, few, &load).await?)?;
    }
    for (run, rate) in [(3, 100_u32), (4, 5000)] {
        let messages = rate * u32::try_from(seconds)?;
        let load = load(run, messages, 5, Some(f64::from(rate)));
        report.latency(rate, &send(trial, few, &load).await?);
    }
    memory(trial, nodes, report).await
}

fn make_farm(trial: &Trial) -> Result<()> {
    let sql = format!(
        "INSERT INTO users (id, email, password_hash, name)
         VALUES (gen_random_uuid(), 'bench@example.org', repeat('x', 97), 'Bench');
         INSERT INTO farms (id, owner_id, name) SELECT '{FARM}', id, 'Bench' FROM users"
    );
    trial.query(&sql).map(drop)
}

/// Registers nodes that share one password, in one statement: the command line would take a minute.
fn make_nodes(trial: &Trial, count: usize) -> Result<Vec<Sender>> {
    let made = trial.tokkatot(&["node", "create", "--name", "bench-0", "--farm", FARM])?;
    let made: serde_json::Value = serde_json::from_str(&made)?;
    let password = made.get("password").and_then(|p| p.as_str()).context("no password")?;
    trial.query(&format!(
        "INSERT INTO nodes (farm_id, name, password_hash, claimed_at)
         SELECT farm_id, 'bench-' || number, password_hash, claimed_at
         FROM nodes, generate_series(1, {}) AS number WHERE name = 'bench-0'",
        count - 1
    ))?;
    // the server writes the broker's files within a second of the change
    std::thread::sleep(Duration::from_secs(3));
    (0..count).map(|number| sender(number, password)).collect()
}

fn sender(number: usize, password: &str) -> Result<Sender> {
    let name: NodeName = format!("bench-{number}").parse()?;
    Ok(Sender { username: name.to_string(), password: password.to_owned(), nodes: vec![name] })
}

/// A run's messages. Each run has an hour of its own, so that no reading of it was ever seen before.
fn load(run: u32, messages: u32, readings: u32, rate: Option<f64>) -> Load {
    let begin = now().minus(Duration::from_secs(3600) * (run + 1));
    Load { messages, readings, rate, window: WINDOW, boot: format!("run-{run}"), begin }
}

async fn send(trial: &Trial, from: &[Sender], load: &Load) -> Result<Measured> {
    let broker = Broker { host: "127.0.0.1".to_owned(), port: trial.ports().mqtt };
    load::run(&broker, from.to_vec(), load).await
}

async fn throughput(trial: &Trial, from: &[Sender], load: &Load) -> Result<Ingest> {
    let server = trial.pid(Part::Server)?;
    let postgres = trial.pid(Part::Postgres)?;
    let broker = trial.pid(Part::Mosquitto)?;
    let meters = (Meter::of(server)?, Meter::of(postgres)?, Meter::of(broker)?);
    let measured = send(trial, from, load).await?;
    Ok(Ingest {
        messages: measured.count(),
        readings: load.readings,
        elapsed: measured.elapsed,
        server: meters.0.used()?,
        postgres: meters.1.used()?,
        broker: meters.2.used()?,
    })
}

async fn memory(trial: &Trial, from: &[Sender], report: &mut Report) -> Result<()> {
    let server = trial.pid(Part::Server)?;
    let before = usage::resident_mib(server)?;
    // ten messages of each, one a second
    let count = u32::try_from(from.len())?;
    let load = load(5, 10 * count, 5, Some(f64::from(count)));
    send(trial, from, &load).await?;
    report.memory(from.len(), before, usage::resident_mib(server)?)
}

/// Pages, sign-ins, and what the walls between farms cost.
async fn people(trial: &Trial, span: Duration, report: &mut Report) -> Result<()> {
    trial.tokkatot(&["demo"])?;
    let http = trial.ports().http.port();
    let credentials = trial.read("demo-credentials")?;
    let line = credentials.lines().next().context("no demo sign-ins")?;
    let mut words = line.split_whitespace().skip(1);
    let (login, password) = (words.next().context("no login")?, words.next().context("none")?);
    let cookie = pages::sign_in((Ipv4Addr::LOCALHOST, http), login, password).await?;
    let farm = trial.query(&format!(
        "SELECT farm_id FROM farm_users JOIN users ON users.id = user_id
         WHERE '{login}' IN (phone, email, username) LIMIT 1"
    ))?;
    let path = format!("/farms/{farm}");
    let body = pages::body(http, &path, &cookie).await?;
    let server = trial.pid(Part::Server)?;

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
    let home_rate = pages::ask(http, &path, &cookie, server, span).await?;
    report.home(body.len(), home_rate, bare_rate?);

    let urls =
        (trial.setting("TOKKATOT_DATABASE_URL")?, trial.setting("TOKKATOT_OWNER_DATABASE_URL")?);
    let visit = Visit { port: http, path, cookie, urls };
    report.walls(walls::measure(visit).await?);
    let raw = sign_in::raw(span)?;
    report.sign_in(sign_in::rate((http, server), (login, password), span).await?, raw);
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "devices have clocks of their own")]
fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp::from_millis(i64::try_from(since.as_millis()).unwrap_or(0))
}
