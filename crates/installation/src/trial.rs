//! A whole installation at work whose parts may be killed: for the torture test and the benchmark.

use super::postgres::psql;
use super::{Access, Installation, Interrupt, Part, Ports, Running};
use anyhow::{Context, Result, ensure};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

/// How long a part is started again and again: a database that was killed needs a moment until its last
/// backend has gone.
const PATIENCE: Duration = Duration::from_secs(20);

/// A temporary installation with its server. Dropping it ends the parts and removes its files.
#[derive(Debug)]
pub struct Trial {
    /// In the order of starting.
    running: Vec<Running>,
    installation: Installation,
}

impl Trial {
    /// Makes an installation and its schema, and starts all but the simulator. `binary` is the built `tokkatot`,
    /// `site` the folder with its web files.
    pub fn begin(binary: &Path, site: &Path) -> Result<Self> {
        let mut installation = Installation::temporary(Access::Passwords)?;
        // Nobody here listens for Ctrl-C: it must reach the parts by itself.
        installation.ends_in_order = false;
        installation.prepare()?;
        installation.install(binary, site)?;
        let running = installation.start_services(&Interrupt::never())?;
        let mut trial = Self { running, installation };
        trial.tokkatot(&["migrate"])?;
        trial.start(Part::Server)?;
        Ok(trial)
    }

    /// Where the parts listen.
    pub fn ports(&self) -> Ports {
        self.installation.ports
    }

    /// The process id of a part.
    ///
    /// # Errors
    /// When it does not run.
    pub fn pid(&self, part: Part) -> Result<u32> {
        let running = self.running.iter().find(|running| running.part == part);
        Ok(running.with_context(|| format!("{part} does not run"))?.id())
    }

    /// Ends a part as a power cut would (SIGKILL), and waits until it has gone.
    ///
    /// # Errors
    /// When it does not run.
    pub fn kill(&mut self, part: Part) -> Result<()> {
        let place = self.running.iter().position(|running| running.part == part);
        let place = place.with_context(|| format!("{part} does not run"))?;
        self.running.remove(place).kill()
    }

    /// Starts a part that does not run, and waits until it answers.
    ///
    /// # Errors
    /// When it keeps ending for 20 seconds, or does not answer within a minute.
    pub fn start(&mut self, part: Part) -> Result<()> {
        let began = Instant::now();
        let started = loop {
            let mut new = [self.installation.start(part)?];
            match self.installation.wait_until_ready(part, &mut new, &Interrupt::never()) {
                Ok(()) => break new,
                Err(error) if began.elapsed() > PATIENCE => return Err(error),
                Err(_) => std::thread::sleep(Duration::from_millis(100)),
            }
        };
        self.running.extend(started);
        self.running.sort_by_key(|running| running.part);
        Ok(())
    }

    /// Runs another command of the binary and returns what it printed.
    pub fn tokkatot(&self, arguments: &[&str]) -> Result<String> {
        printed_by(&mut self.installation.tokkatot_command(arguments)?)
    }

    /// Asks the farm's database as superuser: a line per row, its columns parted by `|`.
    pub fn query(&self, sql: &str) -> Result<String> {
        let mut command = psql(&self.installation, "tokkatot")?;
        printed_by(command.args(["--tuples-only", "--no-align", "--command", sql]))
    }

    /// One of the installation's settings, such as `TOKKATOT_DATABASE_URL`.
    ///
    /// # Errors
    /// When it has none of that name.
    pub fn setting(&self, name: &str) -> Result<String> {
        let env = self.read("env")?;
        let value = env.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
        value.map(str::to_owned).with_context(|| format!("{name} is not set"))
    }

    /// Reads a file that a command left in the installation's folder.
    pub fn read(&self, name: &str) -> Result<String> {
        let path = self.installation.folder.path(name);
        fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        // The last started first: nobody loses what it stands on.
        while let Some(mut running) = self.running.pop() {
            running.stop();
        }
    }
}

/// What a command says, without the end of its last line.
fn printed_by(command: &mut Command) -> Result<String> {
    let program = command.get_program().display().to_string();
    let output = command.output().with_context(|| format!("starting {program}"))?;
    let said = String::from_utf8_lossy(&output.stdout);
    ensure!(
        output.status.success(),
        "{program} failed: {said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Ok(said.trim_end().to_owned())
}
