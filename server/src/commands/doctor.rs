//! `tokkatot doctor`: what is wrong, and how to mend it.
use super::answer;
use crate::{config::Settings, doctor};
use anyhow::Result;
use clap::Args;
use std::process::ExitCode;

/// What `doctor` can be told: nothing beyond the settings.
#[derive(Debug, Args)]
pub struct Arguments {}

pub(super) async fn run(settings: &Settings) -> Result<ExitCode> {
    let findings = doctor::examine(settings).await;
    answer(doctor::table(&findings).trim_end())?;
    let well = findings.iter().all(doctor::Finding::is_well);
    Ok(if well { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
