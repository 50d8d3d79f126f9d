//! The live channel of each farm: what the worker commits, open pages hear.
use domain::{FarmId, live::LiveEvent};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::broadcast;

/// How many events a slow listener may fall behind before it must start again from a snapshot.
const BACKLOG: usize = 64;

/// Hands news of a farm to whoever listens. Cheap to clone; clones are one bus.
#[derive(Debug, Clone, Default)]
pub struct Bus {
    farms: Arc<Mutex<HashMap<FarmId, broadcast::Sender<Arc<LiveEvent>>>>>,
}

impl Bus {
    /// Tells all listeners of the event's farm. Never waits; without listeners nothing happens.
    pub fn publish(&self, event: LiveEvent) {
        let mut farms = self.farms.lock().unwrap_or_else(PoisonError::into_inner);
        let farm = event.farm;
        let unheard = farms.get(&farm).is_some_and(|farm| farm.send(Arc::new(event)).is_err());
        if unheard {
            farms.remove(&farm);
        }
    }

    /// Listens to a farm from now on.
    pub fn subscribe(&self, farm: FarmId) -> broadcast::Receiver<Arc<LiveEvent>> {
        let mut farms = self.farms.lock().unwrap_or_else(PoisonError::into_inner);
        farms.entry(farm).or_insert_with(|| broadcast::channel(BACKLOG).0).subscribe()
    }
}
