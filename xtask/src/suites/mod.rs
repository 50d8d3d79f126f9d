//! `make test`: every check and every test, and one line at the end that sums them up. A tool that is missing or
//! breaks is a failure, never a silent skip.

mod browser;
mod count;
mod rust;

use crate::checks;
use crate::web;
use crate::workspace::Workspace;
use anyhow::{Result, bail, ensure};
use count::Count;
use installation::Interrupt;
use std::time::Instant;

/// How much is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Extent {
    /// What every change must pass.
    Usual,
    /// The whole browser matrix, the long property tests and every kill 20 times too.
    All,
}

/// Runs all suites, in an order that finds cheap mistakes first; one that fails does not keep the others.
///
/// # Errors
/// When anything failed, after the line with the sums.
pub(crate) fn run(workspace: &Workspace, extent: Extent) -> Result<()> {
    let interrupt = Interrupt::listen()?;
    let started = Instant::now();
    let mut sum = Count::default();
    let suites: [(&str, &dyn Fn() -> Result<Count>); 9] = [
        ("format", &|| cargo(workspace, &["fmt", "--all", "--check"])),
        ("licences", &|| checks::licences::check(workspace).map(|()| Count::ONE)),
        ("layers", &|| checks::layers::check(workspace).map(|()| Count::ONE)),
        ("locales", &|| checks::locales::check(workspace).map(|()| Count::ONE)),
        ("styles", &|| checks::styles::check(workspace).map(|()| Count::ONE)),
        ("lints", &|| lints(workspace)),
        ("web build", &|| web::build(workspace, true).map(|()| Count::ONE)),
        ("rust tests", &|| rust::run(workspace, extent, &interrupt)),
        ("browser tests", &|| browser::run(workspace, extent, &[], &interrupt)),
    ];
    for (name, suite) in suites {
        interrupt.check()?;
        println!("\n=== {name} (after {} s)", started.elapsed().as_secs());
        let count = suite().unwrap_or_else(|error| {
            println!("{name}: {error:#}");
            Count { failed: 1, ..Count::default() }
        });
        println!("--- {name}: {count}");
        sum += count;
    }
    println!("\nAll suites took {} s.", started.elapsed().as_secs());
    println!("{sum}");
    if sum.failed > 0 {
        bail!("{} failed", sum.failed);
    }
    ensure!(sum.passed > 0, "no test ran");
    Ok(())
}

/// `cargo xtask end2end`: the browser tests alone, with options for Playwright.
pub(crate) fn browser_alone(workspace: &Workspace, options: &[String]) -> Result<()> {
    let interrupt = Interrupt::listen()?;
    web::build(workspace, true)?;
    let count = browser::run(workspace, Extent::Usual, options, &interrupt)?;
    println!("{count}");
    ensure!(count.failed == 0, "{} failed", count.failed);
    Ok(())
}

/// `cargo xtask with-services CMD…`: any command with the services that the Rust tests need.
pub(crate) fn with_services(workspace: &Workspace, command: &[String]) -> Result<()> {
    rust::with_services(workspace, command, &Interrupt::listen()?)
}

/// Warnings are errors, in the server's half and in the browser's, which the first does not see.
fn lints(workspace: &Workspace) -> Result<Count> {
    let server = ["clippy", "--workspace", "--exclude", "frontend", "--all-targets"];
    let mut count = cargo(workspace, &[&server[..], &["--", "-D", "warnings"]].concat())?;
    count += cargo(
        workspace,
        &["clippy", "-p", "frontend", "--target", "wasm32-unknown-unknown", "--", "-D", "warnings"],
    )?;
    Ok(count)
}

fn cargo(workspace: &Workspace, arguments: &[&str]) -> Result<Count> {
    let status = workspace.cargo().args(arguments).status()?;
    ensure!(status.success(), "`cargo {}` failed", arguments.join(" "));
    Ok(Count::ONE)
}
