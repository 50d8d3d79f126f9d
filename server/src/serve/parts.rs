//! What a server is made of. PostgreSQL must be there and of this version; the rest may come later.
use super::{Roles, Stop};
use crate::{
    broker::Syncer,
    config::{DatabaseUrl, Settings},
    health::Health,
};
use anyhow::{Context as _, Result, bail};
use axum::Router;
use std::{sync::Arc, time::Duration};
use store::{Clock, Database, DatabaseSettings, health::Schema, live::Bus};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use worker::supervise::GaveUp;

/// A database that is just starting gets this long.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(250);

/// Everything that tasks and pages share.
pub struct Parts {
    pub(super) settings: Settings,
    pub(super) roles: Roles,
    pub(super) clock: Clock,
    pub(super) health: Health,
    bus: Bus,
    app: Option<Database>,
    worker: Database,
    worker_settings: DatabaseSettings,
    syncer: Option<Arc<Syncer>>,
}

impl Parts {
    /// Builds them, and writes the broker's files before anybody connects to it.
    ///
    /// # Errors
    /// PostgreSQL cannot be reached, refuses a role, or has another version's schema.
    pub(super) async fn build(settings: Settings, roles: Roles) -> Result<Self> {
        let url = settings.worker_database.as_ref().context("no worker database is set")?;
        let worker_settings = pool_settings(&settings, url);
        let now = reach(url, &worker_settings).await?;
        let worker = Database::new(&worker_settings).await?;
        let app = match settings.app_database.as_ref().filter(|_| roles.web) {
            Some(url) => {
                let pool = pool_settings(&settings, url);
                reach(url, &pool).await?;
                Some(Database::new(&pool).await?)
            }
            None => None,
        };
        let syncer = settings.broker.as_ref().and_then(Syncer::new).map(Arc::new);
        if let Some(syncer) = &syncer
            && let Err(error) = syncer.sync(&worker).await
        {
            tracing::error!(error = format!("{error:#}"), "The broker's files could not be written");
        }
        let health = Health::new(worker.clone(), settings.redis_url.clone(), None);
        let clock = Clock::anchored_at(now);
        let bus = Bus::default();
        Ok(Self { settings, roles, clock, health, bus, app, worker, worker_settings, syncer })
    }

    /// The pools by their names.
    pub(super) fn pools(&self) -> Vec<(&'static str, Database)> {
        let app = self.app.clone().map(|app| ("app", app));
        app.into_iter().chain([("worker", self.worker.clone())]).collect()
    }

    /// The pool of the background tasks.
    pub(super) fn database(&self) -> Database {
        self.worker.clone()
    }

    /// What keeps the broker's files, where they are ours.
    pub(super) fn broker_files(&self) -> Option<(Arc<Syncer>, Database, DatabaseSettings)> {
        Some((self.syncer.clone()?, self.worker.clone(), self.worker_settings.clone()))
    }

    /// Starts the worker's part of `roles`.
    pub(super) fn start_worker(
        &self,
        _tasks: &mut JoinSet<Result<(), GaveUp>>,
        _stop: &CancellationToken,
    ) {
    }

    /// The pages; nothing where this process has no part in them.
    pub(super) fn router(&self, _stop: &Stop) -> Router {
        Router::new()
    }
}

fn pool_settings(settings: &Settings, url: &DatabaseUrl) -> DatabaseSettings {
    DatabaseSettings { slow_query: settings.slow_query, ..url.settings() }
}

/// Connects as one role and looks at the schema; the database's time.
async fn reach(url: &DatabaseUrl, settings: &DatabaseSettings) -> Result<domain::Timestamp> {
    let began = std::time::Instant::now();
    let mut connection = loop {
        match store::connect(settings).await {
            Ok(connection) => break connection,
            Err(error) if began.elapsed() > PATIENCE => {
                return Err(error).with_context(|| {
                    format!("PostgreSQL cannot be used as {url} (fix: start it, or correct the URL of this role; `tokkatot doctor` says more)")
                });
            }
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    };
    match store::health::schema(&mut connection).await? {
        Schema::Current => {}
        Schema::Older(missing) => bail!(
            "the database's schema is older than this program, {} migrations are missing (fix: run `tokkatot migrate`)",
            missing.len()
        ),
        Schema::Newer(versions) => bail!(
            "the database's schema is newer than this program, which does not know {} (fix: install the release that ran `tokkatot migrate`)",
            versions.join(", ")
        ),
    }
    Ok(store::health::time(&mut connection).await?)
}
