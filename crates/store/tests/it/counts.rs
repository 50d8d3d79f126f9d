//! What several servers count together in Redis.
use std::time::Duration;
use store::cache::Cache;

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
