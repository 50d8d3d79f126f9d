//! A session gets a new token once its person's rights have changed.
use super::{
    Site,
    world::{Answer, FARM, NOW},
};
use http::{Request, StatusCode};
use std::time::Duration;
use store::cache::Cache;

const MUST: &str = "UPDATE user_sessions SET must_rotate = true";

fn session_of(answer: &Answer) -> Option<String> {
    answer.cookie().filter(|cookie| cookie.starts_with("session="))
}

#[tokio::test]
async fn the_next_page_brings_a_new_token_and_the_old_one_ends_soon() {
    let mut site = Site::of_sok().await;
    let old = site.session_cookie().to_owned();
    site.sql(MUST).await;
    let new = session_of(&site.get("/farms").await).unwrap();
    assert_ne!(new, old);
    assert_eq!(session_of(&site.get("/farms").await), None, "once");
    let farms = async |site: &mut Site, cookie, second| {
        site.sign_in_with(cookie);
        site.web.app.clock.anchor(NOW.plus(Duration::from_secs(second)));
        site.get("/farms").await.status
    };
    assert_eq!(farms(&mut site, &new, 20).await, StatusCode::OK, "the half minute begins");
    assert_eq!(farms(&mut site, &old, 49).await, StatusCode::OK, "pages may be on their way");
    assert_eq!(farms(&mut site, &old, 50).await, StatusCode::SEE_OTHER);
    assert_eq!(farms(&mut site, &new, 50).await, StatusCode::OK);
    assert_eq!(site.text("SELECT count(*) FROM user_sessions").await, "1");
}

#[tokio::test]
async fn what_is_not_there_brings_it_too() {
    let mut site = Site::of_sok().await;
    let old = site.session_cookie().to_owned();
    site.sql(MUST).await;
    let missing = format!("/farms/{FARM}/houses/6a5ba5ee-9999-4000-8000-0000000000b9");
    let answer = site.get(&missing).await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let new = session_of(&answer).unwrap();
    assert_ne!(new, old);
    site.web.app.clock.anchor(NOW.plus(Duration::from_secs(30)));
    site.sign_in_with(&new);
    assert_eq!(site.get("/farms").await.status, StatusCode::OK);
}

#[tokio::test]
async fn whose_answer_was_lost_gets_another_token_after_half_a_minute() {
    let mut site = Site::of_sok().await;
    site.sql(MUST).await;
    let lost = session_of(&site.get("/farms").await).unwrap();
    site.web.app.clock.anchor(NOW.plus(Duration::from_secs(60)));
    let answer = site.get("/farms").await;
    assert_eq!(answer.status, StatusCode::OK);
    let new = session_of(&answer).unwrap();
    site.sign_in_with(&new);
    let answer = site.get("/farms").await;
    assert_eq!((answer.status, session_of(&answer)), (StatusCode::OK, None));
    site.sign_in_with(&lost);
    assert_eq!(site.get("/farms").await.status, StatusCode::SEE_OTHER, "nobody has it");
}

#[tokio::test]
async fn a_form_brings_it_too_and_what_is_only_fetched_does_not() {
    let site = Site::of_sok().await;
    site.sql(MUST).await;
    let home = format!("/farms/{FARM}");
    for (header, value) in [
        ("sec-purpose", "prefetch"),
        ("sec-fetch-mode", "cors"),
        ("accept", "text/event-stream"),
        ("accept", "application/json"),
    ] {
        let answer = site.send(Request::get(&home).header(header, value), "").await;
        assert_eq!(session_of(&answer), None, "{header}: {value}");
    }
    assert_eq!(session_of(&site.get("/no-such-page").await), None);
    let form = site.post("/language", "to=km&back=/farms").await;
    assert_ne!(session_of(&form).unwrap(), site.session_cookie());
}

#[tokio::test]
async fn of_many_requests_at_once_one_brings_a_new_token_and_none_the_old_one() {
    let mut site = Site::of_sok().await;
    site.sql(MUST).await;
    site.web.app.clock.anchor(NOW.plus(Duration::from_secs(2 * 3600)));
    let home = format!("/farms/{FARM}");
    let answers = futures::future::join_all((0..8).map(|_| site.get(&home))).await;
    assert!(answers.iter().all(|answer| answer.status == StatusCode::OK));
    let brought: Vec<String> = answers.iter().filter_map(session_of).collect();
    let [new] = brought.as_slice() else { panic!("{brought:?}") };
    assert_ne!(new, site.session_cookie());
    let late = site.get(&home).await;
    assert_eq!((late.status, session_of(&late)), (StatusCode::OK, None));
    let new = new.clone();
    site.sign_in_with(&new);
    assert_eq!(site.get(&home).await.status, StatusCode::OK);
}

#[tokio::test]
async fn who_comes_with_the_old_token_gets_no_new_one_by_it() {
    let site = Site::of_sok().await;
    site.sql(MUST).await;
    site.get("/farms").await;
    site.sql(MUST).await;
    let answer = site.get("/farms").await;
    assert_eq!((answer.status, session_of(&answer)), (StatusCode::OK, None));
}

#[tokio::test]
async fn signing_out_and_in_on_the_way_is_no_renewal() {
    let mut site = Site::of_sok().await;
    site.sql(MUST).await;
    site.sign_in("sok").await;
    assert_eq!(site.get("/farms").await.status, StatusCode::OK);
    site.sql(MUST).await;
    let answer = site.post("/sign-out", "").await;
    assert!(answer.cookie().is_none_or(|cookie| cookie == "session="), "{:?}", answer.cookie());
    assert_eq!(site.get("/farms").await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_borrowed_session_stays_one() {
    let mut site = Site::of_sok().await;
    site.sql("UPDATE user_sessions SET must_rotate = true, is_borrowed = true").await;
    let answer = site.get("/farms").await;
    let set = answer.headers["set-cookie"].to_str().unwrap();
    assert!(set.starts_with("session=") && !set.contains("Max-Age"), "{set}");
    site.sign_in_with(&answer.cookie().unwrap());
    assert_eq!(site.get("/farms").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_copy_in_redis_moves_to_the_new_key() {
    let url = testkit::redis_url().await;
    let mut site = Site::with(Cache::new(&url).unwrap(), "http://127.0.0.1:3000").await;
    site.sign_in("sok").await;
    let mut redis = redis::Client::open(url).unwrap().get_connection().unwrap();
    let mut keys =
        || -> Vec<String> { redis::cmd("KEYS").arg("session:*").query(&mut redis).unwrap() };
    let old = keys();
    site.sql(MUST).await;
    site.get("/farms").await;
    let new = keys();
    assert!(old.len() == 1 && new.len() == 1 && old != new, "{old:?} {new:?}");
    // by the old token, which the browser may still have
    site.post("/sign-out", "").await;
    assert_eq!(keys(), Vec::<String>::new());
}
