//! One private installation: PostgreSQL, Redis and Mosquitto with their own data, ports and passwords, and the
//! server and the simulator beside them. `make run` keeps one under `.local/`; the browser tests, the torture
//! test and the benchmark make one and throw it away. Nothing of the system's own services is touched.
#![expect(clippy::print_stdout, reason = "what takes long, or is not as asked, says so")]

mod account;
mod broker;
mod folder;
mod install;
mod interrupt;
mod leftovers;
mod log;
mod ports;
mod postgres;
mod program;
mod ready;
mod redis;
mod secrets;
mod settings;
mod trial;

pub use folder::Folder;
pub use interrupt::Interrupt;
pub use ports::{Ports, free_port, free_ports};
pub use postgres::Access;
pub use program::{Part, Running};
pub use trial::Trial;

use account::Account;
use anyhow::{Context, Result, ensure};
use secrets::Secrets;
use std::path::Path;
use std::process::Command;

/// Asks a process that is not our child to end, and waits until it has.
pub fn end(id: u32) {
    leftovers::end(id, rustix::process::Signal::TERM);
}

/// Where an installation lives and under whose name it runs.
#[derive(Debug)]
pub struct Installation {
    /// Where its files are.
    pub folder: Folder,
    /// Where its parts listen.
    pub ports: Ports,
    account: Option<Account>,
    secrets: Secrets,
    access: Access,
    /// Whether Ctrl-C is ours to hear, so that the parts end one after the other; else it ends them all at once.
    ends_in_order: bool,
}

impl Installation {
    /// The one of this checkout, made on first use.
    pub fn of_checkout(checkout: &Path) -> Result<Self> {
        let account = Account::to_drop_to()?;
        let folder = Folder::of_checkout(checkout, account.as_ref())?;
        Self::at(folder, account, Ports::from_environment()?, Access::Passwords)
    }

    /// A new one on free ports, gone when it is dropped.
    pub fn temporary(access: Access) -> Result<Self> {
        let account = Account::to_drop_to()?;
        let folder = Folder::temporary(account.as_ref())?;
        Self::at(folder, account, Ports::free()?, access)
    }

    fn at(folder: Folder, account: Option<Account>, ports: Ports, access: Access) -> Result<Self> {
        let secrets = Secrets::kept_in(&folder.path("data/secrets"), account.as_ref())?;
        Ok(Self { folder, ports, account, secrets, access, ends_in_order: true })
    }

    /// Writes the services' configuration and `env`, and makes the database's files on first use.
    pub fn prepare(&self) -> Result<()> {
        postgres::prepare(self)?;
        redis::prepare(self)?;
        broker::prepare(self)?;
        settings::write(self)
    }

    /// Puts the built binary and the built site where the account may read them.
    pub fn install(&self, binary: &Path, site: &Path) -> Result<()> {
        install::install(self, binary, site)
    }

    /// Starts PostgreSQL, Redis and Mosquitto, waits until they answer, and makes roles and database.
    pub fn start_services(&self, interrupt: &Interrupt) -> Result<Vec<Running>> {
        let mut running = Vec::new();
        for part in Part::SERVICES {
            running.push(self.start(part)?);
        }
        for part in Part::SERVICES {
            self.wait_until_ready(part, &mut running, interrupt)?;
        }
        if self.access == Access::Passwords {
            postgres::provide_roles_and_database(self)?;
        }
        Ok(running)
    }

    /// Starts one part, writes its process id down, and sends what it prints to its log.
    pub fn start(&self, part: Part) -> Result<Running> {
        program::start(self, part)
    }

    /// Ends what an earlier run left behind: processes whose ids are written down and which work in our folder.
    pub fn stop_leftovers(&self) {
        leftovers::stop(self);
    }

    /// Waits until the part answers.
    ///
    /// # Errors
    /// When it ended, or did not answer within a minute, with the place of its log; or when interrupted.
    pub fn wait_until_ready(
        &self,
        part: Part,
        running: &mut [Running],
        interrupt: &Interrupt,
    ) -> Result<()> {
        ready::wait_until_ready(self, part, running, interrupt)
    }

    /// Lets the built binary do one thing with this installation's settings, for instance `migrate`.
    pub fn tokkatot(&self, arguments: &[&str]) -> Result<()> {
        let status = self.tokkatot_command(arguments)?.status().context("starting tokkatot")?;
        ensure!(status.success(), "`tokkatot {}` failed", arguments.join(" "));
        Ok(())
    }

    /// The same as a command, for those who want its output.
    fn tokkatot_command(&self, arguments: &[&str]) -> Result<Command> {
        let mut command =
            self.command(&self.folder.path("bin/tokkatot"), &self.folder.path("data"));
        command.envs(settings::from_the_caller(self)?);
        command.args(arguments).arg("--env-file").arg(self.folder.path("env"));
        Ok(command)
    }

    /// The end of a part's log.
    pub fn last_words(&self, part: Part) -> String {
        log::last_lines(&log::path(self, part))
    }

    /// A command under the installation's account, with an environment of its own.
    fn command(&self, program: &Path, working_folder: &Path) -> Command {
        program::command(self, program, working_folder)
    }
}
