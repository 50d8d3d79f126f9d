//! Who can be reached. Ingest tells each sign of life; this task alone writes what follows from it.
use crate::{Worker, live::tell_device};
use anyhow::Result;
use domain::{NodeId, Timestamp, presence::is_overdue};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use store::{StoreError, presence as store_presence};
use tokio::{sync::Notify, time::Instant};

/// How often overdue nodes are looked for.
const TICK: Duration = Duration::from_secs(1);
/// How often the times of the last signs of life are written.
const FLUSH: Duration = Duration::from_secs(10);

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

    fn lock(&self) -> MutexGuard<'_, Nodes> {
        self.nodes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn mark_overdue(&self, now: Timestamp) {
        let mut nodes = self.lock();
        let up = nodes.link_up_since;
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
pub(crate) async fn run(worker: Worker, presence: Presence) -> Result<()> {
    let mut is_loaded = false;
    let mut flushed = Instant::now();
    loop {
        tokio::select! {
            () = presence.wake.notified() => {}
            () = tokio::time::sleep(TICK) => {}
        }
        let mut step = async || -> Result<(), StoreError> {
            if !is_loaded {
                load(&worker, &presence).await?;
                is_loaded = true;
            }
            presence.mark_overdue(worker.clock.now());
            for online in [true, false] {
                write(&worker, &presence, online).await?;
            }
            if flushed.elapsed() >= FLUSH {
                flushed = Instant::now();
                flush(&worker, &presence).await?;
            }
            Ok(())
        };
        if let Err(error) = step().await {
            tracing::warn!(error = %error, "Who can be reached was not written");
            tokio::time::sleep(TICK).await;
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

async fn write(worker: &Worker, presence: &Presence, online: bool) -> Result<(), StoreError> {
    let nodes = presence.changed(online);
    if nodes.is_empty() {
        return Ok(());
    }
    if !online {
        // pages say when they were last heard
        flush(worker, presence).await?;
    }
    let mut connection = worker.database.get().await?;
    let at = worker.clock.now();
    let changed = store_presence::set_online(&mut connection, &nodes, online, at).await?;
    presence.written(&nodes, online);
    let ids: Vec<NodeId> = changed.iter().map(|node| node.node).collect();
    for (farm, device) in store_presence::live_devices(&mut connection, &ids).await? {
        tell_device(&worker.bus, &worker.clock, farm, device);
    }
    Ok(())
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
