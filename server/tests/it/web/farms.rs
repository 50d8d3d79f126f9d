//! The list of farms.
use super::{
    Site,
    world::{FARM, NOW, OTHER_FARM},
};
use http::StatusCode;
use std::time::Duration;

const DAY: Duration = Duration::from_secs(24 * 3600);

async fn of_vanna() -> Site {
    let mut site = Site::new().await;
    site.sign_in("vanna").await;
    site
}

#[tokio::test]
async fn several_farms_are_listed_with_roles_and_the_last_one_is_marked() {
    let site = of_vanna().await;
    site.sql(&format!("UPDATE farms SET location = 'Takeo' WHERE id = '{OTHER_FARM}'")).await;
    site.get(&format!("/farms/{OTHER_FARM}")).await;
    let page = site.get("/farms").await;
    let text = page.text();
    assert!(text.contains("Dara Farm Owner · Takeo · last looked at"), "{text}");
    assert!(text.contains("Make a farm") && text.contains("I have a code"), "{text}");
    assert_eq!(page.body.matches("aria-current").count(), 1);
    assert!(page.body.contains("កសិដ្ឋាន &lt;សុខ&gt;"));
    let start = site.get("/").await;
    assert_eq!(start.header("location"), format!("/farms/{OTHER_FARM}"));
}

#[tokio::test]
async fn whoever_has_no_farm_is_led_to_both_ways_to_one() {
    let site = of_vanna().await;
    site.sql("UPDATE farm_users SET deleted_at = now() WHERE user_id = (SELECT id FROM users WHERE username = 'vanna')")
        .await;
    insta::assert_snapshot!(site.get("/farms").await.main());
}

#[tokio::test]
async fn a_deleted_farm_is_brought_back_by_an_admin_for_30_days() {
    let site = of_vanna().await;
    let delete =
        format!("UPDATE farms SET deleted_at = '2026-02-12 06:00+00' WHERE id = '{OTHER_FARM}'");
    site.sql(&delete).await;
    let text = site.get("/farms").await.text();
    assert!(
        text.contains("Dara Farm Can be brought back until March 14 Bring Dara Farm back"),
        "{text}"
    );
    let address = format!("/farms/{OTHER_FARM}/restore");
    let restore = || site.post(&address, "");
    assert_eq!(restore().await.header("location"), "/farms");
    assert!(!site.get("/farms").await.text().contains("brought back"));
    // it is there
    assert_eq!(restore().await.status, StatusCode::UNPROCESSABLE_ENTITY);
    site.sql(&delete).await;
    site.web.app.clock.anchor(NOW.plus(DAY * 30));
    assert!(!site.get("/farms").await.text().contains("Dara Farm"));
    assert_eq!(restore().await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn nobody_else_brings_a_farm_back_and_learns_nothing_by_trying() {
    let site = Site::of_sok().await;
    site.sql("UPDATE farms SET deleted_at = '2026-02-12 06:00+00'").await;
    site.sql(&format!(
        "UPDATE farm_users SET role = 'manager' WHERE farm_id = '{FARM}'
            AND user_id = (SELECT id FROM users WHERE username = 'sok')"
    ))
    .await;
    let mut answers = Vec::new();
    for farm in [FARM, OTHER_FARM, "6a5ba5ee-9999-4000-8000-000000000009"] {
        for act in ["restore", "resume"] {
            let answer = site.post(&format!("/farms/{farm}/{act}"), "").await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{farm} {act}");
            answers.push(answer.main());
        }
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:#?}");
    let recorded = "SELECT count(*) || ' ' || count(DISTINCT event_data ->> 'farm') FROM event_logs
        WHERE event_type = 'access_refused' AND farm_id IS NULL";
    assert_eq!(site.text(recorded).await, "6 3");
    assert_eq!(site.post("/farms/no-farm/restore", "").await.status, StatusCode::NOT_FOUND);
    assert_eq!(site.text("SELECT count(*) FROM farms WHERE deleted_at IS NULL").await, "0");
}

#[tokio::test]
async fn a_paused_farm_is_found_in_its_admins_list_alone_and_taken_up_there() {
    let mut site = of_vanna().await;
    let settings = format!("/farms/{FARM}/settings");
    let paused = site.post(&format!("{settings}/pause"), "sure=yes").await;
    assert_eq!(paused.header("location"), "/farms");
    assert_eq!(site.get(&settings).await.status, StatusCode::NOT_FOUND);
    let text = site.get("/farms").await.text();
    let offered = "Paused on February 12 Open កសិដ្ឋាន &lt;សុខ&gt; again";
    assert!(text.contains(offered), "{text}");

    site.sign_in("dara").await;
    assert!(!site.get("/farms").await.body.contains(FARM));
    assert_eq!(site.post(&format!("/farms/{FARM}/resume"), "").await.status, StatusCode::NOT_FOUND);
    site.sign_in("sok").await;
    let resumed = site.post(&format!("/farms/{FARM}/resume"), "").await;
    assert_eq!(resumed.header("location"), "/farms");
    assert_eq!(site.get(&settings).await.status, StatusCode::OK);
}

#[tokio::test]
async fn a_field_we_did_not_ask_for_brings_no_farm_back() {
    let site = of_vanna().await;
    site.sql(&format!(
        "UPDATE farms SET deleted_at = '2026-02-12 06:00+00' WHERE id = '{OTHER_FARM}';
         UPDATE farms SET is_active = false, paused_at = '2026-02-12 06:00+00' WHERE id = '{FARM}'"
    ))
    .await;
    for (farm, act) in [(OTHER_FARM, "restore"), (FARM, "resume")] {
        let address = format!("/farms/{farm}/{act}");
        assert_eq!(site.post(&address, "role=admin").await.status, StatusCode::BAD_REQUEST);
        assert_eq!(site.post(&address, "").await.header("location"), "/farms", "{act}");
    }
}
