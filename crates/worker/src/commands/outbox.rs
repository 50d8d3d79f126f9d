//! What is asked for goes out: committed as on its way first, published after. All that changes commands on
//! behalf of link and time is done here, one thing after the other.
use crate::{
    Place, Worker,
    live::tell_commands,
    mqtt::{Errand, Order},
    outbox::{Ended, FRESH, Outbox, TICK},
    presence::Presence,
    tidings::{Heard, Tidings},
};
use domain::{CommandId, DeviceId, commands::ANSWER};
use std::collections::BTreeSet;
use store::{
    AsyncPgConnection,
    commands::{self, Lost, Sending},
    lease::Lease,
};
use tokio::{sync::mpsc, time::Instant};
use tokio_util::sync::CancellationToken;

/// Most commands that are handed to the link at once.
const MOST: usize = 500;

/// The outbox of whoever ingests.
pub(crate) struct Commands {
    worker: Worker,
    lease: Lease,
    tidings: Tidings<CommandId>,
    orders: mpsc::Sender<Vec<Order>>,
    stop: CancellationToken,
    /// What has happened and is not written yet.
    heard: Heard<CommandId>,
    /// Devices that were not free when what they were told was lost.
    lost: BTreeSet<DeviceId>,
    swept: Option<Instant>,
    /// Whether nodes are heard.
    presence: Presence,
}

impl Outbox for Commands {
    const WHAT: &'static str = "Commands";

    async fn wait(&self) {
        self.tidings.wait().await;
    }

    async fn step(&mut self) -> Result<bool, Ended> {
        self.heard = self.tidings.take(std::mem::take(&mut self.heard));
        let database = self.worker.database.clone();
        let mut connection = database.get().await?;
        self.take_in(&mut connection).await?;
        if self.swept.is_none_or(|swept| swept.elapsed() >= TICK) {
            self.swept = Some(Instant::now());
            self.sweep(&mut connection).await?;
        }
        let mut sent = Sent::default();
        while self.heard.is_linked && !self.stop.is_cancelled() {
            sent = self.send(&mut connection).await?;
            if !sent.has_more {
                break;
            }
        }
        Ok(sent.has_held)
    }
}

/// What a look at the outbox came to.
#[derive(Debug, Clone, Copy, Default)]
struct Sent {
    /// Whether there may be more to send at once.
    has_more: bool,
    /// Whether something waits for devices that were being written.
    has_held: bool,
}

impl Commands {
    pub(crate) fn new(
        worker: &Worker,
        lease: Lease,
        (tidings, presence): (Tidings<CommandId>, Presence),
        orders: mpsc::Sender<Vec<Order>>,
        stop: CancellationToken,
    ) -> Self {
        let (worker, heard) = (worker.clone(), Heard::default());
        let lost = BTreeSet::new();
        Self { worker, lease, tidings, orders, stop, heard, lost, swept: None, presence }
    }

    /// Writes what link and nodes brought. Each is forgotten only when it is durable; what is about a device that
    /// somebody holds is kept for the next time.
    async fn take_in(&mut self, connection: &mut AsyncPgConnection) -> Result<(), Ended> {
        let (bus, now) = (&self.worker.bus, self.worker.clock.now());
        if !self.heard.acked.is_empty() {
            self.worker.failpoint.pass(Place::Acked).await;
            let noted = commands::sent(connection, &self.heard.acked, now).await?;
            self.worker.failpoint.pass(Place::Sent).await;
            self.heard.acked = noted.left;
            tell_commands(bus, &noted.changes);
        }
        if !self.heard.unsent.is_empty() {
            let unsent = &self.heard.unsent;
            let noted = commands::unsent(connection, self.lease, unsent, now).await??;
            self.heard.unsent = noted.left;
        }
        if !self.lost.is_empty() {
            let devices: Vec<_> = self.lost.iter().copied().collect();
            let lost = Lost::Devices(&devices);
            let noted = commands::requeue(connection, self.lease, lost, now).await??;
            self.lost = noted.left.into_iter().collect();
            tell_commands(bus, &noted.changes);
        }
        if self.heard.is_new_link {
            let noted = commands::requeue(connection, self.lease, Lost::Link, now).await??;
            self.heard.is_new_link = false;
            self.lost.extend(noted.left);
            tell_commands(bus, &noted.changes);
        }
        if !self.heard.back.is_empty() {
            let nodes: Vec<_> = self.heard.back.iter().copied().collect();
            let lost = Lost::Nodes(&nodes);
            let noted = commands::requeue(connection, self.lease, lost, now).await??;
            self.heard.back.clear();
            self.lost.extend(noted.left);
            tell_commands(bus, &noted.changes);
        }
        Ok(())
    }

    /// Ends what was not answered or sent in time.
    async fn sweep(&mut self, connection: &mut AsyncPgConnection) -> Result<(), Ended> {
        let Worker { bus, clock, .. } = &self.worker;
        let now = clock.now();
        // what was answered while nobody listened is yet to be read
        let heard_for = self.presence.hears_since(now).map(|since| now.since(since));
        let hears = heard_for.is_some_and(|span| span >= ANSWER);
        let swept = commands::sweep(connection, self.lease, hears, now).await??;
        tell_commands(bus, &swept.changes);
        for (farm, _) in swept.freed {
            bus.farm_changed(farm, clock.now());
        }
        let in_flight = commands::count_in_flight(connection).await?;
        let in_flight = u32::try_from(in_flight).map_or(f64::MAX, f64::from);
        metrics::gauge!("tokkatot_commands_in_flight").set(in_flight);
        Ok(())
    }

    /// Hands on what is to go out now.
    async fn send(&mut self, connection: &mut AsyncPgConnection) -> Result<Sent, Ended> {
        let room = self.orders.try_reserve().or_else(|_| {
            // looked for again after that is said, so that room that comes meanwhile is not missed
            self.tidings.await_room();
            self.orders.try_reserve()
        });
        let Ok(room) = room else { return Ok(Sent::default()) };
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
        Ok(Sent { has_more, has_held: batch.held > 0 })
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
