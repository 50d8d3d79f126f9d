//! The live channel of each farm: what the worker commits, open pages hear. Within one server news goes
//! straight from hand to hand; a [`Relay`](crate::relay::Relay) carries it to the other servers.
use domain::{
    FarmId, Timestamp, UserId,
    live::{LiveEvent, News},
};
use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};
use tokio::sync::{broadcast, mpsc};
use uuid::Uuid;

/// How many messages a slow listener may fall behind before it must look at everything again.
const BACKLOG: usize = 64;
/// How many events may wait to be carried to other servers. Where one did not fit, pages there are told
/// that they missed something.
const OUTBOX: usize = 1024;
/// A server that has not said that it is there for so long is not there.
const PRESENCE: Duration = Duration::from_secs(35);

/// What a listener of a farm hears.
#[derive(Debug, Clone, PartialEq)]
pub enum Message {
    /// News of the farm.
    News(Arc<LiveEvent>),
    /// A node of this name, or one of its devices, was edited; perhaps of another farm. The name is empty
    /// where a device has no node.
    NodeChanged(Arc<str>),
    /// News may have been missed: look at everything again.
    Missed,
}

/// Hands news of a farm to whoever listens. Cheap to clone; clones are one bus.
#[derive(Debug, Clone, Default)]
pub struct Bus {
    farms: Arc<Mutex<HashMap<FarmId, broadcast::Sender<Message>>>>,
    out: Option<Arc<Out>>,
}

/// The way to the other servers.
#[derive(Debug)]
struct Out {
    sender: mpsc::Sender<Arc<LiveEvent>>,
    /// Something was not carried.
    has_overflowed: AtomicBool,
    peers: Mutex<HashMap<Uuid, Peer>>,
}

/// Another server.
#[derive(Debug, Clone, Copy)]
struct Peer {
    /// When it last said anything.
    heard: Instant,
    /// Whether it said that it hears what goes by Redis.
    hears_redis: bool,
}

/// What other servers have not been told yet.
#[derive(Debug)]
pub struct Outbox(pub(crate) mpsc::Receiver<Arc<LiveEvent>>);

/// The other servers, as far as they concern who sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Peers {
    pub(crate) count: usize,
    pub(crate) all_hear_redis: bool,
}

impl Out {
    fn peers(&self) -> MutexGuard<'_, HashMap<Uuid, Peer>> {
        let mut peers = self.peers.lock().unwrap_or_else(PoisonError::into_inner);
        peers.retain(|_, peer| peer.heard.elapsed() < PRESENCE);
        peers
    }
}

impl Bus {
    /// A bus whose news is to be carried to other servers as well.
    pub fn shared() -> (Self, Outbox) {
        let (sender, outbox) = mpsc::channel(OUTBOX);
        let out = Out { sender, has_overflowed: AtomicBool::new(false), peers: Mutex::default() };
        (Self { farms: Arc::default(), out: Some(Arc::new(out)) }, Outbox(outbox))
    }

    /// Tells all listeners of the event's farm. Never waits; without listeners nothing happens.
    pub fn publish(&self, event: LiveEvent) {
        let event = Arc::new(event);
        if let Some(out) = &self.out
            && !out.peers().is_empty()
            && out.sender.try_send(Arc::clone(&event)).is_err()
        {
            out.has_overflowed.store(true, Ordering::Relaxed);
            metrics::counter!("tokkatot_live_events_not_relayed_total").increment(1);
        }
        self.deliver(event);
    }

    /// Tells the open pages of a person that a session, a membership or a role of theirs has changed:
    /// each looks at once whether it may go on. The database announces such changes by itself; this is for
    /// who wants no round trip between.
    pub fn people_changed(
        &self,
        farms: impl IntoIterator<Item = FarmId>,
        user: UserId,
        at: Timestamp,
    ) {
        for farm in farms {
            self.publish(LiveEvent { farm, at, news: News::PeopleChanged { user } });
        }
    }

    /// Tells the open pages of a farm that its name, its houses or its devices were edited. Devices and
    /// nodes announce that themselves; this is for what the database does not announce.
    pub fn farm_changed(&self, farm: FarmId, at: Timestamp) {
        self.publish(LiveEvent { farm, at, news: News::Changed });
    }

    /// Another server has said something; with `hears_redis` also whether it hears what goes by Redis.
    /// True if nobody knew of it.
    pub(crate) fn has_peer(&self, peer: Uuid, hears_redis: Option<bool>) -> bool {
        let Some(out) = &self.out else { return false };
        let mut peers = out.peers();
        let known = peers.get(&peer).copied();
        let hears_redis = hears_redis.or(known.map(|known| known.hears_redis)).unwrap_or(false);
        peers.insert(peer, Peer { heard: Instant::now(), hears_redis });
        known.is_none()
    }

    pub(crate) fn peers(&self) -> Peers {
        let Some(out) = &self.out else { return Peers::default() };
        let peers = out.peers();
        Peers { count: peers.len(), all_hear_redis: peers.values().all(|peer| peer.hears_redis) }
    }

    /// Whether something did not fit into the outbox since this was asked last.
    pub(crate) fn take_overflow(&self) -> bool {
        self.out.as_ref().is_some_and(|out| out.has_overflowed.swap(false, Ordering::Relaxed))
    }

    /// Something could not be carried.
    pub(crate) fn not_carried(&self) {
        if let Some(out) = &self.out {
            out.has_overflowed.store(true, Ordering::Relaxed);
        }
    }

    /// Tells the listeners of this server only.
    pub(crate) fn deliver(&self, event: Arc<LiveEvent>) {
        let farm = event.farm;
        let mut farms = self.farms();
        if farms.get(&farm).is_some_and(|farm| farm.send(Message::News(event)).is_err()) {
            farms.remove(&farm);
        }
    }

    /// Tells the listeners of all farms, on this server only.
    pub(crate) fn tell_all(&self, message: &Message) {
        self.farms().retain(|_, farm| farm.send(message.clone()).is_ok());
    }

    /// Whether anybody may listen to a farm; where nobody does, news need not even be made.
    pub fn is_heard(&self, farm: FarmId) -> bool {
        self.farms().get(&farm).is_some_and(|farm| farm.receiver_count() > 0)
            || self.out.as_ref().is_some_and(|out| !out.peers().is_empty())
    }

    /// Listens to a farm from now on.
    pub fn subscribe(&self, farm: FarmId) -> broadcast::Receiver<Message> {
        self.farms().entry(farm).or_insert_with(|| broadcast::channel(BACKLOG).0).subscribe()
    }

    fn farms(&self) -> MutexGuard<'_, HashMap<FarmId, broadcast::Sender<Message>>> {
        self.farms.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
