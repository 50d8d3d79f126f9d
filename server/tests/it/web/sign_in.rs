//! The door.
use super::{Site, world::PASSWORD};
use http::StatusCode;

#[tokio::test]
async fn the_right_password_opens_the_door_and_leads_home() {
    let mut site = Site::new().await;
    site.sign_in("sok").await;
    let start = site.get("/").await;
    assert_eq!(start.header("location"), "/farms/6a5ba5ee-1111-4000-8000-000000000001");
}

#[tokio::test]
async fn a_phone_number_opens_it_too_in_any_usual_form() {
    for login in ["012345678", "%2B855 12 345 678", "០១២៣៤៥៦៧៨"] {
        let mut site = Site::new().await;
        site.sign_in(login).await;
    }
}

#[tokio::test]
async fn a_wrong_password_brings_the_form_back_without_the_password() {
    let site = Site::new().await;
    let answer = site.post("/sign-in", "login=sok+%3Cb%3E&password=not-this-one").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains(r#"value="sok &lt;b&gt;""#), "{}", answer.body);
    assert!(!answer.body.contains("not-this-one"));
    assert_eq!(answer.cookie(), None);
    insta::assert_snapshot!(answer.main());
}

#[tokio::test]
async fn an_unknown_account_a_locked_one_and_a_wrong_password_are_answered_alike() {
    let site = Site::new().await;
    let texts = [
        site.post("/sign-in", "login=sok&password=wrong").await.text(),
        site.post("/sign-in", "login=nobody&password=wrong").await.text(),
        site.post("/sign-in", &format!("login=locked&password={PASSWORD}")).await.text(),
        site.post("/sign-in", "login=a%00b&password=wrong").await.text(),
    ];
    assert!(texts[0].contains("The number, the name or the password is wrong"));
    assert!(texts.iter().all(|text| *text == texts[0]), "{texts:#?}");
}

#[tokio::test]
async fn an_empty_field_is_named() {
    let site = Site::new().await;
    let answer = site.post("/sign-in", "login=&password=x").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("login-error"));
    let answer = site.post("/sign-in", "login=sok").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("password-error"));
}

#[tokio::test]
async fn a_field_we_did_not_ask_for_is_refused() {
    let site = Site::new().await;
    let body = format!("login=sok&password={PASSWORD}&role=admin");
    let answer = site.post("/sign-in", &body).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(answer.cookie(), None);
}

#[tokio::test]
async fn too_many_wrong_passwords_make_a_login_wait() {
    let site = Site::new().await;
    for _ in 0..20 {
        site.web.app.passwords.failed("sok", site.web.app.clock.now());
    }
    let answer = site.post("/sign-in", &format!("login=sok&password={PASSWORD}")).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(answer.text().contains("Please wait"));
}
