//! `make run`: a farm on this machine, in the foreground, with everything it needs started, watched and ended.

use crate::supervise::supervise;
use crate::workspace::Workspace;
use crate::{lan, web};
use anyhow::{Context, Result, bail, ensure};
use installation::{Installation, Interrupt, Part, Running};
use std::fs;
use std::path::PathBuf;
use std::time::Duration;

/// Builds, starts, prints where to go, and watches until it is asked to stop.
pub(crate) fn run(workspace: &Workspace) -> Result<()> {
    let interrupt = Interrupt::listen()?;
    let step = |text: &str| -> Result<()> {
        println!("[run] {text}");
        interrupt.check()
    };
    step("Building the browser's half (minutes on the first run, a second later)")?;
    web::build(workspace, true)?;
    step("Building the server (minutes on the first run, a second later)")?;
    let binary = build_server(workspace)?;

    let installation = Installation::of_checkout(&workspace.root)?;
    claim(&installation)?;
    installation.stop_leftovers();
    if let Some(taken) = installation.ports.taken() {
        bail!(taken);
    }
    installation.prepare()?;
    installation.install(&binary, &workspace.site_folder())?;
    step("Starting PostgreSQL, Redis and Mosquitto")?;
    let mut running = installation.start_services(&interrupt)?;
    step("Bringing the schema to this version")?;
    installation.tokkatot(&["migrate"])?;
    step("Looking after the demo farm (30 days of history on the first run)")?;
    installation.tokkatot(&["demo"])?;
    step("Starting the server and a simulated farm")?;
    for part in [Part::Server, Part::Simulator] {
        running.push(installation.start(part)?);
        installation.wait_until_ready(part, &mut running, &interrupt)?;
    }
    announce(&installation)?;
    supervise(&installation, &mut running, &interrupt)?;
    println!("[run] Stopping");
    stop(running);
    release(&installation);
    Ok(())
}

/// `make services`: the three services alone, in the background.
pub(crate) fn services(workspace: &Workspace) -> Result<()> {
    let interrupt = Interrupt::listen()?;
    let installation = Installation::of_checkout(&workspace.root)?;
    claim(&installation)?;
    installation.stop_leftovers();
    if let Some(taken) = installation.ports.taken() {
        bail!(taken);
    }
    installation.prepare()?;
    installation.start_services(&interrupt)?.into_iter().for_each(Running::detach);
    release(&installation);
    println!(
        "PostgreSQL, Redis and Mosquitto run. Their addresses: .local/env. `make stop` ends them."
    );
    Ok(())
}

/// `make stop`: ends a `make run` of this checkout, or what `make services` started.
pub(crate) fn stop_all(workspace: &Workspace) -> Result<()> {
    let installation = Installation::of_checkout(&workspace.root)?;
    if let Some(id) = supervisor(&installation) {
        installation::end(id);
    }
    installation.stop_leftovers();
    release(&installation);
    println!("Nothing of this checkout runs any more.");
    Ok(())
}

/// Builds the `tokkatot` binary and says where it is.
pub(crate) fn build_server(workspace: &Workspace) -> Result<PathBuf> {
    let status = workspace
        .cargo()
        .args(["build", "--package", "server", "--bin", "tokkatot"])
        .status()
        .context("starting cargo")?;
    ensure!(status.success(), "the server does not compile");
    Ok(workspace.target.join("debug/tokkatot"))
}

/// Ends the parts, the last started first: nobody loses what it stands on.
fn stop(running: Vec<Running>) {
    for mut part in running.into_iter().rev() {
        part.stop();
    }
}

/// Writes our process id down, unless another `make run` of this checkout lives.
fn claim(installation: &Installation) -> Result<()> {
    if let Some(id) = supervisor(installation) {
        bail!("this checkout runs already (process {id}): `make stop` ends it");
    }
    fs::write(installation.folder.path("run/supervisor.pid"), format!("{}\n", std::process::id()))
        .context("writing supervisor.pid")
}

fn release(installation: &Installation) {
    drop(fs::remove_file(installation.folder.path("run/supervisor.pid")));
}

fn supervisor(installation: &Installation) -> Option<u32> {
    let text = fs::read_to_string(installation.folder.path("run/supervisor.pid")).ok()?;
    let id: u32 = text.trim().parse().ok()?;
    let name = fs::read_to_string(format!("/proc/{id}/comm")).ok()?;
    (name.trim() == "xtask" && id != std::process::id()).then_some(id)
}

fn announce(installation: &Installation) -> Result<()> {
    // Let what the programs print at their start come first.
    std::thread::sleep(Duration::from_millis(200));
    let address = installation.ports.public_url();
    if installation.ports.lan {
        lan::invite(&address)?;
    }
    println!();
    println!("Tokkatot runs: {address}   (Ctrl-C stops it; logs are in .local/log)");
    let credentials = fs::read_to_string(installation.folder.path("demo-credentials"))
        .context("reading .local/demo-credentials")?;
    println!("  {:<10} {:<24} password", "role", "sign in as");
    for line in credentials.lines() {
        let mut fields = line.split_whitespace();
        let (role, login, password) = (fields.next(), fields.next(), fields.next());
        if let (Some(role), Some(login), Some(password)) = (role, login, password) {
            println!("  {role:<10} {login:<24} {password}");
        }
    }
    Ok(())
}
