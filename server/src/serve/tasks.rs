//! The tasks of a server beside its pages, each started again when it fails.
use super::{Parts, Stop};
use crate::broker;
use metrics_exporter_prometheus::PrometheusHandle;
use std::{sync::Arc, time::Duration};
use store::{Clock, Database};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use worker::supervise::{GaveUp, supervise};

/// How far this machine's clock can drift in between does not matter to a farm.
const ANCHORING: Duration = Duration::from_secs(60);
const UPKEEP: Duration = Duration::from_secs(5);

/// All running tasks.
pub(super) struct Tasks(JoinSet<Result<(), GaveUp>>);

impl Tasks {
    pub(super) fn start(parts: &Parts, stop: &Stop, recorder: PrometheusHandle) -> Self {
        let mut tasks = JoinSet::new();
        let stop = stop.begun();
        {
            let (clock, database, token) = (parts.clock.clone(), parts.database(), stop.clone());
            tasks.spawn(supervise("clock", stop.clone(), move || {
                anchor(clock.clone(), database.clone(), token.clone())
            }));
        }
        {
            let token = stop.clone();
            tasks.spawn(supervise("metrics", stop.clone(), move || {
                upkeep(recorder.clone(), token.clone())
            }));
        }
        if let Some((syncer, database, settings)) = parts.broker_files() {
            let token = stop.clone();
            tasks.spawn(supervise("broker files", stop.clone(), move || {
                let (syncer, database) = (Arc::clone(&syncer), database.clone());
                let (settings, token) = (settings.clone(), token.clone());
                async move { broker::run(&syncer, &database, &settings, token).await }
            }));
        }
        parts.start_worker(&mut tasks, &stop);
        Self(tasks)
    }

    /// Waits until one of them has given up.
    pub(super) async fn gave_up(&mut self) -> GaveUp {
        loop {
            match self.0.join_next().await {
                Some(Ok(Err(gave_up))) => return gave_up,
                Some(_) => {}
                None => std::future::pending().await,
            }
        }
    }

    /// Waits for all of them; they have been told.
    pub(super) async fn end(mut self) {
        while self.0.join_next().await.is_some() {}
    }
}

/// Sets the clock to the database's time now and then. While the database is away it runs on.
async fn anchor(clock: Clock, database: Database, stop: CancellationToken) -> anyhow::Result<()> {
    loop {
        tokio::select! {
            () = stop.cancelled() => return Ok(()),
            () = tokio::time::sleep(ANCHORING) => {}
        }
        let now = store::health::time(&mut *database.get().await?).await?;
        clock.anchor(now);
    }
}

/// Without it what was counted since the last scrape would be kept whole.
async fn upkeep(recorder: PrometheusHandle, stop: CancellationToken) -> anyhow::Result<()> {
    while tokio::time::timeout(UPKEEP, stop.cancelled()).await.is_err() {
        recorder.run_upkeep();
    }
    Ok(())
}
