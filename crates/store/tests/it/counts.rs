//! What several servers count together in Redis.
use domain::Timestamp;
use std::time::Duration;
use store::cache::{Cache, Sliding};

#[tokio::test]
async fn a_count_without_an_end_gets_one() {
    let server = testkit::own_redis();
    let cache = Cache::new(&server.url()).unwrap();
    let minute = Duration::from_secs(60);
    let client = redis::Client::open(server.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let set = redis::cmd("SET").arg("forever").arg(500).exec_async(&mut connection).await;
    set.unwrap();
    for (key, count) in [("forever", 501), ("new", 1), ("new", 2)] {
        let (counted, left) = cache.count(key, minute).await.unwrap();
        assert_eq!(counted, count, "{key}");
        assert!(!left.is_zero() && left <= minute, "{key}: {left:?}");
    }
}

#[tokio::test]
async fn nothing_is_given_back_but_what_was_counted() {
    let server = testkit::own_redis();
    let cache = Cache::new(&server.url()).unwrap();
    let now = Timestamp::from_millis(1_790_000_000_000);
    let limit = Sliding { most: 2, span: Duration::from_secs(60), now };
    let key = || ["limit".to_owned()];
    let (first, wait) = cache.take_one(&key(), limit).await;
    assert_eq!(wait, Some(Duration::ZERO));
    assert_eq!(cache.take_one(&key(), limit).await.1, Some(Duration::ZERO));
    let away = Cache::new("redis://127.0.0.1:1/0").unwrap();
    let (never, wait) = away.take_one(&key(), limit).await;
    assert_eq!(wait, None);
    // Redis is back
    cache.give_back("limit", never).await;
    assert_eq!(cache.wait_for(&key(), limit).await, Some(Duration::from_secs(60)));
    cache.give_back("limit", first).await;
    assert_eq!(cache.wait_for(&key(), limit).await, Some(Duration::ZERO));
}
