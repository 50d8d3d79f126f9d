//! `tokkatot serve`: the server.
use crate::{
    config::{Need, Problem, Problems, Settings},
    serve::{self, Role, Roles},
};
use anyhow::Result;
use clap::Args;
use std::process::ExitCode;

/// What `serve` can be told.
#[derive(Debug, Args)]
pub struct Arguments {
    /// What this process does: web, ingest, jobs, separated by commas [default: all]
    #[arg(long, env = "TOKKATOT_ROLES", value_name = "ROLES")]
    pub roles: Option<String>,
}

impl Arguments {
    pub(super) fn needs(&self, problems: &mut Problems) -> Vec<Need> {
        let roles = problems.keep(self.roles()).unwrap_or_default();
        let mut needs = Vec::new();
        if roles.web {
            needs.push(Need::AppDatabase);
        }
        if roles.works() {
            needs.push(Need::WorkerDatabase);
        }
        if roles.ingest {
            needs.push(Need::Broker);
        }
        needs
    }

    fn roles(&self) -> Result<Roles, Problem> {
        let Some(text) = self.roles.as_deref().filter(|text| !text.trim().is_empty()) else {
            return Ok(Roles::ALL);
        };
        let refused = |word: &str| {
            Problem::new(
                "TOKKATOT_ROLES",
                format!("{word:?} is not a role"),
                "write one or more of web, ingest, jobs, separated by commas",
            )
        };
        let mut roles = Roles::default();
        for word in text.split(',').map(str::trim) {
            roles.add(Role::parse(word).ok_or_else(|| refused(word))?);
        }
        Ok(roles)
    }
}

pub(super) async fn run(arguments: &Arguments, settings: Settings) -> Result<ExitCode> {
    let roles = arguments.roles().map_err(|problem| anyhow::anyhow!("{problem}"))?;
    serve::run(settings, roles).await.map(|()| ExitCode::SUCCESS)
}
