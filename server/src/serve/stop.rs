//! The end of a server: it first says that it is not ready, then takes no new connections, then lets
//! what runs come to its end; all within ten seconds.
use super::{Parts, listeners::Serving, tasks::Tasks};
use anyhow::{Context as _, Result, bail};
use std::time::Duration;
use tokio::{
    signal::unix::{SignalKind, signal},
    time::timeout,
};
use tokio_util::sync::CancellationToken;

/// All of it, the drain delay apart; systemd and people wait no longer than ten seconds.
const PATIENCE: Duration = Duration::from_millis(9_500);
/// Answers get this long: pages have come or failed by then, and streams have been told.
const HTTP_PATIENCE: Duration = Duration::from_secs(5);

/// Says when to stop. Requests and tasks hear it in this order.
#[derive(Debug, Clone)]
pub(crate) struct Stop {
    asked: CancellationToken,
    begun: CancellationToken,
}

/// Why a server ends.
#[derive(Debug)]
pub(super) enum Ending {
    /// It was told to.
    Asked,
    /// A task panicked again and again.
    GaveUp(anyhow::Error),
}

impl Stop {
    /// Listens to SIGTERM and SIGINT; a second one ends the process at once.
    pub(super) fn new() -> Result<Self> {
        let mut terminate = signal(SignalKind::terminate()).context("signals cannot be heard")?;
        let mut interrupt = signal(SignalKind::interrupt()).context("signals cannot be heard")?;
        let stop = Self { asked: CancellationToken::new(), begun: CancellationToken::new() };
        let asked = stop.asked.clone();
        tokio::spawn(async move {
            for _ in 0..2 {
                tokio::select! {
                    _ = terminate.recv() => {}
                    _ = interrupt.recv() => {}
                }
                if asked.is_cancelled() {
                    tracing::warn!("Told to stop twice: ending at once");
                    std::process::exit(1);
                }
                asked.cancel();
            }
        });
        Ok(stop)
    }

    /// Waits until the process is told to stop.
    pub(super) async fn asked(&self) {
        self.asked.cancelled().await;
    }

    /// Cancelled when nothing new may begin: long answers and tasks come to their end.
    pub(crate) fn begun(&self) -> CancellationToken {
        self.begun.clone()
    }

    /// Ends everything.
    pub(super) async fn end(
        &self,
        ending: Ending,
        parts: &Parts,
        tasks: Tasks,
        serving: Serving,
    ) -> Result<()> {
        tracing::info!("Stopping: not ready any more");
        parts.health.drain();
        tokio::time::sleep(parts.settings.drain_delay).await;
        self.begun.cancel();
        let patience = PATIENCE.saturating_sub(parts.settings.drain_delay);
        let serving = serving.end(patience.min(HTTP_PATIENCE));
        let (drained, ()) = tokio::join!(timeout(patience, tasks.end()), serving);
        match (ending, drained) {
            (Ending::GaveUp(error), _) => Err(error.context("a task gave up")),
            (Ending::Asked, Ok(())) => {
                tracing::info!("Stopped");
                Ok(())
            }
            (Ending::Asked, Err(_)) => bail!("not every task came to its end within 10 s"),
        }
    }
}
