//! Hears PostgreSQL's notifications on a connection of its own.
use crate::{DatabaseSettings, StoreError, database};
use diesel_async::{AsyncPgConnection, SimpleAsyncConnection as _};
use futures::StreamExt as _;

/// A connection that listens. Whoever holds it must look at the tables once after it is made, and
/// again now and then: what was said before, or while a connection was broken, is not repeated.
pub struct Listener {
    connection: AsyncPgConnection,
}

impl std::fmt::Debug for Listener {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Listener").finish_non_exhaustive()
    }
}

/// One notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The channel it came on.
    pub channel: String,
    /// What was said.
    pub payload: String,
}

impl Listener {
    /// Connects and listens to `channels`.
    pub async fn new(
        settings: &DatabaseSettings,
        channels: &[&'static str],
    ) -> Result<Self, StoreError> {
        let mut connection = database::connect(settings).await?;
        for channel in channels {
            connection.batch_execute(&format!("LISTEN {channel}")).await?;
        }
        Ok(Self { connection })
    }

    /// Waits for the next notification. May be dropped while it waits.
    ///
    /// # Errors
    /// The connection has broken: make another listener.
    pub async fn next(&mut self) -> Result<Heard, StoreError> {
        let mut notifications = std::pin::pin!(self.connection.notifications_stream());
        match notifications.next().await {
            Some(Ok(heard)) => Ok(Heard { channel: heard.channel, payload: heard.payload }),
            Some(Err(error)) => Err(error.into()),
            None => Err(StoreError::Unavailable("the connection was closed".to_owned())),
        }
    }
}
