//! What sends messages to nodes has in common: it looks whenever it is woken and every second anyhow, commits
//! that a message is on its way before it is, and ends when another server has the duty.
use anyhow::Result;
use std::time::Duration;
use store::{AsyncPgConnection, Database, StoreError, readings::Fenced};
use tokio_util::sync::CancellationToken;

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

    /// The database.
    fn database(&self) -> Database;

    /// Waits until something has happened. May be dropped while it waits.
    fn wait(&self) -> impl Future<Output = ()> + Send;

    /// Writes what link and nodes brought. Each is forgotten only when it is durable.
    fn take_in(
        &mut self,
        connection: &mut AsyncPgConnection,
    ) -> impl Future<Output = Result<(), Ended>> + Send;

    /// Whether something that was surely not sent is not written yet.
    fn has_unsent(&self) -> bool;

    /// Looks for what time brings, and sends what is due; true if some of it was held by somebody else.
    fn send_due(
        &mut self,
        connection: &mut AsyncPgConnection,
    ) -> impl Future<Output = Result<bool, Ended>> + Send;

    /// Works until `closing`: the link is gone for good then, and has told what never went out. That is written,
    /// so that whoever serves next sends it at once, feed too.
    ///
    /// # Errors
    /// `Fenced`: the lease is another's.
    async fn run(mut self, closing: CancellationToken) -> Result<()> {
        let mut pause = TICK;
        loop {
            tokio::select! {
                () = self.wait() => {}
                () = tokio::time::sleep(pause) => {}
                () = closing.cancelled() => return self.settle().await,
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

    /// Takes in what has happened, and sends what is due; true if some of it was held by somebody else.
    async fn step(&mut self) -> Result<bool, Ended> {
        let database = self.database();
        let mut connection = database.get().await?;
        self.take_in(&mut connection).await?;
        self.send_due(&mut connection).await
    }

    /// Writes what is left, however often it takes; whoever waits for it does not wait for ever.
    async fn settle(&mut self) -> Result<()> {
        loop {
            let database = self.database();
            let taken = async {
                let mut connection = database.get().await?;
                self.take_in(&mut connection).await
            };
            match taken.await {
                Err(Ended::Fenced(fenced)) => return Err(fenced.into()),
                Ok(()) if !self.has_unsent() => return Ok(()),
                Ok(()) | Err(Ended::Store(_)) => tokio::time::sleep(SOON).await,
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
