//! Hears from the database which node's devices, configuration or credential changed.
use anyhow::Result;
use std::time::Duration;
use store::{DatabaseSettings, Listener, routes::CHANNELS};
use tokio::sync::mpsc::UnboundedSender;

/// Pause before the next attempt to listen.
const AGAIN: Duration = Duration::from_millis(500);

/// What is no longer true of what is kept in memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Change {
    /// One node.
    Node(String),
    /// Perhaps all of it: changes may have been missed.
    Everything,
}

/// Listens for ever; ends when nobody wants to know.
pub(crate) async fn hear_changes(
    settings: DatabaseSettings,
    changes: UnboundedSender<Change>,
) -> Result<()> {
    loop {
        match Listener::new(&settings, &CHANNELS).await {
            Ok(mut listener) => {
                // what changed before we listened was not said
                if changes.send(Change::Everything).is_err() {
                    return Ok(());
                }
                while let Ok(heard) = listener.next().await {
                    if !heard.payload.is_empty()
                        && changes.send(Change::Node(heard.payload)).is_err()
                    {
                        return Ok(());
                    }
                }
            }
            Err(error) => tracing::warn!(error = %error, "Changes of devices are not heard"),
        }
        if changes.send(Change::Everything).is_err() {
            return Ok(());
        }
        tokio::time::sleep(AGAIN).await;
    }
}
