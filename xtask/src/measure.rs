//! `make bench` and `make torture`: the long runs, on installations of their own.

use crate::run::build_server;
use crate::web;
use crate::workspace::Workspace;
use anyhow::{Context, Result, ensure};
use installation::Interrupt;

/// Builds everything as people get it and measures it. The figures go to the output; docs/benchmarks.md says how
/// they were taken.
pub(crate) fn bench(workspace: &Workspace, options: &[String]) -> Result<()> {
    web::build(workspace, true)?;
    cargo(workspace, &["build", "--release", "--package", "server", "--bin", "tokkatot"])?;
    cargo(workspace, &["build", "--release", "--package", "bench"])?;
    let status = workspace
        .command(workspace.target.join("release/bench"))
        .arg("--binary")
        .arg(workspace.target.join("release/tokkatot"))
        .arg("--site")
        .arg(workspace.site_folder())
        .args(options)
        .status()
        .context("starting the benchmark")?;
    ensure!(status.success(), "the benchmark failed");
    Ok(())
}

/// Kills each part of an installation again and again, and asks for every reading that was acknowledged.
pub(crate) fn torture(workspace: &Workspace, rounds: u32) -> Result<()> {
    let interrupt = Interrupt::listen()?;
    web::build(workspace, true)?;
    build_server(workspace)?;
    interrupt.check()?;
    let status = workspace
        .cargo()
        .args([
            "test",
            "--package",
            "server",
            "--test",
            "torture",
            "--",
            "--nocapture",
            "--test-threads=1",
        ])
        .env("TOKKATOT_TORTURE_ROUNDS", rounds.to_string())
        .status()
        .context("starting cargo")?;
    ensure!(status.success(), "readings were lost or doubled, or the run broke: see above");
    Ok(())
}

fn cargo(workspace: &Workspace, arguments: &[&str]) -> Result<()> {
    let status = workspace.cargo().args(arguments).status().context("starting cargo")?;
    ensure!(status.success(), "`cargo {}` failed", arguments.join(" "));
    Ok(())
}
