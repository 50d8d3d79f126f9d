//! Who is signed in, and for how long.
use super::{
    Site,
    world::{FARM, NOW},
};
use http::{Request, StatusCode};
use std::time::Duration;
use store::cache::Cache;

fn session_cookie(answer: &super::world::Answer) -> String {
    let mut set = answer.headers.get_all("set-cookie").iter().map(|v| v.to_str().unwrap());
    set.find(|cookie| cookie.contains("session=")).unwrap().to_owned()
}

#[tokio::test]
async fn a_stranger_is_led_to_the_door_and_gets_no_cookie() {
    let site = Site::new().await;
    for address in ["/", "/farms", &format!("/farms/{FARM}")] {
        let answer = site.get(address).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{address}");
        assert_eq!(answer.header("location"), "/sign-in");
        assert_eq!(answer.cookie(), None);
    }
}

#[tokio::test]
async fn sign_in_makes_a_new_session_of_a_planted_one() {
    let mut site = Site::of_sok().await;
    let planted = site.session_cookie().to_owned();
    site.sign_in("sok").await;
    assert_ne!(site.session_cookie(), planted);
    site.sign_in_with(&planted);
    assert_eq!(site.get("/farms").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn signing_out_ends_the_session_for_good() {
    let site = Site::of_sok().await;
    let answer = site.post("/sign-out", "").await;
    assert_eq!(answer.header("location"), "/sign-in");
    // a browser that kept the cookie has nothing of it
    assert_eq!(site.get("/farms").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_session_lives_as_long_as_it_is_used_and_then_ninety_days() {
    let site = Site::of_sok().await;
    let day = Duration::from_secs(24 * 3600);
    site.web.app.clock.anchor(NOW.plus(80 * day));
    assert_eq!(site.get(&format!("/farms/{FARM}")).await.status, StatusCode::OK);
    site.web.app.clock.anchor(NOW.plus(160 * day));
    assert_eq!(site.get(&format!("/farms/{FARM}")).await.status, StatusCode::OK);
    site.web.app.clock.anchor(NOW.plus(251 * day));
    assert_eq!(site.get(&format!("/farms/{FARM}")).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn cookies_are_bound_to_the_host_where_people_use_https() {
    let mut site = Site::with(Cache::default(), "https://farm.example").await;
    let body = format!("login=sok&password={}", super::world::PASSWORD);
    let answer = site.post("/sign-in", &body).await;
    let cookie = session_cookie(&answer);
    assert!(cookie.starts_with("__Host-session="), "{cookie}");
    for part in ["HttpOnly", "SameSite=Lax", "Secure", "Path=/", "Max-Age=7776000"] {
        assert!(cookie.contains(part), "{cookie}");
    }
    site = Site::new().await;
    let cookie = session_cookie(&site.post("/sign-in", &body).await);
    assert!(cookie.starts_with("session=") && !cookie.contains("Secure"), "{cookie}");
}

#[tokio::test]
async fn the_session_is_mirrored_in_redis_and_leaves_it_at_sign_out() {
    let url = testkit::redis_url().await;
    let mut site = Site::with(Cache::new(&url).unwrap(), "http://127.0.0.1:3000").await;
    site.sign_in("sok").await;
    let mut redis = redis::Client::open(url).unwrap().get_connection().unwrap();
    let keys: Vec<String> = redis::cmd("KEYS").arg("session:*").query(&mut redis).unwrap();
    let [key] = keys.as_slice() else { panic!("{keys:?}") };
    assert_eq!(key.len(), "session:".len() + 64);
    let value: String = redis::cmd("GET").arg(key).query(&mut redis).unwrap();
    let value: serde_json::Value = serde_json::from_str(&value).unwrap();
    assert_eq!(value["farmId"], FARM);
    assert_eq!(value["role"], "admin");
    let lives: i64 = redis::cmd("TTL").arg(key).query(&mut redis).unwrap();
    assert!((86_000..=86_400).contains(&lives), "{lives}");
    site.post("/sign-out", "").await;
    let left: Vec<String> = redis::cmd("KEYS").arg("session:*").query(&mut redis).unwrap();
    assert!(left.is_empty());
}

#[tokio::test]
async fn without_redis_everything_works() {
    // nobody listens there
    let cache = Cache::new("redis://127.0.0.1:1/0").unwrap();
    let mut site = Site::with(cache, "http://127.0.0.1:3000").await;
    site.sign_in("sok").await;
    assert_eq!(site.get(&format!("/farms/{FARM}")).await.status, StatusCode::OK);
    assert_eq!(site.post("/sign-out", "").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn the_start_leads_to_the_farm_last_looked_at() {
    let mut site = Site::new().await;
    site.sign_in("dara").await;
    assert_eq!(site.get("/").await.header("location"), "/farms");
    assert_eq!(site.get(&format!("/farms/{FARM}")).await.status, StatusCode::OK);
    assert_eq!(site.get("/").await.header("location"), format!("/farms/{FARM}"));
}

#[tokio::test]
async fn a_farm_that_was_only_fetched_ahead_was_not_looked_at() {
    let mut site = Site::new().await;
    site.sign_in("dara").await;
    let ahead = Request::get(format!("/farms/{FARM}")).header("sec-purpose", "prefetch;prerender");
    assert_eq!(site.send(ahead, "").await.status, StatusCode::OK);
    assert_eq!(site.get("/").await.header("location"), "/farms");
}

#[tokio::test]
async fn the_farms_of_a_person_are_listed_with_the_role_there() {
    let mut site = Site::new().await;
    site.sign_in("dara").await;
    let farms = site.get("/farms").await;
    assert_eq!(farms.text(), "កសិដ្ឋានរបស់អ្នក Dara Farm ម្ចាស់ កសិដ្ឋាន &lt;សុខ&gt; អ្នកមើល");
}
