//! The door.
use super::{
    Site,
    world::{Answer, FARM, NOW, PASSWORD},
};
use app::limits::Limits;
use http::StatusCode;
use std::time::Duration;
use store::cache::Cache;

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

/// All of an answer to whoever called himself `login`, but what is new in each.
fn whole(answer: &Answer, login: &str) -> String {
    let policy = answer.header("content-security-policy");
    let nonce = policy.split_once("'nonce-").unwrap().1.split_once('\'').unwrap().0;
    let mut headers: Vec<_> = answer.headers.iter().map(|pair| format!("{pair:?}")).collect();
    headers.sort();
    let all = format!("{}\n{}\n{}", answer.status, headers.join("\n"), answer.body);
    all.replace(nonce, "NONCE").replace(&format!("\"{login}\""), "LOGIN")
}

#[tokio::test]
async fn an_unknown_account_a_locked_one_and_a_wrong_password_are_answered_alike() {
    let site = Site::new().await;
    let ask = async |login: &str, password: &str| {
        let answer = site.post("/sign-in", &format!("login={login}&password={password}")).await;
        assert!(answer.text().contains("The number, the name or the password is wrong"));
        whole(&answer, login)
    };
    let known = ask("sok", "wrong").await;
    assert!(known.contains("422") && known.contains("LOGIN") && known.contains("NONCE"), "{known}");
    // of the same length, since what was typed stands in the form
    assert_eq!(ask("kos", "wrong").await, known);
    assert_eq!(ask("locked", PASSWORD).await, ask("dekcol", PASSWORD).await);
    // what no account can be called is not shown as it was typed
    let impossible = site.post("/sign-in", "login=a%00b&password=wrong").await;
    assert_eq!(impossible.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(impossible.text().contains("The number, the name or the password is wrong"));
}

#[tokio::test]
async fn a_known_account_and_an_unknown_one_are_locked_alike() {
    let mut site = Site::new().await;
    let mut locked = Vec::new();
    for login in ["sok", "kos"] {
        fail_four_times(&mut site, [login; 4]).await;
        site.post("/sign-in", &format!("login={login}&password=wrong")).await;
        site.come_from("203.0.113.2");
        let answer = site.post("/sign-in", &format!("login={login}&password=wrong")).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
        locked.push(whole(&answer, login));
        site.come_from("203.0.113.3");
        site.web.app.clock.anchor(NOW.plus(Duration::from_secs(15 * 60)));
    }
    assert_eq!(locked[0], locked[1]);
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

/// Four wrong passwords, from as many addresses.
async fn fail_four_times(site: &mut Site, logins: [&str; 4]) {
    for (number, login) in logins.into_iter().enumerate() {
        site.come_from(&format!("198.51.100.{number}"));
        let answer = site.post("/sign-in", &format!("login={login}&password=wrong")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{login}");
    }
    site.come_from("203.0.113.1");
}

#[tokio::test]
async fn five_wrong_passwords_lock_an_account_whatever_it_was_called_by() {
    let mut site = Site::new().await;
    fail_four_times(&mut site, ["sok", "SOK", "012345678", "%2B855 12 345 678"]).await;
    site.post("/sign-in", "login=S%C3%B3k&password=wrong").await;
    site.post("/sign-in", "login=sok%E2%80%8B&password=wrong").await;
    site.come_from("203.0.113.2");
    for login in ["sok", "Sok", "012 345 678"] {
        let answer = site.post("/sign-in", &format!("login={login}&password={PASSWORD}")).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{login}");
        assert_eq!(answer.cookie(), None);
        assert_eq!(answer.header("retry-after"), "900");
        assert!(answer.text().contains("Please wait 15 min"), "{}", answer.text());
    }
    site.sign_in("dara").await;
    site.web.app.clock.anchor(NOW.plus(Duration::from_secs(15 * 60)));
    site.sign_in("sok").await;
}

#[tokio::test]
async fn an_account_that_does_not_exist_is_locked_alike() {
    let mut site = Site::new().await;
    fail_four_times(&mut site, ["nobody", "NOBODY", "Nobody", "nobody+"]).await;
    site.post("/sign-in", "login=nobody&password=wrong").await;
    let answer = site.post("/sign-in", "login=nObody&password=wrong").await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.header("retry-after"), "900");
    fail_four_times(&mut site, ["099 999 999", "+855 99999999", "(0)99999999", "855-99-999-999"])
        .await;
    site.post("/sign-in", "login=%2B85599999999&password=wrong").await;
    let answer = site.post("/sign-in", "login=099999999&password=wrong").await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn five_wrong_passwords_from_one_address_lock_it_whoever_they_were_for() {
    let mut site = Site::new().await;
    for login in ["a", "b", "c", "d", "sok"] {
        // the right ones in between change nothing
        site.post("/sign-in", &format!("login=dara&password={PASSWORD}")).await;
        site.post("/sign-in", &format!("login={login}&password=wrong")).await;
    }
    let here = site.post("/sign-in", &format!("login=dara&password={PASSWORD}")).await;
    assert_eq!(here.status, StatusCode::TOO_MANY_REQUESTS);
    site.come_from("203.0.113.1");
    site.sign_in("dara").await;
}

#[tokio::test]
async fn the_right_password_forgets_the_wrong_ones_of_its_account() {
    let mut site = Site::new().await;
    for _ in 0..2 {
        fail_four_times(&mut site, ["sok"; 4]).await;
        site.sign_in("sok").await;
    }
}

#[tokio::test]
async fn wrong_passwords_that_come_all_at_once_are_counted_too() {
    let site = Site::new().await;
    let attempts = (0..12).map(|_| site.post("/sign-in", "login=sok&password=wrong"));
    let answers = futures::future::join_all(attempts).await;
    let wrong = answers.iter().filter(|a| a.status == StatusCode::UNPROCESSABLE_ENTITY).count();
    assert_eq!(wrong, 5, "{:?}", answers.iter().map(|a| a.status).collect::<Vec<_>>());
}

#[tokio::test]
async fn refused_sign_ins_are_recorded_without_what_was_typed() {
    let site = Site::new().await;
    site.post("/sign-in", "login=sok&password=secret-1").await;
    site.post("/sign-in", "login=secret-2&password=secret-3").await;
    site.post("/sign-in", &format!("login=locked&password={PASSWORD}")).await;
    for _ in 0..3 {
        site.post("/sign-in", "login=sok&password=secret-4").await;
    }
    let recorded = "SELECT string_agg(concat_ws(' ', right(user_id::text, 2),
            event_data ->> 'reason', host(ip_address)), ', ' ORDER BY id)
        FROM event_logs WHERE event_type = 'sign_in_refused' AND farm_id IS NULL";
    assert_eq!(
        site.text(recorded).await,
        "a1 wrong password 192.0.2.1, unknown 192.0.2.1, a3 inactive 192.0.2.1, \
         a1 wrong password 192.0.2.1, a1 wrong password 192.0.2.1, a1 locked 192.0.2.1"
    );
    let told = "SELECT bool_or(event_logs::text LIKE '%secret%') FROM event_logs";
    assert_eq!(site.text(told).await, "false");
}

#[tokio::test]
async fn who_wanted_to_go_somewhere_gets_there_through_the_door() {
    let site = Site::new().await;
    let door = site.get("/farms?sort=name&x=1").await.header("location").to_owned();
    assert_eq!(door, "/sign-in?next=/farms%3Fsort%3Dname%26x%3D1");
    let page = site.get(&door).await;
    assert!(page.body.contains(&format!("action=\"{door}\"")), "{}", page.body);
    let wrong = site.post(&door, "login=sok&password=wrong").await;
    assert!(wrong.body.contains(&format!("action=\"{door}\"")), "{}", wrong.body);
    let right = site.post(&door, &format!("login=sok&password={PASSWORD}")).await;
    assert_eq!(right.header("location"), "/farms?sort=name&x=1");
    let signed_in = Site::of_sok().await.get(&door).await;
    assert_eq!(signed_in.header("location"), "/farms?sort=name&x=1");
}

#[tokio::test]
async fn the_door_leads_to_no_other_site() {
    let site = Site::new().await;
    for bad in ["//evil.example", "https://evil.example", "/%5Cevil.example", "a", "/x&next=/y"] {
        let door = format!("/sign-in?next={bad}");
        let answer = site.post(&door, &format!("login=sok&password={PASSWORD}")).await;
        assert_eq!(answer.header("location"), "/", "{bad}");
    }
}

#[tokio::test]
async fn the_door_leads_to_the_other_ways_in() {
    let page = Site::new().await.get("/sign-in").await;
    for way in ["/sign-up", "/join", "/reset"] {
        assert!(page.main().contains(&format!("href=\"{way}\"")), "{way}");
    }
}

#[tokio::test]
async fn a_bcrypt_hash_is_taken_once_and_then_replaced() {
    let mut site = Site::new().await;
    let old = bcrypt::hash(PASSWORD, 4).unwrap().replacen("$2b$", "$2y$", 1);
    site.sql(&format!("UPDATE users SET password_hash = '{old}' WHERE username = 'sok'")).await;
    let hash = "SELECT password_hash FROM users WHERE username = 'sok'";
    let wrong = site.post("/sign-in", "login=sok&password=wrong").await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(site.text(hash).await, old);
    site.sign_in("sok").await;
    assert!(site.text(hash).await.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    site.sign_in("sok").await;
}

#[tokio::test]
async fn on_a_borrowed_phone_the_session_ends_with_the_browser_or_after_half_an_hour() {
    let mut site = Site::new().await;
    let answer =
        site.post("/sign-in", &format!("login=sok&password={PASSWORD}&borrowed=yes")).await;
    let set = answer.headers.get_all("set-cookie").iter().map(|set| set.to_str().unwrap());
    let cookie = set.into_iter().find(|set| set.starts_with("session=")).unwrap();
    assert!(!cookie.contains("Max-Age") && !cookie.contains("Expires"), "{cookie}");
    site.sign_in_with(&answer.cookie().unwrap());
    let home = format!("/farms/{FARM}");
    for minutes in [0, 10, 29] {
        site.web.app.clock.anchor(NOW.plus(Duration::from_secs(60 * minutes)));
        let page = site.get(&home).await;
        assert_eq!(page.status, StatusCode::OK, "{minutes}");
        let set = page.headers.get_all("set-cookie").iter().map(|set| set.to_str().unwrap());
        assert!(!set.into_iter().any(|set| set.contains("Max-Age")), "it stays a browser's");
    }
    site.web.app.clock.anchor(NOW.plus(Duration::from_secs(60 * 30)));
    assert_eq!(site.get(&home).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn servers_count_wrong_passwords_together() {
    let url = testkit::redis_url().await;
    let one = Site::with(Cache::new(&url).unwrap(), "http://127.0.0.1:3000").await;
    for _ in 0..5 {
        one.post("/sign-in", "login=sok&password=wrong").await;
    }
    let mut web = one.web.clone();
    web.app.limits = Limits::new(&web.app.cache);
    let mut other = one.served_by(web);
    other.come_from("203.0.113.1");
    let right = format!("login=sok&password={PASSWORD}");
    let locked = other.post("/sign-in", &right).await;
    assert_eq!(locked.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(locked.header("retry-after"), "900");
    other.sign_in("dara").await;
    other.web.app.clock.anchor(NOW.plus(Duration::from_secs(15 * 60)));
    other.sign_in("sok").await;
}

#[tokio::test]
async fn the_other_ways_in_know_where_somebody_wanted_to_go() {
    let site = Site::new().await;
    let door = site.get("/sign-in?next=/join/K7RM4PXD").await;
    assert!(door.body.contains("href=\"/sign-up?join=K7RM4PXD\""), "{}", door.main());
    let door = site.get("/sign-in?next=/farms/1%3Fhouse%3D2").await;
    assert!(door.body.contains("href=\"/reset?next=/farms/1%3Fhouse%3D2\""), "{}", door.main());
    assert!(door.body.contains("href=\"/sign-up\""), "{}", door.main());
    // over the page of the code to the new password and back to the door
    let ask = site.get("/reset?next=/farms/1%3Fhouse%3D2").await;
    assert_eq!(ask.field("next"), "/farms/1?house=2");
    let code = "/reset/K7RM4PXD?next=/farms/1%3Fhouse%3D2";
    let typed = site.get("/reset?code=k7rm4pxd&next=%2Ffarms%2F1%3Fhouse%3D2").await;
    assert_eq!(typed.header("location"), code);
    site.sql(
        "INSERT INTO reset_codes (user_id, code_hash, created_at, expires_at)
            SELECT id, encode(sha256('K7RM4PXD'), 'hex'), '2026-02-12', '2026-02-13' FROM users
            WHERE username = 'sok'",
    )
    .await;
    let page = site.get(code).await;
    assert!(page.body.contains(&format!("action=\"{code}\"")), "{}", page.main());
    let set = site.post(code, "password=buffalo+behind+seven+fields").await;
    assert_eq!(set.header("location"), "/sign-in?next=/farms/1%3Fhouse%3D2");
    let evil = site.get("/reset?code=k7rm4pxd&next=//evil.example").await;
    assert_eq!(evil.header("location"), "/reset/K7RM4PXD");
}

#[tokio::test]
async fn signing_out_leaves_a_mark_that_scripts_can_read() {
    let site = Site::of_sok().await;
    let answer = site.post("/sign-out", "").await;
    assert_eq!(answer.header("location"), "/sign-in");
    let left = answer.headers.get_all("set-cookie").iter().map(|set| set.to_str().unwrap());
    let left = left.into_iter().find(|set| set.starts_with("left=")).unwrap();
    // a script is to read it
    assert!(!left.contains("HttpOnly") && left.contains("Path=/; Max-Age=86400"), "{left}");
}
