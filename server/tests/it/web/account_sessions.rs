//! Where a person is signed in.
use super::{Site, world::urlencoded};
use http::{Request, StatusCode};
use store::cache::Cache;

const ANDROID: &str = "Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 (KHTML, like Gecko) \
    Chrome/131.0.0.0 Mobile Safari/537.36";

/// Sok on two phones; the second one asks. Also the cookie of the first and its id.
async fn of_two_phones() -> (Site, String, String) {
    let mut site = Site::new().await;
    let request = Request::post("/sign-in")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .header("user-agent", ANDROID);
    let login = format!("login=sok&password={}", super::world::PASSWORD);
    let first = site.send(request, &login).await.cookie().unwrap();
    let id = site.text("SELECT id FROM user_sessions").await;
    site.come_from("203.0.113.9");
    site.sign_in("sok").await;
    (site, first, id)
}

#[tokio::test]
async fn the_list_tells_phones_apart() {
    let (site, _, id) = of_two_phones().await;
    site.sql(&format!("UPDATE user_sessions SET is_borrowed = true WHERE id = '{id}'")).await;
    let page = site.get("/account/sessions").await;
    insta::assert_snapshot!(page.text());
}

#[tokio::test]
async fn a_phone_is_named_and_its_name_is_text_and_no_more() {
    let (site, _, id) = of_two_phones().await;
    let address = format!("/account/sessions/{id}");
    assert_eq!(site.get(&address).await.status, StatusCode::OK);
    let answer = site.post(&address, &urlencoded(&[("name", " <b>ទូរស័ព្ទ\u{202E} សុខ")])).await;
    assert_eq!((answer.header("location"), answer.done().as_str()), ("/account/sessions", "saved"));
    let list = site.get("/account/sessions").await;
    assert!(list.body.contains("&lt;b&gt;ទូរស័ព្ទ សុខ"), "{}", list.body);
    assert!(list.text().contains("Chrome on Android"));
    for bad in ["a\0b", &"x".repeat(10_000)] {
        let answer = site.post(&address, &urlencoded(&[("name", bad)])).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains("name-error"));
    }
    site.post(&address, "name=").await;
    assert_eq!(site.text("SELECT count(device_name) FROM user_sessions").await, "0");
}

#[tokio::test]
async fn one_phone_or_all_others_are_signed_out() {
    let (mut site, first, id) = of_two_phones().await;
    let second = site.session_cookie().to_owned();
    let answer = site.post(&format!("/account/sessions/{id}/end"), "").await;
    assert_eq!(answer.header("location"), "/account/sessions");
    assert_eq!(answer.done(), "session-ended");
    site.sign_in_with(&first);
    assert_eq!(site.get("/account").await.header("location"), "/sign-in?next=/account");
    for _ in 0..2 {
        site.sign_in_with("");
        site.sign_in("sok").await;
    }
    let answer = site.post("/account/sessions/end-others", "").await;
    assert_eq!(answer.done(), "sessions-ended.2");
    assert_eq!(site.get("/account").await.status, StatusCode::OK);
    site.sign_in_with(&second);
    assert_eq!(site.get("/account").await.header("location"), "/sign-in?next=/account");
}

#[tokio::test]
async fn the_copy_in_redis_of_a_phone_that_is_signed_out_goes_too() {
    let url = testkit::redis_url().await;
    let mut site = Site::with(Cache::new(&url).unwrap(), "http://127.0.0.1:3000").await;
    for _ in 0..3 {
        site.sign_in_with("");
        site.sign_in("sok").await;
    }
    let id = site.text("SELECT id FROM user_sessions ORDER BY created_at LIMIT 1").await;
    site.post(&format!("/account/sessions/{id}/end"), "").await;
    site.post("/account/sessions/end-others", "").await;
    let mut redis = redis::Client::open(url).unwrap().get_connection().unwrap();
    let left: Vec<String> = redis::cmd("KEYS").arg("session:*").query(&mut redis).unwrap();
    assert!(left.len() <= 1, "{left:?}");
}

#[tokio::test]
async fn the_session_of_another_person_is_as_good_as_none() {
    let (mut site, first, id) = of_two_phones().await;
    site.sign_in("dara").await;
    for id in [id.as_str(), "6a5ba5ee-9999-4000-8000-000000000009", "x", "%00"] {
        let address = format!("/account/sessions/{id}");
        assert_eq!(site.get(&address).await.status, StatusCode::NOT_FOUND, "{id}");
        let named = site.post(&address, "name=mine").await;
        assert_eq!(named.status, StatusCode::NOT_FOUND, "{id}");
        let ended = site.post(&format!("{address}/end"), "").await;
        assert_eq!(ended.status, StatusCode::NOT_FOUND, "{id}");
    }
    site.sign_in_with(&first);
    assert_eq!(site.get("/account").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_field_we_did_not_ask_for_ends_and_names_nothing() {
    let (site, _, id) = of_two_phones().await;
    for (tail, body) in [("", "name=x&user_id=y"), ("/end", "user_id=y")] {
        let answer = site.post(&format!("/account/sessions/{id}{tail}"), body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{tail}");
    }
    let answer = site.post("/account/sessions/end-others", "all=true").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    let alive = "SELECT count(*) FROM user_sessions WHERE is_active AND device_name IS NULL";
    assert_eq!(site.text(alive).await, "2");
}
