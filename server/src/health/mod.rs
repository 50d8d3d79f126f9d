//! Whether this process is fit to be sent work: one look at every dependency.
mod condition;
mod readyz;

pub use condition::{Condition, Conditions};

use crate::config::Secret;
use axum::{Router, routing::get};
use condition::down;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use store::{Database, StoreError, health::Schema};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

/// Anybody may ask; the dependencies are not asked more often than this.
const FRESH: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(2);

/// What the worker says of the broker link and the lease, without waiting.
pub type WorkerProbe = Box<dyn Fn() -> Conditions + Send + Sync>;

/// Looks at the dependencies. Cheap to clone; clones are one.
#[derive(Clone)]
pub struct Health(Arc<Inner>);

struct Inner {
    database: Database,
    redis: Option<Secret>,
    worker: Option<WorkerProbe>,
    draining: CancellationToken,
    last: Mutex<Option<(Instant, Conditions)>>,
}

impl Health {
    /// `worker` is `None` where this process has no part of the worker.
    pub fn new(database: Database, redis: Option<Secret>, worker: Option<WorkerProbe>) -> Self {
        let draining = CancellationToken::new();
        Self(Arc::new(Inner { database, redis, worker, draining, last: Mutex::default() }))
    }

    /// From now on no work should be sent here. Who is waiting for an answer hears it at once.
    pub fn drain(&self) {
        self.0.draining.cancel();
    }

    /// `/healthz` and `/readyz`. Reasons are told only on the private port: they name hosts.
    pub fn routes(&self, private: bool) -> Router {
        Router::new()
            .route("/healthz", get(|| async { "ok\n" }))
            .route("/readyz", get(readyz::readyz).with_state((self.clone(), private)))
    }

    /// The dependencies' conditions; `None` once the server ends: they may be gone already.
    async fn conditions(&self) -> Option<Conditions> {
        tokio::select! {
            biased;
            () = self.0.draining.cancelled() => None,
            conditions = self.recent() => Some(conditions),
        }
    }

    async fn recent(&self) -> Conditions {
        let mut last = self.0.last.lock().await;
        if let Some((at, conditions)) = &*last
            && at.elapsed() < FRESH
        {
            return conditions.clone();
        }
        let conditions = self.look().await;
        *last = Some((Instant::now(), conditions.clone()));
        conditions
    }

    async fn look(&self) -> Conditions {
        let mut conditions = Conditions::new();
        if let Some(worker) = &self.0.worker {
            conditions.extend(worker());
        }
        let looks = tokio::join!(
            tokio::time::timeout(PATIENCE, database(&self.0.database)),
            tokio::time::timeout(PATIENCE, redis(self.0.redis.as_ref())),
        );
        let late = || "no answer within 2 s".to_owned();
        conditions.extend(looks.0.unwrap_or_else(|_| down("postgres", late())));
        conditions.extend(
            looks.1.unwrap_or_else(|_| Some(("redis", Condition::Degraded { reason: late() }))),
        );
        conditions
    }
}

async fn database(database: &Database) -> Conditions {
    let schema = async { store::health::schema(&mut *database.get().await?).await };
    let schema: Result<Schema, StoreError> = schema.await;
    let schema = match schema {
        Err(error) => return down("postgres", error.to_string()),
        Ok(Schema::Current) => Condition::Up,
        Ok(Schema::Older(missing)) => Condition::Down {
            reason: format!("run `tokkatot migrate`: {} migrations are missing", missing.len()),
        },
        // a newer release is being brought in; its schema is safe for this one
        Ok(Schema::Newer(_)) => {
            Condition::Degraded { reason: "the schema is newer than this program".to_owned() }
        }
    };
    [("postgres", Condition::Up), ("schema", schema)].into()
}

async fn redis(url: Option<&Secret>) -> Option<(&'static str, Condition)> {
    let condition = match store::health::redis(url?.expose()).await {
        Ok(()) => Condition::Up,
        Err(reason) => Condition::Degraded { reason },
    };
    Some(("redis", condition))
}
