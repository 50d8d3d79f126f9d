//! Carries news of farms between servers: by Redis (`farm:{id}:updates`), or by PostgreSQL's NOTIFY
//! while Redis is away. Every server listens to both, so it does not matter which one a sender could
//! reach; what a server sent itself it does not take back. A server that is alone carries nothing.
use crate::{
    Database, DatabaseSettings, Listener, StoreError,
    cache::Cache,
    live::{Bus, Outbox},
};
use diesel::{sql_query, sql_types::Text};
use diesel_async::RunQueryDsl;
use domain::live::{LiveEvent, News};
use futures::StreamExt as _;
use redis::{Client, RedisError};
use serde::{Deserialize, Serialize};
use std::{sync::Arc, time::Duration};
use tokio::{sync::Mutex, time::sleep};
use uuid::Uuid;

/// PostgreSQL's channel; its payloads are shorter than 8,000 bytes.
const CHANNEL: &str = "tokkatot_live";
const LARGEST_NOTIFY: usize = 7_900;
/// Between two tries to listen.
const PAUSE: Duration = Duration::from_secs(2);
/// Each server says so often that it is there.
const HELLO: Duration = Duration::from_secs(10);

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
}

/// One event on its way; without an event it says only that its sender is there.
#[derive(Debug, Serialize, Deserialize)]
struct Parcel<E> {
    from: Uuid,
    event: Option<E>,
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
        })
    }

    /// Carries until it is dropped. What fails is tried again.
    pub async fn run(&self) {
        tokio::join!(self.send(), self.greet(), self.hear_redis(), self.hear_postgres());
    }

    async fn greet(&self) {
        let hello = Parcel::<LiveEvent> { from: self.me, event: None };
        let Ok(hello) = serde_json::to_string(&hello) else { return };
        loop {
            if let Err(error) = self.notify(&hello).await {
                tracing::debug!(error = %error, "Other servers were not told that this one is there");
            }
            sleep(HELLO).await;
        }
    }

    async fn send(&self) {
        let mut outbox = self.outbox.lock().await;
        while let Some(event) = outbox.0.recv().await {
            if !self.by_redis(&event).await {
                self.by_postgres(&event).await;
            }
        }
    }

    async fn by_redis(&self, event: &LiveEvent) -> bool {
        let Ok(parcel) = serde_json::to_string(&Parcel { from: self.me, event: Some(event) })
        else {
            return true;
        };
        let mut command = redis::cmd("PUBLISH");
        command.arg(format!("farm:{}:updates", event.farm)).arg(parcel);
        self.cache.run::<i64>(&command).await.is_some()
    }

    async fn by_postgres(&self, event: &LiveEvent) {
        for piece in pieces(event) {
            let Ok(parcel) = serde_json::to_string(&Parcel { from: self.me, event: Some(&piece) })
            else {
                continue;
            };
            if let Err(error) = self.notify(&parcel).await {
                tracing::warn!(error = %error, "Other servers were not told of a farm's news");
            }
        }
    }

    async fn notify(&self, parcel: &str) -> Result<(), StoreError> {
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
            if let Ok(mut subscription) = client.get_async_pubsub().await
                && subscription.psubscribe("farm:*:updates").await.is_ok()
            {
                let mut messages = subscription.on_message();
                while let Some(message) = messages.next().await {
                    self.take(message.get_payload_bytes());
                }
            }
            sleep(PAUSE).await;
        }
    }

    async fn hear_postgres(&self) {
        loop {
            if let Ok(mut listener) = Listener::new(&self.listening, &[CHANNEL]).await {
                while let Ok(heard) = listener.next().await {
                    self.take(heard.payload.as_bytes());
                }
            }
            sleep(PAUSE).await;
        }
    }

    /// Hands on what others sent.
    fn take(&self, parcel: &[u8]) {
        match serde_json::from_slice::<Parcel<LiveEvent>>(parcel) {
            Ok(parcel) if parcel.from == self.me => {}
            Ok(Parcel { event, .. }) => {
                self.bus.has_peer();
                if let Some(event) = event {
                    self.bus.deliver(Arc::new(event));
                }
            }
            // an older or newer release says other things
            Err(error) => {
                tracing::debug!(error = %error, "Another server's news is not understood")
            }
        }
    }
}

/// An event small enough for NOTIFY, or several that say the same.
fn pieces(event: &LiveEvent) -> Vec<LiveEvent> {
    let size = serde_json::to_string(event).map_or(0, |text| text.len());
    // the sender's name is added
    if size + 100 <= LARGEST_NOTIFY {
        return vec![event.clone()];
    }
    match &event.news {
        News::Readings { readings } if readings.len() > 1 => {
            let half = readings.len() / 2;
            let (first, second) = readings.split_at(half);
            [first, second]
                .into_iter()
                .flat_map(|part| {
                    let news = News::Readings { readings: part.to_vec() };
                    pieces(&LiveEvent { news, ..event.clone() })
                })
                .collect()
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::{DeviceId, FarmId, Timestamp, live::LiveReading, readings::Quality};

    #[test]
    fn a_large_event_goes_in_pieces_that_say_the_same() {
        let reading = |n: u128| LiveReading {
            device_id: DeviceId(Uuid::from_u128(n)),
            node: "house-1".parse().unwrap(),
            channel: "air".parse().unwrap(),
            sensor: "temperature".to_owned(),
            unit: "°C".to_owned(),
            value: 28.5,
            quality: Quality::Good,
            ts: Timestamp::from_millis(1),
        };
        let readings: Vec<LiveReading> = (0..200).map(reading).collect();
        let event = LiveEvent {
            farm: FarmId(Uuid::nil()),
            at: Timestamp::from_millis(2),
            news: News::Readings { readings: readings.clone() },
        };
        let pieces = pieces(&event);
        assert!(pieces.len() > 1);
        let said: Vec<LiveReading> = pieces
            .iter()
            .flat_map(|piece| match &piece.news {
                News::Readings { readings } => readings.clone(),
                News::Device(_) => Vec::new(),
            })
            .collect();
        assert_eq!(said, readings);
        for piece in pieces {
            let parcel = Parcel { from: Uuid::nil(), event: Some(piece) };
            assert!(serde_json::to_string(&parcel).unwrap().len() <= LARGEST_NOTIFY);
        }
    }
}
