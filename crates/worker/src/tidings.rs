//! What an outbox is told by its neighbours: link, ingest and listener. Nobody waits for it.
use anyhow::Result;
use domain::NodeId;
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use store::{DatabaseSettings, Listener};
use tokio::sync::{Notify, mpsc};

/// Pause before the next attempt to listen. Meanwhile the outbox looks every second.
const AGAIN: Duration = Duration::from_millis(500);

/// What has happened to messages that are known by a `T`. Cheap to clone; clones share one. It holds each
/// message of the link, which are bounded, and each node once at most.
#[derive(Debug, Clone)]
pub(crate) struct Tidings<T> {
    heard: Arc<Mutex<Heard<T>>>,
    wake: Arc<Notify>,
}

impl<T> Default for Tidings<T> {
    fn default() -> Self {
        Self { heard: Arc::default(), wake: Arc::default() }
    }
}

/// What was not taken in yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Heard<T> {
    /// Whether there is a link to the broker now.
    pub(crate) is_linked: bool,
    /// Whether the link is a new one: what went out by an earlier one may be lost.
    pub(crate) is_new_link: bool,
    /// What the broker has taken.
    pub(crate) acked: Vec<T>,
    /// What was surely not sent.
    pub(crate) unsent: Vec<T>,
    /// Nodes that have come back: what the broker had for them may be lost.
    pub(crate) back: BTreeSet<NodeId>,
    /// Whether the outbox waits for the link to take more.
    awaits_room: bool,
}

impl<T> Default for Heard<T> {
    fn default() -> Self {
        Self {
            is_linked: false,
            is_new_link: false,
            acked: Vec::new(),
            unsent: Vec::new(),
            back: BTreeSet::new(),
            awaits_room: false,
        }
    }
}

/// Wakes an outbox whenever the database says on `channel` that there is something to send, for ever.
///
/// # Errors
/// None.
pub(crate) async fn hear<T>(
    settings: DatabaseSettings,
    channel: &'static str,
    tidings: Tidings<T>,
) -> Result<()> {
    loop {
        match Listener::new(&settings, &[channel]).await {
            Ok(mut listener) => {
                // what was asked for before we listened was not said
                tidings.stir();
                while listener.next().await.is_ok() {
                    tidings.stir();
                }
            }
            Err(error) => tracing::warn!(channel, error = %error, "The database is not heard"),
        }
        tokio::time::sleep(AGAIN).await;
    }
}

impl<T> Tidings<T> {
    /// There is a link.
    pub(crate) fn linked(&self) {
        let mut heard = self.lock();
        (heard.is_linked, heard.is_new_link) = (true, true);
        self.wake.notify_one();
    }

    /// There is none.
    pub(crate) fn unlinked(&self) {
        self.lock().is_linked = false;
    }

    /// The broker has taken a message.
    pub(crate) fn acked(&self, message: T) {
        self.lock().acked.push(message);
        self.wake.notify_one();
    }

    /// These messages never left.
    pub(crate) fn unsent(&self, messages: impl IntoIterator<Item = T>) {
        let mut heard = self.lock();
        heard.unsent.extend(messages);
        if !heard.unsent.is_empty() {
            self.wake.notify_one();
        }
    }

    /// The link takes more.
    pub(crate) fn has_room(&self) {
        if std::mem::take(&mut self.lock().awaits_room) {
            self.wake.notify_one();
        }
    }

    /// These nodes have just connected or restarted.
    pub(crate) fn back(&self, nodes: impl IntoIterator<Item = NodeId>) {
        let mut heard = self.lock();
        let before = heard.back.len();
        heard.back.extend(nodes);
        if heard.back.len() > before {
            self.wake.notify_one();
        }
    }

    /// There may be something to send.
    pub(crate) fn stir(&self) {
        self.wake.notify_one();
    }

    /// Waits until something has happened. May be dropped while it waits.
    pub(crate) async fn wait(&self) {
        self.wake.notified().await;
    }

    /// Room in the link for one more batch of messages; where there is none, the outbox is told when there is.
    pub(crate) fn room<'s, M>(&self, link: &'s mpsc::Sender<M>) -> Option<mpsc::Permit<'s, M>> {
        let room = link.try_reserve().or_else(|_| {
            // looked for again after that is said, so that room that comes meanwhile is not missed
            self.lock().awaits_room = true;
            link.try_reserve()
        });
        room.ok()
    }

    /// What has happened since this was asked last, and what was not taken in then.
    pub(crate) fn take(&self, left: Heard<T>) -> Heard<T> {
        let mut heard = self.lock();
        let news = Heard { is_linked: heard.is_linked, ..Heard::default() };
        let mut news = std::mem::replace(&mut *heard, news);
        news.is_new_link |= left.is_new_link;
        news.acked.extend(left.acked);
        news.unsent.extend(left.unsent);
        news.back.extend(left.back);
        news
    }

    fn lock(&self) -> MutexGuard<'_, Heard<T>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::CommandId;

    #[test]
    fn what_was_not_taken_in_is_told_again_with_what_came_since() {
        let tidings = Tidings::default();
        let command = |number| CommandId(uuid::Uuid::from_u128(number));
        tidings.linked();
        tidings.acked(command(1));
        let first = tidings.take(Heard::default());
        assert!(first.is_linked && first.is_new_link);
        tidings.acked(command(2));
        tidings.unlinked();
        let mut both = tidings.take(first);
        both.acked.sort();
        assert_eq!(both.acked, [command(1), command(2)]);
        assert!(!both.is_linked && both.is_new_link);
        assert_eq!(tidings.take(Heard::default()), Heard::default());
    }
}
