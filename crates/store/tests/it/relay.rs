//! News of a farm reaches the pages of other servers, by Redis or without it.
use crate::{sql, world};
use domain::{
    DeviceId, FarmId, Timestamp, UserId,
    live::{LiveDevice, LiveEvent, News},
};
use std::time::Duration;
use store::{
    Database, DatabaseSettings,
    live::{Bus, Message},
    relay::Relay,
};
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

/// A farm of this test alone: Redis carries the messages of all its databases together.
fn farm() -> FarmId {
    FarmId(Uuid::new_v4())
}

fn event(farm: FarmId, n: u128) -> LiveEvent {
    LiveEvent {
        farm,
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

/// The next news, whatever else is said.
async fn news(listener: &mut Receiver<Message>, patience: Duration) -> Option<LiveEvent> {
    let search = async {
        loop {
            if let Message::News(event) = listener.recv().await.unwrap() {
                return LiveEvent::clone(&event);
            }
        }
    };
    timeout(patience, search).await.ok()
}

/// Waits until the listener is told something.
async fn told(listener: &mut Receiver<Message>, what: &Message) {
    let search = async { while listener.recv().await.unwrap() != *what {} };
    timeout(Duration::from_secs(10), search).await.expect("it is told");
}

/// Publishes at one until the other hears: they have to find each other first.
async fn carried(farm: FarmId, from: &Server, to: &mut Receiver<Message>) {
    for n in 0..100 {
        from.bus.publish(event(farm, n));
        if news(to, Duration::from_millis(100)).await.is_some() {
            return;
        }
    }
    panic!("nothing was carried in ten seconds");
}

/// What one publishes is heard at home and at the other, once.
async fn reaches_once(from: &Server, to: &Server) {
    let farm = farm();
    let mut there = to.bus.subscribe(farm);
    carried(farm, from, &mut there).await;
    while news(&mut there, Duration::from_millis(300)).await.is_some() {}

    let mut here = from.bus.subscribe(farm);
    from.bus.publish(event(farm, 7));
    for heard in [&mut here, &mut there] {
        assert_eq!(news(heard, Duration::from_secs(2)).await, Some(event(farm, 7)));
        assert_eq!(news(heard, Duration::from_millis(300)).await, None, "heard twice");
    }
}

async fn reach_each_other(one_redis: Option<&str>, other_redis: Option<&str>) {
    let database = testkit::database().await;
    let one = Server::start(&database, one_redis).await;
    let other = Server::start(&database, other_redis).await;
    reaches_once(&one, &other).await;
    reaches_once(&other, &one).await;
}

#[tokio::test]
async fn by_redis_news_reaches_the_other_server_once() {
    let redis = testkit::redis_url().await;
    reach_each_other(Some(&redis), Some(&redis)).await;
}

#[tokio::test]
async fn without_redis_news_reaches_the_other_server_once() {
    reach_each_other(None, None).await;
}

#[tokio::test]
async fn while_redis_is_away_news_goes_by_postgres() {
    // nobody listens there
    let away = Some("redis://127.0.0.1:1/0");
    reach_each_other(away, away).await;
}

#[tokio::test]
async fn a_server_without_redis_hears_one_that_has_it() {
    let redis = testkit::redis_url().await;
    reach_each_other(Some(&redis), None).await;
}

#[tokio::test]
async fn a_server_that_lost_redis_hears_those_that_have_it() {
    let redis = testkit::redis_url().await;
    reach_each_other(Some(&redis), Some("redis://127.0.0.1:1/0")).await;
}

#[tokio::test]
async fn who_did_not_listen_for_a_while_is_told_that_something_was_missed() {
    let database = testkit::database().await;
    let server = Server::start(&database, None).await;
    let mut page = server.bus.subscribe(farm());
    told(&mut page, &Message::Missed).await;
    let pool = database.worker();
    let mut worker = pool.get().await.unwrap();
    let cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE usename = 'tokkatot_worker' AND datname = current_database()
            AND pid <> pg_backend_pid()";
    sql::execute(&mut worker, cut).await;
    told(&mut page, &Message::Missed).await;
}

#[tokio::test]
async fn edited_devices_are_told_to_every_farm_with_their_nodes_name() {
    let database = testkit::database().await;
    let pool = database.owner();
    let mut owner = pool.get().await.unwrap();
    world::fill(&mut owner).await;
    let server = Server::start(&database, None).await;
    let mut page = server.bus.subscribe(farm());
    told(&mut page, &Message::Missed).await;
    let approve = "UPDATE devices SET approved_at = now() WHERE device_id = 'taken-a:air'";
    sql::execute(&mut owner, approve).await;
    told(&mut page, &Message::NodeChanged("taken-a".into())).await;
    let give_away = "UPDATE nodes SET farm_id = NULL WHERE name = 'taken-b'";
    sql::execute(&mut owner, give_away).await;
    told(&mut page, &Message::NodeChanged("taken-b".into())).await;
}

#[tokio::test]
async fn a_change_of_rights_is_told_whoever_made_it() {
    let database = testkit::database().await;
    let pool = database.owner();
    let mut owner = pool.get().await.unwrap();
    world::fill(&mut owner).await;
    let ids =
        "SELECT md5('farms a')::uuid::text AS value UNION ALL SELECT md5('users a')::uuid::text";
    let ids = sql::texts(&mut owner, ids).await;
    let (farm, user) = (FarmId(ids[0].parse().unwrap()), UserId(ids[1].parse().unwrap()));
    let server = Server::start(&database, None).await;
    let mut page = server.bus.subscribe(farm);
    told(&mut page, &Message::Missed).await;
    let end = "UPDATE user_sessions SET is_active = false WHERE user_id = md5('users a')::uuid";
    sql::execute(&mut owner, end).await;
    let heard = news(&mut page, Duration::from_secs(1)).await.unwrap();
    assert_eq!((heard.farm, heard.news.clone()), (farm, News::PeopleChanged { user }));
}

#[tokio::test]
async fn a_changed_membership_is_told_to_the_other_servers_pages() {
    let database = testkit::database().await;
    let one = Server::start(&database, None).await;
    let other = Server::start(&database, None).await;
    let farm = farm();
    let mut there = other.bus.subscribe(farm);
    carried(farm, &one, &mut there).await;
    while news(&mut there, Duration::from_millis(300)).await.is_some() {}
    let user = UserId(Uuid::from_u128(5));
    one.bus.people_changed([farm], user, Timestamp::from_millis(1));
    let heard = news(&mut there, Duration::from_secs(2)).await.unwrap();
    assert_eq!(heard.news, News::PeopleChanged { user });
}

#[tokio::test]
async fn a_server_that_is_alone_makes_no_news_for_others() {
    let (bus, _outbox) = Bus::shared();
    let farm = farm();
    assert!(!bus.is_heard(farm));
    let page = bus.subscribe(farm);
    assert!(bus.is_heard(farm));
    drop(page);
    assert!(!bus.is_heard(farm));
}
