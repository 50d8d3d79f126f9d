//! The tasks of a server beside its pages, each started again when it fails.
use super::{Parts, Stop};
use crate::broker;
use metrics_exporter_prometheus::PrometheusHandle;
use std::{sync::Arc, time::Duration};
use store::{Clock, Database};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use worker::supervise::supervise;

/// How far this machine's clock can drift in between does not matter to a farm.
const ANCHORING: Duration = Duration::from_secs(60);
const UPKEEP: Duration = Duration::from_secs(5);

/// All running tasks.
pub(super) struct Tasks(JoinSet<anyhow::Result<()>>);

impl Tasks {
    pub(super) fn start(parts: &Parts, stop: &Stop, recorder: PrometheusHandle) -> Self {
        let mut tasks = Self(JoinSet::new());
        let stop = stop.begun();
        {
            let (clock, database, stop) = (parts.clock.clone(), parts.any_database(), stop.clone());
            tasks.keep("clock", &stop.clone(), move || {
                anchor(clock.clone(), database.clone(), stop.clone())
            });
        }
        {
            let token = stop.clone();
            tasks.keep("metrics", &stop, move || upkeep(recorder.clone(), token.clone()));
        }
        if let Some((syncer, database, settings)) = parts.broker_files() {
            let token = stop.clone();
            tasks.keep("broker files", &stop, move || {
                let (syncer, database) = (Arc::clone(&syncer), database.clone());
                let (settings, token) = (settings.clone(), token.clone());
                async move { broker::run(&syncer, &database, &settings, token).await }
            });
        }
        {
            let (relay, token) = (parts.relay(), stop.clone());
            tasks.keep("relay", &stop, move || {
                let (relay, token) = (Arc::clone(&relay), token.clone());
                async move {
                    _ = token.run_until_cancelled(Box::pin(relay.run())).await;
                    Ok(())
                }
            });
        }
        if let Some(database) = parts.jobs_database() {
            let (clock, token) = (parts.clock.clone(), stop.clone());
            tasks.keep("jobs", &stop, move || {
                worker::jobs::run(database.clone(), clock.clone(), token.clone())
            });
        }
        if let Some(ingest) = parts.ingest() {
            // it supervises itself: what it knows of bad messages outlives its panics
            tasks.0.spawn(worker::run(ingest, stop));
        }
        tasks
    }

    fn keep<Task>(
        &mut self,
        name: &'static str,
        stop: &CancellationToken,
        start: impl FnMut() -> Task + Send + 'static,
    ) where
        Task: Future<Output = anyhow::Result<()>> + Send + 'static,
    {
        let kept = supervise(name, stop.clone(), start);
        self.0.spawn(async move { Ok(kept.await?) });
    }

    /// Waits until one of them has given up.
    pub(super) async fn gave_up(&mut self) -> anyhow::Error {
        loop {
            match self.0.join_next().await {
                Some(Ok(Err(gave_up))) => return gave_up,
                Some(Err(error)) => return error.into(),
                Some(Ok(Ok(()))) => {}
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

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_task_that_panics_without_end_ends_the_server() {
        let mut tasks = Tasks(JoinSet::new());
        let stop = CancellationToken::new();
        tasks.keep("good", &stop, std::future::pending);
        tasks.keep("bad", &stop, || async { panic!("again") });
        let error = tasks.gave_up().await.to_string();
        assert!(error.contains("\"bad\" panicked"), "{error}");
    }

    #[tokio::test]
    async fn tasks_that_are_told_to_stop_are_waited_for() {
        let mut tasks = Tasks(JoinSet::new());
        let (stop, (done, heard)) = (CancellationToken::new(), std::sync::mpsc::channel());
        let token = stop.clone();
        tasks.keep("careful", &stop, move || {
            let (token, done) = (token.clone(), done.clone());
            async move {
                token.cancelled().await;
                tokio::time::sleep(Duration::from_millis(50)).await;
                done.send("put away")?;
                Ok(())
            }
        });
        stop.cancel();
        tasks.end().await;
        assert_eq!(heard.try_recv(), Ok("put away"));
    }
}
