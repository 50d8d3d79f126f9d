//! A new password by a code.
use super::{
    Site,
    world::{NOW, PASSWORD, urlencoded},
};
use http::StatusCode;
use std::time::Duration;
use store::cache::Cache;

const NEW: &str = "buffalo behind seven rice fields";

/// Sok has been given a code.
const CODE: &str = "INSERT INTO reset_codes (user_id, code_hash, created_at, expires_at)
    SELECT id, encode(sha256('K7RM4PXD'), 'hex'), '2026-02-12', '2026-02-13' FROM users
    WHERE username = 'sok'";

#[tokio::test]
async fn a_code_shows_whose_password_it_sets_and_is_kept_by_no_cache() {
    let site = Site::new().await;
    site.sql(CODE).await;
    assert_eq!(site.get("/reset?code=k7rm+4pxd").await.header("location"), "/reset/K7RM4PXD");
    let page = site.get("/reset/K7RM4PXD").await;
    assert_eq!(page.header("cache-control"), "no-store");
    insta::assert_snapshot!(page.main());
}

#[tokio::test]
async fn a_new_password_ends_all_sessions_and_their_copies_and_signs_nobody_in() {
    let url = testkit::redis_url().await;
    let mut site = Site::with(Cache::new(&url).unwrap(), "http://127.0.0.1:3000").await;
    site.sign_in("sok").await;
    site.sign_in_with("");
    site.sign_in("sok").await;
    site.sql(CODE).await;
    let answer = site.post("/reset/K7RM4PXD", &urlencoded(&[("password", NEW)])).await;
    assert_eq!(answer.header("location"), "/sign-in", "{}", answer.body);
    assert_eq!((answer.done().as_str(), answer.cookie()), ("password-set", None));
    assert_eq!(site.get("/farms").await.status, StatusCode::SEE_OTHER);
    let mut redis = redis::Client::open(url).unwrap().get_connection().unwrap();
    let left: Vec<String> = redis::cmd("KEYS").arg("session:*").query(&mut redis).unwrap();
    assert!(left.is_empty(), "{left:?}");
    let old = site.post("/sign-in", &urlencoded(&[("login", "sok"), ("password", PASSWORD)])).await;
    assert_eq!(old.status, StatusCode::UNPROCESSABLE_ENTITY);
    let new = site.post("/sign-in", &urlencoded(&[("login", "sok"), ("password", NEW)])).await;
    assert_eq!(new.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_form_that_is_sent_twice_says_both_times_that_the_password_is_set() {
    for at_once in [false, true] {
        let site = Site::new().await;
        site.sql(CODE).await;
        let send = async |password: String| {
            site.post(
                "/reset/K7RM4PXD?next=/farms",
                &urlencoded(&[("password", password.as_str())]),
            )
            .await
        };
        let (one, other) = if at_once {
            tokio::join!(send(NEW.to_owned()), send(NEW.to_owned()))
        } else {
            (send(NEW.to_owned()).await, send(NEW.to_owned()).await)
        };
        for answer in [one, other] {
            let told = (answer.header("location"), answer.done());
            assert_eq!(told, ("/sign-in?next=/farms", "password-set".to_owned()));
        }
        let set = "SELECT count(*) FROM event_logs WHERE event_type = 'password_reset'";
        assert_eq!(site.text(set).await, "1");
        // another password is a guess, and counts like one at the door
        for guess in 0..5 {
            let answer = send(format!("{NEW} {guess}")).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{}", answer.main());
        }
        assert_eq!(send(NEW.to_owned()).await.status, StatusCode::NOT_FOUND);
        let body = urlencoded(&[("login", "sok"), ("password", NEW)]);
        let locked = site.post("/sign-in", &body).await;
        assert_eq!(locked.status, StatusCode::TOO_MANY_REQUESTS);
    }
}

#[tokio::test]
async fn a_code_that_set_nothing_or_long_ago_tells_nothing_of_a_password() {
    let site = Site::new().await;
    site.sql(CODE).await;
    // another one took its place
    site.sql("UPDATE reset_codes SET used_at = '2026-02-12 06:46+00'").await;
    let body = urlencoded(&[("password", PASSWORD)]);
    assert_eq!(site.post("/reset/K7RM4PXD", &body).await.status, StatusCode::NOT_FOUND);
    site.sql("UPDATE reset_codes SET used_at = NULL").await;
    let body = urlencoded(&[("password", NEW)]);
    assert_eq!(site.post("/reset/K7RM4PXD", &body).await.done(), "password-set");
    site.web.app.clock.anchor(NOW.plus(Duration::from_secs(600)));
    assert_eq!(site.post("/reset/K7RM4PXD", &body).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn who_tried_too_many_old_passwords_gets_in_with_the_new_one() {
    let mut site = Site::new().await;
    for number in 0..5 {
        site.come_from(&format!("198.51.100.{number}"));
        site.post("/sign-in", "login=sok&password=wrong").await;
    }
    site.sql(CODE).await;
    site.post("/reset/K7RM4PXD", &urlencoded(&[("password", NEW)])).await;
    let answer = site.post("/sign-in", &urlencoded(&[("login", "sok"), ("password", NEW)])).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_password_that_will_not_do_leaves_the_code_good() {
    let site = Site::new().await;
    site.sql(CODE).await;
    for bad in ["", "short", "1234567890"] {
        let answer = site.post("/reset/K7RM4PXD", &urlencoded(&[("password", bad)])).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
        assert!(answer.body.contains("password-error"));
    }
    let answer =
        site.post("/reset/K7RM4PXD", &urlencoded(&[("password", NEW), ("user_id", "x")])).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(site.get("/reset/K7RM4PXD").await.status, StatusCode::OK);
}

#[tokio::test]
async fn another_code_leads_where_the_dead_one_was_to_lead() {
    let site = Site::new().await;
    let dead = "/reset/22222222?next=/farms/1%3Fhouse%3D2";
    for wrong in 0..10 {
        let answer = site.get(dead).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{wrong}");
        let other = "href=\"/reset?next=/farms/1%3Fhouse%3D2\"";
        assert!(answer.body.contains(other), "{}", answer.main());
    }
    let waits = site.get(dead).await;
    assert_eq!(waits.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(waits.field("next"), "/farms/1?house=2");
    let waits = site.get("/reset/22222222?next=//evil.example").await;
    assert!(!waits.main().contains("evil"), "{}", waits.main());
}

#[tokio::test]
async fn a_code_that_is_worth_nothing_says_what_to_do() {
    let site = Site::new().await;
    let dead = site.get("/reset/K7RM4PXD").await;
    assert_eq!(dead.status, StatusCode::NOT_FOUND);
    assert!(dead.text().contains("Please ask the owner or manager"), "{}", dead.text());
    let answer = site.post("/reset/K7RM4PXD", &urlencoded(&[("password", NEW)])).await;
    assert_eq!((answer.status, answer.main()), (StatusCode::NOT_FOUND, dead.main()));
}
