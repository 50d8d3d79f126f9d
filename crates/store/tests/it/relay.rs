//! News of a farm reaches the pages of other servers, by Redis or without it.
use domain::{
    DeviceId, FarmId, Timestamp,
    live::{LiveDevice, LiveEvent, News},
};
use std::{sync::Arc, time::Duration};
use store::{Database, DatabaseSettings, live::Bus, relay::Relay};
use testkit::{DatabaseRole, TestDatabase};
use tokio::{sync::broadcast::Receiver, task::JoinHandle, time::timeout};
use uuid::Uuid;

/// A server, as far as its bus goes.
struct Server {
    bus: Bus,
    carrying: JoinHandle<()>,
}

impl Server {
    async fn start(database: &TestDatabase, redis_url: Option<&str>) -> Self {
        let (bus, outbox) = Bus::shared();
        let settings = DatabaseSettings::new(database.url(DatabaseRole::Worker), 4);
        let pool = Database::new(&settings).await.unwrap();
        let relay = Relay::new((bus.clone(), outbox), (pool, settings), redis_url).unwrap();
        Self { bus, carrying: tokio::spawn(async move { relay.run().await }) }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.carrying.abort();
    }
}

fn farm() -> FarmId {
    FarmId(Uuid::from_u128(1))
}

fn event(n: u128) -> LiveEvent {
    LiveEvent {
        farm: farm(),
        at: Timestamp::from_millis(1_790_000_000_000),
        news: News::Device(LiveDevice {
            device_id: DeviceId(Uuid::from_u128(n)),
            node: "house-1".parse().unwrap(),
            channel: "fan1".parse().unwrap(),
            is_online: true,
            state: Some("on".to_owned()),
            cause: None,
            since: None,
            reported_at: None,
        }),
    }
}

/// Publishes at one until the other hears: they have to find each other first.
async fn carried(from: &Server, to: &mut Receiver<Arc<LiveEvent>>) -> Arc<LiveEvent> {
    for n in 0..100 {
        from.bus.publish(event(n));
        if let Ok(heard) = timeout(Duration::from_millis(100), to.recv()).await {
            return heard.unwrap();
        }
    }
    panic!("nothing was carried in ten seconds");
}

async fn reaches_the_other_once(redis_url: Option<&str>) {
    let database = testkit::database().await;
    let one = Server::start(&database, redis_url).await;
    let other = Server::start(&database, redis_url).await;
    let mut there = other.bus.subscribe(farm());
    carried(&one, &mut there).await;
    while timeout(Duration::from_millis(300), there.recv()).await.is_ok() {}

    let mut here = one.bus.subscribe(farm());
    one.bus.publish(event(7));
    for heard in [&mut here, &mut there] {
        assert_eq!(
            *timeout(Duration::from_secs(2), heard.recv()).await.unwrap().unwrap(),
            event(7)
        );
        let again = timeout(Duration::from_millis(300), heard.recv()).await;
        assert!(again.is_err(), "heard twice: {again:?}");
    }
}

#[tokio::test]
async fn by_redis_news_reaches_the_other_server_once() {
    reaches_the_other_once(Some(&testkit::redis_url().await)).await;
}

#[tokio::test]
async fn without_redis_news_reaches_the_other_server_once() {
    reaches_the_other_once(None).await;
}

#[tokio::test]
async fn while_redis_is_away_news_goes_by_postgres() {
    // nobody listens there
    reaches_the_other_once(Some("redis://127.0.0.1:1/0")).await;
}

#[tokio::test]
async fn a_server_that_is_alone_makes_no_news_for_others() {
    let (bus, _outbox) = Bus::shared();
    assert!(!bus.is_heard(farm()));
    let page = bus.subscribe(farm());
    assert!(bus.is_heard(farm()));
    drop(page);
    assert!(!bus.is_heard(farm()));
}
