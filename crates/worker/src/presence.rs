//! Who can be reached. Ingest tells each sign of life; this task alone writes what follows from it.
use crate::{Worker, live::tell_device};
use anyhow::Result;
use domain::{NodeId, Timestamp, presence::is_overdue};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use store::{StoreError, lease::Lease, presence as store_presence, readings::Fenced};
use tokio::{sync::Notify, time::Instant};

/// How often overdue nodes are looked for.
const TICK: Duration = Duration::from_secs(1);
/// How often the times of the last signs of life are written.
const FLUSH: Duration = Duration::from_secs(10);
/// Whoever has not listened for longer than this can not tell who was silent.
const DEAF: Duration = Duration::from_secs(5);

/// The nodes that were heard of. Cheap to clone; clones share one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Presence {
    nodes: Arc<Mutex<Nodes>>,
    wake: Arc<Notify>,
}

#[derive(Debug, Default)]
struct Nodes {
    by_id: HashMap<NodeId, Life>,
    link_up_since: Option<Timestamp>,
    /// Since when ingest has been at work without telling of anybody.
    busy_since: Option<Timestamp>,
    /// Until when nobody was listened to, the last time that happened.
    deaf_until: Option<Timestamp>,
    /// When it was last looked for who is overdue.
    looked_at: Option<Instant>,
}

/// What is known of one node.
#[derive(Debug, Clone, Copy)]
struct Life {
    last_seen: Timestamp,
    interval: Duration,
    /// As the database has it.
    is_online: bool,
    /// As it should be.
    should_be: bool,
    /// Whether `last_seen` is to be written.
    is_dirty: bool,
}

/// What a message says of its node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sign {
    /// It lives.
    Life,
    /// It has left, or the broker lost it.
    Left,
    /// It had left before we listened (a retained message).
    HadLeft,
}

impl Nodes {
    /// Since when there is a link and nothing kept us from reading.
    fn hears_since(&self) -> Option<Timestamp> {
        self.link_up_since.map(|up| self.deaf_until.map_or(up, |deaf| up.max(deaf)))
    }

    /// Whether ingest has been at work for so long that silence says nothing.
    fn is_busy(&self, now: Timestamp) -> bool {
        self.busy_since.is_some_and(|since| now.since(since) > DEAF)
    }
}

impl Presence {
    /// Takes in what messages say of their nodes, in their order.
    pub(crate) fn heard(&self, signs: &[(NodeId, Duration, Sign)], at: Timestamp) {
        let mut nodes = self.lock();
        let up = nodes.link_up_since;
        let mut is_news = false;
        for (node, interval, sign) in signs {
            let life = nodes.by_id.entry(*node).or_insert(Life {
                last_seen: Timestamp::from_micros(0),
                interval: *interval,
                is_online: false,
                should_be: false,
                is_dirty: false,
            });
            life.interval = *interval;
            match sign {
                Sign::Life => {
                    life.should_be = true;
                    life.last_seen = at;
                    life.is_dirty = true;
                }
                Sign::Left => life.should_be = false,
                // whoever was heard since we listen has come back
                Sign::HadLeft if up.is_none_or(|up| life.last_seen < up) => life.should_be = false,
                Sign::HadLeft => {}
            }
            is_news |= life.should_be != life.is_online;
        }
        drop(nodes);
        if is_news {
            self.wake.notify_one();
        }
    }

    /// Our own link to the broker came up at a time, or is down.
    pub(crate) fn set_link(&self, up_since: Option<Timestamp>) {
        self.lock().link_up_since = up_since;
    }

    /// Ingest begins to make messages durable; what they say of their nodes is told when that is done,
    /// however long the database takes.
    pub(crate) fn begin_work(&self, now: Timestamp) {
        self.lock().busy_since = Some(now);
    }

    /// Ingest is through with it. After a long time everyone has a full span of grace, as after a link
    /// that was down: what they sent meanwhile is yet to be read.
    pub(crate) fn end_work(&self, now: Timestamp) {
        let mut nodes = self.lock();
        if nodes.is_busy(now) {
            nodes.deaf_until = Some(now);
        }
        nodes.busy_since = None;
    }

    /// Since when all that nodes say has been heard and read; `None` while it is not.
    pub(crate) fn hears_since(&self, now: Timestamp) -> Option<Timestamp> {
        let nodes = self.lock();
        nodes.hears_since().filter(|_| !nodes.is_busy(now))
    }

    fn lock(&self) -> MutexGuard<'_, Nodes> {
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Finds who is overdue at `now`; `at` is the same moment, by a clock that nobody sets.
    fn mark_overdue(&self, now: Timestamp, at: Instant) {
        let mut nodes = self.lock();
        // this process was stopped: messages that came meanwhile are yet to be read
        if nodes.looked_at.is_some_and(|looked| at.duration_since(looked) > DEAF) {
            nodes.deaf_until = Some(now);
        }
        nodes.looked_at = Some(at);
        if nodes.is_busy(now) {
            return;
        }
        let up = nodes.hears_since();
        for life in nodes.by_id.values_mut().filter(|life| life.should_be) {
            life.should_be = !is_overdue(life.last_seen, life.interval, up, now);
        }
    }

    /// The nodes whose row says something else than it should, that should be `online`.
    fn changed(&self, online: bool) -> Vec<NodeId> {
        let nodes = self.lock();
        let differs = |(_, life): &(_, &Life)| life.should_be == online && life.is_online != online;
        nodes.by_id.iter().filter(differs).map(|(node, _)| *node).collect()
    }

    fn written(&self, nodes: &[NodeId], online: bool) {
        let mut all = self.lock();
        for node in nodes {
            if let Some(life) = all.by_id.get_mut(node) {
                life.is_online = online;
            }
        }
    }

    fn take_seen(&self) -> Vec<(NodeId, Timestamp)> {
        let mut nodes = self.lock();
        let dirty = nodes.by_id.iter_mut().filter(|(_, life)| life.is_dirty);
        dirty
            .map(|(node, life)| {
                life.is_dirty = false;
                (*node, life.last_seen)
            })
            .collect()
    }

    fn put_back(&self, seen: &[(NodeId, Timestamp)]) {
        let mut nodes = self.lock();
        for (node, _) in seen {
            if let Some(life) = nodes.by_id.get_mut(node) {
                life.is_dirty = true;
            }
        }
    }
}

/// Writes who can be reached, for ever.
///
/// # Errors
/// `Fenced`: the lease is another's.
pub(crate) async fn run(worker: Worker, lease: Lease, presence: Presence) -> Result<()> {
    let mut is_loaded = false;
    let mut flushed = Instant::now();
    loop {
        tokio::select! {
            () = presence.wake.notified() => {}
            () = tokio::time::sleep(TICK) => {}
        }
        let mut step = async || -> Result<Result<(), Fenced>, StoreError> {
            if !is_loaded {
                load(&worker, &presence).await?;
                is_loaded = true;
            }
            presence.mark_overdue(worker.clock.now(), Instant::now());
            for online in [true, false] {
                if let Err(fenced) = write(&worker, lease, &presence, online).await? {
                    return Ok(Err(fenced));
                }
            }
            if flushed.elapsed() >= FLUSH {
                flushed = Instant::now();
                flush(&worker, &presence).await?;
            }
            Ok(Ok(()))
        };
        match step().await {
            Ok(written) => written?,
            Err(error) => {
                tracing::warn!(error = %error, "Who can be reached was not written");
                tokio::time::sleep(TICK).await;
            }
        }
    }
}

async fn load(worker: &Worker, presence: &Presence) -> Result<(), StoreError> {
    let mut connection = worker.database.get().await?;
    let online = store_presence::online(&mut connection).await?;
    let mut nodes = presence.lock();
    for node in online {
        let last_seen = node.last_seen.unwrap_or(Timestamp::from_micros(0));
        let life = nodes.by_id.entry(node.node).or_insert(Life {
            last_seen,
            interval: node.interval,
            is_online: true,
            should_be: true,
            is_dirty: false,
        });
        life.is_online = true;
    }
    Ok(())
}

async fn write(
    worker: &Worker,
    lease: Lease,
    presence: &Presence,
    online: bool,
) -> Result<Result<(), Fenced>, StoreError> {
    let nodes = presence.changed(online);
    if nodes.is_empty() {
        return Ok(Ok(()));
    }
    if !online {
        // pages say when they were last heard
        flush(worker, presence).await?;
    }
    let mut connection = worker.database.get().await?;
    let at = worker.clock.now();
    let written = store_presence::set_online(&mut connection, lease, &nodes, online, at).await?;
    let changed = match written {
        Ok(changed) => changed,
        Err(fenced) => return Ok(Err(fenced)),
    };
    presence.written(&nodes, online);
    let ids: Vec<NodeId> = changed.iter().map(|node| node.node).collect();
    for (farm, device) in store_presence::live_devices(&mut connection, &ids).await? {
        tell_device(&worker.bus, &worker.clock, farm, device);
    }
    Ok(Ok(()))
}

/// Writes the times of the last signs of life.
async fn flush(worker: &Worker, presence: &Presence) -> Result<(), StoreError> {
    let seen = presence.take_seen();
    if seen.is_empty() {
        return Ok(());
    }
    let write = async || -> Result<(), StoreError> {
        let mut connection = worker.database.get().await?;
        store_presence::note_seen(&mut connection, &seen).await
    };
    write().await.inspect_err(|_| presence.put_back(&seen))
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_secs(30);
    const NODE: NodeId = NodeId(uuid::Uuid::from_u128(1));

    fn at(seconds: u64) -> Timestamp {
        Timestamp::from_millis(1_790_000_000_000).plus(Duration::from_secs(seconds))
    }

    /// A node that was heard of at 0, and is online.
    fn online() -> Presence {
        let presence = Presence::default();
        presence.set_link(Some(at(0)));
        presence.heard(&[(NODE, INTERVAL, Sign::Life)], at(0));
        presence.written(&[NODE], true);
        presence
    }

    /// Looks once a second; when the node was found to be overdue.
    fn overdue_at(presence: &Presence, from: u64) -> Option<u64> {
        let start = Instant::now();
        (from..1000).find(|second| {
            presence.mark_overdue(at(*second), start + Duration::from_secs(*second));
            !presence.changed(false).is_empty()
        })
    }

    #[tokio::test(start_paused = true)]
    async fn a_process_that_was_stopped_takes_nobody_for_silent() {
        assert_eq!(overdue_at(&online(), 0), Some(91));
        let presence = online();
        presence.mark_overdue(at(0), Instant::now());
        assert_eq!(overdue_at(&presence, 200), Some(291), "everyone has a full span of grace");
    }

    #[tokio::test(start_paused = true)]
    async fn nobody_is_taken_for_silent_while_the_database_holds_up_what_they_say() {
        let presence = online();
        presence.begin_work(at(1));
        assert_eq!(overdue_at(&presence, 0), None);
        presence.end_work(at(1000));
        presence.begin_work(at(1001));
        presence.end_work(at(1002));
        let start = Instant::now() + Duration::from_secs(999);
        let overdue = (1000..1200).find(|second| {
            presence.mark_overdue(at(*second), start + Duration::from_secs(second - 999));
            !presence.changed(false).is_empty()
        });
        assert_eq!(overdue, Some(1091), "everyone has a full span of grace");
    }
}
