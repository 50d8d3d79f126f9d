//! The second factor at the door.
use super::{
    Site,
    world::{Answer, NOW, PASSWORD},
};
use diesel_async::SimpleAsyncConnection as _;
use domain::{Timestamp, totp};
use http::{StatusCode, header};
use std::time::Duration;
use store::{Origin, second_factor};

const SECRET: &[u8] = b"12345678901234567890";
const CODE: &str = "/sign-in/code";
/// The same on the way to a page.
const HERE: &str = "/sign-in/code?next=/farms";

/// Sok has been given a code for a new password.
const RESET_CODE: &str = "INSERT INTO reset_codes (user_id, code_hash, created_at, expires_at)
    SELECT id, encode(sha256('K7RM4PXD'), 'hex'), '2026-02-12', '2026-02-13' FROM users
    WHERE username = 'sok'";

/// Sok with a second factor, before its page.
struct Step {
    site: Site,
    cookie: String,
}

fn code_at(at: Timestamp) -> String {
    let code = (0..1_000_000).map(|code| format!("{code:06}"));
    let is_it = |code: &String| totp::verify(SECRET, code, at, None) == Some(step_of(at));
    code.into_iter().find(is_it).unwrap()
}

fn step_of(at: Timestamp) -> i64 {
    at.as_millis() / 30_000
}

async fn sok_with_a_second_factor() -> Site {
    let site = Site::new().await;
    let database = site.database.app();
    let sok = domain::UserId("6a5ba5ee-1111-4000-8000-0000000000a1".parse().unwrap());
    let origin = Origin { at: NOW, address: None, user_agent: None };
    let recovery = [domain::codes::Code::parse("K7RM4PXD").unwrap()];
    second_factor::begin(&database, sok, SECRET, &origin).await.unwrap();
    second_factor::turn_on(&database, sok, (7, &recovery), &origin).await.unwrap();
    site
}

impl Step {
    async fn begin(site: Site, rest: &str) -> Self {
        let mut step = Self { site, cookie: String::new() };
        step.type_password(rest).await;
        step
    }

    async fn type_password(&mut self, rest: &str) {
        self.site.sign_in_with("");
        let body = format!("login=sok&password={PASSWORD}{rest}");
        let answer = self.site.post("/sign-in?next=/farms", &body).await;
        let to = format!("{CODE}?next=/farms{rest}");
        assert_eq!(answer.header("location"), to, "{}", answer.body);
        assert_eq!(answer.cookie(), None, "it is no session");
        let set = answer.headers[header::SET_COOKIE].to_str().unwrap();
        for part in ["step=", "Max-Age=300", "HttpOnly", "SameSite=Lax", "Path=/"] {
            assert!(set.contains(part), "{set}");
        }
        self.cookie = set.split(';').next().unwrap().to_owned();
        self.site.sign_in_with(&self.cookie);
    }

    async fn type_code(&self, body: &str) -> Answer {
        self.site.post(HERE, body).await
    }
}

#[tokio::test]
async fn the_password_and_then_the_code_open_the_door() {
    let step = Step::begin(sok_with_a_second_factor().await, "").await;
    for closed in ["/farms", "/"] {
        assert_eq!(step.site.get(closed).await.status, StatusCode::SEE_OTHER, "{closed}");
    }
    let page = step.site.get(CODE).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.body.contains("autocomplete=\"one-time-code\""), "{}", page.body);
    let opened = step.type_code(&format!("code={}", code_at(NOW))).await;
    assert_eq!((opened.status, opened.header("location")), (StatusCode::SEE_OTHER, "/farms"));
    let mut site = step.site;
    site.sign_in_with(&opened.cookie().unwrap());
    assert_eq!(site.get("/farms").await.status, StatusCode::OK);
}

#[tokio::test]
async fn no_code_and_no_step_works_twice() {
    let mut step = Step::begin(sok_with_a_second_factor().await, "").await;
    let code = format!("code={}", code_at(NOW));
    assert_eq!(step.type_code(&code).await.status, StatusCode::SEE_OTHER);
    let again = step.type_code(&code).await;
    assert_eq!((again.status, again.cookie()), (StatusCode::SEE_OTHER, None));
    step.type_password("").await;
    let replayed = step.type_code(&code).await;
    assert_eq!(replayed.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(replayed.text().contains("used before"), "{}", replayed.text());
    assert_eq!(replayed.cookie(), None);
}

/// How many wait for a row that another one holds.
pub(super) const WAITING: &str =
    "SELECT count(DISTINCT l.pid) FROM pg_locks l JOIN pg_stat_activity a USING (pid)
    WHERE a.datname = current_database() AND NOT l.granted";

#[tokio::test]
async fn of_two_taps_at_once_both_lead_on_and_neither_counts_as_wrong() {
    for typed in [format!("code={}", code_at(NOW)), "recovery=K7RM+4PXD".to_owned()] {
        let step = Step::begin(sok_with_a_second_factor().await, "").await;
        let owner = step.site.database.owner();
        let mut holder = owner.get().await.unwrap();
        holder.batch_execute("BEGIN; SELECT FROM sign_in_steps FOR UPDATE").await.unwrap();
        // as soon as both have found the step and want to end it
        let let_go = tokio::time::timeout(Duration::from_secs(20), async {
            while step.site.text(WAITING).await != "2" {
                tokio::task::yield_now().await;
            }
            holder.batch_execute("COMMIT").await.unwrap();
        });
        let taps = async { tokio::join!(step.type_code(&typed), step.type_code(&typed)) };
        let ((one, other), both_waited) = tokio::join!(taps, let_go);
        both_waited.unwrap();
        let (one, other) = if one.cookie().is_some() { (one, other) } else { (other, one) };
        assert_eq!((one.status, one.header("location")), (StatusCode::SEE_OTHER, "/farms"));
        assert_eq!((other.status, other.header("location")), (StatusCode::SEE_OTHER, HERE));
        assert_eq!(other.cookie(), None, "one session: {typed}");
        let refused = "SELECT count(*) FROM event_logs WHERE event_type = 'sign_in_refused'";
        assert_eq!(step.site.text(refused).await, "0", "{typed}");
        // a browser that has taken the session meanwhile goes where it wanted to
        let mut site = step.site;
        site.sign_in_with(&format!("{}; {}", step.cookie, one.cookie().unwrap()));
        assert_eq!(site.get(HERE).await.header("location"), "/farms");
    }
}

#[tokio::test]
async fn who_taps_again_without_the_answer_to_the_first_is_told_and_signed_in_by_nothing() {
    for typed in [format!("code={}", code_at(NOW)), "recovery=K7RM+4PXD".to_owned()] {
        let step = Step::begin(sok_with_a_second_factor().await, "").await;
        assert!(step.type_code(&typed).await.cookie().is_some());
        // the answer was lost, and with it the session
        for tried in [typed.as_str(), "code=000000", "code="] {
            let again = step.type_code(tried).await;
            let seen = (again.status, again.header("location"), again.cookie());
            assert_eq!(seen, (StatusCode::SEE_OTHER, HERE, None), "{tried}");
        }
        for _ in 0..2 {
            let told = step.site.get(HERE).await;
            assert_eq!((told.status, told.cookie()), (StatusCode::OK, None));
            assert!(told.text().contains("Your code was right"), "{}", told.text());
            assert!(told.body.contains("action=\"/sign-in?next=/farms\""), "{}", told.main());
        }
        let sessions = "SELECT count(*) FROM user_sessions";
        assert_eq!(step.site.text(sessions).await, "1", "{typed}");
        let refused = "SELECT count(*) FROM event_logs WHERE event_type = 'sign_in_refused'";
        assert_eq!(step.site.text(refused).await, "0", "{typed}");
        // and not for longer than the step had
        step.site.web.app.clock.anchor(NOW.plus(Duration::from_secs(300)));
        assert!(step.type_code(&typed).await.text().contains("That took too long"));
        assert_eq!(step.site.get(HERE).await.header("location"), "/sign-in?next=/farms");
    }
}

#[tokio::test]
async fn a_second_tap_of_who_is_in_by_the_first_leads_on_too() {
    let step = Step::begin(sok_with_a_second_factor().await, "").await;
    let typed = format!("code={}", code_at(NOW));
    let entered = step.type_code(&typed).await.cookie().unwrap();
    let mut site = step.site;
    site.sign_in_with(&format!("{}; {entered}", step.cookie));
    let again = site.post(HERE, &typed).await;
    assert_eq!((again.status, again.header("location")), (StatusCode::SEE_OTHER, HERE));
    assert_eq!(site.get(HERE).await.header("location"), "/farms");
    assert_eq!(again.cookie(), None);
    assert_eq!(site.get("/farms").await.status, StatusCode::OK, "still in");
    assert_eq!(site.text("SELECT count(*) FROM user_sessions WHERE is_active").await, "1");
}

#[tokio::test]
async fn a_recovery_code_does_it_too_once() {
    let mut step = Step::begin(sok_with_a_second_factor().await, "").await;
    assert_eq!(step.type_code("recovery=k7rm-4pxd").await.header("location"), "/farms");
    let used = "SELECT count(*) FROM event_logs WHERE event_type = 'recovery_code_used'";
    assert_eq!(step.site.text(used).await, "1");
    step.type_password("").await;
    let again = step.type_code("recovery=K7RM+4PXD").await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(again.body.contains("recovery-error"), "{}", again.body);
}

#[tokio::test]
async fn five_wrong_codes_lock_the_second_step_and_no_password_forgets_any() {
    let mut step = Step::begin(sok_with_a_second_factor().await, "").await;
    for attempt in 0..5 {
        step.site.come_from(&format!("198.51.100.{attempt}"));
        let wrong = step.type_code("code=000000").await;
        assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{attempt}");
        if attempt == 2 {
            step.type_password("").await;
        }
    }
    step.site.come_from("203.0.113.1");
    let locked = step.type_code(&format!("code={}", code_at(NOW))).await;
    assert_eq!((locked.status, locked.cookie()), (StatusCode::TOO_MANY_REQUESTS, None));
    assert_eq!(locked.header("retry-after"), "900");
    // nor does a new password
    step.site.sql(RESET_CODE).await;
    let reset = step.site.post("/reset/K7RM4PXD", "password=buffalo+behind+seven+fields").await;
    assert_eq!(reset.header("location"), "/sign-in", "{}", reset.body);
    let body = "login=sok&password=buffalo+behind+seven+fields";
    let door = step.site.post("/sign-in", body).await;
    assert_eq!((door.status, door.header("location")), (StatusCode::SEE_OTHER, CODE));
    let set = door.headers[header::SET_COOKIE].to_str().unwrap();
    step.site.sign_in_with(set.split(';').next().unwrap());
    for typed in [format!("code={}", code_at(NOW)), "recovery=K7RM+4PXD".to_owned()] {
        let locked = step.type_code(&typed).await;
        assert_eq!((locked.status, locked.cookie()), (StatusCode::TOO_MANY_REQUESTS, None));
    }
    let reasons = "SELECT string_agg(event_data ->> 'reason', ', ' ORDER BY id) FROM event_logs
        WHERE event_type = 'sign_in_refused' AND user_id IS NOT NULL";
    let (wrong, locked) = (["wrong code"; 5].join(", "), ["locked"; 3].join(", "));
    assert_eq!(step.site.text(reasons).await, format!("{wrong}, {locked}"));
}

#[tokio::test]
async fn a_step_ends_after_five_minutes_and_with_the_password() {
    let step = Step::begin(sok_with_a_second_factor().await, "").await;
    let late = NOW.plus(Duration::from_secs(300));
    step.site.web.app.clock.anchor(late);
    let answer = step.type_code(&format!("code={}", code_at(late))).await;
    assert_eq!((answer.status, answer.cookie()), (StatusCode::UNPROCESSABLE_ENTITY, None));
    assert_eq!(step.site.get(CODE).await.header("location"), "/sign-in");

    for change in ["password_hash = repeat('x', 97)", "is_active = false"] {
        let step = Step::begin(sok_with_a_second_factor().await, "").await;
        step.site.sql(&format!("UPDATE users SET {change} WHERE username = 'sok'")).await;
        let answer = step.type_code(&format!("code={}", code_at(NOW))).await;
        assert_eq!((answer.status, answer.cookie()), (StatusCode::UNPROCESSABLE_ENTITY, None));
    }
}

#[tokio::test]
async fn a_made_up_step_and_an_empty_code_open_nothing() {
    let step = Step::begin(sok_with_a_second_factor().await, "").await;
    let empty = step.type_code("code=").await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.body.contains("code-error"));
    let mut site = step.site;
    for cookie in ["step=AAAAAAAAAAAAAAAAAAAAAA", "step=x", ""] {
        site.sign_in_with(cookie);
        let answer = site.post(CODE, &format!("code={}", code_at(NOW))).await;
        assert_eq!((answer.status, answer.cookie()), (StatusCode::UNPROCESSABLE_ENTITY, None));
        assert_eq!(site.get(CODE).await.header("location"), "/sign-in");
    }
}

#[tokio::test]
async fn a_borrowed_phone_stays_borrowed_over_the_second_step() {
    let step = Step::begin(sok_with_a_second_factor().await, "&borrowed=yes").await;
    let opened = step.type_code(&format!("code={}", code_at(NOW))).await;
    let set = opened.headers.get_all("set-cookie").iter().map(|set| set.to_str().unwrap());
    let session = set.into_iter().find(|set| set.starts_with("session=")).unwrap();
    assert!(!session.contains("Max-Age"), "{session}");
    assert_eq!(step.site.text("SELECT bool_and(is_borrowed) FROM user_sessions").await, "true");
}

#[tokio::test]
async fn a_step_that_has_ended_still_knows_that_the_phone_is_borrowed() {
    let step = Step::begin(sok_with_a_second_factor().await, "&borrowed=yes").await;
    let here = format!("{CODE}?next=/farms&borrowed=yes");
    let form = format!("action=\"{}\"", here.replace('&', "&amp;"));
    let page = step.site.get(&here).await;
    assert_eq!(page.body.matches(&form).count(), 2, "{}", page.main());
    step.site.web.app.clock.anchor(NOW.plus(Duration::from_secs(300)));
    let late = step.site.post(&here, "code=000000").await;
    assert!(late.text().contains("That took too long"), "{}", late.text());
    // so does who comes back to the page, by the language switch perhaps
    let led = step.site.get(&here).await;
    assert_eq!(led.header("location"), "/sign-in?next=/farms&borrowed=yes");
    for door in [late, step.site.get(led.header("location")).await] {
        let ticked = "name=\"borrowed\" value=\"yes\" checked";
        assert!(door.body.contains(ticked), "{}", door.main());
        assert!(door.body.contains("action=\"/sign-in?next=/farms"), "{}", door.main());
    }
}

#[tokio::test]
async fn the_second_step_of_ones_own_phone_says_nothing_of_a_borrowed_one() {
    let step = Step::begin(sok_with_a_second_factor().await, "").await;
    let page = step.site.get(CODE).await;
    assert!(!page.body.contains("borrowed"), "{}", page.main());
    // the other way has an icon beside its words
    assert!(page.body.contains("<summary><svg"), "{}", page.main());
}
