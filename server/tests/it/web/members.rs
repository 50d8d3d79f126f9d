//! Members: who sees them, who changes what, and that a farm keeps an owner.
use super::{
    Site,
    world::{Answer, DARA, FARM, HOUSEHOLD, NOW, OTHER_FARM, PASSWORD, SOK, SOPHEA, VANNA},
};
use domain::codes::Code;
use http::StatusCode;
use std::time::Duration;

fn page(tail: &str) -> String {
    format!("/farms/{FARM}/members{tail}")
}

/// Sok's farm with Sophea as keeper, seen by Sok.
async fn site() -> Site {
    let site = Site::of_sok().await;
    site.sql(HOUSEHOLD).await;
    site
}

#[tokio::test]
async fn members_are_listed_with_what_they_may_do() {
    let mut site = site().await;
    let list = site.get(&page("")).await;
    let main = list.main().replace(&list.field("id"), "…");
    insta::assert_snapshot!("members_in_english", main);
    site.sql("UPDATE users SET language = 'km'").await;
    site.sign_in("sok").await;
    insta::assert_snapshot!("members_in_khmer", site.get(&page("")).await.text());
}

#[tokio::test]
async fn a_keeper_sees_people_and_nothing_to_change() {
    let mut site = site().await;
    site.sign_in("sophea").await;
    let list = site.get(&page("")).await;
    assert!(list.body.contains("Vanna"));
    assert!(!list.body.contains("<form class=\"form\""), "{}", list.main());
    let one = site.get(&page(&format!("/{SOK}"))).await;
    insta::assert_snapshot!(one.text());
    for tail in ["", "/remove", "/reset"] {
        let answer = site.post(&page(&format!("/{SOK}{tail}")), "").await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{tail}");
    }
    let remove = site.get(&page(&format!("/{SOK}/remove"))).await;
    assert_eq!(remove.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn who_is_no_member_is_not_found_whoever_they_are() {
    let site = site().await;
    site.sql(&format!(
        "UPDATE farm_users SET deleted_at = now() WHERE user_id = '{DARA}' AND farm_id = '{FARM}'"
    ))
    .await;
    let nobody = "6a5ba5ee-9999-4000-8000-000000000009";
    let mut texts = Vec::new();
    for member in [DARA, nobody, "sok"] {
        for tail in ["", "/remove"] {
            let answer = site.get(&page(&format!("/{member}{tail}"))).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{member}{tail}");
            texts.push(answer.text());
        }
        for (tail, body) in [("", "role=keeper"), ("/remove", ""), ("/reset", "")] {
            let answer = site.post(&page(&format!("/{member}{tail}")), body).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{member}{tail}");
        }
    }
    assert!(texts.iter().all(|text| *text == texts[0]));
}

#[tokio::test]
async fn an_owner_gives_another_role_and_the_next_request_has_it() {
    let mut site = site().await;
    let answer = site.post(&page(&format!("/{SOPHEA}")), "role=manager").await;
    assert_eq!(answer.header("location"), page(&format!("/{SOPHEA}")));
    let cookie = format!("{}; {}", site.session_cookie(), answer.header("set-cookie"));
    let sok = site.session_cookie().to_owned();
    site.sign_in_with(&cookie);
    assert!(site.get(&page(&format!("/{SOPHEA}"))).await.body.contains("The role was changed"));
    site.sign_in_with(&sok);
    site.sign_in("sophea").await;
    assert!(site.get(&page("")).await.body.contains("Make an invitation"));
}

#[tokio::test]
async fn the_last_owner_is_told_why_the_role_stays_and_what_was_chosen_stays_too() {
    let mut site = site().await;
    let answer = site.post(&page(&format!("/{VANNA}")), "role=viewer").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let answer = site.post(&page(&format!("/{SOK}")), "role=keeper").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("A farm needs an owner"), "{}", answer.text());
    assert!(answer.body.contains("role-error"));
    let chosen = answer.body.split("value=\"keeper\"").nth(1).unwrap();
    assert!(chosen.starts_with(" checked"), "{}", answer.main());
    site.sql(&format!("UPDATE farm_users SET role = 'admin' WHERE user_id = '{VANNA}'")).await;
    site.sign_in("vanna").await;
    let answer = site.post(&page(&format!("/{VANNA}")), "role=viewer").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "with another owner it works");
}

#[tokio::test]
async fn of_two_owners_who_demote_each_other_at_once_one_stays() {
    let mut site = site().await;
    let sok = site.session_cookie().to_owned();
    // another browser: who signs in anew ends the session that was there
    site.sign_in_with("");
    site.sign_in("vanna").await;
    let vanna = site.session_cookie().to_owned();
    for _ in 0..10 {
        site.sql(&format!(
            "UPDATE farm_users SET role = 'admin' WHERE farm_id = '{FARM}'
                AND user_id IN ('{SOK}', '{VANNA}')"
        ))
        .await;
        let demote = async |cookie: &str, other: &str| {
            let request = http::Request::post(page(&format!("/{other}")))
                .header("content-type", "application/x-www-form-urlencoded")
                .header("sec-fetch-site", "same-origin");
            site.send_as(cookie, request, "role=viewer").await.status
        };
        let (one, other) = tokio::join!(demote(&sok, VANNA), demote(&vanna, SOK));
        let owners = format!(
            "SELECT count(*) FROM farm_users WHERE farm_id = '{FARM}' AND role = 'admin'
                AND deleted_at IS NULL"
        );
        assert_eq!(site.text(&owners).await, "1", "{one} {other}");
        let is_made = [one, other].iter().filter(|s| **s == StatusCode::SEE_OTHER).count();
        assert_eq!(is_made, 1, "{one} {other}");
    }
}

#[tokio::test]
async fn a_role_that_is_none_and_a_field_too_many_are_refused() {
    let site = site().await;
    for body in ["role=king", "", "role=keeper&farm=1", "role=keeper&role=admin"] {
        let answer = site.post(&page(&format!("/{SOPHEA}")), body).await;
        assert!(answer.status.is_client_error(), "{body}: {}", answer.status);
    }
    let answer = site.post(&page(&format!("/{SOPHEA}/remove")), "member=x").await;
    assert!(answer.status.is_client_error());
    let role = format!("SELECT role FROM farm_users WHERE user_id = '{SOPHEA}'");
    assert_eq!(site.text(&role).await, "keeper");
}

#[tokio::test]
async fn a_removed_members_next_request_is_refused() {
    let mut site = site().await;
    let sok = site.session_cookie().to_owned();
    site.sign_in_with("");
    site.sign_in("sophea").await;
    let sophea = site.session_cookie().to_owned();
    assert_eq!(site.get(&page("")).await.status, StatusCode::OK);
    site.sign_in_with(&sok);
    let asked = site.get(&page(&format!("/{SOPHEA}/remove"))).await;
    insta::assert_snapshot!(asked.text());
    let answer = site.post(&page(&format!("/{SOPHEA}/remove")), "").await;
    assert_eq!(answer.header("location"), page(""));
    assert!(!site.get(&page("")).await.body.contains("Sophea"));
    site.sign_in_with(&sophea);
    assert_eq!(site.get(&page("")).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn nobody_removes_themselves_here_nor_the_last_owner() {
    let site = site().await;
    assert_eq!(
        site.get(&page(&format!("/{SOK}/remove"))).await.status,
        StatusCode::NOT_FOUND,
        "that is leaving"
    );
    assert!(!site.get(&page(&format!("/{SOK}"))).await.body.contains("/remove"));
}

/// The code on a page, as it is shown.
fn code_on(page: &Answer) -> String {
    page.body.split("class=\"code\">").nth(1).unwrap().split('<').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_forgotten_password_gets_a_code_that_is_shown_to_who_made_it() {
    let mut site = site().await;
    let reset = page(&format!("/{SOPHEA}/reset"));
    let issued = site.post(&reset, "").await;
    assert_eq!(issued.header("location"), reset, "{}", issued.text());
    let session = site.session_cookie().to_owned();
    site.take_cookie(&issued.sets("once").unwrap());
    let answer = site.get(&reset).await;
    assert_eq!(answer.header("cache-control"), "no-store");
    let spaced = code_on(&answer);
    let code = Code::parse(&spaced).unwrap();
    let code = code.as_str();
    let link = format!("http://127.0.0.1:3000/reset/{code}");
    assert!(answer.body.contains(&link), "{}", answer.main());
    let text = answer.text().replace(code, "CODE");
    insta::assert_snapshot!(text.replace(&spaced, "CO DE"));
    let kept = "SELECT count(*) || ' ' || bool_or(expires_at = created_at + interval '1 hour')
        FROM reset_codes WHERE used_at IS NULL";
    assert_eq!(site.text(kept).await, "1 true");
    // also in the other language, also a minute later; and of nobody else
    site.post("/language", "to=km&back=%2F").await;
    site.web.app.clock.anchor(NOW.plus(Duration::from_secs(60)));
    let khmer = site.get(&reset).await;
    assert!(khmer.body.contains("<html lang=\"km\"") && khmer.sets("once").is_none());
    assert_eq!(code_on(&khmer), spaced);
    let other = site.get(&page(&format!("/{DARA}/reset"))).await;
    assert_eq!(other.header("location"), page(&format!("/{DARA}")));
    let left = site.get(&page(&format!("/{SOPHEA}"))).await;
    assert_eq!(left.sets("once").as_deref(), Some("once="));
    site.sign_in_with(&session);
    assert_eq!(site.get(&reset).await.header("location"), page(&format!("/{SOPHEA}")));
    site.post(&reset, "").await;
    assert_eq!(site.text(kept).await, "1 true", "the older one is worth nothing");
}

#[tokio::test]
async fn a_code_that_is_asked_for_twice_is_made_once_and_used_makes_room_for_another() {
    let site = site().await;
    let reset = page(&format!("/{SOPHEA}/reset"));
    let once = site.get(&page(&format!("/{SOPHEA}"))).await.field("once");
    let body = format!("once={once}");
    let (one, other) = tokio::join!(site.post(&reset, &body), site.post(&reset, &body));
    assert_eq!((one.header("location"), other.header("location")), (&*reset, &*reset));
    assert_eq!(one.sets("once"), other.sets("once"));
    assert_eq!(site.text("SELECT count(*) FROM reset_codes").await, "1");
    site.sql("UPDATE reset_codes SET used_at = now()").await;
    let next = site.post(&reset, &body).await;
    assert_ne!(next.sets("once"), one.sets("once"));
    assert_eq!(site.text("SELECT count(*) FROM reset_codes").await, "2");
    for bad in ["once=1", "once=", "member=x"] {
        assert_eq!(site.post(&reset, bad).await.status, StatusCode::BAD_REQUEST, "{bad}");
    }
}

#[tokio::test]
async fn a_reset_code_is_shown_for_ten_minutes_though_it_is_good_for_an_hour() {
    let mut site = site().await;
    let (reset, back) = (page(&format!("/{SOPHEA}/reset")), page(&format!("/{SOPHEA}")));
    let body = format!("once={}", site.get(&back).await.field("once"));
    let first = site.post(&reset, &body).await.sets("once").unwrap();
    let session = site.session_cookie().to_owned();
    let minutes = |n: u64| NOW.plus(Duration::from_secs(60 * n));
    site.take_cookie(&first);
    site.web.app.clock.anchor(minutes(9));
    let code = code_on(&site.get(&reset).await);
    // a browser may keep a cookie longer than it was told
    site.web.app.clock.anchor(minutes(10));
    assert_eq!(site.get(&reset).await.header("location"), back);
    // the form does not bring it back either: whoever has it makes another code
    site.sign_in_with(&session);
    let again = site.post(&reset, &body).await.sets("once").unwrap();
    assert_ne!(again, first);
    site.take_cookie(&again);
    assert_ne!(code_on(&site.get(&reset).await), code);
}

#[tokio::test]
async fn what_a_form_holds_does_not_tell_its_code() {
    let mut site = site().await;
    let reset = page(&format!("/{SOPHEA}/reset"));
    let once = "5".repeat(64);
    // the same bits in the hands of somebody else, or of the same person under another password
    let mut codes = Vec::new();
    for login in ["sok", "vanna", "sok"] {
        site.sign_in_with("");
        site.sign_in(login).await;
        let issued = site.post(&reset, &format!("once={once}")).await;
        assert_eq!(issued.sets("once").unwrap(), format!("once={once}"), "{login}");
        site.take_cookie(&issued.sets("once").unwrap());
        codes.push(code_on(&site.get(&reset).await));
        let hash = app::passwords::hash(PASSWORD).unwrap();
        site.sql(&format!("UPDATE users SET password_hash = '{hash}'")).await;
    }
    codes.sort();
    codes.dedup();
    assert_eq!(codes.len(), 3, "{codes:?}");
}

#[tokio::test]
async fn whose_password_is_not_the_farms_is_sent_to_the_operator_without_a_word_on_why() {
    let site = site().await;
    let answer = site.post(&page(&format!("/{DARA}/reset")), "").await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(answer.body.contains("The people who run Tokkatot can help"), "{}", answer.text());
    assert!(!answer.body.contains("Dara Farm") && !answer.body.contains(OTHER_FARM));
    let answer = site.post(&page(&format!("/{VANNA}/reset")), "").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "an owner's is no other owner's");
    assert_eq!(site.text("SELECT count(*) FROM reset_codes").await, "0");
}

#[tokio::test]
async fn a_name_is_never_markup() {
    let site = site().await;
    site.sql(&format!("UPDATE users SET name = '<b>x</b>\" onload=1' WHERE id = '{SOPHEA}'")).await;
    for tail in ["", &format!("/{SOPHEA}"), &format!("/{SOPHEA}/remove")] {
        let body = site.get(&page(tail)).await.body;
        assert!(body.contains("&lt;b&gt;x&lt;/b&gt;") && !body.contains("<b>x</b>"), "{tail}");
    }
}
