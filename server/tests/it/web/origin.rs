//! Where people come from.
use super::{Site, world::PASSWORD};
use http::{Request, StatusCode};

const SEEN: &str = "SELECT string_agg(host(ip_address), ' ' ORDER BY id) FROM event_logs";

async fn sign_in(site: &Site, password: &str, forwarded: &str, agent: &str) -> StatusCode {
    let request = Request::post("/sign-in")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .header("x-forwarded-for", forwarded)
        .header("user-agent", agent);
    site.send(request, &format!("login=sok&password={password}")).await.status
}

#[tokio::test]
async fn behind_a_proxy_of_ours_sessions_and_events_have_the_visitors_address() {
    let mut site = Site::new().await;
    let mut web = site.web.clone();
    web.proxies = ["10.0.0.0/8".parse().unwrap()].into_iter().collect();
    site = site.served_by(web);
    site.come_from("10.0.0.1");
    let forwarded = "203.0.113.9, 198.51.100.7, 10.0.0.2";
    assert_eq!(sign_in(&site, PASSWORD, forwarded, "Browser").await, StatusCode::SEE_OTHER);
    assert_eq!(site.text("SELECT host(ip_address) FROM user_sessions").await, "198.51.100.7");
    assert_eq!(site.text(SEEN).await, "198.51.100.7");
}

#[tokio::test]
async fn who_pretends_to_come_from_elsewhere_is_counted_all_the_same() {
    let site = Site::new().await;
    for number in 0..5 {
        let elsewhere = format!("203.0.113.{number}");
        let status = sign_in(&site, "wrong", &elsewhere, "Browser").await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let status = sign_in(&site, PASSWORD, "203.0.113.99", "Browser").await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
}

#[tokio::test]
async fn a_browser_may_call_itself_what_it_likes_within_limits() {
    let site = Site::new().await;
    sign_in(&site, PASSWORD, "", &"x".repeat(4000)).await;
    assert_eq!(site.text("SELECT max(length(user_agent)) FROM user_sessions").await, "512");
    assert_eq!(site.text("SELECT max(length(user_agent)) FROM event_logs").await, "512");
}
