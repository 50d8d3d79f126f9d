//! The settings of a farm, and the ways out of it.
use super::{
    Site,
    world::{FARM, OTHER_FARM, urlencoded},
};
use http::StatusCode;

fn settings() -> String {
    format!("/farms/{FARM}/settings")
}

/// Dara, who only looks.
async fn of_dara() -> Site {
    let mut site = Site::new().await;
    site.sign_in("dara").await;
    site
}

fn form(name: &str, place: &str, zone: &str) -> String {
    urlencoded(&[("name", name), ("place", place), ("zone", zone)])
}

#[tokio::test]
async fn an_admin_changes_name_place_and_time_zone_and_open_pages_hear_of_it() {
    let site = Site::of_sok().await;
    let page = site.get(&settings()).await;
    assert!(page.body.contains("<option value=\"Asia/Phnom_Penh\" selected"), "{}", page.main());
    let mut open = site.web.app.bus.subscribe(FARM.parse().unwrap());
    let body = form(" <b>New\u{202E}</b> ", "ភូមិ ១", "Asia/Bangkok");
    let saved = site.post(&settings(), &body).await;
    assert_eq!(saved.header("location"), settings());
    assert!(open.try_recv().is_ok());
    assert_eq!(
        site.text(&format!(
            "SELECT concat_ws('|', name, location, timezone) FROM farms WHERE id = '{FARM}'"
        ))
        .await,
        "<b>New</b>|ភូមិ ១|Asia/Bangkok"
    );
    let page = site.get(&settings()).await;
    assert!(page.body.contains("&lt;b&gt;New&lt;/b&gt;") && !page.body.contains("<b>New"));
    // the same once more changes nothing, and nobody is told
    while open.try_recv().is_ok() {}
    site.post(&settings(), &body).await;
    assert!(open.try_recv().is_err());
}

#[tokio::test]
async fn what_can_not_be_kept_comes_back_with_a_word_beside_it() {
    let site = Site::of_sok().await;
    let long = "ក".repeat(1000);
    for (name, place, zone, field) in [
        ("", "", "Asia/Bangkok", "name"),
        ("\u{200B}", "", "Asia/Bangkok", "name"),
        ("a\0", "", "Asia/Bangkok", "name"),
        (&*long, "", "Asia/Bangkok", "name"),
        ("A", &long, "Asia/Bangkok", "place"),
        ("A", "", "Asia/Angkor", "zone"),
        ("A", "", "", "zone"),
    ] {
        let answer = site.post(&settings(), &form(name, place, zone)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{name:?} {zone}");
        assert!(answer.body.contains(&format!("{field}-error")), "{name:?} {zone}");
    }
    for more in ["&owner_id=1", "&farm_id=1", "&is_active=false", "&name=B"] {
        let body = form("A", "", "Asia/Bangkok") + more;
        assert_eq!(site.post(&settings(), &body).await.status, StatusCode::BAD_REQUEST, "{more}");
    }
    let changed = "SELECT count(*) FROM event_logs WHERE event_type = 'farm_changed'";
    assert_eq!(site.text(changed).await, "0");
}

#[tokio::test]
async fn a_viewer_reads_the_settings_and_may_only_leave() {
    let site = of_dara().await;
    let page = site.get(&settings()).await;
    let main = page.main();
    assert!(main.contains("ភ្នំពេញ") && main.contains("/settings/leave"), "{main}");
    assert!(!main.contains("<input") && !main.contains("/settings/delete"), "{main}");
    let answer = site.post(&settings(), &form("A", "", "Asia/Bangkok")).await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_farm_is_deleted_by_typing_its_name_in_any_encoding() {
    let site = Site::of_sok().await;
    let delete = format!("{}/delete", settings());
    insta::assert_snapshot!(site.get(&delete).await.main());
    for wrong in ["", "កសិដ្ឋាន", "កសិដ្ឋាន <សុខ> 2", "a\0"] {
        let body = urlencoded(&[("name", wrong)]);
        let answer = site.post(&delete, &body).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
        assert!(answer.body.contains("name-error"), "{wrong}");
    }
    // the subscript ឋ typed behind the vowel, and invisible marks
    let typed = "កសិដា\u{17D2}ឋន\u{200B} <សុខ>".replace("ដា\u{17D2}ឋ", "ដ\u{17D2}ឋា");
    let body = urlencoded(&[("name", format!(" \u{FEFF}{typed} "))]);
    let deleted = site.post(&delete, &body).await;
    assert_eq!(deleted.header("location"), "/farms", "{}", deleted.body);
    assert_eq!(site.get(&settings()).await.status, StatusCode::NOT_FOUND);
    let text = site.get("/farms").await.text();
    assert!(text.contains("until March 14"), "{text}");
}

#[tokio::test]
async fn every_member_leaves_and_the_last_owner_hands_over_first() {
    let mut site = of_dara().await;
    let leave = format!("{}/leave", settings());
    let other = format!("/farms/{OTHER_FARM}/settings/leave");
    site.sql(&format!(
        "UPDATE farm_users SET role = 'viewer' WHERE farm_id = '{OTHER_FARM}'
            AND user_id = (SELECT id FROM users WHERE username = 'vanna')"
    ))
    .await;
    let told = "កសិដ្ឋានត្រូវមានម្ចាស់";
    assert!(site.get(&other).await.text().contains(told));
    let refused = site.post(&other, "sure=yes").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains(told), "{}", refused.text());

    assert!(site.get(&leave).await.body.contains("name=\"sure\""));
    assert_eq!(site.post(&leave, "sure=yes").await.header("location"), "/farms");
    site.sign_in("dara").await;
    assert_eq!(site.get(&settings()).await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.get(&format!("/farms/{OTHER_FARM}")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn nothing_is_paused_or_left_by_chance() {
    let site = Site::of_sok().await;
    for way in ["pause", "leave"] {
        for body in ["", "sure=no", "sure=yes&farm_id=1", "sure=yes&sure=yes"] {
            let answer = site.post(&format!("{}/{way}", settings()), body).await;
            assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{way} {body}");
        }
        assert_eq!(site.get(&format!("{}/{way}", settings())).await.status, StatusCode::OK);
    }
    assert_eq!(site.get(&settings()).await.status, StatusCode::OK);
}

#[tokio::test]
async fn who_only_looks_reads_the_zones_name_and_ways_out_have_titles_of_their_own() {
    let site = of_dara().await;
    let sql = "UPDATE farms SET timezone = 'Asia/Ho_Chi_Minh'; UPDATE users SET language = 'en'";
    site.sql(sql).await;
    let page = site.get(&settings()).await;
    assert!(page.text().contains("Ho Chi Minh City"), "{}", page.text());
    let leave = site.get(&format!("{}/leave", settings())).await;
    assert!(leave.body.contains("<title>Leave "), "{}", leave.body);
}
