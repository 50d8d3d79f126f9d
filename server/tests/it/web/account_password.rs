//! A person changes their own password.
use super::{
    Site,
    world::{NOW, PASSWORD, urlencoded},
};
use http::StatusCode;
use std::time::Duration;
use store::cache::Cache;

const NEW: &str = "buffalo behind seven rice fields";

fn change(current: &str, new: &str) -> String {
    urlencoded(&[("current", current), ("password", new)])
}

#[tokio::test]
async fn a_new_password_signs_out_all_others_and_says_how_many() {
    let url = testkit::redis_url().await;
    let mut site = Site::with(Cache::new(&url).unwrap(), "http://127.0.0.1:3000").await;
    site.sign_in("sok").await;
    let other = site.session_cookie().to_owned();
    site.sign_in_with("");
    site.sign_in("sok").await;
    let answer = site.post("/account/password", &change(PASSWORD, NEW)).await;
    assert_eq!(answer.header("location"), "/account", "{}", answer.body);
    assert_eq!(answer.done(), "password-changed.1");
    let mut redis = redis::Client::open(url).unwrap().get_connection().unwrap();
    let left: Vec<String> = redis::cmd("KEYS").arg("session:*").query(&mut redis).unwrap();
    assert_eq!(left.len(), 1);
    let here = site.session_cookie().to_owned();
    site.sign_in_with(&format!("{here}; done=password-changed.1"));
    let page = site.get("/account").await;
    assert!(page.body.contains("Other phones and computers signed out: 1"));
    site.sign_in_with(&other);
    assert_eq!(site.get("/account").await.header("location"), "/sign-in?next=/account");
    let answer = site.post("/sign-in", &urlencoded(&[("login", "sok"), ("password", NEW)])).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_wrong_password_now_is_said_beside_its_field_and_counts() {
    let site = Site::of_sok().await;
    for _ in 0..5 {
        let answer = site.post("/account/password", &change("wrong", NEW)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains("current-error") && !answer.body.contains(NEW));
    }
    let answer = site.post("/account/password", &change(PASSWORD, NEW)).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.header("retry-after"), "900");
    let refused = "SELECT count(*) FROM event_logs WHERE event_type = 'sign_in_refused'
        AND event_data ->> 'reason' = 'asked again'";
    assert_eq!(site.text(refused).await, "5");
}

#[tokio::test]
async fn a_new_password_that_will_not_do_is_refused_before_the_old_one_is_looked_at() {
    let site = Site::of_sok().await;
    for _ in 0..6 {
        let answer = site.post("/account/password", &change("wrong", "012345678x")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text().contains("Others could guess"), "{}", answer.text());
    }
    let answer = site.post("/account/password", &change("", NEW)).await;
    assert!(answer.body.contains("current-error"), "nothing typed");
    let answer = site.post("/account/password", &change(PASSWORD, NEW)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_field_we_did_not_ask_for_changes_no_password() {
    let site = Site::of_sok().await;
    let fields = format!("{}&user_id=6a5ba5ee-1111-4000-8000-0000000000a2", change(PASSWORD, NEW));
    let answer = site.post("/account/password", &fields).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(site.text("SELECT count(DISTINCT password_hash) FROM users").await, "1");
}

#[tokio::test]
async fn a_change_that_is_sent_twice_says_both_times_what_it_did() {
    let mut site = Site::of_sok().await;
    site.sign_in_with("");
    site.sign_in("sok").await;
    for _ in 0..2 {
        let answer = site.post("/account/password", &change(PASSWORD, NEW)).await;
        assert_eq!(answer.done(), "password-changed.1", "{}", answer.text());
    }
    let changed = "SELECT count(*) FROM event_logs WHERE event_type = 'password_changed'";
    assert_eq!(site.text(changed).await, "1");
    // later on, and with other words, it is no second tap
    let wrong = site.post("/account/password", &change(PASSWORD, &format!("{NEW} or so"))).await;
    assert!(wrong.body.contains("current-error"), "{}", wrong.main());
    site.web.app.clock.anchor(NOW.plus(Duration::from_secs(600)));
    let late = site.post("/account/password", &change(PASSWORD, NEW)).await;
    assert!(late.body.contains("current-error"), "{}", late.main());
}
