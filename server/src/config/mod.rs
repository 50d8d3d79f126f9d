//! The settings of an installation, parsed once. What is wrong is collected, not thrown one by one.
mod broker;
mod database;
pub mod parse;
mod problems;
mod web;

pub use broker::{BrokerFiles, BrokerSettings, SERVER_ACCOUNT};
pub use database::DatabaseUrl;
pub use parse::{Secret, Span};
pub use problems::{Problem, Problems};
pub use web::{PublicUrl, WebSettings, shown_address};

use crate::options::Options;
use std::{
    path::{Path, PathBuf},
    time::Duration,
};
use store::cache::Cache;
use tracing_subscriber::filter::Targets;

/// What a command cannot do without; `Settings::read` refuses to go on when it is missing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// PostgreSQL as the web's role.
    AppDatabase,
    /// PostgreSQL as the worker's role.
    WorkerDatabase,
    /// PostgreSQL as the schema's owner.
    OwnerDatabase,
    /// The MQTT broker.
    Broker,
}

/// Everything that an installation may decide. What is `None` was not given.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Addresses, public URL and web files.
    pub web: WebSettings,
    /// The web's database role.
    pub app_database: Option<DatabaseUrl>,
    /// The worker's database role.
    pub worker_database: Option<DatabaseUrl>,
    /// The schema's owner.
    pub owner_database: Option<DatabaseUrl>,
    /// Queries slower than this are logged.
    pub slow_query: Duration,
    /// Redis; the server does without.
    pub redis_url: Option<Secret>,
    /// The broker and, where it runs on this host, its files.
    pub broker: Option<BrokerSettings>,
    /// How long `/readyz` says 503 before the server stops listening.
    pub drain_delay: Duration,
    /// What is logged.
    pub log: Targets,
    /// The folder of the file of `--env-file`, else the current one: the demo's files lie there.
    pub folder: PathBuf,
}

impl Settings {
    /// Reads all of `options` for a command with these `needs`.
    ///
    /// # Errors
    /// Everything that is wrong or missing or contradicts something else, at once.
    pub fn read(options: &Options, needs: &[Need]) -> Result<Self, Problems> {
        let mut problems = Problems::default();
        let web = web::read(options, &mut problems);
        let databases = database::read(options, &mut problems);
        let broker = broker::read(options, &mut problems);
        let redis_url = redis_url(options, &mut problems);
        let slow_query = span(
            &mut problems,
            ("TOKKATOT_SLOW_QUERY", &options.slow_query),
            (Duration::from_millis(500), Duration::from_secs(30)),
        );
        let drain_delay = span(
            &mut problems,
            ("TOKKATOT_DRAIN_DELAY", &options.drain_delay),
            (Duration::from_millis(200), Duration::from_secs(5)),
        );
        let log =
            problems.keep(parse::filter("TOKKATOT_LOG", given(&options.log).unwrap_or("info")));
        for need in needs {
            if missing(*need, options) {
                problems.add(need.problem());
            }
        }
        problems.or(()).map(|()| Self {
            web,
            app_database: databases.app,
            worker_database: databases.worker,
            owner_database: databases.owner,
            slow_query,
            redis_url,
            broker,
            drain_delay,
            log: log.unwrap_or_default(),
            folder: folder(options),
        })
    }
}

/// Beside the file itself, where a link to it is given.
fn folder(options: &Options) -> PathBuf {
    let file = options.env_file.as_ref().and_then(|file| file.canonicalize().ok());
    file.as_deref().and_then(Path::parent).unwrap_or(Path::new(".")).to_owned()
}

/// A setting that was given; an empty one counts as not given.
fn given(option: &Option<String>) -> Option<&str> {
    option.as_deref().map(str::trim).filter(|text| !text.is_empty())
}

/// The span of `(variable, option)`, with `(default, most)`.
fn span(
    problems: &mut Problems,
    (variable, option): (&str, &Option<String>),
    (default, most): (Duration, Duration),
) -> Duration {
    let read = given(option).map(|text| parse::span(variable, text, most));
    read.and_then(|read| problems.keep(read)).unwrap_or(default)
}

fn redis_url(options: &Options, problems: &mut Problems) -> Option<Secret> {
    let text = given(&options.redis_url)?;
    let variable = "TOKKATOT_REDIS_URL";
    problems.keep(parse::url(variable, text, &["redis"]))?;
    // what is left to be wrong is the path; the client's own words may repeat the password
    let understood = Cache::new(text).map_err(|_| {
        let fault = "what stands behind the host is not the number of a database";
        Problem::new(variable, fault, "write it as redis://HOST:PORT/0, or without the number")
    });
    problems.keep(understood)?;
    Some(Secret::new(text))
}

fn missing(need: Need, options: &Options) -> bool {
    let option = match need {
        Need::AppDatabase => &options.database_url,
        Need::WorkerDatabase => &options.worker_database_url,
        Need::OwnerDatabase => &options.owner_database_url,
        Need::Broker => &options.mqtt_url,
    };
    given(option).is_none()
}

impl Need {
    fn problem(self) -> Problem {
        let (variable, example) = match self {
            Self::AppDatabase => (
                "TOKKATOT_DATABASE_URL",
                "postgres://tokkatot_app:PASSWORD@127.0.0.1:5432/tokkatot",
            ),
            Self::WorkerDatabase => (
                "TOKKATOT_WORKER_DATABASE_URL",
                "postgres://tokkatot_worker:PASSWORD@127.0.0.1:5432/tokkatot",
            ),
            Self::OwnerDatabase => (
                "TOKKATOT_OWNER_DATABASE_URL",
                "postgres://tokkatot_owner:PASSWORD@127.0.0.1:5432/tokkatot",
            ),
            Self::Broker => ("TOKKATOT_MQTT_URL", "mqtt://tokkatot-server:PASSWORD@127.0.0.1:1883"),
        };
        Problem::new(
            variable,
            "this command needs it and it is not set",
            format!("set it, as {example}"),
        )
    }
}

#[cfg(test)]
mod tests;
