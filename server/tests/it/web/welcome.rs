//! The first farm, step by step.
use super::{
    Site,
    world::{OTHER_FARM, urlencoded},
};
use http::StatusCode;

/// The values of all inputs of a page, as a browser would send them, with the button.
fn filled(body: &str, typed: &[(&str, &str)], go: &str) -> String {
    let attribute = |tag: &str, name: &str| {
        let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
        Some(rest.split_once('"')?.0.to_owned())
    };
    let plain = |value: String| {
        value
            .replace("&lt;", "<")
            .replace("&gt;", ">")
            .replace("&quot;", "\"")
            .replace("&amp;", "&")
    };
    let main = body.split_once("<main").unwrap().1;
    let tags =
        main.split("<input").skip(1).map(|rest| format!(" {}", rest.split_once('>').unwrap().0));
    let mut pairs: Vec<(String, String)> = tags
        .filter(|tag| !tag.contains("\"radio\"") || tag.contains("checked"))
        .filter_map(|tag| {
            Some((attribute(&tag, "name")?, plain(attribute(&tag, "value").unwrap_or_default())))
        })
        .collect();
    for (name, value) in typed {
        let pair = pairs.iter_mut().find(|(other, _)| other == name);
        pair.unwrap_or_else(|| panic!("no field {name} in {main}")).1 = (*value).to_owned();
    }
    pairs.push(("go".to_owned(), go.to_owned()));
    urlencoded(&pairs)
}

/// Somebody on the way through the wizard.
struct Farmer {
    site: Site,
    body: String,
}

impl Farmer {
    /// Dara, who belongs to no farm any more.
    async fn new() -> Self {
        let mut site = Site::new().await;
        site.sql("UPDATE farm_users SET deleted_at = now() WHERE user_id = (SELECT id FROM users WHERE username = 'dara')")
            .await;
        site.sign_in("dara").await;
        let body = site.get("/welcome").await.body;
        Self { site, body }
    }

    async fn press(&mut self, typed: &[(&str, &str)], go: &str) -> StatusCode {
        let answer = self.site.post("/welcome", &filled(&self.body, typed, go)).await;
        self.body = answer.body;
        answer.status
    }

    /// Types the usual things, up to the last step.
    async fn fill_in_all(&mut self) {
        self.press(&[("name", "កសិដ្ឋាន"), ("place", "Takeo")], "next").await;
        self.press(&[("houses", "២")], "next").await;
        let status = self.press(&[("birds", "៥០០"), ("age", "3")], "next").await;
        assert!(self.body.contains("welcome") && status == StatusCode::OK, "{}", self.body);
    }

    async fn farms(&self) -> String {
        self.site.text("SELECT count(*) FROM farms").await
    }
}

#[tokio::test]
async fn four_steps_make_a_farm_with_its_houses_and_birds_and_lead_to_its_home() {
    let mut farmer = Farmer::new().await;
    farmer.fill_in_all().await;
    assert_eq!(farmer.farms().await, "2", "nothing is made before the last step");
    let last = filled(&farmer.body, &[], "next");
    let made = farmer.site.post("/welcome", &last).await;
    assert_eq!(made.status, StatusCode::SEE_OTHER, "{}", made.body);
    let home = made.header("location").to_owned();
    let text = farmer.site.get(&home).await;
    assert_eq!(text.status, StatusCode::OK);
    assert!(text.body.contains("ទ្រុងទី 1"), "{}", text.text());
    assert_eq!(
        farmer
            .site
            .text(
                "SELECT string_agg(concat_ws(' ', f.name, f.location, f.timezone, h.name, h.bird_kind,
                    h.bird_count, h.placed_on, m.role), ', ' ORDER BY h.position)
                FROM farms f JOIN houses h ON h.farm_id = f.id JOIN farm_users m ON m.farm_id = f.id
                WHERE f.location = 'Takeo'"
            )
            .await,
        "កសិដ្ឋាន Takeo Asia/Phnom_Penh ទ្រុងទី 1 local 500 2026-02-09 admin, \
         កសិដ្ឋាន Takeo Asia/Phnom_Penh ទ្រុងទី 2 local 500 2026-02-09 admin"
    );
}

#[tokio::test]
async fn who_came_with_a_box_in_hand_connects_it_to_the_new_farm() {
    let mut farmer = Farmer::new().await;
    farmer.site.take_cookie("box=K7RM4PXE");
    farmer.fill_in_all().await;
    let last = filled(&farmer.body, &[], "next");
    let made = farmer.site.post("/welcome", &last).await;
    let to = made.header("location");
    assert!(to.ends_with("/claim?code=K7RM4PXE"), "{to}");
    assert_eq!(made.sets("box").as_deref(), Some("box="));
    let page = farmer.site.get(to).await;
    assert!(page.body.contains("value=\"K7RM 4PXE\""), "{}", page.main());
}

#[tokio::test]
async fn the_last_step_sent_twice_makes_one_farm() {
    let mut farmer = Farmer::new().await;
    farmer.fill_in_all().await;
    let last = filled(&farmer.body, &[], "next");
    let twice = || farmer.site.post("/welcome", &last);
    let (one, other) = futures::future::join(twice(), twice()).await;
    assert_eq!((one.status, other.status), (StatusCode::SEE_OTHER, StatusCode::SEE_OTHER));
    assert_eq!(one.header("location"), other.header("location"));
    assert_eq!(farmer.farms().await, "3");
}

#[tokio::test]
async fn a_form_whose_farm_was_deleted_makes_another() {
    let mut farmer = Farmer::new().await;
    farmer.fill_in_all().await;
    let last = filled(&farmer.body, &[], "next");
    let first = farmer.site.post("/welcome", &last).await.header("location").to_owned();
    let sure = urlencoded(&[("name", "កសិដ្ឋាន")]);
    let deleted = farmer.site.post(&format!("{first}/settings/delete"), &sure).await;
    assert_eq!(deleted.done(), "farm-deleted", "{}", deleted.body);
    assert_eq!(farmer.site.get(&first).await.status, StatusCode::NOT_FOUND);
    let second = farmer.site.post("/welcome", &last).await;
    assert_eq!(second.done(), "farm-made", "{}", second.body);
    assert_ne!(second.header("location"), first);
    assert_eq!(farmer.site.get(second.header("location")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn nobody_gets_into_anothers_farm_by_its_number() {
    let mut farmer = Farmer::new().await;
    farmer.fill_in_all().await;
    let last = filled(&farmer.body, &[("farm", OTHER_FARM)], "next");
    farmer
        .site
        .sql("UPDATE farms SET owner_id = (SELECT id FROM users WHERE username = 'sok')")
        .await;
    let answer = farmer.site.post("/welcome", &last).await;
    assert_eq!(answer.done(), "farm-made", "a farm of their own: {}", answer.body);
    assert_ne!(answer.header("location"), format!("/farms/{OTHER_FARM}"));
    assert_eq!(farmer.farms().await, "3");
    let home = farmer.site.get(&format!("/farms/{OTHER_FARM}")).await;
    assert_eq!(home.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_steps_work_by_their_buttons_alone_and_keep_what_was_typed() {
    let mut farmer = Farmer::new().await;
    assert!(farmer.body.contains("/join"));
    farmer.press(&[("name", "<b>A</b>")], "next").await;
    farmer.press(&[("house-1", "ខាងជើង")], "more-houses").await;
    assert!(farmer.body.contains("value=\"ខាងជើង\"") && farmer.body.contains("value=\"ទ្រុងទី 2\""));
    farmer.press(&[], "next").await;
    farmer.press(&[("birds", "100")], "more-birds").await;
    farmer.press(&[], "older").await;
    farmer.press(&[], "older").await;
    assert!(farmer.body.contains("value=\"150\"") && farmer.body.contains("value=\"2\""));
    assert!(farmer.body.contains("35\u{a0}°C"), "{}", farmer.body);
    farmer.press(&[("age", "old")], "houses").await;
    farmer.press(&[], "farm").await;
    assert!(farmer.body.contains("value=\"&lt;b&gt;A&lt;/b&gt;\""), "{}", farmer.body);
    farmer.press(&[], "next").await;
    farmer.press(&[], "next").await;
    assert!(farmer.body.contains("value=\"150\"") && farmer.body.contains("value=\"old\""));
    assert_eq!(farmer.press(&[], "next").await, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(farmer.body.contains("age-error"));
}

#[tokio::test]
async fn what_can_not_be_kept_is_said_beside_its_field() {
    let mut farmer = Farmer::new().await;
    let long = "ក".repeat(1000);
    for (name, place, field) in [
        ("", "", "name"),
        ("\u{202E}\u{200B}", "", "name"),
        ("a\0b", "", "name"),
        (&long, "", "name"),
        ("A", &long, "place"),
        ("A", "\u{1b}[31m", "place"),
    ] {
        let status = farmer.press(&[("name", name), ("place", place)], "next").await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{name:?} {place:?}");
        assert!(farmer.body.contains(&format!("{field}-error")), "{name:?} {place:?}");
    }
    farmer.press(&[("name", "A"), ("place", "")], "next").await;
    for houses in ["0", "13", "-1", "1.5", "99999999999999999999"] {
        let status = farmer.press(&[("houses", houses)], "next").await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{houses}");
        assert!(farmer.body.contains("houses-error"), "{houses}");
    }
    farmer.press(&[("houses", "1")], "next").await;
    for (birds, age, field) in [
        ("", "1", "birds"),
        ("-5", "1", "birds"),
        ("1000001", "1", "birds"),
        ("5", "", "age"),
        ("5", "3651", "age"),
    ] {
        let status = farmer.press(&[("birds", birds), ("age", age)], "next").await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{birds} {age}");
        assert!(farmer.body.contains(&format!("{field}-error")), "{birds} {age}");
    }
    assert_eq!(farmer.farms().await, "2");
}

#[tokio::test]
async fn fields_we_did_not_ask_for_are_refused() {
    let farmer = Farmer::new().await;
    let form = filled(&farmer.body, &[("name", "A")], "next");
    for more in
        ["owner_id=1", "farm_id=1", "role=admin", "name=B", "house-13=x", "timezone=Asia/Bangkok"]
    {
        let answer = farmer.site.post("/welcome", &format!("{form}&{more}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{more}");
    }
    assert_eq!(farmer.site.post("/welcome", "").await.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_first_step_in_english() {
    let site = Site::of_sok().await;
    let main = site.get("/welcome").await.main();
    let number = main.split_once("name=\"farm\" value=\"").unwrap().1.split_once('"').unwrap().0;
    insta::assert_snapshot!(main.replace(number, "…"));
}

#[tokio::test]
async fn sixty_presses_in_a_minute_are_not_too_many() {
    let site = Site::of_sok().await;
    for press in 1..=60 {
        let answer = site.post("/welcome", "go=more-birds").await;
        assert_ne!(answer.status, StatusCode::TOO_MANY_REQUESTS, "press {press}");
    }
}

#[tokio::test]
async fn a_press_without_scripts_comes_back_to_its_button() {
    let mut farmer = Farmer::new().await;
    farmer.press(&[("name", "A")], "next").await;
    for id in ["houses-minus", "houses-plus"] {
        let whole = format!("id=\"{id}\" formaction=\"/welcome#{id}\"");
        assert!(farmer.body.contains(&whole), "{}", farmer.body);
    }
    // the names of more houses are there, out of sight
    assert_eq!(farmer.body.matches("data-nth").count(), 12);
    assert_eq!(farmer.body.matches(" hidden").count(), 11, "{}", farmer.body);
}

#[tokio::test]
async fn numbers_that_are_stepped_are_written_in_the_readers_digits() {
    let mut farmer = Farmer::new().await;
    farmer.site.sql("UPDATE users SET digits = 'khmer'").await;
    farmer.body = farmer.site.get("/welcome").await.body;
    farmer.press(&[("name", "A")], "next").await;
    assert!(farmer.body.contains("name=\"houses\" value=\"១\""), "{}", farmer.body);
    assert!(farmer.body.contains("data-digits=\"០១២៣៤៥៦៧៨៩\""));
    farmer.press(&[], "more-houses").await;
    assert!(farmer.body.contains("name=\"houses\" value=\"២\""), "{}", farmer.body);
}
