//! The outbox of configurations: tells controllers that can be reached what is wanted of them, whenever that is
//! another version and whenever they come back. What they answer comes through ingest.
use crate::{
    Worker,
    mqtt::{Errand, Order},
    outbox::{Ended, FRESH, Outbox},
    tidings::{Heard, Tidings},
};
use domain::Timestamp;
use std::time::Duration;
use store::{
    AsyncPgConnection, Database,
    configs::{self, Lost, Pushed, Sending},
    lease::Lease,
};
use tokio::{sync::mpsc, time::Instant};
use tokio_util::sync::CancellationToken;

/// Most configurations that are handed to the link at once. Commands come in between.
const MOST: usize = 50;
/// How long the broker keeps one for a controller that has just gone. It gets the newest when it is back.
const LIFE: Duration = Duration::from_mins(1);

/// The outbox of whoever ingests.
pub(crate) struct Configs {
    worker: Worker,
    lease: Lease,
    tidings: Tidings<Pushed>,
    orders: mpsc::Sender<Vec<Order>>,
    stop: CancellationToken,
    /// What has happened and is not written yet.
    heard: Heard<Pushed>,
}

impl Configs {
    pub(crate) fn new(
        worker: &Worker,
        lease: Lease,
        tidings: Tidings<Pushed>,
        orders: mpsc::Sender<Vec<Order>>,
        stop: CancellationToken,
    ) -> Self {
        let (worker, heard) = (worker.clone(), Heard::default());
        Self { worker, lease, tidings, orders, stop, heard }
    }

    /// Hands on what is to go out now; true if there may be more.
    async fn send(&mut self, connection: &mut AsyncPgConnection) -> Result<bool, Ended> {
        let Some(room) = self.tidings.room(&self.orders) else { return Ok(false) };
        let limit = i64::try_from(MOST).unwrap_or(i64::MAX);
        let publish_by = Instant::now() + FRESH;
        let sendings = configs::attempt(connection, self.lease, limit).await??;
        let now = self.worker.clock.now();
        let orders: Vec<_> =
            sendings.iter().filter_map(|sending| order(sending, now, publish_by)).collect();
        if !orders.is_empty() {
            room.send(orders);
        }
        Ok(sendings.len() >= MOST)
    }
}

impl Outbox for Configs {
    const WHAT: &'static str = "Configurations";

    fn database(&self) -> Database {
        self.worker.database.clone()
    }

    async fn wait(&self) {
        self.tidings.wait().await;
    }

    async fn take_in(&mut self, connection: &mut AsyncPgConnection) -> Result<(), Ended> {
        self.heard = self.tidings.take(std::mem::take(&mut self.heard));
        let (bus, now) = (&self.worker.bus, self.worker.clock.now());
        if !self.heard.acked.is_empty() {
            // the newest of each is what counts
            self.heard.acked.sort_unstable();
            let newest = self.heard.acked.chunk_by(|one, other| one.node == other.node);
            let newest: Vec<_> = newest.filter_map(|same| same.last().copied()).collect();
            let farms = configs::sent(connection, &newest, now).await?;
            self.heard.acked.clear();
            farms.into_iter().for_each(|farm| bus.farm_changed(farm, now));
        }
        if !self.heard.unsent.is_empty() {
            configs::unsent(connection, &self.heard.unsent).await?;
            self.heard.unsent.clear();
        }
        if self.heard.is_new_link {
            configs::requeue(connection, Lost::Link).await?;
            self.heard.is_new_link = false;
        }
        if !self.heard.back.is_empty() {
            let nodes: Vec<_> = self.heard.back.iter().copied().collect();
            configs::requeue(connection, Lost::Nodes(&nodes)).await?;
            self.heard.back.clear();
        }
        Ok(())
    }

    fn has_unsent(&self) -> bool {
        !self.heard.unsent.is_empty()
    }

    async fn send_due(&mut self, connection: &mut AsyncPgConnection) -> Result<bool, Ended> {
        let overtaken = configs::overtake(connection, self.worker.clock.now()).await?;
        if overtaken > 0 {
            tracing::info!(overtaken, "Controllers had a configuration of somebody else's");
        }
        while self.heard.is_linked && !self.stop.is_cancelled() && self.send(connection).await? {}
        Ok(false)
    }
}

fn order(sending: &Sending, now: Timestamp, publish_by: Instant) -> Option<Order> {
    Some(Order {
        errand: Errand::Config(sending.pushed),
        device: None,
        is_stop: false,
        topic: sending.topic(),
        payload: serde_json::to_vec(&sending.payload()).ok()?,
        issued_at: now,
        expires_at: now.plus(LIFE),
        publish_by,
    })
}
