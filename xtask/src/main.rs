//! The project's own tool, behind `make` and `cargo xtask`: builds the browser's half, checks what the
//! compiler cannot, runs the private services and the suites. It never touches anything outside the
//! checkout, its data folder and the build cache.
#![expect(clippy::print_stdout, reason = "a command-line tool talks on its output")]

mod installation;
mod interrupt;
mod lan;
mod run;
mod supervise;
mod web;
mod workspace;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;
use workspace::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, checks and runs Tokkatot from its checkout")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Clone, Copy, Subcommand)]
enum Task {
    /// Builds wasm, scripts, styles and public files into target/site, with hashed names
    Web {
        /// Small instead of quick: what people get
        #[arg(long)]
        release: bool,
    },
    /// Builds, starts and watches a farm in the foreground
    Run,
    /// Starts the private PostgreSQL, Redis and Mosquitto in the background
    Services,
    /// Ends what runs in this checkout
    Stop,
}

fn main() -> ExitCode {
    match run(Arguments::parse().task) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    let workspace = Workspace::find()?;
    match task {
        Task::Web { release } => web::build(&workspace, release),
        Task::Run => run::run(&workspace),
        Task::Services => run::services(&workspace),
        Task::Stop => run::stop_all(&workspace),
    }
}
