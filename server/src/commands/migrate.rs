//! `tokkatot migrate`: the schema to this version, as its owner.
use super::answer;
use crate::config::Settings;
use anyhow::{Context as _, Result};
use clap::Args;
use std::process::ExitCode;

/// What `migrate` can be told.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Only say what would be done
    #[arg(long, env = "TOKKATOT_DRY_RUN")]
    pub dry_run: bool,
}

pub(super) async fn run(arguments: &Arguments, settings: &Settings) -> Result<ExitCode> {
    let owner =
        settings.owner_database.as_ref().context("TOKKATOT_OWNER_DATABASE_URL is not set")?;
    let (names, verb) = if arguments.dry_run {
        (store::migrate::pending(owner.expose()).await?, "would run")
    } else {
        (store::migrate::run(owner.expose()).await?, "ran")
    };
    if names.is_empty() {
        answer("the schema is up to date")?;
    }
    for name in names {
        answer(&format!("{verb} {name}"))?;
    }
    Ok(ExitCode::SUCCESS)
}
