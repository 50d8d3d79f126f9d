//! What a server is made of. PostgreSQL must be there and of this version; the rest may come later.
use super::{Roles, Stop, pool::Pool};
use crate::{
    broker::Syncer,
    config::Settings,
    health::{Condition, Conditions, Health, WorkerProbe},
    web::{self, Web},
};
use anyhow::{Context as _, Result};
use app::{
    limits::Limits,
    live::Streams,
    passwords::Passwords,
    state::{AppState, Assets},
};
use axum::Router;
use std::sync::Arc;
use store::{Clock, Database, DatabaseSettings, cache::Cache, live::Bus, relay::Relay};
use worker::{BrokerState, MqttSettings, Status, Worker, WorkerSettings};

/// Everything that tasks and pages share.
pub struct Parts {
    pub(super) settings: Settings,
    pub(super) roles: Roles,
    pub(super) clock: Clock,
    pub(super) health: Health,
    bus: Bus,
    relay: Arc<Relay>,
    status: Status,
    app: Option<Pool>,
    worker: Option<Pool>,
    /// The worker's, or the web's where there is none: for time and health.
    any: Database,
    syncer: Option<Arc<Syncer>>,
}

impl Parts {
    /// Builds them, and writes the broker's files before anybody connects to it.
    ///
    /// # Errors
    /// PostgreSQL cannot be reached, refuses a role, or has another version's schema.
    pub(super) async fn build(settings: Settings, roles: Roles) -> Result<Self> {
        let app = settings.app_database.as_ref().filter(|_| roles.web);
        let worker = settings.worker_database.as_ref().filter(|_| roles.works());
        let app = Pool::of_pages(app, settings.slow_query).await?;
        let worker = Pool::of_work(worker, settings.slow_query).await?;
        let any = worker.as_ref().or(app.as_ref()).context("no database is set")?.database.clone();
        let clock = Clock::anchored_at(store::health::time(&mut *any.get().await?).await?);
        let syncer = settings.broker.as_ref().and_then(Syncer::new).map(Arc::new);
        if let (Some(syncer), Some(worker)) = (&syncer, &worker)
            && let Err(error) = syncer.sync(&worker.database).await
        {
            tracing::error!(
                error = format!("{error:#}"),
                "The broker's files could not be written"
            );
        }
        let status = Status::default();
        let probe = roles.ingest.then(|| probe(status.clone()));
        let health = Health::new(any.clone(), settings.redis_url.clone(), probe);
        let (bus, outbox) = Bus::shared();
        let carrier = worker.as_ref().or(app.as_ref()).context("no database is set")?;
        let carrier = (carrier.database.clone(), carrier.settings.clone());
        let redis_url = settings.redis_url.as_ref().map(|url| url.expose());
        let relay = Relay::new((bus.clone(), outbox), carrier, redis_url)
            .context("TOKKATOT_REDIS_URL is not understood")?;
        let relay = Arc::new(relay);
        Ok(Self { settings, roles, clock, health, bus, relay, status, app, worker, any, syncer })
    }

    /// The pools by their names.
    pub(super) fn pools(&self) -> Vec<(&'static str, Database)> {
        let pools = [("app", &self.app), ("worker", &self.worker)];
        let open = pools.into_iter().filter_map(|(name, pool)| Some((name, pool.as_ref()?)));
        open.map(|(name, pool)| (name, pool.database.clone())).collect()
    }

    /// The pool for time and health.
    pub(super) fn any_database(&self) -> Database {
        self.any.clone()
    }

    /// What carries news of farms to other servers and back.
    pub(super) fn relay(&self) -> Arc<Relay> {
        Arc::clone(&self.relay)
    }

    /// The pool for work by the clock; `None` where this process has no part in it.
    pub(super) fn jobs_database(&self) -> Option<Database> {
        Some(self.worker.clone()?.database).filter(|_| self.roles.jobs)
    }

    /// What keeps the broker's files, where they are ours.
    pub(super) fn broker_files(&self) -> Option<(Arc<Syncer>, Database, DatabaseSettings)> {
        let worker = self.worker.clone()?;
        Some((self.syncer.clone()?, worker.database, worker.settings))
    }

    /// What ingest needs; `None` where this process has no part in it.
    pub(super) fn ingest(&self) -> Option<Worker> {
        let broker = self.settings.broker.as_ref().filter(|_| self.roles.ingest)?;
        let worker = self.worker.clone()?;
        let password = broker.password.expose().to_owned();
        let mqtt =
            MqttSettings::new(broker.host.clone(), broker.port, broker.username.clone(), password);
        Some(Worker {
            settings: WorkerSettings::new(mqtt, worker.settings, instance()),
            database: worker.database,
            clock: self.clock.clone(),
            bus: self.bus.clone(),
            status: self.status.clone(),
            failpoint: worker::Failpoint::default(),
        })
    }

    /// The pages; nothing where this process has no part in them.
    ///
    /// # Errors
    /// The web files are not there, or Redis's URL is none.
    pub(super) fn router(&self, stop: &Stop) -> Result<Router> {
        let Some(app) = &self.app else { return Ok(Router::new()) };
        let web = &self.settings.web;
        let assets = Assets::read(&web.site_dir).with_context(|| {
            let folder = web.site_dir.display();
            format!("{folder}/files.json cannot be read (fix: build the web files with `make web`, or correct TOKKATOT_SITE_DIR)")
        })?;
        let cache = match &self.settings.redis_url {
            Some(url) => {
                Cache::new(url.expose()).context("TOKKATOT_REDIS_URL is not understood")?
            }
            None => Cache::default(),
        };
        Ok(web::router(Web {
            app: AppState {
                database: app.database.clone(),
                cache: cache.clone(),
                clock: self.clock.clone(),
                bus: self.bus.clone(),
                streams: Streams::default(),
                assets: Arc::new(assets),
                passwords: Passwords::default(),
                limits: Limits::new(&cache).with_reads(web.reads_a_minute),
                origin: web.public_url.origin().into(),
                closing: stop.begun(),
            },
            site: web.site_dir.clone(),
            proxies: web.trusted_proxies.iter().copied().collect(),
        }))
    }
}

/// What ingest says of itself. Pages work without the broker, and a standby needs none.
fn probe(status: Status) -> WorkerProbe {
    Box::new(move || {
        let report = status.report();
        let broker = match report.broker {
            BrokerState::Ready => Condition::Up,
            BrokerState::Unused => Condition::Standby,
            BrokerState::Connecting => Condition::Degraded { reason: "connecting".to_owned() },
            BrokerState::Down(reason) => Condition::Degraded { reason },
            BrokerState::Refused(reason) => Condition::Down { reason },
        };
        let lease = if report.holds_duty { Condition::Up } else { Condition::Standby };
        Conditions::from([("broker", broker), ("lease", lease)])
    })
}

/// This process's name for people who look at the lease.
fn instance() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    format!("{}:{}", host.trim(), std::process::id())
}
