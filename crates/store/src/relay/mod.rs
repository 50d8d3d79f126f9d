//! Carries news of farms between servers: by Redis (`farm:{id}:updates`) where all of them hear that, and
//! by PostgreSQL's NOTIFY where one does not. Every server listens to both; what came both ways it takes
//! once, and what it sent itself not at all. Whoever has not listened for a while has missed something
//! and says so to its pages. A server that is alone carries nothing.

mod parcel;

use crate::{
    Database, DatabaseSettings, Listener, StoreError,
    cache::Cache,
    live::{Bus, Message, Outbox},
    people::{self, RightsChange},
    routes,
};
use diesel::{sql_query, sql_types::Text};
use diesel_async::RunQueryDsl;
use domain::live::LiveEvent;
use futures::StreamExt as _;
use parcel::{Parcel, Seen, Way, pieces};
use redis::{Client, RedisError};
use std::{
    sync::{
        Arc, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::{
    sync::{Mutex, Notify},
    time::{interval, sleep, timeout},
};
use uuid::Uuid;

/// PostgreSQL's channel.
const CHANNEL: &str = "tokkatot_live";
/// Between two tries to listen.
const PAUSE: Duration = Duration::from_secs(2);
/// Each server says so often that it is there.
const HELLO: Duration = Duration::from_secs(10);
/// A connection on which not even our own greetings come back is dead.
const SILENCE: Duration = Duration::from_secs(35);
/// How long Redis has to answer on a connection that listens.
const PATIENCE: Duration = Duration::from_secs(5);

/// The carrier of one server.
#[derive(Debug)]
pub struct Relay {
    me: Uuid,
    bus: Bus,
    outbox: Mutex<Outbox>,
    database: Database,
    listening: DatabaseSettings,
    cache: Cache,
    redis: Option<Client>,
    /// Whether we hear what goes by Redis at this moment.
    hears_redis: AtomicBool,
    /// There is something to greet for.
    greet: Notify,
    /// We have just begun to listen, and want to hear who is there.
    asks: AtomicBool,
    seen: std::sync::Mutex<Seen>,
}

impl Relay {
    /// A relay between `bus` and the other servers of this database and this Redis.
    ///
    /// # Errors
    /// The Redis URL is none.
    pub fn new(
        (bus, outbox): (Bus, Outbox),
        (database, listening): (Database, DatabaseSettings),
        redis_url: Option<&str>,
    ) -> Result<Self, RedisError> {
        Ok(Self {
            me: Uuid::new_v4(),
            bus,
            outbox: Mutex::new(outbox),
            database,
            listening,
            cache: redis_url.map(Cache::new).transpose()?.unwrap_or_default(),
            redis: redis_url.map(Client::open).transpose()?,
            hears_redis: AtomicBool::new(false),
            greet: Notify::new(),
            asks: AtomicBool::new(false),
            seen: std::sync::Mutex::default(),
        })
    }

    /// Carries until it is dropped. What fails is tried again.
    pub async fn run(&self) {
        // boxed, because together they are large
        let hear = Box::pin(async { tokio::join!(self.hear_redis(), self.hear_postgres()) });
        let tell = Box::pin(async { tokio::join!(self.send(), self.greet()) });
        tokio::join!(hear, tell);
    }

    fn hears_redis(&self) -> bool {
        // written out, because Diesel has a `load` for everything
        AtomicBool::load(&self.hears_redis, Ordering::Relaxed)
    }

    /// Says that this server is there: now and then, when it begins to listen, when another one is new,
    /// and when Redis comes or goes.
    async fn greet(&self) {
        loop {
            let asks = self.asks.swap(false, Ordering::Relaxed);
            let hello = Parcel::greeting(self.me, self.hears_redis(), asks);
            let until_next = match self.notify(&hello).await {
                Ok(()) => HELLO,
                Err(error) => {
                    tracing::debug!(error = %error, "Other servers were not told that this one is there");
                    self.asks.fetch_or(asks, Ordering::Relaxed);
                    PAUSE
                }
            };
            // either way it is time
            _ = timeout(until_next, self.greet.notified()).await;
        }
    }

    async fn send(&self) {
        let mut outbox = self.outbox.lock().await;
        while let Some(event) = outbox.0.recv().await {
            let id = Uuid::new_v4();
            if !self.by_redis(id, &event).await {
                self.by_postgres(id, &event).await;
            }
            if self.bus.take_overflow() && self.notify(&Parcel::missed(self.me)).await.is_err() {
                self.bus.not_carried();
            }
        }
    }

    /// True if all other servers hear it so.
    async fn by_redis(&self, id: Uuid, event: &LiveEvent) -> bool {
        let parcel = Parcel::event(id, self.me, event);
        let Ok(parcel) = serde_json::to_string(&parcel) else { return true };
        let mut command = redis::cmd("PUBLISH");
        command.arg(format!("farm:{}:updates", event.farm)).arg(parcel);
        let Some(heard) = self.cache.run::<usize>(&command).await else { return false };
        let peers = self.bus.peers();
        let me = usize::from(self.hears_redis());
        peers.all_hear_redis && heard >= peers.count + me
    }

    async fn by_postgres(&self, id: Uuid, event: &LiveEvent) {
        for piece in pieces(event) {
            if let Err(error) = self.notify(&Parcel::event(id, self.me, piece)).await {
                tracing::warn!(error = %error, "Other servers were not told of a farm's news");
                self.bus.not_carried();
            }
        }
    }

    async fn notify(&self, parcel: &Parcel<LiveEvent>) -> Result<(), StoreError> {
        let Ok(parcel) = serde_json::to_string(parcel) else { return Ok(()) };
        let mut conn = self.database.get().await?;
        sql_query("SELECT pg_notify($1, $2)")
            .bind::<Text, _>(CHANNEL)
            .bind::<Text, _>(parcel)
            .execute(&mut *conn)
            .await?;
        Ok(())
    }

    async fn hear_redis(&self) {
        let Some(client) = &self.redis else { return };
        loop {
            if let Err(error) = self.hear_redis_once(client).await {
                tracing::debug!(error = %error, "Redis brings no news of farms");
            }
            if self.hears_redis.swap(false, Ordering::Relaxed) {
                self.greet.notify_one();
            }
            sleep(PAUSE).await;
        }
    }

    async fn hear_redis_once(&self, client: &Client) -> Result<(), RedisError> {
        let mut subscription = client.get_async_pubsub().await?;
        subscription.psubscribe("farm:*:updates").await?;
        self.hears_redis.store(true, Ordering::Relaxed);
        self.greet.notify_one();
        self.bus.tell_all(&Message::Missed);
        let (mut sink, mut messages) = subscription.split();
        // a connection that died without a word is found so
        let mut look = interval(HELLO);
        loop {
            tokio::select! {
                message = messages.next() => match message {
                    Some(message) => self.take(message.get_payload_bytes(), Way::Redis),
                    None => return Ok(()),
                },
                _ = look.tick() => match timeout(PATIENCE, sink.ping::<redis::Value>()).await {
                    Ok(answer) => drop(answer?),
                    Err(_) => return Ok(()),
                },
            }
        }
    }

    async fn hear_postgres(&self) {
        let [nodes, devices] = routes::CHANNELS;
        loop {
            if let Ok(mut listener) =
                Listener::new(&self.listening, &[CHANNEL, nodes, devices, people::CHANNEL]).await
            {
                self.bus.tell_all(&Message::Missed);
                // who listens already answers, and we hear it, also whom we had told of us before
                self.asks.store(true, Ordering::Relaxed);
                self.greet.notify_one();
                while let Ok(Ok(heard)) = timeout(SILENCE, listener.next()).await {
                    if heard.channel == CHANNEL {
                        self.take(heard.payload.as_bytes(), Way::Postgres);
                    } else if heard.channel == people::CHANNEL {
                        // whoever made the change, every server hears it from the database
                        if let Some(change) = RightsChange::parse(&heard.payload) {
                            self.bus.deliver(Arc::new(change.news()));
                        }
                    } else {
                        self.bus.tell_all(&Message::NodeChanged(heard.payload.into()));
                    }
                }
            }
            sleep(PAUSE).await;
        }
    }

    /// Hands on what others sent.
    fn take(&self, parcel: &[u8], way: Way) {
        let parcel = match serde_json::from_slice::<Parcel<LiveEvent>>(parcel) {
            Ok(parcel) => parcel,
            Err(error) => {
                // an older or newer release says other things
                tracing::debug!(error = %error, "Another server's news is not understood");
                return;
            }
        };
        if parcel.from == self.me {
            return;
        }
        // who shares our database is one of us; a Redis may serve others too
        let is_new = way == Way::Postgres && self.bus.has_peer(parcel.from, parcel.hears_redis);
        if is_new || (way == Way::Postgres && parcel.asks) {
            // it may not know of us yet, and what it said before was not for us
            self.greet.notify_one();
        }
        if is_new || parcel.missed {
            self.bus.tell_all(&Message::Missed);
        }
        let is_first =
            self.seen.lock().unwrap_or_else(PoisonError::into_inner).is_new(parcel.id, way);
        if let Some(event) = parcel.event.filter(|_| is_first) {
            self.bus.deliver(Arc::new(event));
        }
    }
}
