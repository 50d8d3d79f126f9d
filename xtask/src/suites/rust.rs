//! `cargo test` with services of its own: a PostgreSQL that lets every test make its database, and a Redis with a
//! database number for each. Tests start Mosquitto themselves.

use super::Extent;
use super::count::Count;
use crate::workspace::Workspace;
use anyhow::{Context, Result, ensure};
use installation::{Access, Installation, Interrupt, Running};
use std::io::{BufRead, BufReader, Write, stdout};
use std::process::{Command, Stdio};

const POSTGRES: &str = "TOKKATOT_TEST_PG_URL";
const REDIS: &str = "TOKKATOT_TEST_REDIS_URL";

/// Runs every Rust test and counts them.
pub(super) fn run(workspace: &Workspace, extent: Extent, interrupt: &Interrupt) -> Result<Count> {
    let services = Services::start(interrupt)?;
    // A test that hangs must not keep the others' results from us.
    let most_seconds = match extent {
        Extent::Usual => "2400",
        Extent::All => "7200",
    };
    let mut command = workspace.command("timeout");
    command.args([
        "--foreground",
        "--kill-after=10",
        most_seconds,
        "cargo",
        "test",
        "--workspace",
        // its feature `hydrate` would reach the pages that the server's tests render
        "--exclude",
        "frontend",
        "--no-fail-fast",
    ]);
    if extent == Extent::All {
        // how many cases a property has, and how often each step of a command is where the server dies
        command.env("PROPTEST_CASES", "10000").env("TOKKATOT_TORTURE_ROUNDS", "20");
    }
    services.lend_to(&mut command);
    count(&mut command)
}

/// Runs a command with the services, for instance one test again.
pub(super) fn with_services(
    workspace: &Workspace,
    command: &[String],
    interrupt: &Interrupt,
) -> Result<()> {
    let (program, arguments) = command.split_first().context("which command?")?;
    let services = Services::start(interrupt)?;
    let mut command = workspace.command(program);
    command.args(arguments);
    services.lend_to(&mut command);
    let status = command.status().with_context(|| format!("starting {program}"))?;
    ensure!(status.success(), "{program} failed");
    Ok(())
}

/// Where the tests find PostgreSQL and Redis.
struct Services {
    /// Ends them; `None` when the environment named others.
    _own: Option<(Vec<Running>, Installation)>,
    postgres: String,
    redis: String,
}

impl Services {
    /// Starts them, unless the environment names some that run.
    fn start(interrupt: &Interrupt) -> Result<Self> {
        if let (Ok(postgres), Ok(redis)) = (std::env::var(POSTGRES), std::env::var(REDIS)) {
            println!("Using the services that {POSTGRES} and {REDIS} name.");
            return Ok(Self { _own: None, postgres, redis });
        }
        let installation = Installation::temporary(Access::Trust)?;
        installation.prepare()?;
        let running = installation.start_services(interrupt)?;
        let ports = installation.ports;
        Ok(Self {
            postgres: format!("postgres://postgres@127.0.0.1:{}/postgres", ports.postgres),
            redis: format!("redis://127.0.0.1:{}", ports.redis),
            _own: Some((running, installation)),
        })
    }

    fn lend_to(&self, command: &mut Command) {
        command.env(POSTGRES, &self.postgres).env(REDIS, &self.redis);
    }
}

/// Passes the output on and adds up what it says.
fn count(command: &mut Command) -> Result<Count> {
    let mut child = command.stdout(Stdio::piped()).spawn().context("starting cargo test")?;
    let output = child.stdout.take().context("cargo test has no output")?;
    let mut sum = Count::default();
    for line in BufReader::new(output).split(b'\n') {
        let line = line?;
        let line = String::from_utf8_lossy(&line);
        writeln!(stdout(), "{line}")?;
        if let Some(count) = Count::of_rust_line(&line) {
            sum += count;
        }
    }
    let status = child.wait()?;
    if !status.success() && sum.failed == 0 {
        println!(
            "cargo test ended with {status} and no failed test: it did not compile, crashed, or took too long"
        );
        sum.failed = 1;
    }
    Ok(sum)
}
