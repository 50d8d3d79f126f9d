//! The live channel of each farm: what the worker commits, open pages hear. Within one server news goes
//! straight from hand to hand; a [`Relay`](crate::relay::Relay) carries it to the other servers.
use domain::{FarmId, live::LiveEvent};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::sync::{broadcast, mpsc};

/// How many events a slow listener may fall behind before it must start again from a snapshot.
const BACKLOG: usize = 64;
/// How many events may wait to be carried to other servers. What does not fit is not carried: pages
/// there get the next one, and a snapshot whenever they connect.
const OUTBOX: usize = 1024;
/// A server that has not said that it is there for so long is not there.
const PRESENCE: Duration = Duration::from_secs(35);

/// Hands news of a farm to whoever listens. Cheap to clone; clones are one bus.
#[derive(Debug, Clone, Default)]
pub struct Bus {
    farms: Arc<Mutex<HashMap<FarmId, broadcast::Sender<Arc<LiveEvent>>>>>,
    out: Option<Arc<Out>>,
}

/// The way to the other servers.
#[derive(Debug)]
struct Out {
    sender: mpsc::Sender<Arc<LiveEvent>>,
    /// When another server last said that it is there.
    peer_heard: Mutex<Option<Instant>>,
}

impl Out {
    fn has_peers(&self) -> bool {
        let heard = self.peer_heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.is_some_and(|at| at.elapsed() < PRESENCE)
    }
}

/// What other servers have not been told yet.
#[derive(Debug)]
pub struct Outbox(pub(crate) mpsc::Receiver<Arc<LiveEvent>>);

impl Bus {
    /// A bus whose news is to be carried to other servers as well.
    pub fn shared() -> (Self, Outbox) {
        let (sender, outbox) = mpsc::channel(OUTBOX);
        let out = Out { sender, peer_heard: Mutex::default() };
        (Self { farms: Arc::default(), out: Some(Arc::new(out)) }, Outbox(outbox))
    }

    /// Tells all listeners of the event's farm. Never waits; without listeners nothing happens.
    pub fn publish(&self, event: LiveEvent) {
        let event = Arc::new(event);
        if let Some(out) = &self.out
            && out.has_peers()
            && out.sender.try_send(Arc::clone(&event)).is_err()
        {
            metrics::counter!("tokkatot_live_events_not_relayed_total").increment(1);
        }
        self.deliver(event);
    }

    /// Another server is there: from now on it is told what happens.
    pub(crate) fn has_peer(&self) {
        if let Some(out) = &self.out {
            let mut heard = out.peer_heard.lock().unwrap_or_else(PoisonError::into_inner);
            *heard = Some(Instant::now());
        }
    }

    /// Tells the listeners of this server only.
    pub(crate) fn deliver(&self, event: Arc<LiveEvent>) {
        let mut farms = self.farms.lock().unwrap_or_else(PoisonError::into_inner);
        let farm = event.farm;
        let unheard = farms.get(&farm).is_some_and(|farm| farm.send(event).is_err());
        if unheard {
            farms.remove(&farm);
        }
    }

    /// Whether anybody may listen to a farm; where nobody does, news need not even be made.
    pub fn is_heard(&self, farm: FarmId) -> bool {
        let farms = self.farms.lock().unwrap_or_else(PoisonError::into_inner);
        self.out.as_ref().is_some_and(|out| out.has_peers())
            || farms.get(&farm).is_some_and(|farm| farm.receiver_count() > 0)
    }

    /// Listens to a farm from now on.
    pub fn subscribe(&self, farm: FarmId) -> broadcast::Receiver<Arc<LiveEvent>> {
        let mut farms = self.farms.lock().unwrap_or_else(PoisonError::into_inner);
        farms.entry(farm).or_insert_with(|| broadcast::channel(BACKLOG).0).subscribe()
    }
}
