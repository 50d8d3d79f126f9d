//! The houses of a farm.
use super::{
    Site,
    world::{FARM, HOUSE_1, HOUSE_2, OTHER_FARM, urlencoded},
};
use http::StatusCode;

fn houses() -> String {
    format!("/farms/{FARM}/houses")
}

fn form(name: &str, birds: &str, age: &str, placed_on: &str) -> String {
    let fields = [
        ("name", name),
        ("kind", "layer"),
        ("birds", birds),
        ("age", age),
        ("placed_on", placed_on),
    ];
    urlencoded(&fields)
}

async fn house(site: &Site, id: &str) -> String {
    site.text(&format!(
        "SELECT concat_ws('|', name, bird_kind, bird_count, placed_on) FROM houses WHERE id = '{id}'"
    ))
    .await
}

#[tokio::test]
async fn houses_are_listed_with_their_birds_and_devices() {
    let site = Site::of_sok().await;
    insta::assert_snapshot!(site.get(&houses()).await.main());
}

#[tokio::test]
async fn a_viewer_sees_the_houses_and_changes_nothing() {
    let mut site = Site::new().await;
    site.sign_in("dara").await;
    let main = site.get(&houses()).await.main();
    assert!(main.contains("House 1") && !main.contains("/houses/"), "{main}");
    let house = format!("{}/{HOUSE_2}", houses());
    assert_eq!(site.get(&house).await.status, StatusCode::FORBIDDEN);
    assert_eq!(site.post(&house, &form("A", "", "", "")).await.status, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn a_house_is_added_and_its_birds_are_told_by_their_days() {
    let site = Site::of_sok().await;
    let mut open = site.web.app.bus.subscribe(FARM.parse().unwrap());
    let added =
        site.post(&format!("{}/new", houses()), &form("ទ្រុង \u{202E}3", "១,៥០០", "៧", "")).await;
    assert_eq!(added.header("location"), houses(), "{}", added.text());
    assert!(open.try_recv().is_ok());
    let text = site.get(&houses()).await.text();
    assert!(text.contains("ទ្រុង 3 1,500 layers · day 7 Devices: 0"), "{text}");
}

#[tokio::test]
async fn new_birds_in_a_house_are_a_change_of_it() {
    let site = Site::of_sok().await;
    let address = format!("{}/{HOUSE_1}", houses());
    let page = site.get(&address).await;
    assert!(page.body.contains("value=\"2026-01-19\"") && page.body.contains("max=\"2026-02-12\""));
    let saved = site.post(&address, &form("House 1", "600", "0", "2026-01-19")).await;
    assert_eq!(saved.header("location"), houses(), "{}", saved.text());
    assert_eq!(house(&site, HOUSE_1).await, "House 1|layer|600|2026-02-12");
    site.post(&address, &form("House 1", "0", "", "2026-02-12")).await;
    assert_eq!(house(&site, HOUSE_1).await, "House 1|layer", "empty");
}

#[tokio::test]
async fn what_can_not_be_kept_comes_back_with_a_word_beside_it() {
    let site = Site::of_sok().await;
    let address = format!("{}/{HOUSE_2}", houses());
    let long = "ក".repeat(1000);
    for (name, birds, age, placed_on, field) in [
        ("", "", "", "", "name"),
        ("a\0b", "", "", "", "name"),
        (&*long, "", "", "", "name"),
        ("HOUSE\u{200B}  1", "", "", "", "name"),
        ("A", "-5", "", "", "birds"),
        ("A", "99999999999", "", "", "birds"),
        ("A", "x", "", "", "birds"),
        ("A", "", "-1", "", "age"),
        ("A", "", "3651", "", "age"),
        ("A", "", "1", "2026-02-12", "age"),
        ("A", "", "", "2026-02-13", "placed_on"),
        ("A", "", "", "2026-02-30", "placed_on"),
        ("A", "", "", "0001-01-01", "placed_on"),
        ("A", "", "", "<script>", "placed_on"),
    ] {
        let answer = site.post(&address, &form(name, birds, age, placed_on)).await;
        let typed = format!("{:.9} {birds} {age} {placed_on}", name);
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{typed}");
        assert!(answer.body.contains(&format!("{field}-error")), "{typed}");
        assert!(!answer.body.contains("<script>\""), "{typed}");
    }
    for more in ["&farm_id=1", "&id=1", "&role=admin", "&name=B"] {
        let answer = site.post(&address, &(form("A", "", "", "") + more)).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{more}");
    }
    assert_eq!(house(&site, HOUSE_2).await, "House 2|broiler");
}

#[tokio::test]
async fn another_farms_house_is_answered_like_none() {
    let site = Site::of_sok().await;
    let theirs = "6a5ba5ee-2222-4000-8000-0000000000b9";
    site.sql(&format!(
        "INSERT INTO houses (id, farm_id, name) VALUES ('{theirs}', '{OTHER_FARM}', 'Theirs')"
    ))
    .await;
    let nobodys = "6a5ba5ee-9999-4000-8000-0000000000b9";
    for tail in ["", "/remove"] {
        let mut seen = Vec::new();
        for id in [theirs, nobodys, "no-house"] {
            let address = format!("{}/{id}{tail}", houses());
            let read = site.get(&address).await;
            let body = if tail.is_empty() { form("A", "", "", "") } else { "sure=yes".to_owned() };
            let written = site.post(&address, &body).await;
            assert_eq!(
                (read.status, written.status),
                (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND)
            );
            seen.push((read.main(), written.main()));
        }
        assert!(seen.iter().all(|one| *one == seen[0]), "{seen:#?}");
    }
    assert_eq!(house(&site, theirs).await, "Theirs|broiler");
}

#[tokio::test]
async fn a_house_is_removed_once_no_device_hangs_in_it() {
    let site = Site::of_sok().await;
    let remove = format!("{}/{HOUSE_2}/remove", houses());
    assert!(site.get(&remove).await.text().contains("devices hang in it (1)"));
    let refused = site.post(&remove, "sure=yes").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(refused.text().contains("devices hang in it (1)"), "{}", refused.text());

    site.sql(&format!("UPDATE devices SET house_id = NULL WHERE house_id = '{HOUSE_2}'")).await;
    assert!(site.get(&remove).await.text().contains("Remove House 2?"));
    for body in ["", "sure=no"] {
        assert_eq!(site.post(&remove, body).await.status, StatusCode::BAD_REQUEST);
    }
    assert_eq!(site.post(&remove, "sure=yes").await.header("location"), houses());
    assert_eq!(site.post(&remove, "sure=yes").await.status, StatusCode::NOT_FOUND);
    assert!(!site.get(&houses()).await.text().contains("House 2"));
}

#[tokio::test]
async fn a_farm_without_houses_says_so_and_offers_one() {
    let mut site = Site::new().await;
    site.sign_in("vanna").await;
    let text = site.get(&format!("/farms/{OTHER_FARM}/houses")).await.text();
    assert!(text.contains("No houses yet") && text.contains("Add a house"), "{text}");
}

#[tokio::test]
async fn a_house_that_is_sent_twice_is_added_once() {
    for at_once in [false, true] {
        let site = Site::of_sok().await;
        let new = format!("{}/new", houses());
        let id = site.get(&new).await.field("id");
        let body = format!("{}&id={id}", form("North", "500", "7", ""));
        let (one, other) = if at_once {
            tokio::join!(site.post(&new, &body), site.post(&new, &body))
        } else {
            (site.post(&new, &body).await, site.post(&new, &body).await)
        };
        for answer in [one, other] {
            assert_eq!(answer.done(), "house-added", "{}", answer.text());
        }
        assert_eq!(site.text("SELECT count(*) FROM houses WHERE name = 'North'").await, "1");
        // who comes back to the form and fills it in anew adds another
        let body = format!("{}&id={id}", form("South", "500", "7", ""));
        assert_eq!(site.post(&new, &body).await.done(), "house-added");
        assert_eq!(site.text("SELECT count(*) FROM houses WHERE name = 'South'").await, "1");
        let body = format!("{}&id={id}", form("House 1", "500", "7", ""));
        assert_eq!(site.post(&new, &body).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn a_form_whose_house_was_removed_adds_another() {
    let site = Site::of_sok().await;
    let new = format!("{}/new", houses());
    let id = site.get(&new).await.field("id");
    let body = format!("{}&id={id}", form("North", "500", "7", ""));
    assert_eq!(site.post(&new, &body).await.done(), "house-added");
    site.post(&format!("{}/{id}/remove", houses()), "sure=yes").await;
    let again = site.post(&new, &body).await;
    assert_eq!(again.done(), "house-added", "{}", again.text());
    let there = "SELECT string_agg((deleted_at IS NULL)::text, ' ' ORDER BY deleted_at) FROM houses
        WHERE name = 'North'";
    assert_eq!(site.text(there).await, "false true");
}

#[tokio::test]
async fn nobody_gets_into_anothers_house_by_its_number() {
    let site = Site::of_sok().await;
    let theirs = "6a5ba5ee-2222-4000-8000-0000000000b9";
    site.sql(&format!(
        "INSERT INTO houses (id, farm_id, name) VALUES ('{theirs}', '{OTHER_FARM}', 'Theirs')"
    ))
    .await;
    let body = format!("{}&id={theirs}", form("North", "", "", ""));
    let answer = site.post(&format!("{}/new", houses()), &body).await;
    assert_eq!(answer.done(), "house-added", "a house of their own: {}", answer.text());
    let body = format!("{}&id={theirs}", form("North", "", "", ""));
    let answer = site.post(&format!("{}/{HOUSE_2}", houses()), &body).await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert_eq!(house(&site, theirs).await, "Theirs|broiler");
}

#[tokio::test]
async fn a_name_that_another_was_faster_with_is_said_beside_the_field() {
    let site = Site::of_sok().await;
    let new = format!("{}/new", houses());
    let (upper, lower) = (form("NORTH", "", "", ""), form("north", "", "", ""));
    let (one, other) = tokio::join!(site.post(&new, &upper), site.post(&new, &lower));
    let told: Vec<_> = [one, other].into_iter().filter(|answer| answer.done().is_empty()).collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(told[0].body.contains("name-error"), "{}", told[0].main());
}

#[tokio::test]
async fn who_looks_at_houses_or_settings_was_on_that_farm_last() {
    let mut site = Site::new().await;
    site.sign_in("vanna").await;
    for (farm, place) in [(OTHER_FARM, "houses"), (FARM, "settings"), (OTHER_FARM, "settings")] {
        site.get(&format!("/farms/{farm}/{place}")).await;
        assert_eq!(site.get("/").await.header("location"), format!("/farms/{farm}"), "{place}");
    }
}
