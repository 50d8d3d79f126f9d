//! One process of a private installation, which a test may kill and start again.
use anyhow::{Context as _, Result, bail};
use std::{
    fs::File,
    net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command},
    time::{Duration, Instant},
};

/// The account that services run under when the tests run as root: PostgreSQL refuses to be root.
const SERVICE_ACCOUNT: &str = "postgres";

/// How to start one program, and the running process if there is one.
#[derive(Debug)]
pub struct Service {
    name: &'static str,
    program: PathBuf,
    arguments: Vec<String>,
    environment: Vec<(String, String)>,
    folder: PathBuf,
    port: u16,
    child: Option<Child>,
}

impl Service {
    /// A program that listens on `port` once it is up. Its output goes to `folder/name.log`.
    pub fn new(name: &'static str, program: impl Into<PathBuf>, folder: &Path, port: u16) -> Self {
        Self {
            name,
            program: program.into(),
            arguments: Vec::new(),
            environment: Vec::new(),
            folder: folder.to_owned(),
            port,
            child: None,
        }
    }

    /// Adds arguments.
    pub fn arguments<I: Into<String>>(mut self, more: impl IntoIterator<Item = I>) -> Self {
        self.arguments.extend(more.into_iter().map(Into::into));
        self
    }

    /// Adds environment variables; the test's own environment is not passed on.
    pub fn environment(mut self, more: impl IntoIterator<Item = (String, String)>) -> Self {
        self.environment.extend(more);
        self
    }

    /// Starts the process and waits until its port answers, trying again for 20 s: a database that
    /// was killed needs a moment until its last backend has gone.
    pub fn start(&mut self) -> Result<()> {
        let deadline = Instant::now() + Duration::from_secs(20);
        loop {
            let mut child = self.spawn()?;
            let up = self.wait_for_port(&mut child, deadline)?;
            if up {
                self.child = Some(child);
                return Ok(());
            }
            if Instant::now() > deadline {
                bail!("{} did not start; see {}", self.name, self.log().display());
            }
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// Starts the process without waiting for anything.
    pub fn spawn(&self) -> Result<Child> {
        let log = File::options().create(true).append(true).open(self.log())?;
        unprivileged(&self.program)
            .args(&self.arguments)
            .env_clear()
            .envs(std::env::var("PATH").map(|path| ("PATH", path)))
            .envs(self.environment.iter().map(|(key, value)| (key, value)))
            .current_dir(&self.folder)
            .stdin(std::process::Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("starting {}", self.program.display()))
    }

    fn wait_for_port(&self, child: &mut Child, deadline: Instant) -> Result<bool> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.port));
        while Instant::now() < deadline {
            if child.try_wait()?.is_some() {
                return Ok(false);
            }
            if TcpStream::connect_timeout(&address, Duration::from_millis(200)).is_ok() {
                return Ok(true);
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(false)
    }

    /// Kills the process at once, as a power cut would (SIGKILL).
    pub fn kill(&mut self) -> Result<()> {
        if let Some(mut child) = self.child.take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// Asks the process to end (SIGTERM) and waits up to `patience`; returns how long it took.
    pub fn stop(&mut self, patience: Duration) -> Result<Duration> {
        let began = Instant::now();
        if let Some(mut child) = self.child.take() {
            Command::new("kill").arg(child.id().to_string()).status()?;
            while child.try_wait()?.is_none() {
                if began.elapsed() > patience {
                    child.kill()?;
                    child.wait()?;
                    bail!("{} did not end within {patience:?}", self.name);
                }
                std::thread::sleep(Duration::from_millis(10));
            }
        }
        Ok(began.elapsed())
    }

    /// The process id while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// Where its output goes.
    pub fn log(&self) -> PathBuf {
        self.folder.join(format!("{}.log", self.name))
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        // nothing can be done about a failure here, and the folder goes too
        drop(self.kill());
    }
}

/// A command that runs under an ordinary account also when the tests run as root.
pub fn unprivileged(program: &Path) -> Command {
    if !is_root() {
        return Command::new(program);
    }
    let mut command = Command::new("setpriv");
    command
        .arg(format!("--reuid={SERVICE_ACCOUNT}"))
        .arg(format!("--regid={SERVICE_ACCOUNT}"))
        .arg("--clear-groups")
        .arg(program);
    command
}

/// Gives a folder and all in it to the account that `unprivileged` uses.
pub fn hand_over(path: &Path) -> Result<()> {
    if is_root() {
        let owner = format!("{SERVICE_ACCOUNT}:{SERVICE_ACCOUNT}");
        let status = Command::new("chown").arg("-R").arg(owner).arg(path).status()?;
        anyhow::ensure!(status.success(), "chown of {} failed", path.display());
    }
    Ok(())
}

fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|me| std::os::unix::fs::MetadataExt::uid(&me) == 0)
}

/// A port that nobody listens on at this moment.
pub fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}
