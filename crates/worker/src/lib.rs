//! MQTT in and out, and the background jobs, by feature.
//!
//! Ingest is one duty that one server at a time holds by lease: a link to the broker, a pipeline into
//! the database, the outboxes of commands and configurations, the watch over who can be reached, and over who is claimed. They start and end together; what they held
//! in memory is with the broker and the nodes still.

mod claimed;
mod commands;
mod configs;
mod duty;
mod failpoint;
mod ingest;
pub mod jobs;
mod live;
mod mqtt;
mod outbox;
mod posts;
mod presence;
mod settings;
mod status;
pub mod supervise;
mod tidings;

pub use failpoint::{Failpoint, Place};
pub use mqtt::{BrokerAccess, HeardMessage, NodeLink, probe};
pub use settings::{MqttSettings, WorkerSettings};
pub use status::{BrokerState, Status, StatusReport};

use ingest::Suspects;
use store::{Clock, Database, live::Bus};
use tokio_util::sync::CancellationToken;

/// What ingest needs.
#[derive(Debug, Clone)]
pub struct Worker {
    /// How to reach the broker and the database.
    pub settings: WorkerSettings,
    /// A pool under the worker's role.
    pub database: Database,
    /// Decision times.
    pub clock: Clock,
    /// Where what was committed is told to open pages.
    pub bus: Bus,
    /// Where readiness is told.
    pub status: Status,
    /// Where a test stops it.
    pub failpoint: Failpoint,
}

/// Takes readings in until `stop` is cancelled; then what was received is committed, acknowledged,
/// and the duty given up for the next server.
///
/// # Errors
/// Ingest panicked five times within a minute: the process should end.
pub async fn run(worker: Worker, stop: CancellationToken) -> anyhow::Result<()> {
    // outlives a panic, which is the point of it
    let suspects = Suspects::default();
    let start = || duty::run(worker.clone(), suspects.clone(), stop.clone());
    supervise::supervise("ingest", stop.clone(), start).await?;
    Ok(())
}
