//! One file per command: its arguments and what it does.
pub mod demo;
pub mod doctor;
pub mod migrate;
pub mod node;
pub mod serve;
pub mod simulate;
pub mod user;

use crate::{
    cli::Command,
    config::{Need, Problems, Settings},
};
use anyhow::Result;
use std::{io::Write as _, process::ExitCode};

impl Command {
    /// The settings this command cannot do without. What is wrong with its own arguments goes to
    /// `problems`.
    pub fn needs(&self, problems: &mut Problems) -> Vec<Need> {
        match self {
            Self::Serve(arguments) => arguments.needs(problems),
            Self::Node(arguments) => arguments.needs(),
            Self::Migrate(_) | Self::User(_) => vec![Need::OwnerDatabase],
            Self::Doctor(_) => Vec::new(),
            Self::Demo(_) => demo::NEEDS.to_vec(),
            Self::Simulate(arguments) => arguments.needs(),
        }
    }
}

/// Does what was asked for.
pub(crate) async fn run(command: Command, settings: Settings) -> Result<ExitCode> {
    match command {
        Command::Serve(arguments) => serve::run(&arguments, settings).await,
        Command::Migrate(arguments) => migrate::run(&arguments, &settings).await,
        Command::Node(arguments) => node::run(arguments, &settings).await,
        Command::User(arguments) => user::run(arguments, &settings).await,
        Command::Doctor(_) => doctor::run(&settings).await,
        Command::Demo(arguments) => demo::run(arguments, settings).await,
        Command::Simulate(arguments) => simulate::run(arguments, settings).await,
    }
}

/// Writes what was asked for to standard output, with a line's end.
pub(crate) fn answer(text: &str) -> Result<()> {
    Ok(writeln!(std::io::stdout(), "{text}")?)
}
