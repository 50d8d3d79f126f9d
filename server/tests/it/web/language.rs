//! Which language a page is in.
use super::Site;
use http::{Request, StatusCode};

fn language(body: &str) -> &str {
    let after = body.split_once("<html lang=\"").unwrap().1;
    after.split_once('"').unwrap().0
}

#[tokio::test]
async fn a_stranger_reads_what_the_cookie_says_else_the_browser_else_khmer() {
    let site = Site::new().await;
    let asked = |accept: &str, cookie: &str| {
        Request::get("/sign-in").header("accept-language", accept).header("cookie", cookie)
    };
    for (accept, cookie, expected) in [
        ("fr", "", "km"),
        ("en-GB, km;q=0.5", "", "en"),
        ("en", "lang=km", "km"),
        ("km", "lang=en", "en"),
    ] {
        let answer = site.send(asked(accept, cookie), "").await;
        assert_eq!(language(&answer.body), expected, "{accept} {cookie}");
    }
}

#[tokio::test]
async fn the_account_wins_over_cookie_and_browser() {
    let mut site = Site::new().await;
    site.sign_in("dara").await;
    let cookies = format!("{}; lang=en", site.session_cookie());
    let answer = site.send(Request::get("/farms").header("cookie", cookies), "").await;
    assert_eq!(language(&answer.body), "km");
}

#[tokio::test]
async fn the_switch_works_before_the_door_and_behind_it() {
    let mut site = Site::new().await;
    let answer = site.post("/language", "to=km&back=%2Fsign-in").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header("location"), "/sign-in");
    assert!(answer.header("set-cookie").starts_with("lang=km; Path=/; Max-Age="));

    site.sign_in("sok").await;
    assert_eq!(language(&site.get("/farms").await.body), "en");
    site.post("/language", "to=km&back=%2Ffarms").await;
    assert_eq!(language(&site.get("/farms").await.body), "km");
}

#[tokio::test]
async fn the_switch_never_leads_away_from_the_site() {
    let site = Site::new().await;
    for back in ["%2F%2Fevil.example", "https%3A%2F%2Fevil.example", "%2F%0d%0aX%3A1"] {
        let answer = site.post("/language", &format!("to=en&back={back}")).await;
        assert_eq!(answer.header("location"), "/");
    }
    let answer = site.post("/language", "to=xx&back=%2F").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn the_home_screen_speaks_the_pages_language() {
    let site = Site::new().await;
    assert!(site.get("/sign-in").await.body.contains(r#"href="/manifest/en""#));
    let manifest = site.get("/manifest/km").await;
    assert_eq!(manifest.header("content-type"), "application/manifest+json");
    let manifest: serde_json::Value = serde_json::from_str(&manifest.body).unwrap();
    assert_eq!(manifest["lang"], "km");
    assert_eq!(manifest["name"], "Tokkatot កសិដ្ឋានមាន់");
    assert_eq!(site.get("/manifest/xx").await.status, StatusCode::NOT_FOUND);
}
