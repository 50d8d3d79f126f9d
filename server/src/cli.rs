//! The command line. Settings come from options, `TOKKATOT_` variables and the file of
//! `--env-file`, in this order; what nobody knows is refused.
use crate::{
    commands::{demo, doctor, migrate, node, serve, simulate, user},
    config::{Problem, Problems},
    env_file,
    options::Options,
};
use clap::{CommandFactory as _, FromArgMatches as _, Parser, Subcommand};
use std::{
    collections::{BTreeMap, BTreeSet},
    ffi::OsString,
    path::{Path, PathBuf},
};

/// Tokkatot: the server of a smart poultry farm.
///
/// Every option is also a TOKKATOT_ variable, named in brackets.
#[derive(Debug, Parser)]
#[command(name = "tokkatot", version, max_term_width = 120, arg_required_else_help = true)]
pub struct Cli {
    /// The installation's settings.
    #[command(flatten)]
    pub options: Options,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the binary can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server
    Serve(serve::Arguments),
    /// Bring the database's schema to this version
    Migrate(migrate::Arguments),
    /// Register and revoke the controllers that speak MQTT
    #[command(subcommand)]
    Node(node::Arguments),
    /// Make people's accounts, and let in who has forgotten the password
    #[command(subcommand)]
    User(user::Arguments),
    /// Check every dependency, and say what is wrong and how to mend it
    Doctor(doctor::Arguments),
    /// Seed a demo farm with 30 days of history
    Demo(demo::Arguments),
    /// Run nodes that speak the protocol over real MQTT
    Simulate(simulate::Arguments),
}

/// Variables of the installation's file that its scripts read and the server does not.
const OF_THE_SCRIPTS: [&str; 4] =
    ["TOKKATOT_PG_PORT", "TOKKATOT_MQTT_PORT", "TOKKATOT_REDIS_PORT", "TOKKATOT_INFLUX_PORT"];
/// Beginnings of variables that are not the server's: the tests' own.
const OF_THE_TESTS: [&str; 2] = ["TOKKATOT_TEST_", "TOKKATOT_TORTURE_"];

/// What the command line and the environment say.
#[derive(Debug)]
pub struct Reading {
    /// What was asked for.
    pub cli: Cli,
    /// Settings that nobody knows, and lines of the file that are no settings.
    pub problems: Problems,
}

/// Why there is nothing to do.
#[derive(Debug)]
pub enum Refused {
    /// clap's own words: also those for `--help` and `--version`.
    Usage(clap::Error),
    /// The file of `--env-file` cannot be read.
    EnvFile(Problem),
}

/// Understands `arguments` (the first is the program's name) and the environment.
///
/// # Errors
/// A request for help, a wrong argument, or a file of settings that cannot be read.
pub fn read(arguments: Vec<OsString>) -> Result<Reading, Refused> {
    let mut problems = Problems::default();
    let file = match env_file(&arguments) {
        Some(path) => read_env_file(&path, &mut problems).map_err(Refused::EnvFile)?,
        None => BTreeMap::new(),
    };
    let command = Cli::command();
    let known = known_variables(&command);
    let matches = with_defaults(command, &file).try_get_matches_from(arguments);
    let cli =
        matches.and_then(|matches| Cli::from_arg_matches(&matches)).map_err(Refused::Usage)?;
    let environment = std::env::vars_os().filter_map(|(key, _)| key.into_string().ok());
    problems.extend(unknown(&known, environment.chain(file.into_keys())));
    Ok(Reading { cli, problems })
}

/// The file has to be read before anything else, so it is looked for by hand.
fn env_file(arguments: &[OsString]) -> Option<PathBuf> {
    let mut path = std::env::var_os("TOKKATOT_ENV_FILE").filter(|path| !path.is_empty());
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        if argument == "--env-file" {
            path = arguments.next().cloned();
        } else if let Some(value) = argument.to_str().and_then(|a| a.strip_prefix("--env-file=")) {
            path = Some(value.into());
        }
    }
    path.map(PathBuf::from)
}

fn read_env_file(
    path: &Path,
    problems: &mut Problems,
) -> Result<BTreeMap<String, String>, Problem> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        Problem::new(
            "TOKKATOT_ENV_FILE",
            format!("{name} cannot be read: {error}"),
            "name a file of KEY=value lines that this account may read",
        )
    })?;
    Ok(env_file::parse(&name, &text, problems))
}

/// The file's values as defaults: clap lets the environment and the command line win over them.
/// A variable without a value is as good as none.
fn with_defaults(command: clap::Command, file: &BTreeMap<String, String>) -> clap::Command {
    let command = command.mut_args(|argument| {
        let argument = argument.hide_env_values(true);
        let Some(variable) = argument.get_env().map(OsString::from) else { return argument };
        match std::env::var_os(&variable) {
            Some(value) if value.is_empty() => argument.env(None),
            Some(_) => argument,
            None => match variable.to_str().and_then(|name| file.get(name)) {
                Some(value) if !value.is_empty() => {
                    argument.default_value(value.clone()).hide_default_value(true)
                }
                _ => argument,
            },
        }
    });
    command.mut_subcommands(|command| with_defaults(command, file))
}

/// The variables of all options of all commands.
fn known_variables(command: &clap::Command) -> Vec<String> {
    let own = command.get_arguments().filter_map(|argument| argument.get_env());
    let own = own.map(|name| name.to_string_lossy().into_owned());
    own.chain(command.get_subcommands().flat_map(known_variables)).collect()
}

fn unknown(known: &[String], given: impl Iterator<Item = String>) -> Problems {
    let unknown: BTreeSet<String> = given
        .filter(|name| name.starts_with("TOKKATOT_"))
        .filter(|name| !known.contains(name) && !OF_THE_SCRIPTS.contains(&name.as_str()))
        .filter(|name| !OF_THE_TESTS.iter().any(|beginning| name.starts_with(beginning)))
        .collect();
    let mut problems = Problems::default();
    for name in unknown {
        problems.add(Problem::new(
            name,
            "there is no such setting",
            "correct its name or remove it; `tokkatot --help` lists all",
        ));
    }
    problems
}

#[cfg(test)]
mod tests;
