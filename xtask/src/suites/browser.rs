//! Playwright against an installation of its own: the built server, a demo farm, a simulated node.

use super::Extent;
use super::count::Count;
use crate::run::build_server;
use crate::workspace::Workspace;
use anyhow::{Context, Result};
use installation::{Access, Installation, Interrupt, Part};
use std::fs;

/// Runs the browser tests against a fresh server and counts them.
pub(super) fn run(
    workspace: &Workspace,
    extent: Extent,
    options: &[String],
    interrupt: &Interrupt,
) -> Result<Count> {
    let binary = build_server(workspace)?;
    let installation = Installation::temporary(Access::Passwords)?;
    installation.prepare()?;
    installation.install(&binary, &workspace.site_folder())?;
    let mut running = installation.start_services(interrupt)?;
    installation.tokkatot(&["migrate"])?;
    installation.tokkatot(&["demo"])?;
    for part in [Part::Server, Part::Simulator] {
        running.push(installation.start(part)?);
        installation.wait_until_ready(part, &mut running, interrupt)?;
    }

    let report = installation.folder.path("log/playwright.json");
    let mut command = workspace.command("timeout");
    command
        .args([
            "--foreground",
            "--kill-after=10",
            "3600",
            "node",
            "node_modules/@playwright/test/cli.js",
            "test",
        ])
        .args(options)
        .current_dir(workspace.path("end2end"))
        .env("TOKKATOT_TEST_URL", installation.ports.public_url())
        .env("TOKKATOT_TEST_FOLDER", installation.folder.root())
        .env("PLAYWRIGHT_JSON_OUTPUT_FILE", &report);
    if extent == Extent::All {
        command.env("TOKKATOT_TEST_ALL", "1");
    }
    let status = command.status().context("starting Playwright")?;
    let text = fs::read_to_string(&report)
        .with_context(|| format!("Playwright wrote no report ({status})"))?;
    let mut count = Count::of_playwright_report(&text).context("reading Playwright's report")?;
    if !status.success() && count.failed == 0 {
        count.failed = 1;
    }
    if count.failed > 0 {
        println!("The server's log ends so:\n{}", installation.last_words(Part::Server));
    }
    drop(running);
    Ok(count)
}
