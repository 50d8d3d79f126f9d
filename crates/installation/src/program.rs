//! The processes of an installation: what they are called, how each is started and ended.

use super::leftovers::signal;
use super::{Installation, broker, log, postgres, redis};
use anyhow::{Context, Result};
use rustix::process::Signal;
use std::fmt;
use std::fs;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// What an installation consists of, in the order of starting.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// The database.
    Postgres,
    /// The cache.
    Redis,
    /// The broker.
    Mosquitto,
    /// `tokkatot serve`.
    Server,
    /// `tokkatot simulate`.
    Simulator,
}

impl Part {
    /// The parts that are not ours.
    pub(super) const SERVICES: [Self; 3] = [Self::Postgres, Self::Redis, Self::Mosquitto];
    pub(super) const ALL: [Self; 5] =
        [Self::Postgres, Self::Redis, Self::Mosquitto, Self::Server, Self::Simulator];

    /// How it is asked to end. PostgreSQL's usual signal waits for its clients; this one does not.
    pub(super) fn stop_signal(self) -> Signal {
        if self == Self::Postgres { Signal::INT } else { Signal::TERM }
    }
}

/// The name of its pid file and of its log.
impl fmt::Display for Part {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::Postgres => "postgres",
            Self::Redis => "redis",
            Self::Mosquitto => "mosquitto",
            Self::Server => "server",
            Self::Simulator => "simulator",
        })
    }
}

/// A started part. It is ended when it is dropped.
#[derive(Debug)]
pub struct Running {
    /// Which part it is.
    pub part: Part,
    child: Child,
    pid_file: std::path::PathBuf,
    detached: bool,
}

impl Running {
    /// How it ended, if it has.
    pub fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.child.try_wait().context("asking for a child's state")
    }

    /// Asks it to end, and insists after 15 seconds.
    pub fn stop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        signal(self.child.id(), self.part.stop_signal());
        let asked = Instant::now();
        while matches!(self.child.try_wait(), Ok(None)) {
            if asked.elapsed() > Duration::from_secs(15) {
                drop(self.child.kill());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        drop(fs::remove_file(&self.pid_file));
    }

    /// Ends it as a power cut would, and waits until it has.
    pub(super) fn kill(mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Its process id.
    pub(super) fn id(&self) -> u32 {
        self.child.id()
    }

    /// Lets it live on when we end.
    pub fn detach(mut self) {
        self.detached = true;
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if !self.detached {
            self.stop();
        }
    }
}

pub(super) fn start(installation: &Installation, part: Part) -> Result<Running> {
    let mut command = match part {
        Part::Postgres => postgres::command(installation)?,
        Part::Redis => redis::command(installation)?,
        Part::Mosquitto => broker::command(installation)?,
        Part::Server => installation.tokkatot_command(&["serve"])?,
        Part::Simulator => installation.tokkatot_command(&["simulate"])?,
    };
    let log = log::open(installation, part)?;
    command.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
    if installation.ends_in_order {
        // A group of its own: Ctrl-C on the terminal reaches us alone.
        command.process_group(0);
    }
    let child = command
        .spawn()
        .with_context(|| format!("starting {part} ({})", command.get_program().display()))?;
    let pid_file = installation.folder.path(&format!("run/{part}.pid"));
    let new = pid_file.with_extension("new");
    fs::write(&new, format!("{}\n", child.id()))?;
    fs::rename(&new, &pid_file)?;
    Ok(Running { part, child, pid_file, detached: false })
}

/// A command under the installation's account and with nothing of our environment but what is meant for it.
pub(super) fn command(
    installation: &Installation,
    program: &Path,
    working_folder: &Path,
) -> Command {
    let mut command = Command::new(program);
    command
        .current_dir(working_folder)
        .env_clear()
        .env("HOME", installation.folder.root())
        .env("LANG", "C.UTF-8")
        .env("PATH", std::env::var_os("PATH").unwrap_or_default());
    for (key, value) in std::env::vars_os() {
        let name = key.to_string_lossy();
        if name.starts_with("RUST_") {
            command.env(&key, value);
        }
    }
    if let Some(account) = installation.account {
        command.uid(account.user).gid(account.group);
    }
    command
}
