//! The second step of the sign-in, as one sets it up. Secret, times and digits are RFC 6238's examples.
use super::{
    Site,
    world::{Answer, PASSWORD, urlencoded},
};
use domain::{Timestamp, totp};
use http::StatusCode;

const HERE: &str = "/account/second-factor";
/// The example's secret in place of the one that was made.
const EXAMPLE: &str = "UPDATE users SET totp_secret = '12345678901234567890'::bytea
    WHERE totp_secret IS NOT NULL";

fn code(digits: &str) -> String {
    urlencoded(&[("code", digits)])
}

fn proof(typed: &str) -> String {
    urlencoded(&[("proof", typed)])
}

async fn begin(site: &Site) -> Answer {
    let password = urlencoded(&[("password", PASSWORD)]);
    let answer = site.post(&format!("{HERE}/begin"), &password).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    answer
}

/// Sok has begun, and the example's first digits are good now.
async fn begun() -> Site {
    let site = Site::of_sok().await;
    begin(&site).await;
    site.sql(EXAMPLE).await;
    site.web.app.clock.anchor(Timestamp::from_millis(1_111_111_109_000));
    site
}

/// Sok has it; the page with the recovery codes too.
async fn turned_on() -> (Site, Answer) {
    let site = begun().await;
    let answer = site.post(HERE, &code("081 804")).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    (site, answer)
}

/// The recovery codes on a page.
fn codes_on(page: &Answer) -> Vec<String> {
    let lines = page.body.split(r#"<li class="code">"#).skip(1);
    lines.map(|line| line.split_once('<').unwrap().0.to_owned()).collect()
}

#[tokio::test]
async fn only_the_password_begins_it_and_the_secret_is_shown_in_its_answer_alone() {
    let site = Site::of_sok().await;
    let page = site.get(HERE).await;
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(site.text("SELECT count(totp_secret) FROM users").await, "0");
    for wrong in ["", "password=wrong", "password=wrong&user_id=x"] {
        let answer = site.post(&format!("{HERE}/begin"), wrong).await;
        assert!(answer.status.is_client_error(), "{wrong}");
    }
    assert_eq!(site.text("SELECT count(totp_secret) FROM users").await, "0");
    let page = begin(&site).await;
    let sok = "6a5ba5ee-1111-4000-8000-0000000000a1".parse().unwrap();
    let begun = store::second_factor::find(&site.web.app.database, sok).await.unwrap().unwrap();
    assert_eq!(page.header("cache-control"), "no-store");
    let text = totp::base32(&begun.secret);
    assert!(page.text().replace(' ', "").contains(&text), "{}", page.text());
    assert!(page.body.contains("otpauth://totp/Tokkatot:%2B85512345678?secret="), "{}", page.body);
    assert!(page.body.contains(r##"role="img" aria-label="QR code for the app""##));
    // who finds the phone on this page sees it no more, and can not pair an app of their own
    for page in [site.get(HERE).await, site.post(HERE, &code("000000")).await] {
        assert!(!page.text().replace(' ', "").contains(&text), "{}", page.text());
        assert!(!page.body.contains("otpauth") && !page.body.contains("aria-label=\"QR"));
        assert!(page.body.contains("name=\"code\"") && page.body.contains("name=\"password\""));
    }
}

#[tokio::test]
async fn the_right_digits_turn_it_on_and_show_ten_codes_once() {
    let (site, page) = turned_on().await;
    assert_eq!(page.header("cache-control"), "no-store");
    let codes = codes_on(&page);
    assert_eq!(codes.len(), 10);
    assert!(codes.iter().all(|code| code.len() == 9));
    assert!(page.body.contains("download=\"tokkatot.txt\" href=\"data:text/plain"));
    let again = site.post(HERE, &code("081 804")).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY, "no digits work twice");
    for page in [again, site.get(HERE).await] {
        assert_eq!(codes_on(&page), Vec::<String>::new());
        assert!(codes.iter().all(|code| !page.body.contains(code)));
        assert!(!page.body.contains("otpauth"));
    }
    assert!(site.get(HERE).await.text().contains("Recovery codes that are left: 10"));
    assert_eq!(site.text("SELECT mfa_enabled FROM users WHERE username = 'sok'").await, "true");
}

#[tokio::test]
async fn wrong_digits_turn_nothing_on() {
    let site = begun().await;
    for wrong in ["", "000000", "81804", "a\0b", &"8".repeat(10_000)] {
        let answer = site.post(HERE, &code(wrong)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains("code-error"));
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    assert_eq!(site.post(HERE, "code=081804&user_id=x").await.status, StatusCode::BAD_REQUEST);
    assert_eq!(site.text("SELECT bool_or(mfa_enabled) FROM users").await, "false");
}

#[tokio::test]
async fn it_is_turned_off_by_the_password_or_by_new_digits_only() {
    let (site, _) = turned_on().await;
    let off = format!("{HERE}/off");
    assert_eq!(site.get(&off).await.status, StatusCode::OK);
    for wrong in ["", "081804", "wrong"] {
        let answer = site.post(&off, &proof(wrong)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(answer.body.contains("proof-error"));
    }
    site.web.app.clock.anchor(Timestamp::from_millis(1_111_111_111_000));
    let answer = site.post(&off, &proof("050471")).await;
    assert_eq!(answer.header("location"), "/account", "{}", answer.body);
    assert_eq!(answer.done(), "second-factor-off");
    let left = "SELECT count(*) FROM users WHERE mfa_enabled OR totp_secret IS NOT NULL";
    assert_eq!(site.text(left).await, "0");
    assert_eq!(site.text("SELECT count(*) FROM recovery_codes").await, "0");
}

#[tokio::test]
async fn guessing_digits_is_stopped_like_guessing_passwords() {
    let (site, _) = turned_on().await;
    for guess in 0..5 {
        let answer = site.post(&format!("{HERE}/off"), &proof(&format!("00000{guess}"))).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    site.web.app.clock.anchor(Timestamp::from_millis(1_111_111_111_000));
    let answer = site.post(&format!("{HERE}/off"), &proof("050471")).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(site.text("SELECT bool_or(mfa_enabled) FROM users").await, "true");
    // who knows the password need not guess
    let answer = site.post(&format!("{HERE}/off"), &proof(PASSWORD)).await;
    assert_eq!(answer.header("location"), "/account");
}

#[tokio::test]
async fn new_recovery_codes_take_the_place_of_the_old_ones() {
    let (site, first) = turned_on().await;
    let answer = site.post(&format!("{HERE}/codes"), &proof("wrong")).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let second = site.post(&format!("{HERE}/codes"), &proof(PASSWORD)).await;
    assert_eq!(second.status, StatusCode::OK, "{}", second.text());
    assert_eq!(second.header("cache-control"), "no-store");
    let (old, new) = (codes_on(&first), codes_on(&second));
    assert_eq!(new.len(), 10);
    assert!(old.iter().all(|code| !new.contains(code)));
    assert_eq!(site.text("SELECT count(*) FROM recovery_codes").await, "10");
}

#[tokio::test]
async fn where_it_is_not_on_there_is_nothing_to_turn_off_or_renew() {
    let site = Site::of_sok().await;
    for tail in ["off", "codes"] {
        let page = site.get(&format!("{HERE}/{tail}")).await;
        assert_eq!(page.header("location"), HERE);
    }
    let answer = site.post(&format!("{HERE}/codes"), &proof(PASSWORD)).await;
    assert_eq!(answer.header("location"), HERE);
    assert_eq!(site.post(HERE, &code("081804")).await.header("location"), HERE);
}
