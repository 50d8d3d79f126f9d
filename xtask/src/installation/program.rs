//! The processes of an installation: what they are called, how each is started and ended.

use super::leftovers::signal;
use super::{Installation, broker, postgres, redis};
use anyhow::{Context, Result};
use rustix::process::Signal;
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

/// What an installation consists of, in the order of starting.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Part {
    Postgres,
    Redis,
    Mosquitto,
    Server,
    Simulator,
}

impl Part {
    /// The parts that are not ours.
    pub(super) const SERVICES: [Self; 3] = [Self::Postgres, Self::Redis, Self::Mosquitto];
    pub(super) const ALL: [Self; 5] =
        [Self::Postgres, Self::Redis, Self::Mosquitto, Self::Server, Self::Simulator];

    /// The name of its pid file and of its log.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Postgres => "postgres",
            Self::Redis => "redis",
            Self::Mosquitto => "mosquitto",
            Self::Server => "server",
            Self::Simulator => "simulator",
        }
    }

    /// How it is asked to end. PostgreSQL's usual signal waits for its clients; this one does not.
    pub(super) fn stop_signal(self) -> Signal {
        if self == Self::Postgres { Signal::INT } else { Signal::TERM }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// A started part. It is ended when it is dropped.
#[derive(Debug)]
pub(crate) struct Running {
    pub(crate) part: Part,
    child: Child,
    pid_file: std::path::PathBuf,
    detached: bool,
}

impl Running {
    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Result<Option<ExitStatus>> {
        self.child.try_wait().context("asking for a child's state")
    }

    /// Asks it to end, and insists after 15 seconds.
    pub(crate) fn stop(&mut self) {
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

    /// Lets it live on when we end.
    pub(crate) fn detach(mut self) {
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
    let log = log(installation, part)?;
    let child = command
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        // A group of its own: Ctrl-C on the terminal reaches us alone, and we end them in order.
        .process_group(0)
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

fn log(installation: &Installation, part: Part) -> Result<File> {
    let path = installation.folder.path(&format!("log/{part}.log"));
    // What is older than the last ten megabytes helps nobody.
    if fs::metadata(&path).is_ok_and(|found| found.len() > 10_000_000) {
        fs::rename(&path, path.with_extension("log.old"))?;
    }
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .with_context(|| format!("opening {}", path.display()))
}

/// The end of a log, for an error message.
pub(super) fn last_lines(log: &Path) -> String {
    let text =
        fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let mut lines: Vec<&str> = text.lines().rev().take(15).collect();
    lines.reverse();
    format!("{}\n(the whole log: {})", lines.join("\n"), log.display())
}
