//! How many requests one may make.
use super::{
    Site,
    world::{NOW, PASSWORD},
};
use http::StatusCode;
use std::time::Duration;
use store::cache::Cache;

const SOK: &str = "6a5ba5ee-1111-4000-8000-0000000000a1";

#[tokio::test]
async fn a_person_reads_each_page_so_many_times_a_minute() {
    let site = Site::of_sok().await;
    for _ in 0..120 {
        assert_eq!(site.get("/farms").await.status, StatusCode::OK);
    }
    site.web.app.clock.anchor(NOW.plus(Duration::from_secs(20)));
    let refused = site.get("/farms").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.header("retry-after"), "40");
    assert!(refused.text().contains("Too many attempts"), "{}", refused.text());
    assert_eq!(site.get("/").await.status, StatusCode::SEE_OTHER, "other pages are open");
    site.web.app.clock.anchor(NOW.plus(Duration::from_secs(60)));
    assert_eq!(site.get("/farms").await.status, StatusCode::OK);
}

#[tokio::test]
async fn strangers_of_one_address_send_so_many_forms_a_minute() {
    let mut site = Site::new().await;
    for _ in 0..60 {
        site.post("/sign-in", "login=&password=").await;
    }
    let body = format!("login=sok&password={PASSWORD}");
    let refused = site.post("/sign-in", &body).await;
    assert_eq!((refused.status, refused.cookie()), (StatusCode::TOO_MANY_REQUESTS, None));
    for _ in 0..130 {
        assert_eq!(site.get("/sign-in").await.status, StatusCode::OK, "many share an address");
    }
    site.come_from("203.0.113.1");
    site.sign_in("sok").await;
}

#[tokio::test]
async fn the_count_stands_in_redis_under_the_specifications_key_for_a_minute() {
    let url = testkit::redis_url().await;
    let mut site = Site::with(Cache::new(&url).unwrap(), "http://127.0.0.1:3000").await;
    site.sign_in("sok").await;
    for _ in 0..3 {
        site.get("/farms").await;
    }
    let mut redis = redis::Client::open(url).unwrap().get_connection().unwrap();
    let key = format!("rate_limit:{SOK}:GET /farms");
    let count: u32 = redis::cmd("GET").arg(&key).query(&mut redis).unwrap();
    assert_eq!(count, 3);
    let lives: i64 = redis::cmd("TTL").arg(&key).query(&mut redis).unwrap();
    assert!((50..=60).contains(&lives), "{lives}");
    // what other servers have counted
    redis::cmd("INCRBY").arg(&key).arg(200).query::<()>(&mut redis).unwrap();
    let refused = site.get("/farms").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    let keys: Vec<String> = redis::cmd("KEYS").arg("*").query(&mut redis).unwrap();
    assert!(!keys.iter().any(|key| key.contains("192.0.2.1")), "{keys:?}");
}

#[tokio::test]
async fn without_redis_limits_stay() {
    let cache = Cache::new("redis://127.0.0.1:1/0").unwrap();
    let mut site = Site::with(cache, "http://127.0.0.1:3000").await;
    site.sign_in("sok").await;
    for _ in 0..120 {
        assert_eq!(site.get("/farms").await.status, StatusCode::OK);
    }
    assert_eq!(site.get("/farms").await.status, StatusCode::TOO_MANY_REQUESTS);
}
