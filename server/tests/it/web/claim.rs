//! A controller comes onto a farm by the code on its box.
use super::{
    Site,
    world::{FARM, HOUSEHOLD, OTHER_FARM, SOK},
};
use http::StatusCode;

/// A box that nobody has claimed, with a code that is good until tomorrow.
const BOX: &str = "INSERT INTO nodes (id, name, password_hash, claim_code, claim_expires_at) VALUES
    ('6a5ba5ee-3333-4000-8000-0000000000c9', 'box-9', '$7$101$c2FsdA==$aGFzaA==', 'K7RM4PXE', '2026-02-13')";
const NODE: &str = "6a5ba5ee-3333-4000-8000-0000000000c9";

fn claim() -> String {
    format!("/farms/{FARM}/claim")
}

async fn owner(site: &Site) -> String {
    let farm = "SELECT coalesce(farm_id::text, 'nobody') FROM nodes WHERE name = 'box-9'";
    site.text(farm).await
}

async fn with_box() -> Site {
    let site = Site::of_sok().await;
    site.sql(BOX).await;
    site
}

#[tokio::test]
async fn a_code_leads_to_the_page_that_waits_for_the_first_message() {
    let site = with_box().await;
    let page = site.get(&claim()).await.text();
    assert!(page.contains("Connect a controller") && page.contains("កសិដ្ឋាន"), "{page}");
    let answer = site.post(&claim(), "code=k7rm-4pxe").await;
    let node = format!("/farms/{FARM}/nodes/{NODE}");
    assert_eq!((answer.header("location"), &*answer.done()), (&*node, "node-claimed"));
    assert_eq!(owner(&site).await, FARM);
    let page = site.get(&node).await.text();
    assert!(page.contains("Controller box-9"), "{page}");
    assert!(page.contains("Waiting for its first message"), "{page}");
    // a second tap
    let again = site.post(&claim(), "code=K7RM4PXE").await;
    assert_eq!((again.header("location"), &*again.done()), (&*node, "node-claimed"));
    let events =
        "SELECT count(*) FROM event_logs WHERE event_type = 'node_claimed' AND user_id IS NOT NULL";
    assert_eq!(site.text(events).await, "1");
}

#[tokio::test]
async fn the_link_of_a_box_leads_to_the_farm_last_looked_at_and_claims_nothing_by_itself() {
    let mut site = with_box().await;
    let link = "/claim?code=K7RM4PXE";
    let form = format!("/farms/{FARM}/claim?code=K7RM4PXE");
    assert_eq!(site.get(link).await.header("location"), form);
    let page = site.get(&form).await;
    assert!(page.body.contains("value=\"K7RM 4PXE\""), "{}", page.main());
    assert_eq!(owner(&site).await, "nobody");
    let nothing = site.get("/claim").await;
    assert_eq!(nothing.header("location"), format!("/farms/{FARM}/claim?code="));
    // somebody who manages no farm
    site.sql(HOUSEHOLD).await;
    site.sign_in("sophea").await;
    assert_eq!(site.get(link).await.header("location"), "/farms");
    // a viewer here and an admin there
    site.sign_in("dara").await;
    site.get(&format!("/farms/{FARM}")).await;
    assert!(site.get(link).await.header("location").starts_with(&format!("/farms/{OTHER_FARM}")));
}

#[tokio::test]
async fn a_scanned_code_waits_for_who_has_no_farm_yet() {
    let mut site = Site::new().await;
    site.sql(BOX).await;
    let scanned = site.get("/claim?code=k7rm-4pxe").await;
    assert!(scanned.header("location").starts_with("/sign-in?next=/claim"), "the door first");
    let kept = scanned.sets("box").unwrap();
    assert_eq!(kept, "box=K7RM4PXE");
    assert_eq!(site.get("/claim?code=%3Csvg%3E").await.sets("box"), None);
    site.sql("UPDATE farm_users SET deleted_at = now() WHERE user_id = (SELECT id FROM users WHERE username = 'dara')")
        .await;
    site.sign_in("dara").await;
    assert_eq!(site.get("/claim?code=K7RM4PXE").await.header("location"), "/farms");
    assert!(!site.get("/farms").await.text().contains("K7RM"));
    site.take_cookie(&kept);
    let farms = site.get("/farms").await.text();
    assert!(farms.contains("លេខកូដ K7RM 4PXE អ្នកត្រូវមានកសិដ្ឋានមួយ"), "{farms}");
    assert_eq!(owner(&site).await, "nobody");
}

#[tokio::test]
async fn a_farm_without_devices_leads_who_may_to_its_first_controller() {
    let mut site = Site::new().await;
    site.sign_in("vanna").await;
    let claim = format!("href=\"/farms/{OTHER_FARM}/claim\"");
    let home = format!("/farms/{OTHER_FARM}");
    assert!(site.get(&home).await.body.contains(&claim));
    let keeper = format!(
        "INSERT INTO farm_users (farm_id, user_id, role, invited_by)
        VALUES ('{OTHER_FARM}', '{SOK}', 'keeper', '{SOK}')"
    );
    site.sql(&keeper).await;
    site.sign_in("sok").await;
    assert!(!site.get(&home).await.body.contains(&claim));
    assert!(!Site::of_sok().await.get(&format!("/farms/{FARM}")).await.body.contains("/claim\""));
}

#[tokio::test]
async fn a_code_that_is_wrong_used_or_old_says_so_beside_the_field() {
    let site = with_box().await;
    for (typed, says) in [
        ("", "Please fill this in"),
        ("K7RM", "8 letters and digits"),
        ("<svg onload=x>", "8 letters and digits"),
        ("ZZZZ9999", "No controller has this code"),
    ] {
        let body = super::world::urlencoded(&[("code", typed)]);
        let answer = site.post(&claim(), &body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{typed}");
        assert!(answer.text().contains(says), "{typed}: {}", answer.text());
        assert!(answer.body.contains("code-error") && !answer.body.contains("<svg onload"));
    }
    site.sql("UPDATE nodes SET claim_expires_at = '2026-02-12' WHERE name = 'box-9'").await;
    let old = site.post(&claim(), "code=K7RM4PXE").await;
    assert!(old.text().contains("This code is too old"), "{}", old.text());
    assert!(old.body.contains("value=\"K7RM4PXE\""), "what was typed stays");
    site.sql(&format!("UPDATE nodes SET farm_id = '{OTHER_FARM}' WHERE name = 'box-9'")).await;
    let taken = site.post(&claim(), "code=K7RM4PXE").await;
    assert!(taken.text().contains("on another farm already"), "{}", taken.text());
    assert!(!taken.body.contains("box-9") && !taken.body.contains(OTHER_FARM));
    for more in ["", "code=K7RM4PXE&farm_id=1", "code=K7RM4PXE&code=K7RM4PXE"] {
        assert_eq!(site.post(&claim(), more).await.status, StatusCode::BAD_REQUEST, "{more}");
    }
}

#[tokio::test]
async fn whoever_guesses_codes_has_to_wait_and_right_ones_do_not_count() {
    let site = with_box().await;
    for _ in 0..12 {
        let answer = site.post(&claim(), "code=K7RM4PXE").await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
    }
    for _ in 0..10 {
        let answer = site.post(&claim(), "code=ZZZZ9999").await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let answer = site.post(&claim(), "code=K7RM4PXE").await;
    assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(answer.text().contains("wait 15 min"), "{}", answer.text());
    assert_eq!(answer.header("retry-after"), "900");
}

#[tokio::test]
async fn a_keeper_claims_nothing() {
    let mut site = with_box().await;
    site.sql(HOUSEHOLD).await;
    site.sign_in("sophea").await;
    assert_eq!(site.get(&claim()).await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.post(&claim(), "code=K7RM4PXE").await.status, StatusCode::FORBIDDEN);
    let other = format!("/farms/{OTHER_FARM}/claim");
    assert_eq!(site.post(&other, "code=K7RM4PXE").await.status, StatusCode::NOT_FOUND);
    assert_eq!(owner(&site).await, "nobody");
}
