//! Places at which a test stops a server, to end it there or something beside it and see what is lost then. Nobody else arms one, and what
//! is not armed costs a look.
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Notify;

/// A place on a command's way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// It is committed that it is on its way; the link does not have it yet.
    Attempted,
    /// It is written to the broker's socket.
    Published,
    /// The broker has taken it; that is not committed.
    Acked,
    /// That is committed.
    Sent,
    /// The device's answer is here and not committed.
    Answered,
    /// It is committed; the broker does not know that.
    Written,
}

impl Place {
    /// All of them, in a command's order.
    pub const ALL: [Self; 6] =
        [Self::Attempted, Self::Published, Self::Acked, Self::Sent, Self::Answered, Self::Written];
}

/// Where to stop. Cheap to clone; clones share one.
#[derive(Debug, Clone, Default)]
pub struct Failpoint(Arc<State>);

#[derive(Debug, Default)]
struct State {
    armed: Mutex<Option<Place>>,
    reached: Notify,
    go_on: Notify,
}

impl Failpoint {
    /// Stops whoever comes to the place next.
    pub fn arm(&self, place: Place) {
        *self.armed() = Some(place);
    }

    /// Waits until somebody has come to the place that was armed. There they stay: end the server now, or let
    /// it go on.
    pub async fn reached(&self) {
        self.0.reached.notified().await;
    }

    /// Lets whoever has come to the place go on. Nobody stops there any more.
    pub fn let_go(&self) {
        *self.armed() = None;
        self.0.go_on.notify_one();
    }

    /// Goes on, or stays here.
    pub(crate) async fn pass(&self, place: Place) {
        if *self.armed() == Some(place) {
            self.0.reached.notify_one();
            self.0.go_on.notified().await;
        }
    }

    fn armed(&self) -> std::sync::MutexGuard<'_, Option<Place>> {
        self.0.armed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
