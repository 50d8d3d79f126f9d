//! Whether this process is fit to be sent work: one look at every dependency.
use axum::{
    Json, Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::get,
};
use http::StatusCode;
use serde::Serialize;
use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use store::{Database, StoreError, health::Schema};
use tokio::sync::Mutex;

use crate::config::Secret;

/// Anybody may ask; the dependencies are not asked more often than this.
const FRESH: Duration = Duration::from_secs(1);
const PATIENCE: Duration = Duration::from_secs(2);

/// The condition of one dependency.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "status", rename_all = "snake_case")]
pub enum Condition {
    /// As it should be.
    Up,
    /// Away or hampered; the farm goes on without it.
    Degraded {
        /// Why, in English, for the operator.
        reason: String,
    },
    /// Away, and nothing useful can be done without it.
    Down {
        /// Why, in English, for the operator.
        reason: String,
    },
}

/// Conditions by the dependency's name.
pub type Conditions = BTreeMap<&'static str, Condition>;

/// What the worker says of the broker link and the lease, without waiting.
pub type WorkerProbe = Box<dyn Fn() -> Conditions + Send + Sync>;

/// Looks at the dependencies. Cheap to clone; clones are one.
#[derive(Clone)]
pub struct Health(Arc<Inner>);

struct Inner {
    database: Database,
    redis: Option<Secret>,
    worker: Option<WorkerProbe>,
    draining: AtomicBool,
    last: Mutex<Option<(Instant, Conditions)>>,
}

impl Health {
    /// `worker` is `None` where this process has no part of the worker.
    pub fn new(database: Database, redis: Option<Secret>, worker: Option<WorkerProbe>) -> Self {
        let draining = AtomicBool::new(false);
        Self(Arc::new(Inner { database, redis, worker, draining, last: Mutex::default() }))
    }

    /// From now on no work should be sent here.
    pub fn drain(&self) {
        self.0.draining.store(true, Ordering::Relaxed);
    }

    /// `/healthz` and `/readyz`. Reasons are told only on the private port: they name hosts.
    pub fn routes(&self, private: bool) -> Router {
        Router::new()
            .route("/healthz", get(|| async { "ok\n" }))
            .route("/readyz", get(readyz).with_state((self.clone(), private)))
    }

    async fn conditions(&self) -> Conditions {
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
        conditions
            .extend(looks.1.unwrap_or_else(|_| Some(("redis", Condition::Degraded { reason: late() }))));
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

fn down(name: &'static str, reason: String) -> Conditions {
    [(name, Condition::Down { reason })].into()
}

async fn redis(url: Option<&Secret>) -> Option<(&'static str, Condition)> {
    let condition = match store::health::redis(url?.expose()).await {
        Ok(()) => Condition::Up,
        Err(reason) => Condition::Degraded { reason },
    };
    Some(("redis", condition))
}

#[derive(Serialize)]
struct Report {
    status: &'static str,
    dependencies: BTreeMap<&'static str, serde_json::Value>,
}

async fn readyz(State((health, private)): State<(Health, bool)>) -> Response {
    let draining = health.0.draining.load(Ordering::Relaxed);
    // a server that ends does not look any more: its dependencies may be gone already
    let conditions = if draining { Conditions::new() } else { health.conditions().await };
    let (status, code) = verdict(draining, &conditions);
    let dependencies = conditions.iter().map(|(name, condition)| (*name, shown(condition, private)));
    (code, Json(Report { status, dependencies: dependencies.collect() })).into_response()
}

fn verdict(draining: bool, conditions: &Conditions) -> (&'static str, StatusCode) {
    let any = |wanted: fn(&Condition) -> bool| conditions.values().any(wanted);
    if draining {
        ("draining", StatusCode::SERVICE_UNAVAILABLE)
    } else if any(|condition| matches!(condition, Condition::Down { .. })) {
        ("not ready", StatusCode::SERVICE_UNAVAILABLE)
    } else if any(|condition| matches!(condition, Condition::Degraded { .. })) {
        ("degraded", StatusCode::OK)
    } else {
        ("ready", StatusCode::OK)
    }
}

fn shown(condition: &Condition, private: bool) -> serde_json::Value {
    let mut value = serde_json::to_value(condition).unwrap_or_default();
    if let Some(fields) = value.as_object_mut()
        && !private
    {
        fields.remove("reason");
    }
    value
}

#[cfg(test)]
mod tests {
    use super::*;

    fn degraded() -> Condition {
        Condition::Degraded { reason: "redis://10.0.0.7 refused".to_owned() }
    }

    #[test]
    fn the_worst_condition_decides_and_a_drain_wins() {
        let mut conditions = Conditions::from([("postgres", Condition::Up)]);
        assert_eq!(verdict(false, &conditions), ("ready", StatusCode::OK));
        conditions.insert("redis", degraded());
        assert_eq!(verdict(false, &conditions), ("degraded", StatusCode::OK));
        conditions.extend(down("schema", "old".to_owned()));
        assert_eq!(verdict(false, &conditions).1, StatusCode::SERVICE_UNAVAILABLE);
        assert_eq!(verdict(true, &conditions), ("draining", StatusCode::SERVICE_UNAVAILABLE));
    }

    #[test]
    fn the_public_port_names_no_hosts() {
        assert_eq!(shown(&degraded(), false), serde_json::json!({ "status": "degraded" }));
        assert!(shown(&degraded(), true).to_string().contains("10.0.0.7"));
    }
}
