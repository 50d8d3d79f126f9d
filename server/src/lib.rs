//! The server and the commands around it: command line, settings, router, start-up and shutdown.

pub mod admin;
pub mod broker;
pub mod cli;
pub mod commands;
pub mod config;
pub mod demo;
pub mod doctor;
mod env_file;
pub mod health;
pub mod http;
mod logs;
pub mod metrics;
pub mod node_check;
pub mod options;
pub mod serve;
pub mod web;

use cli::{Command, Reading, Refused};
use config::{Problems, Settings};
use std::{ffi::OsString, io::Write as _, process::ExitCode};

/// Wrong arguments or settings: nothing was done.
const MISUSED: u8 = 2;

/// Does what the command line asks for. `arguments` starts with the program's name.
pub fn run(arguments: Vec<OsString>) -> ExitCode {
    let Reading { cli, mut problems } = match cli::read(arguments) {
        Ok(reading) => reading,
        Err(refused) => return refuse(refused),
    };
    let needs = cli.command.needs(&mut problems);
    let settings = match (Settings::read(&cli.options, &needs), problems) {
        (Ok(settings), problems) if problems.is_empty() => settings,
        (Ok(_), problems) => return misused(&cli.command, &problems),
        (Err(more), mut problems) => {
            problems.extend(more);
            return misused(&cli.command, &problems);
        }
    };
    logs::start(&settings.log);
    match perform(cli.command, settings) {
        Ok(code) => code,
        Err(error) => {
            complain(&format!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn perform(command: Command, settings: Settings) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(Box::pin(commands::run(command, settings)));
    // what still blocks a thread must not keep a stopped server from ending
    runtime.shutdown_timeout(std::time::Duration::from_millis(500));
    done
}

fn refuse(refused: Refused) -> ExitCode {
    match refused {
        Refused::Usage(error) => {
            // a closed terminal is no reason for another error
            drop(error.print());
            u8::try_from(error.exit_code()).map_or(ExitCode::from(MISUSED), ExitCode::from)
        }
        Refused::EnvFile(problem) => {
            complain(&problem.to_string());
            ExitCode::from(MISUSED)
        }
    }
}

fn misused(command: &Command, problems: &Problems) -> ExitCode {
    complain(&problems.to_string());
    // the doctor has found what is wrong
    if matches!(command, Command::Doctor(_)) { ExitCode::FAILURE } else { ExitCode::from(MISUSED) }
}

fn complain(words: &str) {
    drop(writeln!(std::io::stderr(), "tokkatot: {}", words.trim_end()));
}
