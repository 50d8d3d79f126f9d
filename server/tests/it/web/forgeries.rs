//! Writes that no page of ours has sent: refused, whatever they are for, and nothing changes.
use super::{
    Site,
    walk::{Told, address, form, forms, is_at, own},
    world::{FARM, HOST, HOUSEHOLD},
};
use app::access::Endpoint;
use http::{Method, Request, StatusCode, request::Builder};

/// What somebody else's page, or no page at all, may send to `action`; the last word is what it is.
fn forgeries(action: &str) -> Vec<(Builder, &'static str)> {
    let from = |origin: &str| form(action).header("host", HOST).header("origin", origin);
    let of_kind = |kind: &str| {
        Request::post(action).header("content-type", kind).header("sec-fetch-site", "same-origin")
    };
    vec![
        (form(action).header("sec-fetch-site", "cross-site"), "a form of another site"),
        (from("https://evil.example"), "a form of another site, by an older browser"),
        (of_kind("text/plain"), "JSON as plain text"),
        (of_kind("multipart/form-data; boundary=x"), "a form in parts"),
        (form(action), "no origin at all"),
        (from("null"), "the origin null"),
        (form(action).header("sec-fetch-site", "none"), "typed by nobody"),
        (form(action).header("sec-fetch-site", "same-site"), "a sub-domain"),
        (from(&format!("http://evil.{HOST}")), "a sub-domain, by an older browser"),
        (from(&format!("https://{HOST}")), "another scheme"),
        (form(action).header("x-http-method-override", "GET"), "a write that calls itself a read"),
    ]
}

/// Reads that would like to be writes.
fn disguised(action: &str, body: &str) -> Vec<(Builder, &'static str)> {
    let mark = if action.contains('?') { '&' } else { '?' };
    let with = |pairs: &str| {
        Request::get(format!("{action}{mark}{pairs}")).header("sec-fetch-site", "cross-site")
    };
    let overriding = |name: &str| Request::get(action).header(name, "POST");
    vec![
        (with(body), "a form in an address"),
        (with(&format!("{body}&_method=POST")), "a method in an address"),
        (overriding("x-http-method-override"), "a method in a header"),
        (overriding("x-method-override"), "a method in another header"),
    ]
}

/// An admin on the farm last looked at, whose pages change nothing by being looked at.
async fn admin() -> (Site, Vec<Endpoint>) {
    let site = Site::of_sok().await;
    site.sql(HOUSEHOLD).await;
    assert_eq!(site.get(&format!("/farms/{FARM}")).await.status, StatusCode::OK);
    let endpoints = app::endpoints(&site.web.app);
    (site, endpoints.list().to_vec())
}

/// All there is, apart from what is noted of who was refused.
async fn everything(site: &Site) -> Vec<String> {
    let but_refusals = |table: &str, _: &[&str]| match table {
        "event_logs" => "event_type NOT IN ('access_refused', 'sign_in_refused')".to_owned(),
        _ => "true".to_owned(),
    };
    site.held(but_refusals).await
}

/// Writes whose forms stand on no page that Sok may open on his farm: he is signed in here alone, without a
/// second factor and without a code; no farm of his is away; the first
/// house has its devices; all hardware is in use, so that none can take another's place and none is to be tried;
/// each controller has something that runs; nothing was stopped; no two devices of a kind hang together; and what the
/// island sends is no form.
const NOT_OFFERED: [&str; 24] = [
    "/sign-in",
    "/sign-in/code",
    "/sign-up",
    "/join/{code}",
    "/reset/{code}",
    "/account/second-factor",
    "/account/second-factor/codes",
    "/account/second-factor/off",
    "/account/sessions/{session}/end",
    "/account/sessions/end-others",
    "/farms/{farm}/restore",
    "/farms/{farm}/resume",
    "/farms/{farm}/control",
    "/farms/{farm}/api/tap",
    "/farms/{farm}/houses/{house}/remove",
    "/farms/{farm}/devices/{device}/try",
    "/farms/{farm}/devices/{device}/restore",
    "/farms/{farm}/devices/{device}/replace",
    "/farms/{farm}/devices/{device}/calibration/{sensor}",
    "/farms/{farm}/devices/{device}/calibration/{sensor}/undo",
    "/farms/{farm}/devices/{device}/calibration/{sensor}/remove",
    "/farms/{farm}/nodes/{node}/replace",
    "/farms/{farm}/nodes/{node}/give",
    "/farms/{farm}/stop/{stop}/release",
];

/// Every write with what to send to it: the forms of pages, or an empty one where no page has any.
async fn writes(site: &Site, endpoints: &[Endpoint]) -> Vec<(String, String)> {
    let offered = forms(site, endpoints, |address| address).await;
    let (mut writes, mut not_offered) = (Vec::new(), Vec::new());
    for endpoint in endpoints.iter().filter(|endpoint| endpoint.method == Method::POST) {
        let mut bodies: Vec<_> =
            offered.iter().filter(|form| is_at(endpoint, &form.action)).collect();
        bodies.dedup_by_key(|form| &form.action);
        let found = bodies.iter().map(|form| (form.action.clone(), form.body.clone()));
        let count = writes.len();
        writes.extend(found);
        if writes.len() == count {
            not_offered.push(endpoint.path);
            writes.push((address(site, endpoint.path).await, String::new()));
        }
    }
    assert_eq!(not_offered, NOT_OFFERED, "the forms of all others are found");
    writes
}

#[tokio::test]
async fn no_forgery_of_any_write_gets_in_or_changes_anything() {
    let (site, endpoints) = admin().await;
    let before = everything(&site).await;
    let writes = writes(&site, &endpoints).await;
    assert_eq!(everything(&site).await, before, "looking at pages");
    for (action, body) in &writes {
        for (forgery, what) in forgeries(action) {
            let answer = Told::read(site.open(forgery, body).await).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{what}: {action}");
            assert!(!answer.headers.contains_key("set-cookie"), "{what}: {action}");
            assert_eq!(everything(&site).await, before, "{what}: {action}");
        }
        let is_page =
            |endpoint: &Endpoint| endpoint.method == Method::GET && is_at(endpoint, action);
        for (forgery, what) in disguised(action, body) {
            let answer = Told::read(site.open(forgery, body).await).await;
            if !endpoints.iter().any(is_page) {
                assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{what}: {action}");
            }
            assert_eq!(everything(&site).await, before, "{what}: {action}");
        }
    }
}

/// What was refused above was refused for where it came from.
#[tokio::test]
async fn the_same_writes_of_our_own_pages_get_in() {
    let (site, endpoints) = admin().await;
    let before = everything(&site).await;
    let mut writes = writes(&site, &endpoints).await;
    // ending the session comes last
    writes.sort_by_key(|(action, _)| action == "/sign-out");
    for (action, body) in writes {
        for request in [own(&action), form(&action).header("origin", format!("http://{HOST}"))] {
            let answer = Told::read(site.open(request, &body).await).await;
            let status = answer.status;
            assert!(
                ![StatusCode::FORBIDDEN, StatusCode::METHOD_NOT_ALLOWED].contains(&status),
                "{action} is {status}"
            );
        }
    }
    assert_ne!(everything(&site).await, before);
}
