//! The second step of the sign-in, as one sets it up. Secret, times and digits are RFC 6238's examples.
use super::{
    Site,
    world::{Answer, PASSWORD, urlencoded},
};
use domain::{Timestamp, totp};
use http::StatusCode;

const HERE: &str = "/account/second-factor";
const NEW_CODES: &str = "/account/second-factor/new-codes";
/// The example's secret in place of the one that was made.
const EXAMPLE: &str = "UPDATE users SET totp_secret = '12345678901234567890'::bytea
    WHERE totp_secret IS NOT NULL";

fn code(digits: &str) -> String {
    urlencoded(&[("code", digits)])
}

fn proof(typed: &str) -> String {
    urlencoded(&[("proof", typed)])
}

/// The cookie by which the secret may be seen again, and the page that shows it.
async fn begin(site: &Site) -> (String, Answer) {
    let password = urlencoded(&[("password", PASSWORD)]);
    let answer = site.post(&format!("{HERE}/begin"), &password).await;
    assert_eq!(answer.header("location"), HERE, "{}", answer.body);
    let once = answer.sets("once").unwrap();
    let page = see(site, HERE, &once).await;
    (once, page)
}

/// A page, as the browser sees it that was told something once.
async fn see(site: &Site, address: &str, once: &str) -> Answer {
    let cookies = format!("{}; {once}", site.session_cookie());
    site.send_as(&cookies, http::Request::get(address), "").await
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
    let page = codes_after(&site, &answer).await;
    (site, page)
}

/// The page with the codes, to which an answer leads.
async fn codes_after(site: &Site, answer: &Answer) -> Answer {
    assert_eq!(answer.header("location"), NEW_CODES, "{}", answer.body);
    see(site, NEW_CODES, &answer.sets("once").unwrap()).await
}

/// The recovery codes on a page.
fn codes_on(page: &Answer) -> Vec<String> {
    let lines = page.body.split(r#"<li class="code">"#).skip(1);
    lines.map(|line| line.split_once('<').unwrap().0.to_owned()).collect()
}

#[tokio::test]
async fn only_the_password_begins_it_and_the_secret_is_shown_to_that_browser_alone() {
    let site = Site::of_sok().await;
    let page = site.get(HERE).await;
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(site.text("SELECT count(totp_secret) FROM users").await, "0");
    for wrong in ["", "password=wrong", "password=wrong&user_id=x"] {
        let answer = site.post(&format!("{HERE}/begin"), wrong).await;
        assert!(answer.status.is_client_error(), "{wrong}");
    }
    assert_eq!(site.text("SELECT count(totp_secret) FROM users").await, "0");
    let (once, page) = begin(&site).await;
    let sok = "6a5ba5ee-1111-4000-8000-0000000000a1".parse().unwrap();
    let begun = store::second_factor::find(&site.web.app.database, sok).await.unwrap().unwrap();
    assert_eq!(page.header("cache-control"), "no-store");
    let text = totp::base32(&begun.secret);
    assert!(page.text().replace(' ', "").contains(&text), "{}", page.text());
    assert!(page.body.contains("otpauth://totp/Tokkatot:%2B85512345678?secret="), "{}", page.body);
    assert!(page.body.contains(r##"role="img" aria-label="QR code for the app""##));
    assert!(!once.contains(&text) && page.sets("once").is_none(), "{once}");
    // wrong digits, and the other language, leave it there
    let cookies = format!("{}; {once}", site.session_cookie());
    let wrong = site.send_as(&cookies, super::walk::own(HERE), &code("000000")).await;
    assert!(wrong.body.contains("otpauth") && wrong.body.contains("code-error"));
    assert!(page.body.contains(&format!("name=\"back\" value=\"{HERE}\"")), "{}", page.body);
    let left = see(&site, "/account", &once).await;
    assert_eq!(left.sets("once").as_deref(), Some("once="));
    let event = "SELECT count(*) FROM event_logs WHERE event_type = 'second_factor_begun'";
    assert_eq!(site.text(event).await, "1");
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
    assert_eq!(again.header("location"), HERE, "no digits work twice");
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
async fn once_it_is_on_nothing_tells_digits_that_are_right_from_wrong_ones() {
    let (site, _) = turned_on().await;
    site.web.app.clock.anchor(Timestamp::from_millis(1_111_111_111_000));
    let once = "0".repeat(64);
    for digits in ["050471", "000000", ""] {
        let body = urlencoded(&[("code", digits), ("once", &once)]);
        let answer = site.post(HERE, &body).await;
        let told = (answer.status, answer.header("location"), answer.sets("once"));
        assert_eq!(told, (StatusCode::SEE_OTHER, HERE, None), "{digits}");
    }
}

#[tokio::test]
async fn guessing_the_digits_of_an_app_that_is_not_proved_yet_is_stopped_too() {
    let site = begun().await;
    for guess in 0..5 {
        let answer = site.post(HERE, &code(&format!("00000{guess}"))).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.text().contains("are not right"), "{}", answer.text());
    }
    let answer = site.post(HERE, &code("081804")).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(answer.body.contains("code-error"), "{}", answer.main());
    assert_eq!(site.text("SELECT bool_or(mfa_enabled) FROM users").await, "false");
    let refused = "SELECT count(*) FROM event_logs WHERE event_type = 'sign_in_refused'";
    assert_eq!(site.text(refused).await, "5");
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
    let second = codes_after(&site, &second).await;
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

#[tokio::test]
async fn digits_that_are_sent_twice_show_the_same_ten_codes() {
    for at_once in [false, true] {
        let site = begun().await;
        let once = site.get(HERE).await.field("once");
        let body = urlencoded(&[("code", "081 804"), ("once", &once)]);
        let (one, other) = if at_once {
            tokio::join!(site.post(HERE, &body), site.post(HERE, &body))
        } else {
            (site.post(HERE, &body).await, site.post(HERE, &body).await)
        };
        let (one, other) = (codes_after(&site, &one).await, codes_after(&site, &other).await);
        assert_eq!(codes_on(&one).len(), 10);
        assert_eq!(codes_on(&one), codes_on(&other));
        let on = "SELECT count(*) FROM event_logs WHERE event_type = 'second_factor_on'";
        assert_eq!(site.text(on).await, "1");
    }
}

#[tokio::test]
async fn new_codes_that_are_asked_for_twice_are_made_once() {
    let (site, _) = turned_on().await;
    site.web.app.clock.anchor(Timestamp::from_millis(1_111_111_111_000));
    let once = site.get(&format!("{HERE}/codes")).await.field("once");
    // the digits are used up by the first
    let body = urlencoded(&[("proof", "050471"), ("once", &once)]);
    let first = site.post(&format!("{HERE}/codes"), &body).await;
    let again = site.post(&format!("{HERE}/codes"), &body).await;
    let codes = codes_on(&codes_after(&site, &again).await);
    assert_eq!(codes, codes_on(&codes_after(&site, &first).await));
    let made = "SELECT count(*) FROM event_logs WHERE event_type = 'recovery_codes_made'";
    assert_eq!(site.text(made).await, "1");
}

#[tokio::test]
async fn turning_it_off_twice_says_that_it_is_off() {
    let (site, _) = turned_on().await;
    site.web.app.clock.anchor(Timestamp::from_millis(1_111_111_111_000));
    for _ in 0..2 {
        let answer = site.post(&format!("{HERE}/off"), &proof("050471")).await;
        assert_eq!(answer.done(), "second-factor-off", "{}", answer.body);
    }
}

#[tokio::test]
async fn codes_are_seen_in_the_other_language_too_and_not_by_who_has_left() {
    let site = begun().await;
    let answer = site.post(HERE, &code("081 804")).await;
    let once = answer.sets("once").unwrap();
    let page = codes_after(&site, &answer).await;
    assert!(page.body.contains(&format!("name=\"back\" value=\"{NEW_CODES}\"")), "{}", page.body);
    site.post("/language", "to=km&back=%2F").await;
    let khmer = see(&site, NEW_CODES, &once).await;
    assert!(khmer.body.contains("<html lang=\"km\""), "{}", khmer.body);
    assert_eq!(codes_on(&khmer), codes_on(&page));
    assert_eq!((khmer.sets("once"), khmer.header("cache-control")), (None, "no-store"));
    let left = see(&site, "/account", &once).await;
    assert_eq!(left.sets("once").as_deref(), Some("once="));
    // what is only fetched ahead is no leaving
    let ahead = http::Request::get("/account").header("sec-purpose", "prefetch");
    let ahead = site.send_as(&format!("{}; {once}", site.session_cookie()), ahead, "").await;
    assert_eq!(ahead.sets("once"), None);
    for none in ["", "once=", "once=00", &format!("once={}", "0".repeat(64))] {
        assert_eq!(see(&site, NEW_CODES, none).await.header("location"), HERE, "{none}");
    }
    // neither does the cookie show them to somebody else
    let mut vanna = site;
    vanna.sign_in_with("");
    vanna.sign_in("vanna").await;
    assert_eq!(see(&vanna, NEW_CODES, &once).await.header("location"), HERE);
}

#[tokio::test]
async fn after_ten_minutes_no_cookie_shows_the_codes_and_no_form_makes_them_again() {
    let (site, _) = turned_on().await;
    let made = Timestamp::from_millis(1_111_111_109_000);
    let once = site.get(&format!("{HERE}/codes")).await.field("once");
    let body = urlencoded(&[("proof", PASSWORD), ("once", &once)]);
    let cookie = site.post(&format!("{HERE}/codes"), &body).await.sets("once").unwrap();
    let seconds = std::time::Duration::from_secs;
    site.web.app.clock.anchor(made.plus(seconds(599)));
    let before = codes_on(&see(&site, NEW_CODES, &cookie).await);
    assert_eq!(before.len(), 10);
    site.web.app.clock.anchor(made.plus(seconds(600)));
    assert_eq!(see(&site, NEW_CODES, &cookie).await.header("location"), HERE);
    // nor does the form make the same codes once more
    let other = site.post(&format!("{HERE}/codes"), &body).await;
    let after = codes_on(&codes_after(&site, &other).await);
    assert_eq!(after.len(), 10);
    assert!(before.iter().all(|code| !after.contains(code)));
}
