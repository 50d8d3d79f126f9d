//! `tokkatot simulate`.
use crate::config::{Need, Settings};
use clap::Args;
use std::process::ExitCode;

/// What `simulate` needs to know of the installation.
pub const NEEDS: &[Need] = &[Need::OwnerDatabase];

/// What `simulate` can be told.
#[derive(Debug, Args)]
pub struct Arguments {}

pub(super) async fn run(_arguments: Arguments, _settings: Settings) -> anyhow::Result<ExitCode> {
    Ok(ExitCode::FAILURE)
}
