//! Hears from the database which node's devices, configuration or credential changed.
use crate::Status;
use anyhow::Result;
use futures::{Stream, StreamExt as _};
use std::time::Duration;
use store::{DatabaseSettings, Listener, routes::CHANNELS};
use tokio::sync::mpsc::Sender;

/// Pause before the next attempt to listen.
const AGAIN: Duration = Duration::from_millis(500);
/// How many changes may wait. When there are more, all that is kept may have changed.
pub(crate) const MOST_CHANGES: usize = 1024;

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
    changes: Sender<Change>,
    status: Status,
) -> Result<()> {
    loop {
        match Listener::new(&settings, &CHANNELS).await {
            Ok(listener) => {
                let said = futures::stream::unfold(listener, async |mut listener| {
                    let heard = listener.next().await.ok()?;
                    Some((heard.payload, listener))
                });
                pass_on(std::pin::pin!(said), &changes, &status).await;
            }
            Err(error) => tracing::warn!(error = %error, "Changes of devices are not heard"),
        }
        if changes.is_closed() {
            return Ok(());
        }
        tokio::time::sleep(AGAIN).await;
    }
}

/// Passes on of which nodes it is said that they changed, until that ends or nobody wants to know. It
/// never waits for whoever does: what there is no room for becomes a change of everything, once there
/// is.
async fn pass_on(
    mut said: impl Stream<Item = String> + Unpin,
    changes: &Sender<Change>,
    status: &Status,
) {
    // what changed before we listened was not said
    let mut is_behind = true;
    loop {
        tokio::select! {
            biased;
            room = changes.reserve(), if is_behind => {
                let Ok(room) = room else { return };
                room.send(Change::Everything);
                is_behind = false;
            }
            node = said.next() => {
                let Some(node) = node else { return };
                if node.is_empty() {
                    continue;
                }
                if changes.try_send(Change::Node(node.clone())).is_ok() {
                    status.set_last_change(node);
                } else {
                    is_behind = true;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::sync::mpsc;

    #[tokio::test]
    async fn more_changes_than_there_is_room_for_are_one_of_everything() {
        let (changes, mut heard) = mpsc::channel(2);
        let (say, said) = futures::channel::mpsc::unbounded();
        let passing =
            tokio::spawn(async move { pass_on(said, &changes, &Status::default()).await });
        for number in 1..=9 {
            say.unbounded_send(format!("n{number}")).unwrap();
        }
        while !say.is_empty() {
            tokio::task::yield_now().await;
        }
        let node = |name: &str| Change::Node(name.to_owned());
        // the first stands for what changed before, the last for all that there was no room for
        for wanted in [Change::Everything, node("n1"), Change::Everything] {
            assert_eq!(heard.recv().await, Some(wanted));
        }
        say.unbounded_send("n10".to_owned()).unwrap();
        drop(say);
        assert_eq!(heard.recv().await, Some(node("n10")));
        assert_eq!(heard.recv().await, None);
        passing.await.unwrap();
    }
}
