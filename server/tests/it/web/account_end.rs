//! The end of an account.
use super::{
    Site,
    world::{Answer, NOW, OTHER_FARM, PASSWORD, urlencoded},
};
use http::StatusCode;
use std::time::Duration;

/// Dara is the only one who owns his farm.
const ALONE: &str = "UPDATE farm_users SET role = 'viewer'
    WHERE farm_id = '6a5ba5ee-2222-4000-8000-000000000002'
        AND user_id = (SELECT id FROM users WHERE username = 'vanna');
    UPDATE users SET language = 'en'";

fn password(password: &str) -> String {
    urlencoded(&[("password", password)])
}

#[tokio::test]
async fn a_deleted_account_is_gone_and_what_is_shared_stays() {
    let site = Site::of_sok().await;
    insta::assert_snapshot!(site.get("/account/delete").await.text());
    let answer = site.post("/account/delete", &password(PASSWORD)).await;
    assert_eq!(answer.header("location"), "/sign-in", "{}", answer.body);
    assert_eq!(answer.done(), "account-deleted");
    let cookies = answer.headers.get_all("set-cookie").iter();
    assert!(cookies.filter_map(|c| c.to_str().ok()).any(|c| c.starts_with("session=; ")));
    assert_eq!(site.get("/account").await.header("location"), "/sign-in?next=/account");
    let again = site.post("/sign-in", &format!("login=sok&password={PASSWORD}")).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(site.text("SELECT count(*) FROM farms WHERE deleted_at IS NULL").await, "2");
}

#[tokio::test]
async fn an_account_that_was_closed_is_opened_by_nobody_who_signs_in() {
    let site = Site::of_sok().await;
    insta::assert_snapshot!(site.get("/account/deactivate").await.text());
    let answer = site.post("/account/deactivate", &password(PASSWORD)).await;
    assert_eq!(answer.header("location"), "/sign-in", "{}", answer.body);
    assert_eq!(answer.done(), "account-deactivated");
    assert_eq!(site.get("/account").await.header("location"), "/sign-in?next=/account");
    let again = site.post("/sign-in", &format!("login=sok&password={PASSWORD}")).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn without_the_password_nothing_ends() {
    let site = Site::of_sok().await;
    for address in ["/account/delete", "/account/deactivate"] {
        for typed in ["", "wrong"] {
            let answer = site.post(address, &password(typed)).await;
            assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
            assert!(answer.body.contains("password-error"));
        }
        let extra = format!("{}&user_id=x", password(PASSWORD));
        assert_eq!(site.post(address, &extra).await.status, StatusCode::BAD_REQUEST);
    }
    assert_eq!(site.get("/account").await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_last_owner_of_a_farm_is_told_which_one_to_hand_over() {
    let mut site = Site::new().await;
    site.sql(ALONE).await;
    site.sign_in("dara").await;
    for address in ["/account/delete", "/account/deactivate"] {
        let page = site.get(address).await;
        assert!(page.text().contains("Dara Farm"), "{}", page.text());
        assert!(page.body.contains(&format!("/farms/{OTHER_FARM}/members")));
        assert!(!page.body.contains("type=\"password\""));
        let answer = site.post(address, &password(PASSWORD)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text().contains("A farm needs an owner"), "{}", answer.text());
    }
    assert_eq!(site.get("/account").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_owner_whose_account_is_closed_is_none_to_hand_over_to() {
    let mut site = Site::new().await;
    site.sql("UPDATE users SET is_active = false WHERE username = 'vanna'").await;
    site.sign_in("dara").await;
    let answer = site.post("/account/delete", &password(PASSWORD)).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("password-error"), "{}", answer.body);
    assert_eq!(site.get("/account").await.status, StatusCode::OK);
}

/// What the browser's pages that are kept in memory compare.
fn left(answer: &Answer) -> bool {
    let mut set = answer.headers.get_all("set-cookie").iter().map(|set| set.to_str().unwrap());
    // a script is to read it
    set.any(|set| set.starts_with("left=") && !set.contains("HttpOnly"))
}

#[tokio::test]
async fn however_a_session_ends_the_browser_is_told_to_show_its_pages_no_more() {
    for end in ["/account/delete", "/account/deactivate", "/sign-out"] {
        let site = Site::of_sok().await;
        assert!(!left(&site.get("/account").await), "{end}");
        let body = if end == "/sign-out" { String::new() } else { password(PASSWORD) };
        assert!(left(&site.post(end, &body).await), "{end}");
    }
    // from elsewhere
    let site = Site::of_sok().await;
    site.sql("UPDATE user_sessions SET is_active = false, deleted_at = now()").await;
    for address in ["/account", "/sign-in"] {
        assert!(left(&site.get(address).await), "{address}");
    }
    // somebody else signs in where one was signed in, or nobody was
    let body = format!("login=dara&password={PASSWORD}");
    assert!(left(&Site::of_sok().await.post("/sign-in", &body).await));
    assert!(!left(&Site::new().await.post("/sign-in", &body).await));
}

#[tokio::test]
async fn a_borrowed_session_that_ran_out_is_told_to_the_pages_it_left_behind() {
    let mut site = Site::new().await;
    let body = format!("login=sok&password={PASSWORD}&borrowed=yes");
    let answer = site.post("/sign-in", &body).await;
    site.sign_in_with(&answer.cookie().unwrap());
    site.web.app.clock.anchor(NOW.plus(Duration::from_secs(30 * 60)));
    assert!(left(&site.get("/farms").await));
}
