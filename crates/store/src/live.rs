//! The live channel of each farm: what the worker commits, open pages hear. Within one server news goes
//! straight from hand to hand; a [`Relay`](crate::relay::Relay) carries it to the other servers.
use domain::{FarmId, live::LiveEvent};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::{broadcast, mpsc};

/// How many events a slow listener may fall behind before it must start again from a snapshot.
const BACKLOG: usize = 64;
/// How many events may wait to be carried to other servers. What does not fit is not carried: pages
/// there get the next one, and a snapshot whenever they connect.
const OUTBOX: usize = 1024;

/// Hands news of a farm to whoever listens. Cheap to clone; clones are one bus.
#[derive(Debug, Clone, Default)]
pub struct Bus {
    farms: Arc<Mutex<HashMap<FarmId, broadcast::Sender<Arc<LiveEvent>>>>>,
    out: Option<mpsc::Sender<Arc<LiveEvent>>>,
}

/// What other servers have not been told yet.
#[derive(Debug)]
pub struct Outbox(pub(crate) mpsc::Receiver<Arc<LiveEvent>>);

impl Bus {
    /// A bus whose news is to be carried to other servers as well.
    pub fn shared() -> (Self, Outbox) {
        let (out, outbox) = mpsc::channel(OUTBOX);
        (Self { farms: Arc::default(), out: Some(out) }, Outbox(outbox))
    }

    /// Tells all listeners of the event's farm. Never waits; without listeners nothing happens.
    pub fn publish(&self, event: LiveEvent) {
        let event = Arc::new(event);
        if let Some(out) = &self.out
            && out.try_send(Arc::clone(&event)).is_err()
        {
            metrics::counter!("tokkatot_live_events_not_relayed_total").increment(1);
        }
        self.deliver(event);
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
        self.out.is_some() || farms.get(&farm).is_some_and(|farm| farm.receiver_count() > 0)
    }

    /// Listens to a farm from now on.
    pub fn subscribe(&self, farm: FarmId) -> broadcast::Receiver<Arc<LiveEvent>> {
        let mut farms = self.farms.lock().unwrap_or_else(PoisonError::into_inner);
        farms.entry(farm).or_insert_with(|| broadcast::channel(BACKLOG).0).subscribe()
    }
}
