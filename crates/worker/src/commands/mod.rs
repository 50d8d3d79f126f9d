//! The outbox of commands: one task of whoever ingests commits that a command is on its way, hands it to the
//! link, and writes what link and time bring. What nodes answer comes through ingest.
mod outbox;
mod tidings;

pub(crate) use outbox::Outbox;
pub(crate) use tidings::Tidings;

use anyhow::Result;
use std::time::Duration;
use store::{DatabaseSettings, Listener, commands::CHANNEL};

/// Pause before the next attempt to listen. Meanwhile the outbox looks every second.
const AGAIN: Duration = Duration::from_millis(500);

/// Wakes the outbox whenever something is asked for, for ever.
///
/// # Errors
/// None.
pub(crate) async fn hear(settings: DatabaseSettings, tidings: Tidings) -> Result<()> {
    loop {
        match Listener::new(&settings, &[CHANNEL]).await {
            Ok(mut listener) => {
                // what was asked for before we listened was not said
                tidings.stir();
                while listener.next().await.is_ok() {
                    tidings.stir();
                }
            }
            Err(error) => tracing::warn!(error = %error, "New commands are not heard"),
        }
        tokio::time::sleep(AGAIN).await;
    }
}
