//! The three roles of the database, and how many connections each pool may have.
use super::{Problem, Problems, given, parse};
use crate::options::Options;
use std::fmt;
use store::DatabaseSettings;

/// All pools of one process together (database-seed, "Performance Tuning").
const MOST_CONNECTIONS: u32 = 100;
const APP_CONNECTIONS: u32 = 60;
const WORKER_CONNECTIONS: u32 = 20;

/// A role's URL and the size of its pool. Printing it hides the password.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl {
    url: url::Url,
    connections: u32,
}

impl DatabaseUrl {
    /// The role that signs in.
    pub fn role(&self) -> &str {
        self.url.username()
    }

    /// The URL with its password, for the store only.
    pub fn expose(&self) -> &str {
        self.url.as_str()
    }

    /// How a pool under this role behaves.
    pub fn settings(&self) -> DatabaseSettings {
        DatabaseSettings::new(self.expose(), self.connections)
    }
}

impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let host = self.url.host_str().unwrap_or_default();
        let port = self.url.port().unwrap_or(5432);
        write!(f, "postgres://{}@{host}:{port}{}", self.role(), self.url.path())
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Those that were given.
pub(super) struct Databases {
    pub(super) app: Option<DatabaseUrl>,
    pub(super) worker: Option<DatabaseUrl>,
    pub(super) owner: Option<DatabaseUrl>,
}

pub(super) fn read(options: &Options, problems: &mut Problems) -> Databases {
    let mut role = |variable: &str, option: &Option<String>, connections: u32| {
        let text = given(option)?;
        let url = problems.keep(check(variable, text))?;
        Some(DatabaseUrl { url, connections })
    };
    let app = role("TOKKATOT_DATABASE_URL", &options.database_url, APP_CONNECTIONS);
    let worker =
        role("TOKKATOT_WORKER_DATABASE_URL", &options.worker_database_url, WORKER_CONNECTIONS);
    let owner = role("TOKKATOT_OWNER_DATABASE_URL", &options.owner_database_url, 4);
    let mut databases = Databases { app, worker, owner };
    size_pools(options, &mut databases, problems);
    refuse_shared_roles(&databases, problems);
    databases
}

/// The store adds start-up options of its own, and has no TLS.
fn check(variable: &str, text: &str) -> Result<url::Url, Problem> {
    let url = parse::url(variable, text, &["postgres", "postgresql"])?;
    if url.username().is_empty() {
        return Err(Problem::new(
            variable,
            "the role is missing",
            "write it before the host: postgres://ROLE:PASSWORD@HOST:PORT/NAME",
        ));
    }
    for (key, value) in url.query_pairs() {
        if key == "sslmode" && !["disable", "prefer"].contains(&&*value) {
            return Err(Problem::new(
                variable,
                format!("sslmode={value} is not supported"),
                "leave it out, and reach a database on another host through an encrypted tunnel",
            ));
        }
        if key == "options" {
            return Err(Problem::new(
                variable,
                "options= is set by the server itself (statement timeout)",
                "leave it out",
            ));
        }
    }
    Ok(url)
}

fn size_pools(options: &Options, databases: &mut Databases, problems: &mut Problems) {
    let mut size = |variable: &str, option: &Option<String>, default: u32| {
        let read = given(option).map(|text| parse::number(variable, text, (2, MOST_CONNECTIONS)));
        read.and_then(|read| problems.keep(read)).unwrap_or(default)
    };
    let app = size("TOKKATOT_DATABASE_CONNECTIONS", &options.database_connections, APP_CONNECTIONS);
    let worker = size(
        "TOKKATOT_WORKER_DATABASE_CONNECTIONS",
        &options.worker_database_connections,
        WORKER_CONNECTIONS,
    );
    // a few stand outside the pools: each listener for notifications has its own
    let most = MOST_CONNECTIONS - LISTENERS;
    if app + worker > most {
        problems.add(Problem::new(
            "TOKKATOT_DATABASE_CONNECTIONS and TOKKATOT_WORKER_DATABASE_CONNECTIONS",
            format!("{app} and {worker} are more than the {most} that one server may have"),
            format!("lower one of them until both together are at most {most}"),
        ));
    }
    if let Some(database) = &mut databases.app {
        database.connections = app;
    }
    if let Some(database) = &mut databases.worker {
        database.connections = worker;
    }
}

/// Connections that listen for notifications, outside the pools.
const LISTENERS: u32 = 10;

/// Row-level security holds only while the web does not sign in as a role that is exempt from it.
fn refuse_shared_roles(databases: &Databases, problems: &mut Problems) {
    let Some(app) = &databases.app else { return };
    let others = [
        ("TOKKATOT_WORKER_DATABASE_URL", &databases.worker),
        ("TOKKATOT_OWNER_DATABASE_URL", &databases.owner),
    ];
    for (variable, other) in others {
        if other.as_ref().is_some_and(|other| other.role() == app.role()) {
            problems.add(Problem::new(
                format!("TOKKATOT_DATABASE_URL and {variable}"),
                format!("both sign in as {:?}, so nothing would keep farms apart", app.role()),
                "give each its own role, as scripts/roles.sql makes them",
            ));
        }
    }
}
