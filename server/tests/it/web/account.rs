//! A person's own account: profile and settings.
use super::{
    Site,
    world::{PASSWORD, urlencoded},
};
use http::StatusCode;

const SOK: &str = "SELECT concat_ws('|', name, phone, email) FROM users WHERE username = 'sok'";

fn settings(changed: &[(&str, &str)]) -> String {
    let usual = [
        ("language", "en"),
        ("timezone", "Asia/Phnom_Penh"),
        ("digits", "latin"),
        ("clock", "12h"),
        ("text_size", "normal"),
        ("theme", "auto"),
    ];
    let value = |(name, usual)| {
        let found = changed.iter().find(|(other, _)| *other == name);
        (name, found.map_or(usual, |(_, value)| *value))
    };
    urlencoded(&usual.map(value))
}

#[tokio::test]
async fn the_page_shows_who_one_is_and_how_pages_look() {
    let site = Site::of_sok().await;
    insta::assert_snapshot!(site.get("/account").await.main());
}

#[tokio::test]
async fn only_who_owns_a_farm_and_has_no_second_step_is_advised_to() {
    let mut site = Site::of_sok().await;
    let advised = async |site: &Site| site.get("/account").await.text().contains("You own a farm");
    assert!(advised(&site).await);
    site.sql("UPDATE users SET totp_secret = decode(repeat('ab', 20), 'hex'), mfa_enabled = true")
        .await;
    assert!(!advised(&site).await);
    site.sql(
        "UPDATE users SET mfa_enabled = false, language = 'en';
         UPDATE farm_users SET role = 'viewer' WHERE user_id = (SELECT id FROM users WHERE username = 'dara')",
    )
    .await;
    site.sign_in("dara").await;
    assert!(!advised(&site).await);
}

#[tokio::test]
async fn a_profile_is_changed_and_says_so() {
    let site = Site::of_sok().await;
    let typed = [
        ("name", " Sok  Dara"),
        ("phone", "077 123 456"),
        ("email", "sok@Example.com"),
        ("password", PASSWORD),
    ];
    let answer = site.post("/account", &urlencoded(&typed)).await;
    assert_eq!(answer.header("location"), "/account", "{}", answer.body);
    assert_eq!(answer.done(), "saved");
    assert_eq!(site.text(SOK).await, "Sok Dara|+85577123456|sok@example.com");
    let page = site.get("/account").await;
    assert!(page.body.contains(r#"value="077 123 456""#), "{}", page.body);
}

#[tokio::test]
async fn another_number_or_address_takes_the_password_and_another_name_does_not() {
    let site = Site::of_sok().await;
    let before = site.text(SOK).await;
    for password in ["", "not the password"] {
        let typed = [("name", "Sok"), ("phone", "077 123 456"), ("password", password)];
        let answer = site.post("/account", &urlencoded(&typed)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{password}");
        assert!(answer.body.contains("password-error"), "{}", answer.body);
        assert!(answer.body.contains(r#"value="077 123 456""#), "{}", answer.body);
        assert_eq!(site.text(SOK).await, before);
    }
    let typed = [("name", "Sok Dara"), ("phone", "012345678")];
    let answer = site.post("/account", &urlencoded(&typed)).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
}

#[tokio::test]
async fn a_khmer_name_is_kept_in_one_form_however_it_was_typed() {
    let site = Site::of_sok().await;
    for typed in ["ស្រី\u{200B} មុំ", "\u{FEFF}ស្រី  មុំ\u{202E}"] {
        site.post("/account", &urlencoded(&[("name", typed), ("phone", "012345678")])).await;
        assert_eq!(site.text(SOK).await, "ស្រី មុំ|+85512345678");
    }
}

#[tokio::test]
async fn what_is_wrong_with_a_profile_is_said_and_what_was_typed_is_kept() {
    let site = Site::of_sok().await;
    let before = site.text(SOK).await;
    for (name, phone, email, field) in [
        ("", "012345678", "", "name-error"),
        ("a\0b", "012345678", "", "name-error"),
        (&"x".repeat(10_000), "012345678", "", "name-error"),
        ("Sok", "12", "", "phone-error"),
        ("Sok", "012345678", "sok@", "email-error"),
        ("Sok", "012345678", "<svg onload=x>@b.com", "email-error"),
    ] {
        let typed = urlencoded(&[("name", name), ("phone", phone), ("email", email)]);
        let answer = site.post("/account", &typed).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(answer.body.contains(field), "{field}");
        assert!(answer.body.contains(&format!("value=\"{phone}\"")), "{field}");
        assert!(!answer.main().contains("<svg onload"));
    }
    assert_eq!(site.text(SOK).await, before);
}

#[tokio::test]
async fn a_number_of_somebody_else_is_refused() {
    let site = Site::of_sok().await;
    site.sql("UPDATE users SET phone = '+85577123456' WHERE username = 'dara'").await;
    let answer = site
        .post(
            "/account",
            &urlencoded(&[("name", "Sok"), ("phone", "077123456"), ("password", PASSWORD)]),
        )
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text().contains("Another account has this already"), "{}", answer.text());
}

#[tokio::test]
async fn something_to_sign_in_with_is_left() {
    let site = Site::of_sok().await;
    let nothing =
        urlencoded(&[("name", "Sok"), ("phone", " "), ("email", ""), ("password", PASSWORD)]);
    // the account name is enough
    assert_eq!(site.post("/account", &nothing).await.status, StatusCode::SEE_OTHER);
    site.sql("UPDATE users SET phone = '+85512345678', username = NULL WHERE username = 'sok'")
        .await;
    let answer = site.post("/account", &nothing).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text().contains("Please keep a phone number"), "{}", answer.text());
}

#[tokio::test]
async fn settings_are_seen_on_the_next_page() {
    let site = Site::of_sok().await;
    let chosen = settings(&[
        ("language", "km"),
        ("timezone", "America/Los_Angeles"),
        ("digits", "khmer"),
        ("text_size", "largest"),
        ("theme", "dark"),
        ("clock", "24h"),
    ]);
    let answer = site.post("/account/settings", &chosen).await;
    assert_eq!((answer.header("location"), answer.done().as_str()), ("/account", "saved"));
    assert!(
        answer
            .headers
            .get_all("set-cookie")
            .iter()
            .any(|c| c.to_str().unwrap().contains("lang=km"))
    );
    let page = site.get("/account").await.body;
    assert!(page.contains(r#"<html lang="km" data-text="largest" data-theme="dark">"#), "{page}");
    assert!(page.contains(r#"<option value="America/Los_Angeles" selected"#), "{page}");
    let used = site.get("/account/sessions").await;
    assert!(used.text().contains("២២:៤៧"), "in that zone: {}", used.text());
}

#[tokio::test]
async fn settings_that_no_page_offers_are_refused() {
    let site = Site::of_sok().await;
    for wrong in [
        ("language", "fr"),
        ("timezone", "Asia/Angkor"),
        ("timezone", ""),
        ("digits", "roman"),
        ("clock", "25h"),
        ("text_size", "huge"),
        ("theme", "\0"),
    ] {
        let answer = site.post("/account/settings", &settings(&[wrong])).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{wrong:?}");
    }
    let extra = format!("{}&role=admin", settings(&[]));
    assert_eq!(site.post("/account/settings", &extra).await.status, StatusCode::BAD_REQUEST);
    let answer = site.post("/account/settings", &settings(&[])).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_field_we_did_not_ask_for_changes_no_profile() {
    let site = Site::of_sok().await;
    let before = site.text(SOK).await;
    for extra in ["role=admin", "user_id=6a5ba5ee-1111-4000-8000-0000000000a2", "username=root"] {
        let answer = site.post("/account", &format!("name=Dara&phone=012345678&{extra}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{extra}");
    }
    assert_eq!(site.text(SOK).await, before);
}
