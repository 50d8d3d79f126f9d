//! Headers, and who may write.
use super::{
    Site,
    world::{FARM, PASSWORD},
};
use http::{Request, StatusCode};

#[tokio::test]
async fn every_answer_has_the_strict_policy_with_a_nonce_of_its_own() {
    let site = Site::of_sok().await;
    let mut nonces = Vec::new();
    for address in ["/sign-in", "/farms", "/nowhere", "/pkg/nothing.css"] {
        let answer = site.get(address).await;
        let policy = answer.header("content-security-policy").to_owned();
        assert!(policy.starts_with("default-src 'none'; script-src 'nonce-"), "{policy}");
        assert!(policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe-inline"));
        let nonce = policy.split('\'').nth(3).unwrap().to_owned();
        assert!(!nonces.contains(&nonce));
        if answer.body.contains("<script") {
            let nonce = nonce.trim_start_matches("nonce-");
            assert!(answer.body.contains(&format!("nonce=\"{nonce}\"")), "{address}");
        }
        nonces.push(nonce);
        assert_eq!(answer.header("x-content-type-options"), "nosniff");
        assert_eq!(answer.header("referrer-policy"), "same-origin");
        assert_eq!(answer.header("x-frame-options"), "DENY");
        assert_eq!(answer.header("cross-origin-resource-policy"), "same-origin");
        let permissions = answer.header("permissions-policy");
        assert!(permissions.contains("camera=(),") && !permissions.contains("  "), "{permissions}");
    }
}

#[tokio::test]
async fn no_page_holds_a_style_attribute_an_inline_handler_or_a_missing_word() {
    let mut site = Site::of_sok().await;
    site.measured(1, 33.8, 5).await;
    site.measured(2, 68.0, 120).await;
    for who in ["sok", "dara"] {
        site.sign_in(who).await;
        for address in [
            "/farms",
            &format!("/farms/{FARM}"),
            "/nowhere",
            "/account",
            "/account/password",
            "/account/second-factor",
            "/account/sessions",
            "/account/deactivate",
            "/account/delete",
        ] {
            let body = site.get(address).await.body;
            assert!(!body.contains(" style="), "{address}");
            assert!(!body.contains(" onclick"), "{address}");
            assert!(!body.contains("Unknown localization"), "{address}");
            assert!(!body.contains("http://") && !body.contains("https://"), "{address}");
        }
    }
    let stranger = Site::new().await;
    for address in ["/sign-in", "/sign-up", "/join", "/join/K7RM4PXD", "/reset", "/reset/K7RM4PXD"]
    {
        let body = stranger.get(address).await.body;
        assert!(!body.contains(" style=") && !body.contains("Unknown localization"), "{address}");
    }
}

#[tokio::test]
async fn a_write_from_another_site_changes_nothing() {
    let site = Site::new().await;
    let body = format!("login=sok&password={PASSWORD}");
    let form =
        || Request::post("/sign-in").header("content-type", "application/x-www-form-urlencoded");
    let refused = [
        form().header("sec-fetch-site", "cross-site"),
        form().header("origin", "https://evil.example").header("host", "farm.example"),
        form(),
        Request::post("/sign-in")
            .header("content-type", "text/plain")
            .header("sec-fetch-site", "same-origin"),
    ];
    for request in refused {
        let answer = site.send(request, &body).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        assert_eq!(answer.cookie(), None);
    }
    let ours = form().header("origin", "http://127.0.0.1:3000");
    assert_eq!(site.send(ours, &body).await.status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn pages_may_live_in_the_back_forward_cache_and_nowhere_else() {
    let site = Site::of_sok().await;
    assert_eq!(site.get("/farms").await.header("cache-control"), "private, no-cache");
}
