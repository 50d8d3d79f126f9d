//! What sends messages to nodes has in common: it looks whenever it is woken and every second anyhow, commits
//! that a message is on its way before it is, and ends when another server has the duty.
use anyhow::Result;
use std::time::Duration;
use store::{StoreError, readings::Fenced};

/// How often it is looked for what time brings.
pub(crate) const TICK: Duration = Duration::from_secs(1);
/// The first pause before it is looked again for what somebody else was writing.
const SOON: Duration = Duration::from_millis(20);
/// How long after its commit a message may be published. A server that is frozen for longer has lost the duty by
/// then, or is about to.
pub(crate) const FRESH: Duration = Duration::from_secs(3);

/// One kind of messages on their way out.
pub(crate) trait Outbox: Send + Sized {
    /// What waits while the database is away.
    const WHAT: &'static str;

    /// Waits until something has happened. May be dropped while it waits.
    fn wait(&self) -> impl Future<Output = ()> + Send;

    /// Takes in what has happened, and sends what is due; true if some of it was held by somebody else.
    fn step(&mut self) -> impl Future<Output = Result<bool, Ended>> + Send;

    /// Works for ever. Once it is time to stop, nothing more goes out.
    ///
    /// # Errors
    /// `Fenced`: the lease is another's.
    async fn run(mut self) -> Result<()> {
        let mut pause = TICK;
        loop {
            tokio::select! {
                () = self.wait() => {}
                () = tokio::time::sleep(pause) => {}
            }
            match self.step().await {
                // who holds something for long is asked less and less often
                Ok(true) if pause < TICK => pause = TICK.min(pause * 2),
                Ok(true) => pause = SOON,
                Ok(false) => pause = TICK,
                Err(Ended::Fenced(fenced)) => return Err(fenced.into()),
                Err(Ended::Store(error)) => {
                    tracing::warn!(error = %error, "{} wait for the database", Self::WHAT);
                    tokio::time::sleep(TICK).await;
                }
            }
        }
    }
}

/// What may end a step early.
#[derive(Debug)]
pub(crate) enum Ended {
    Fenced(Fenced),
    Store(StoreError),
}

impl From<Fenced> for Ended {
    fn from(fenced: Fenced) -> Self {
        Self::Fenced(fenced)
    }
}

impl From<StoreError> for Ended {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}
