//! What is asked for goes out: committed as on its way first, published after. All that changes commands on
//! behalf of link and time is done here, one thing after the other.
use crate::{
    Place, Worker,
    mqtt::{Errand, Order, Ways},
    outbox::{Ended, FRESH, Outbox, TICK},
    presence::Presence,
    tidings::{Heard, Tidings},
};
use domain::{CommandId, DeviceId, commands::ANSWER};
use std::collections::BTreeSet;
use store::{
    AsyncPgConnection, Database,
    commands::{self, Lost, Sending},
    lease::Lease,
};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

/// Most commands that are handed to the link at once.
const MOST: usize = 500;

/// The outbox of whoever ingests.
pub(crate) struct Commands {
    worker: Worker,
    lease: Lease,
    tidings: Tidings<CommandId>,
    ways: Ways,
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

    fn database(&self) -> Database {
        self.worker.database.clone()
    }

    async fn wait(&self) {
        self.tidings.wait().await;
    }

    /// What is about a device that somebody holds is kept for the next time.
    async fn take_in(&mut self, connection: &mut AsyncPgConnection) -> Result<(), Ended> {
        self.heard = self.tidings.take(std::mem::take(&mut self.heard));
        let (bus, now) = (&self.worker.bus, self.worker.clock.now());
        if !self.heard.acked.is_empty() {
            self.worker.failpoint.pass(Place::Acked).await;
            let noted = commands::sent(connection, &self.heard.acked, now).await?;
            self.worker.failpoint.pass(Place::Sent).await;
            self.heard.acked = noted.left;
            commands::tell(bus, &noted.changes);
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
            commands::tell(bus, &noted.changes);
        }
        if self.heard.is_new_link {
            let noted = commands::requeue(connection, self.lease, Lost::Link, now).await??;
            self.heard.is_new_link = false;
            self.lost.extend(noted.left);
            commands::tell(bus, &noted.changes);
        }
        if !self.heard.back.is_empty() {
            let nodes: Vec<_> = self.heard.back.iter().copied().collect();
            let lost = Lost::Nodes(&nodes);
            let noted = commands::requeue(connection, self.lease, lost, now).await??;
            self.heard.back.clear();
            self.lost.extend(noted.left);
            commands::tell(bus, &noted.changes);
        }
        Ok(())
    }

    fn has_unsent(&self) -> bool {
        !self.heard.unsent.is_empty()
    }

    async fn send_due(&mut self, connection: &mut AsyncPgConnection) -> Result<bool, Ended> {
        if self.swept.is_none_or(|swept| swept.elapsed() >= TICK) {
            self.swept = Some(Instant::now());
            self.sweep(connection).await?;
        }
        let mut sent = Sent::default();
        while self.heard.is_linked && !self.stop.is_cancelled() {
            sent = self.send(connection).await?;
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
        ways: Ways,
        stop: CancellationToken,
    ) -> Self {
        let (worker, heard) = (worker.clone(), Heard::default());
        let lost = BTreeSet::new();
        Self { worker, lease, tidings, ways, stop, heard, lost, swept: None, presence }
    }

    /// Ends what was not answered or sent in time.
    async fn sweep(&mut self, connection: &mut AsyncPgConnection) -> Result<(), Ended> {
        let Worker { bus, clock, .. } = &self.worker;
        let now = clock.now();
        // what was answered while nobody listened is yet to be read
        let heard_for = self.presence.hears_since(now).map(|since| now.since(since));
        let hears = heard_for.is_some_and(|span| span >= ANSWER);
        let swept = commands::sweep(connection, self.lease, hears, now).await??;
        commands::tell(bus, &swept.changes);
        for (farm, _) in swept.freed {
            bus.farm_changed(farm, clock.now());
        }
        let in_flight = commands::count_in_flight(connection).await?;
        let in_flight = u32::try_from(in_flight).map_or(f64::MAX, f64::from);
        metrics::gauge!("tokkatot_commands_in_flight").set(in_flight);
        Ok(())
    }

    /// Hands on what is to go out now; where the link has no room for more, what stops devices alone.
    async fn send(&mut self, connection: &mut AsyncPgConnection) -> Result<Sent, Ended> {
        let Ok(urgent) = self.ways.urgent.try_reserve() else { return Ok(Sent::default()) };
        let plain = self.tidings.room(&self.ways.plain);
        let Worker { bus, clock, .. } = &self.worker;
        let (lease, limit) = (self.lease, i64::try_from(MOST).unwrap_or(i64::MAX));
        let publish_by = Instant::now() + FRESH;
        let batch = match plain {
            Some(_) => commands::attempt(connection, lease, limit, clock.now()).await??,
            None => commands::attempt_stops(connection, lease, limit, clock.now()).await??,
        };
        let has_more = batch.publish.len() + batch.changes.len() >= MOST;
        let orders = batch.publish.iter().filter_map(|sending| order(sending, publish_by));
        let (stops, others): (Vec<_>, Vec<_>) =
            orders.partition(|order| order.is_stop || plain.is_none());
        if !stops.is_empty() || !others.is_empty() {
            self.worker.failpoint.pass(Place::Attempted).await;
        }
        if !stops.is_empty() {
            urgent.send(stops);
        }
        if let Some(plain) = plain.filter(|_| !others.is_empty()) {
            plain.send(others);
        }
        commands::tell(bus, &batch.changes);
        Ok(Sent { has_more, has_held: batch.held > 0 })
    }
}

fn order(sending: &Sending, publish_by: Instant) -> Option<Order> {
    Some(Order {
        errand: Errand::Command(sending.command),
        device: Some(sending.device),
        is_stop: sending.is_stop,
        topic: sending.topic(),
        payload: serde_json::to_vec(&sending.payload()).ok()?,
        issued_at: sending.issued_at,
        expires_at: sending.expires_at,
        publish_by,
    })
}
