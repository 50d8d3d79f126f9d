//! One private installation: PostgreSQL, Redis and Mosquitto with their own data, ports and passwords, and the
//! server and the simulator beside them. `make run` keeps one under `.local/`; the browser tests make one and
//! throw it away. Nothing of the system's own services is touched.

mod account;
mod broker;
mod folder;
mod leftovers;
mod postgres;
mod program;
mod ready;
mod redis;
mod secrets;
mod settings;

pub(crate) use folder::Folder;
pub(crate) use postgres::Access;
pub(crate) use program::{Part, Running};
pub(crate) use settings::Ports;

use crate::interrupt::Interrupt;
use crate::workspace::Workspace;
use account::Account;
use anyhow::{Context, Result, ensure};
use secrets::Secrets;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Asks a process that is not our child to end, and waits until it has.
pub(crate) fn end(id: u32) {
    leftovers::end(id, rustix::process::Signal::TERM);
}

/// Where an installation lives and under whose name it runs.
#[derive(Debug)]
pub(crate) struct Installation {
    pub(crate) folder: Folder,
    pub(crate) ports: Ports,
    account: Option<Account>,
    secrets: Secrets,
    checkout: PathBuf,
    access: Access,
}

impl Installation {
    /// The one of this checkout, made on first use.
    pub(crate) fn of_checkout(workspace: &Workspace) -> Result<Self> {
        let account = Account::to_drop_to()?;
        let folder = Folder::of_checkout(&workspace.root, account.as_ref())?;
        Self::at(workspace, folder, account, Ports::from_environment()?, Access::Passwords)
    }

    /// A new one on free ports, gone when it is dropped.
    pub(crate) fn temporary(workspace: &Workspace, access: Access) -> Result<Self> {
        let account = Account::to_drop_to()?;
        let folder = Folder::temporary(account.as_ref())?;
        Self::at(workspace, folder, account, Ports::free()?, access)
    }

    fn at(
        workspace: &Workspace,
        folder: Folder,
        account: Option<Account>,
        ports: Ports,
        access: Access,
    ) -> Result<Self> {
        let secrets = Secrets::kept_in(&folder.path("data/secrets"), account.as_ref())?;
        Ok(Self { folder, ports, account, secrets, checkout: workspace.root.clone(), access })
    }

    /// Writes the services' configuration and `env`, and makes the database's files on first use.
    pub(crate) fn prepare(&self) -> Result<()> {
        postgres::prepare(self)?;
        redis::prepare(self)?;
        broker::prepare(self)?;
        settings::write(self)
    }

    /// Starts PostgreSQL, Redis and Mosquitto, waits until they answer, and makes roles and database.
    pub(crate) fn start_services(&self, interrupt: &Interrupt) -> Result<Vec<Running>> {
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
    pub(crate) fn start(&self, part: Part) -> Result<Running> {
        program::start(self, part)
    }

    /// Ends what an earlier run left behind: processes whose ids are written down and which work in our folder.
    pub(crate) fn stop_leftovers(&self) {
        leftovers::stop(self);
    }

    /// Waits until the part answers.
    ///
    /// # Errors
    /// When it ended, or did not answer within a minute, with the place of its log; or when interrupted.
    pub(crate) fn wait_until_ready(
        &self,
        part: Part,
        running: &mut [Running],
        interrupt: &Interrupt,
    ) -> Result<()> {
        ready::wait_until_ready(self, part, running, interrupt)
    }

    /// Lets the built binary do one thing with this installation's settings, for instance `migrate`.
    pub(crate) fn tokkatot(&self, arguments: &[&str]) -> Result<()> {
        let status = self.tokkatot_command(arguments)?.status().context("starting tokkatot")?;
        ensure!(status.success(), "`tokkatot {}` failed", arguments.join(" "));
        Ok(())
    }

    /// The same as a command, for those who want its output.
    pub(crate) fn tokkatot_command(&self, arguments: &[&str]) -> Result<Command> {
        let mut command =
            self.command(&self.folder.path("bin/tokkatot"), &self.folder.path("data"));
        command.envs(settings::from_the_caller(self)?);
        command.args(arguments).arg("--env-file").arg(self.folder.path("env"));
        Ok(command)
    }

    /// Puts the built binary and site where the account may read them.
    pub(crate) fn install(&self, workspace: &Workspace, binary: &Path) -> Result<()> {
        folder::install(self, workspace, binary)
    }

    /// The end of a part's log.
    pub(crate) fn last_words(&self, part: Part) -> String {
        program::last_lines(&self.folder.path(&format!("log/{part}.log")))
    }

    /// A command under the installation's account, with an environment of its own.
    fn command(&self, program: &Path, working_folder: &Path) -> Command {
        program::command(self, program, working_folder)
    }
}
