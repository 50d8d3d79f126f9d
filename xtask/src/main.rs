//! The project's own tool, behind `make` and `cargo xtask`: builds the browser's half, checks what the
//! compiler cannot, runs the private services and the suites. It never touches anything outside the
//! checkout, its data folder and the build cache.
#![expect(clippy::print_stdout, reason = "a command-line tool talks on its output")]

mod checks;
mod lan;
mod measure;
mod run;
mod suites;
mod supervise;
mod web;
mod workspace;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;
use suites::Extent;
use workspace::Workspace;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, checks and runs Tokkatot from its checkout")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
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
    /// Runs every check and test
    Test {
        /// The whole browser matrix, the long property tests and every kill 20 times too
        #[arg(long)]
        all: bool,
    },
    /// Runs the browser tests alone; options after `--` go to Playwright
    End2end { options: Vec<String> },
    /// Runs a command, for instance `cargo test -p store`, with the services that tests need
    WithServices {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true, required = true)]
        command: Vec<String>,
    },
    /// Measures throughput, latency, memory, commands and page rendering; options after `--` go to the benchmark
    Bench { options: Vec<String> },
    /// Kills the server, the broker and the database under load and looks for what was lost
    Torture {
        /// How often the server dies; the others half as often
        #[arg(long, default_value_t = 10)]
        rounds: u32,
    },
    /// Checks which crate depends on which
    CheckLayers,
    /// Checks the licences of all that is built with
    Licences,
    /// Checks that both languages say the same
    Locales,
    /// Checks that a class is styled in one file
    Styles,
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
        Task::Test { all: false } => suites::run(&workspace, Extent::Usual),
        Task::Test { all: true } => suites::run(&workspace, Extent::All),
        Task::End2end { options } => suites::browser_alone(&workspace, &options),
        Task::WithServices { command } => suites::with_services(&workspace, &command),
        Task::Bench { options } => measure::bench(&workspace, &options),
        Task::Torture { rounds } => measure::torture(&workspace, rounds),
        Task::CheckLayers => checks::layers::check(&workspace),
        Task::Licences => checks::licences::check(&workspace),
        Task::Locales => checks::locales::check(&workspace),
        Task::Styles => checks::styles::check(&workspace),
    }
}
