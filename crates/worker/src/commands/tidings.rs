//! What the outbox is told by its neighbours: link, ingest and listener. Nobody waits for it.
use domain::{CommandId, NodeId};
use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tokio::sync::Notify;

/// What has happened. Cheap to clone; clones share one. It holds each command of the link, which are
/// bounded, and each node once at most.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tidings {
    heard: Arc<Mutex<Heard>>,
    wake: Arc<Notify>,
}

/// What was not taken in yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Heard {
    /// Whether there is a link to the broker now.
    pub(super) is_linked: bool,
    /// Whether the link is a new one: what went out by an earlier one may be lost.
    pub(super) is_new_link: bool,
    /// Commands that the broker has taken.
    pub(super) acked: Vec<CommandId>,
    /// Commands that were surely not sent.
    pub(super) unsent: Vec<CommandId>,
    /// Nodes that have come back: what the broker had for them may be lost.
    pub(super) back: BTreeSet<NodeId>,
    /// Whether the outbox waits for the link to take more.
    awaits_room: bool,
}

impl Tidings {
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

    /// The broker has taken a command.
    pub(crate) fn acked(&self, command: CommandId) {
        self.lock().acked.push(command);
        self.wake.notify_one();
    }

    /// These commands never left.
    pub(crate) fn unsent(&self, commands: impl IntoIterator<Item = CommandId>) {
        let mut heard = self.lock();
        heard.unsent.extend(commands);
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
    pub(super) async fn wait(&self) {
        self.wake.notified().await;
    }

    /// The outbox could send more, and is to be told when there is room.
    pub(super) fn await_room(&self) {
        self.lock().awaits_room = true;
    }

    /// What has happened since this was asked last, and what was not taken in then.
    pub(super) fn take(&self, left: Heard) -> Heard {
        let mut heard = self.lock();
        let news = Heard { is_linked: heard.is_linked, ..Heard::default() };
        let mut news = std::mem::replace(&mut *heard, news);
        news.is_new_link |= left.is_new_link;
        news.acked.extend(left.acked);
        news.unsent.extend(left.unsent);
        news.back.extend(left.back);
        news
    }

    fn lock(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

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
