//! The way into a farm by an invitation.
use super::{
    Site,
    world::{FARM, NOW, VANNA},
};
use http::StatusCode;
use std::time::Duration;

/// Lim, who has an account and no farm.
const LIM: &str = "INSERT INTO users (username, password_hash, name, language)
    SELECT 'lim', password_hash, 'Lim', 'en' FROM users WHERE username = 'sok'";

/// Lim before an invitation.
async fn lim_invited_as(role: &str) -> Site {
    let mut site = Site::new().await;
    site.sql(LIM).await;
    site.sign_in("lim").await;
    site.invite("K7RM4PXD", role).await;
    site
}

#[tokio::test]
async fn a_stranger_sees_where_an_invitation_leads_and_the_two_ways_in() {
    let site = Site::new().await;
    site.invite("K7RM4PXD", "keeper").await;
    let page = site.get("/join/k7rm-4pxd?fbclid=abc").await;
    assert_eq!(page.status, StatusCode::OK);
    insta::assert_snapshot!(page.main());
    let answer = site.post("/join/K7RM4PXD", "").await;
    assert_eq!(answer.header("location"), "/join/K7RM4PXD", "nobody is signed in");
}

#[tokio::test]
async fn one_button_makes_a_member_once() {
    let site = lim_invited_as("keeper").await;
    let page = site.get("/join/K7RM4PXD").await;
    assert!(page.text().contains("Join កសិដ្ឋាន &lt;សុខ&gt;"), "{}", page.text());
    let answer = site.post("/join/K7RM4PXD", "").await;
    assert_eq!(answer.header("location"), format!("/farms/{FARM}"), "{}", answer.body);
    assert_eq!(answer.done(), "joined");
    assert_eq!(site.get(&format!("/farms/{FARM}")).await.status, StatusCode::OK);
    // a second tap says the same as the first
    let again = site.post("/join/K7RM4PXD", "").await;
    assert_eq!(
        (again.header("location"), again.done()),
        (answer.header("location"), answer.done())
    );
    let role = "SELECT m.role FROM farm_users m JOIN users u ON u.id = m.user_id
        WHERE u.username = 'lim'";
    assert_eq!(site.text(role).await, "keeper");
}

#[tokio::test]
async fn who_belongs_to_the_farm_already_leaves_the_invitation_to_another() {
    let mut site = Site::of_sok().await;
    site.invite("K7RM4PXD", "keeper").await;
    let page = site.get("/join/K7RM4PXD").await;
    assert!(page.text().contains("You belong to this farm already"), "{}", page.text());
    let answer = site.post("/join/K7RM4PXD", "").await;
    assert_eq!(answer.header("location"), format!("/farms/{FARM}"));
    assert_eq!(site.text("SELECT count(used_at) FROM invitations").await, "0");
    // a viewer gets more by it
    site.sign_in("dara").await;
    site.post("/join/K7RM4PXD", "").await;
    assert_eq!(site.text("SELECT count(used_at) FROM invitations").await, "1");
}

#[tokio::test]
async fn unknown_used_revoked_and_expired_invitations_look_the_same() {
    let site = Site::of_sok().await;
    for code in ["K7RM4PX2", "K7RM4PX3", "K7RM4PX4"] {
        site.invite(code, "viewer").await;
    }
    let set =
        |what: &str, code: &str| format!("UPDATE invitations SET {what} WHERE code = '{code}'");
    let used = format!("used_at = '2026-02-12', used_by = '{VANNA}'");
    site.sql(&set(&used, "K7RM4PX2")).await;
    site.sql(&set("revoked_at = '2026-02-12'", "K7RM4PX3")).await;
    site.sql(&set("expires_at = '2026-02-12 06:00:00+00'", "K7RM4PX4")).await;
    let unknown = site.get("/join/K7RM4PX5").await;
    assert_eq!(unknown.status, StatusCode::NOT_FOUND);
    assert!(unknown.text().contains("Please ask the farm for a new one"), "{}", unknown.text());
    for code in ["K7RM4PX2", "K7RM4PX3", "K7RM4PX4", "nonsense", "%3Csvg%3E"] {
        let dead = site.get(&format!("/join/{code}")).await;
        assert_eq!((dead.status, dead.main()), (StatusCode::NOT_FOUND, unknown.main()), "{code}");
        let dead = site.post(&format!("/join/{code}"), "").await;
        assert_eq!((dead.status, dead.main()), (StatusCode::NOT_FOUND, unknown.main()), "{code}");
    }
}

#[tokio::test]
async fn ten_wrong_codes_stop_an_address_and_right_ones_do_not_count() {
    let mut site = Site::new().await;
    site.invite("K7RM4PXD", "keeper").await;
    for wrong in 0..10 {
        assert_eq!(site.get("/join/K7RM4PXD").await.status, StatusCode::OK, "{wrong}");
        assert_eq!(site.get("/join/22222222").await.status, StatusCode::NOT_FOUND);
    }
    assert_eq!(site.get("/join/K7RM4PXD").await.status, StatusCode::TOO_MANY_REQUESTS);
    site.web.app.clock.anchor(NOW.plus(Duration::from_secs(60)));
    let reset = site.get("/reset/22222222").await;
    assert_eq!(reset.status, StatusCode::TOO_MANY_REQUESTS);
    // how long it really is, and what was typed
    assert_eq!(reset.header("retry-after"), "840");
    assert!(reset.text().contains("wait 14 min"), "{}", reset.text());
    assert!(reset.body.contains("value=\"2222 2222\""), "{}", reset.main());
    assert_eq!(site.post("/join/22222222", "").await.header("retry-after"), "840");
    site.come_from("203.0.113.1");
    assert_eq!(site.get("/join/K7RM4PXD").await.status, StatusCode::OK);
    site.come_from("192.0.2.1");
    site.web.app.clock.anchor(NOW.plus(Duration::from_secs(15 * 60)));
    assert_eq!(site.get("/join/K7RM4PXD").await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_code_is_typed_in_any_case_with_spaces() {
    let site = Site::new().await;
    let page = site.get("/join").await;
    assert!(page.text().contains("Type the code of your invitation"), "{}", page.text());
    let answer = site.get("/join?code=+k7rm+4pxd&fbclid=x").await;
    assert_eq!(answer.header("location"), "/join/K7RM4PXD");
    for (typed, word) in [("", "fill this in"), ("K7RM4PX0", "no 0, O, 1 or I")] {
        let answer = site.get(&format!("/join?code={typed}")).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{typed}");
        assert!(answer.text().contains(word), "{}", answer.text());
    }
    let odd = site.get("/join?code=%3Csvg%3E%00").await;
    assert!(!odd.main().contains("<svg>"));
}

#[tokio::test]
async fn a_field_we_did_not_ask_for_makes_nobody_a_member() {
    let site = lim_invited_as("viewer").await;
    let answer = site.post("/join/K7RM4PXD", "role=admin").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(site.text("SELECT count(used_at) FROM invitations").await, "0");
}

#[tokio::test]
async fn codes_that_nobody_could_look_up_are_not_wrong() {
    let mut site = Site::new().await;
    site.invite("K7RM4PXD", "keeper").await;
    let whole = site.router.clone();
    site.router = site.without_database().await;
    for _ in 0..11 {
        let answer = site.get("/join/K7RM4PXD").await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    }
    site.router = whole;
    assert_eq!(site.get("/join/K7RM4PXD").await.status, StatusCode::OK);
}
