//! What is asked for goes out: committed as on its way first, published after. All that changes commands on
//! behalf of link and time is done here, one thing after the other.
use crate::{
    Place, Worker,
    live::tell_commands,
    mqtt::{Errand, Order},
    outbox::{Ended, FRESH, Outbox, TICK},
    tidings::{Heard, Tidings},
};
use domain::CommandId;
use std::time::Duration;
use store::{
    AsyncPgConnection,
    commands::{self, Lost, Sending},
    lease::Lease,
};
use tokio::{sync::mpsc, time::Instant};
use tokio_util::sync::CancellationToken;

/// Most commands that are handed to the link at once.
const MOST: usize = 500;
/// While we do not hear nodes, their silence says nothing. If that lasts for longer than this, time goes on.
const DEAF: Duration = Duration::from_secs(15);

/// The outbox of whoever ingests.
pub(crate) struct Commands {
    worker: Worker,
    lease: Lease,
    tidings: Tidings<CommandId>,
    orders: mpsc::Sender<Vec<Order>>,
    stop: CancellationToken,
    /// What has happened and is not written yet.
    heard: Heard<CommandId>,
    swept: Option<Instant>,
    /// When there was a link last, or the beginning.
    linked: Instant,
}

impl Outbox for Commands {
    const WHAT: &'static str = "Commands";

    async fn wait(&self) {
        self.tidings.wait().await;
    }

    async fn step(&mut self) -> Result<(), Ended> {
        self.heard = self.tidings.take(std::mem::take(&mut self.heard));
        let database = self.worker.database.clone();
        let mut connection = database.get().await?;
        self.take_in(&mut connection).await?;
        if self.heard.is_linked {
            self.linked = Instant::now();
        }
        let is_deaf = !self.heard.is_linked && self.linked.elapsed() < DEAF;
        if !is_deaf && self.swept.is_none_or(|swept| swept.elapsed() >= TICK) {
            self.swept = Some(Instant::now());
            self.sweep(&mut connection).await?;
        }
        while self.heard.is_linked
            && !self.stop.is_cancelled()
            && self.send(&mut connection).await?
        {}
        Ok(())
    }
}

impl Commands {
    pub(crate) fn new(
        worker: &Worker,
        lease: Lease,
        tidings: Tidings<CommandId>,
        orders: mpsc::Sender<Vec<Order>>,
        stop: CancellationToken,
    ) -> Self {
        let (worker, heard) = (worker.clone(), Heard::default());
        let linked = Instant::now();
        Self { worker, lease, tidings, orders, stop, heard, swept: None, linked }
    }

    /// Writes what link and nodes brought. Each is forgotten only when it is durable.
    async fn take_in(&mut self, connection: &mut AsyncPgConnection) -> Result<(), Ended> {
        let (bus, now) = (&self.worker.bus, self.worker.clock.now());
        if !self.heard.acked.is_empty() {
            self.worker.failpoint.pass(Place::Acked).await;
            let changes = commands::sent(connection, &self.heard.acked, now).await?;
            self.worker.failpoint.pass(Place::Sent).await;
            self.heard.acked.clear();
            tell_commands(bus, &changes);
        }
        if !self.heard.unsent.is_empty() {
            let unsent = &self.heard.unsent;
            commands::unsent(connection, self.lease, unsent, now).await??;
            self.heard.unsent.clear();
        }
        if self.heard.is_new_link {
            let changes = commands::requeue(connection, self.lease, Lost::Link, now).await??;
            self.heard.is_new_link = false;
            tell_commands(bus, &changes);
        }
        if !self.heard.back.is_empty() {
            let nodes: Vec<_> = self.heard.back.iter().copied().collect();
            let lost = Lost::Nodes(&nodes);
            let changes = commands::requeue(connection, self.lease, lost, now).await??;
            self.heard.back.clear();
            tell_commands(bus, &changes);
        }
        Ok(())
    }

    /// Ends what was not answered or sent in time.
    async fn sweep(&mut self, connection: &mut AsyncPgConnection) -> Result<(), Ended> {
        let Worker { bus, clock, .. } = &self.worker;
        let swept = commands::sweep(connection, self.lease, clock.now()).await??;
        tell_commands(bus, &swept.changes);
        for (farm, _) in swept.freed {
            bus.farm_changed(farm, clock.now());
        }
        let in_flight = commands::count_in_flight(connection).await?;
        let in_flight = u32::try_from(in_flight).map_or(f64::MAX, f64::from);
        metrics::gauge!("tokkatot_commands_in_flight").set(in_flight);
        Ok(())
    }

    /// Hands on what is to go out now; true if there may be more.
    async fn send(&mut self, connection: &mut AsyncPgConnection) -> Result<bool, Ended> {
        let room = self.orders.try_reserve().or_else(|_| {
            // looked for again after that is said, so that room that comes meanwhile is not missed
            self.tidings.await_room();
            self.orders.try_reserve()
        });
        let Ok(room) = room else { return Ok(false) };
        let Worker { bus, clock, .. } = &self.worker;
        let limit = i64::try_from(MOST).unwrap_or(i64::MAX);
        let publish_by = Instant::now() + FRESH;
        let batch = commands::attempt(connection, self.lease, limit, clock.now()).await??;
        let has_more = batch.publish.len() + batch.changes.len() >= MOST;
        let orders: Vec<_> =
            batch.publish.iter().filter_map(|sending| order(sending, publish_by)).collect();
        if !orders.is_empty() {
            self.worker.failpoint.pass(Place::Attempted).await;
            room.send(orders);
        }
        tell_commands(bus, &batch.changes);
        Ok(has_more)
    }
}

fn order(sending: &Sending, publish_by: Instant) -> Option<Order> {
    Some(Order {
        errand: Errand::Command(sending.command),
        topic: sending.topic(),
        payload: serde_json::to_vec(&sending.payload()).ok()?,
        issued_at: sending.issued_at,
        expires_at: sending.expires_at,
        publish_by,
    })
}
