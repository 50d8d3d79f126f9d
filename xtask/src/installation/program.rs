//! The processes of an installation: how each is started, known again, asked whether it answers, and ended.

use super::{Installation, broker, postgres, redis};
use crate::interrupt::Interrupt;
use anyhow::{Context, Result, bail};
use rustix::process::{Pid, Signal, kill_process};
use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
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
    const ALL: [Self; 5] =
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
    fn stop_signal(self) -> Signal {
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
        if name.starts_with("RUST_") || name.starts_with("TOKKATOT_LOG") {
            command.env(&key, value);
        }
    }
    if let Some(account) = installation.account {
        command.uid(account.user).gid(account.group);
    }
    command
}

pub(super) fn wait_until_ready(
    installation: &Installation,
    part: Part,
    running: &mut [Running],
    interrupt: &Interrupt,
) -> Result<()> {
    let log = installation.folder.path(&format!("log/{part}.log"));
    let began = Instant::now();
    while !answers(installation, part) {
        interrupt.check()?;
        let ended = match running.iter_mut().find(|running| running.part == part) {
            Some(running) => running.ended()?,
            None => None,
        };
        if let Some(status) = ended {
            bail!("{part} ended at once ({status}):\n{}", last_lines(&log));
        }
        if began.elapsed() > Duration::from_secs(60) {
            bail!("{part} does not answer after a minute:\n{}", last_lines(&log));
        }
        interrupt.pause(Duration::from_millis(50));
    }
    Ok(())
}

fn answers(installation: &Installation, part: Part) -> bool {
    let ports = &installation.ports;
    match part {
        Part::Postgres => postgres::answers(installation),
        Part::Redis => {
            says(local(ports.redis), "PING\r\n", "-NOAUTH")
                || says(local(ports.redis), "PING\r\n", "+PONG")
        }
        Part::Mosquitto => TcpStream::connect(local(ports.mqtt)).is_ok(),
        Part::Server => says(
            ports.admin,
            "GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
            "HTTP/1.1 200",
        ),
        Part::Simulator => true,
    }
}

fn local(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

/// Whether the answer to a question begins so.
fn says(address: SocketAddr, question: &str, wanted: &str) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(Duration::from_secs(2)))?;
        stream.write_all(question.as_bytes())?;
        let mut answer = vec![0; wanted.len()];
        stream.read_exact(&mut answer)?;
        Ok(answer == wanted.as_bytes())
    };
    ask().unwrap_or(false)
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

/// Ends what is written down in `run/`, the last started first.
pub(super) fn stop_leftovers(installation: &Installation) -> Result<()> {
    for part in Part::ALL.into_iter().rev() {
        let file = installation.folder.path(&format!("run/{part}.pid"));
        let Some(id) = written_id(&file) else { continue };
        if works_below(id, installation.folder.root()) {
            end(id, part.stop_signal());
        }
        drop(fs::remove_file(file));
    }
    Ok(())
}

/// Ends everything that is written down below a folder that nobody owns any more.
pub(super) fn end_all_below(folder: &Path) -> Result<()> {
    for part in Part::ALL.into_iter().rev() {
        if let Some(id) = written_id(&folder.join(format!("run/{part}.pid")))
            && works_below(id, folder)
        {
            end(id, part.stop_signal());
        }
    }
    Ok(())
}

/// The process id in a file.
pub(crate) fn written_id(file: &Path) -> Option<u32> {
    fs::read_to_string(file).ok()?.trim().parse().ok()
}

/// Whether a process lives and works in this folder: an id alone may belong to somebody else by now.
pub(crate) fn works_below(id: u32, folder: &Path) -> bool {
    let Ok(folder) = folder.canonicalize() else { return false };
    fs::read_link(format!("/proc/{id}/cwd")).is_ok_and(|place| place.starts_with(folder))
}

/// Asks a process that is not our child to end, waits, and insists after 15 seconds.
pub(crate) fn end(id: u32, how: Signal) {
    signal(id, how);
    let asked = Instant::now();
    while lives(id) {
        if asked.elapsed() > Duration::from_secs(15) {
            signal(id, Signal::KILL);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn lives(id: u32) -> bool {
    // A zombie that waits for its parent has ended as far as we are concerned.
    fs::read_to_string(format!("/proc/{id}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

fn signal(id: u32, signal: Signal) {
    if let Some(pid) = i32::try_from(id).ok().and_then(Pid::from_raw) {
        // It may have ended a moment ago, which is what we want.
        _ = kill_process(pid, signal);
    }
}
