//! A new account.
use super::{
    Site,
    world::{Answer, FARM, PASSWORD, urlencoded},
};
use http::StatusCode;

const GOOD: &str = "buffalo behind seven rice fields";

async fn sign_up(site: &Site, name: &str, login: &str, password: &str) -> Answer {
    let fields = [("name", name), ("login", login), ("password", password)];
    site.post("/sign-up", &urlencoded(&fields)).await
}

#[tokio::test]
async fn the_page_asks_for_a_name_a_login_and_a_password() {
    let site = Site::new().await;
    let page = site.get("/sign-up").await;
    insta::assert_snapshot!(page.main().replace(&page.field("id"), "…"));
}

#[tokio::test]
async fn a_person_signs_up_by_phone_and_is_led_to_the_first_steps_in_the_pages_language() {
    let mut site = Site::new().await;
    let answer = sign_up(&site, " ចាន់  សុខា ", "០៧៧ ១២៣ ៤៥៦", GOOD).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    assert_eq!(answer.header("location"), "/welcome");
    site.sign_in_with(&answer.cookie().unwrap());
    assert_eq!(site.get("/farms").await.status, StatusCode::OK);
    let made =
        "SELECT concat_ws('|', name, language, email) FROM users WHERE phone = '+85577123456'";
    assert_eq!(site.text(made).await, "ចាន់ សុខា|en");
    let event = "SELECT host(ip_address) FROM event_logs WHERE event_type = 'signed_up'";
    assert_eq!(site.text(event).await, "192.0.2.1");
}

#[tokio::test]
async fn an_account_by_e_mail_signs_in_by_it_in_any_case() {
    let mut site = Site::new().await;
    let answer = sign_up(&site, "Sokha", "Sokha@Example.COM", GOOD).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let login = urlencoded(&[("login", "SOKHA@example.com"), ("password", GOOD)]);
    let answer = site.post("/sign-in", &login).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    site.sign_in_with(&answer.cookie().unwrap());
    assert!(site.get("/account").await.body.contains("Sokha@example.com"));
}

#[tokio::test]
async fn what_is_wrong_is_said_beside_each_field_and_what_was_typed_is_kept() {
    let site = Site::new().await;
    let answer = sign_up(&site, "", "sok@", "short").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    for field in ["name-error", "login-error", "password-error"] {
        assert!(answer.body.contains(field), "{field}");
    }
    assert!(answer.body.contains(r#"value="sok@""#));
    assert!(!answer.body.contains("short\""));
    // the language can be changed in between
    assert!(answer.body.contains(r#"name="back" value="/sign-up""#));
    assert_eq!(answer.cookie(), None);
}

#[tokio::test]
async fn passwords_that_are_short_long_or_easily_guessed_are_refused() {
    let site = Site::new().await;
    for (password, word) in [
        ("kxwvbtqzm", "Too short"),
        (&"x".repeat(1100), "Too long"),
        ("sokhasokha", "Others could guess"),
        ("0771234567", "Others could guess"),
    ] {
        let answer = sign_up(&site, "Chan Sokha", "077 123 456", password).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{password}");
        assert!(answer.text().contains(word), "{}", answer.text());
    }
    assert_eq!(site.text("SELECT count(*) FROM users").await, "4");
}

#[tokio::test]
async fn an_account_that_is_there_already_is_said_beside_the_field_with_the_way_in() {
    let site = Site::new().await;
    let answer = sign_up(&site, "Sok", "+855 12 345 678", GOOD).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.text().contains("There is an account with this already"), "{}", answer.text());
    assert!(answer.main().contains(r#"href="/sign-in""#));
    assert!(answer.body.contains(r#"value="+855 12 345 678""#));
}

#[tokio::test]
async fn names_that_could_do_harm_are_text_and_no_more() {
    let mut site = Site::new().await;
    let markup = "<script>alert(1)</script>";
    let answer = sign_up(&site, markup, "077 123 456", GOOD).await;
    site.sign_in_with(&answer.cookie().unwrap());
    let body = site.get("/account").await.body;
    assert!(!body.contains(markup) && body.contains("&lt;script&gt;"), "{body}");

    let answer = sign_up(&site, "Sok\u{202E}Dara\u{200B}", "077 123 457", GOOD).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let kept = "SELECT name FROM users WHERE phone = '+85577123457'";
    assert_eq!(site.text(kept).await, "SokDara");
}

#[tokio::test]
async fn names_that_can_not_be_kept_are_refused() {
    let site = Site::new().await;
    for (name, word) in [
        ("Sok\0Dara", "can not be kept"),
        (&"ក".repeat(10_000), "at most"),
        ("\u{200B}\u{202E}", "fill this in"),
    ] {
        let answer = sign_up(&site, name, "077 123 456", GOOD).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{word}");
        assert!(answer.text().contains(word), "{}", answer.text());
        assert!(!answer.body.contains('\0'));
    }
    for login in ["077\x00123456", &"7".repeat(10_000), "<svg>"] {
        let answer = sign_up(&site, "Sok", login, GOOD).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{login:?}");
    }
    assert_eq!(site.text("SELECT count(*) FROM users").await, "4");
}

#[tokio::test]
async fn a_field_we_did_not_ask_for_makes_no_account() {
    let site = Site::new().await;
    for extra in ["role=admin", "user_id=6a5ba5ee-1111-4000-8000-0000000000a1", "is_active=true"] {
        let fields = urlencoded(&[("name", "Sok"), ("login", "077 123 456"), ("password", GOOD)]);
        let answer = site.post("/sign-up", &format!("{fields}&{extra}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{extra}");
    }
    assert_eq!(site.text("SELECT count(*) FROM users").await, "4");
}

#[tokio::test]
async fn the_twenty_first_account_from_one_address_has_to_wait() {
    let mut site = Site::new().await;
    for _ in 0..20 {
        let answer = sign_up(&site, "Sok", "012 345 678", GOOD).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let answer = sign_up(&site, "Sok", "077 123 456", GOOD).await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(answer.header("retry-after"), "900");
    assert!(answer.text().contains("Please wait 15 min"), "{}", answer.text());
    site.come_from("203.0.113.1");
    let answer = sign_up(&site, "Sok", "077 123 456", GOOD).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn who_came_by_an_invitation_is_on_the_farm_at_once() {
    let mut site = Site::new().await;
    site.invite("K7RM4PXD", "keeper").await;
    let page = site.get("/sign-up?join=k7rm%204pxd&fbclid=x").await;
    assert!(page.body.contains(r#"name="join" value="K7RM4PXD""#), "{}", page.body);
    let fields = [("name", "Sokha"), ("login", "077 123 456"), ("password", GOOD)];
    let fields = urlencoded(&[&fields[..], &[("join", "K7RM4PXD")]].concat());
    let answer = site.post("/sign-up", &fields).await;
    assert_eq!(answer.header("location"), format!("/farms/{FARM}"), "{}", answer.body);
    assert_eq!(answer.done(), "joined");
    site.sign_in_with(&answer.cookie().unwrap());
    assert_eq!(site.get(&format!("/farms/{FARM}")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_invitation_that_is_worth_nothing_any_more_makes_an_account_and_no_member() {
    let mut site = Site::new().await;
    let fields = [("name", "Sokha"), ("login", "077 123 456"), ("password", GOOD)];
    let fields = urlencoded(&[&fields[..], &[("join", "K7RM4PXD")]].concat());
    let answer = site.post("/sign-up", &fields).await;
    assert_eq!(answer.header("location"), "/join/K7RM4PXD");
    site.sign_in_with(&answer.cookie().unwrap());
    let farms = site.get("/farms").await;
    assert!(farms.text().contains("no farm yet"), "{}", farms.text());
}

#[tokio::test]
async fn a_form_that_is_sent_twice_makes_one_account_and_enters_it_both_times() {
    for at_once in [false, true] {
        let mut site = Site::new().await;
        site.invite("K7RM4PXD", "keeper").await;
        let page = site.get("/sign-up?join=K7RM4PXD").await;
        let (id, join) = (page.field("id"), "K7RM4PXD");
        let fields = [
            ("name", "Sokha"),
            ("login", "077 123 456"),
            ("password", GOOD),
            ("join", join),
            ("id", &id),
        ];
        let body = urlencoded(&fields);
        let (one, other) = if at_once {
            tokio::join!(site.post("/sign-up", &body), site.post("/sign-up", &body))
        } else {
            (site.post("/sign-up", &body).await, site.post("/sign-up", &body).await)
        };
        for answer in [one, other] {
            assert_eq!(answer.header("location"), format!("/farms/{FARM}"), "{}", answer.text());
            assert_eq!(answer.done(), "joined");
            site.sign_in_with(&answer.cookie().unwrap());
            assert_eq!(site.get(&format!("/farms/{FARM}")).await.status, StatusCode::OK);
        }
        assert_eq!(site.text("SELECT count(*) FROM users").await, "5");
    }
}

#[tokio::test]
async fn who_fills_the_same_page_in_for_somebody_else_makes_another_account() {
    let site = Site::new().await;
    let id = site.get("/sign-up").await.field("id");
    for login in ["077 123 456", "077 123 457"] {
        let fields = [("name", "Sokha"), ("login", login), ("password", GOOD), ("id", &id)];
        let answer = site.post("/sign-up", &urlencoded(&fields)).await;
        assert_eq!(answer.header("location"), "/welcome", "{}", answer.text());
    }
    assert_eq!(site.text("SELECT count(*) FROM users").await, "6");
}

#[tokio::test]
async fn nobody_enters_anothers_account_by_its_number() {
    let site = Site::new().await;
    let sok = "6a5ba5ee-1111-4000-8000-0000000000a1";
    let with = |password: &str| {
        let fields =
            [("name", "Sok"), ("login", "012 345 678"), ("password", password), ("id", sok)];
        urlencoded(&fields)
    };
    // also not by trying passwords: they count as at the door
    for guess in 0..5 {
        let answer = site.post("/sign-up", &with(&format!("{GOOD} {guess}"))).await;
        assert_eq!((answer.status, answer.cookie()), (StatusCode::UNPROCESSABLE_ENTITY, None));
        assert!(answer.text().contains("There is an account with this already"));
    }
    let locked = site.post("/sign-up", &with(GOOD)).await;
    assert_eq!((locked.status, locked.cookie()), (StatusCode::UNPROCESSABLE_ENTITY, None));
    let locked = site.post("/sign-in", &format!("login=sok&password={PASSWORD}")).await;
    assert_eq!(locked.status, StatusCode::TOO_MANY_REQUESTS);
    // and are written down as at the door
    let reasons = format!(
        "SELECT string_agg(event_data ->> 'reason', ', ' ORDER BY id) FROM event_logs
        WHERE event_type = 'sign_in_refused' AND user_id = '{sok}'"
    );
    let wrong = ["wrong password"; 5].join(", ");
    assert_eq!(site.text(&reasons).await, format!("{wrong}, locked, locked"));
    let fields = [("name", "X"), ("login", "077 123 456"), ("password", GOOD), ("id", sok)];
    let answer = site.post("/sign-up", &urlencoded(&fields)).await;
    assert_eq!(answer.header("location"), "/welcome", "an account of its own");
    assert_eq!(site.text("SELECT count(*) FROM users WHERE phone = '+85577123456'").await, "1");
}

#[tokio::test]
async fn nothing_is_made_under_the_identity_of_nobody() {
    let mut site = Site::new().await;
    let nobody = "00000000-0000-0000-0000-000000000000";
    let fields = [("name", "Sokha"), ("login", "077 123 456"), ("password", GOOD), ("id", nobody)];
    let refused = site.post("/sign-up", &urlencoded(&fields)).await;
    assert_eq!((refused.status, refused.cookie()), (StatusCode::BAD_REQUEST, None));
    site.sign_in("sok").await;
    let house = [("name", "New"), ("kind", "local"), ("birds", ""), ("age", ""), ("placed_on", "")];
    let house = [house.as_slice(), &[("id", nobody)]].concat();
    let welcome = [("farm", nobody), ("step", "look"), ("name", "New"), ("houses", "1")];
    let welcome = [welcome.as_slice(), &[("kind", "local"), ("birds", "9"), ("age", "1")]].concat();
    for (address, body) in [
        (format!("/farms/{FARM}/houses/new"), urlencoded(&house)),
        (format!("/farms/{FARM}/invitations"), format!("role=keeper&id={nobody}")),
        ("/welcome".to_owned(), urlencoded(&welcome)),
    ] {
        let answer = site.post(&address, &body).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{address}: {}", answer.body);
    }
    let made = format!(
        "SELECT concat((SELECT count(*) FROM users WHERE id = '{nobody}'),
            (SELECT count(*) FROM houses WHERE id = '{nobody}'),
            (SELECT count(*) FROM invitations WHERE id = '{nobody}'),
            (SELECT count(*) FROM farms WHERE id = '{nobody}'))"
    );
    assert_eq!(site.text(&made).await, "0000");
}

#[tokio::test]
async fn twenty_numbers_that_are_there_already_may_be_tried_beside_new_ones() {
    let site = Site::new().await;
    for number in 0..19 {
        assert_eq!(
            sign_up(&site, "Sok", "012 345 678", GOOD).await.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{number}"
        );
    }
    for number in 10..14 {
        let answer = sign_up(&site, "Sokha", &format!("077 123 4{number}"), GOOD).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.text());
    }
    assert_eq!(
        sign_up(&site, "Sok", "012 345 678", GOOD).await.status,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    // which of the two a further number is, is not told
    for login in ["012 345 678", "077 123 420"] {
        let answer = sign_up(&site, "Sokha", login, GOOD).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS, "{login}");
    }
}

#[tokio::test]
async fn where_too_many_passwords_wait_what_was_typed_comes_back() {
    let site = Site::new().await;
    let passwords = &site.web.app.passwords;
    let turns = (passwords.turn().await.unwrap(), passwords.turn().await.unwrap());
    let signing_in = site.post("/sign-in", "login=012+345+678&password=x&borrowed=yes");
    let (up, door) = tokio::join!(sign_up(&site, "Sokha", "077 123 456", GOOD), signing_in);
    for (answer, typed) in [(&up, "077 123 456"), (&door, "012 345 678")] {
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
        assert_eq!(answer.header("retry-after"), "10");
        assert!(answer.body.contains(&format!("value=\"{typed}\"")), "{}", answer.main());
        assert!(answer.text().contains("wait a little"), "{}", answer.text());
    }
    assert!(up.body.contains("value=\"Sokha\"") && !up.body.contains(GOOD));
    assert!(door.body.contains("value=\"yes\" checked"), "{}", door.main());
    drop(turns);
    let answer = sign_up(&site, "Sokha", "077 123 456", GOOD).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
}
