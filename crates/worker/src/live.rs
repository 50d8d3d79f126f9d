//! Newest values on their way to open pages: at most one event per farm in a tenth of a second, with
//! the newest value of each series. Costs next to nothing while nobody listens.
use domain::{
    FarmId, SeriesId,
    live::{LiveDevice, LiveEvent, LiveReading, News},
};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use store::{Clock, live::Bus};
use tokio::sync::Notify;

/// The shortest span between two events with readings of one farm.
const SPAN: Duration = Duration::from_millis(100);

/// What waits to be told. Cheap to clone; clones share one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Live {
    waiting: Arc<Mutex<HashMap<FarmId, HashMap<SeriesId, LiveReading>>>>,
    wake: Arc<Notify>,
}

impl Live {
    /// Tells a series' newest value soon, unless a newer one comes before that.
    pub(crate) fn offer(&self, values: impl IntoIterator<Item = (FarmId, SeriesId, LiveReading)>) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let mut any = false;
        for (farm, series, reading) in values {
            waiting.entry(farm).or_default().insert(series, reading);
            any = true;
        }
        if any {
            self.wake.notify_one();
        }
    }

    /// Tells what waits, for ever.
    pub(crate) async fn run(self, bus: Bus, clock: Clock) -> anyhow::Result<()> {
        loop {
            self.wake.notified().await;
            let waiting =
                std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
            for (farm, readings) in waiting {
                let readings = readings.into_values().collect();
                bus.publish(LiveEvent { farm, at: clock.now(), news: News::Readings { readings } });
            }
            tokio::time::sleep(SPAN).await;
        }
    }
}

/// Tells what a device said of itself or whether it can be reached.
pub(crate) fn tell_device(bus: &Bus, clock: &Clock, farm: FarmId, device: LiveDevice) {
    bus.publish(LiveEvent { farm, at: clock.now(), news: News::Device(device) });
}
