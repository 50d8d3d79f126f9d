//! The event log: told in the reader's language, searched, turned page by page, and taken away as a file.
use super::{
    Site,
    world::{FARM, HOUSEHOLD, OTHER_FARM, SOK, SOPHEA},
};
use http::{Method, Request, StatusCode};
use std::collections::BTreeSet;

fn log(query: &str) -> String {
    format!("/farms/{FARM}/events{query}")
}

/// Sok's farm after a few events.
async fn site() -> Site {
    let site = Site::of_sok().await;
    site.sql(HOUSEHOLD).await;
    site.sql(EVENTS).await;
    site
}

/// Yesterday a controller, today people; and one of the other farm.
const EVENTS: &str = r#"
    INSERT INTO event_logs (farm_id, device_id, user_id, event_type, event_category, severity, message,
        event_data, ip_address, user_agent, created_at) VALUES
    ('6a5ba5ee-1111-4000-8000-000000000001', NULL, NULL, 'node_offline', 'device', 'warning', '',
        '{"node": "house-2"}', NULL, NULL, '2026-02-11 08:00:00+00'),
    ('6a5ba5ee-1111-4000-8000-000000000001', '6a5ba5ee-1111-4000-8000-0000000000d3', NULL, 'device_found',
        'device', 'info', '', '{"device": "house-1:fan1"}', NULL, NULL, '2026-02-11 17:30:00+00'),
    ('6a5ba5ee-1111-4000-8000-000000000001', NULL, '6a5ba5ee-1111-4000-8000-0000000000a1',
        'member_role_changed', 'user', 'warning', '',
        '{"member": "6a5ba5ee-1111-4000-8000-0000000000a5", "from": "viewer", "to": "keeper"}', '192.0.2.7',
        'Mozilla/5.0 (Linux; Android 10; K) AppleWebKit/537.36 Chrome/120.0.0.0 Mobile Safari/537.36',
        '2026-02-12 02:00:00+00'),
    ('6a5ba5ee-1111-4000-8000-000000000001', NULL, '6a5ba5ee-1111-4000-8000-0000000000a4',
        'house_added', 'user', 'info', '', '{"name": "=cmd|''/C calc''!A0, \"x\""}', '192.0.2.8', '',
        '2026-02-12 03:00:00+00'),
    ('6a5ba5ee-2222-4000-8000-000000000002', NULL, NULL, 'farm_created', 'user', 'info', '',
        '{"name": "Secret"}', NULL, NULL, '2026-02-12 03:00:00+00');
"#;

/// How many events a page shows.
fn rows(page: &str) -> usize {
    page.matches("class=\"what\"").count()
}

#[tokio::test]
async fn the_log_is_told_by_day_in_the_readers_language() {
    let mut site = site().await;
    insta::assert_snapshot!("log_in_english", site.get(&log("")).await.text());
    site.sql("UPDATE users SET language = 'km'").await;
    site.sign_in("sok").await;
    insta::assert_snapshot!("log_in_khmer", site.get(&log("")).await.text());
}

#[tokio::test]
async fn events_are_found_by_what_the_reader_sees() {
    let site = site().await;
    let find = async |query: &str| {
        let text = site.get(&log(query)).await.text();
        let all = ["does not answer", "New device", "Role of", "Added house"];
        all.into_iter().filter(|words| text.contains(words)).collect::<Vec<_>>()
    };
    assert_eq!(find("").await, ["does not answer", "New device", "Role of", "Added house"]);
    assert_eq!(find("?q=role%20OF").await, ["Role of"], "by a sentence");
    assert_eq!(find("?q=Keeper").await, ["Role of"], "by a role");
    assert_eq!(find("?q=sophea").await, ["Role of"], "by whom it is about");
    assert_eq!(find("?q=vanna").await, ["Added house"], "by who did it");
    assert_eq!(find("?q=house-2").await, ["does not answer"], "by what goes with it");
    assert_eq!(find("?category=device").await, ["does not answer", "New device"]);
    assert_eq!(find("?severity=warning").await, ["does not answer", "Role of"]);
    assert_eq!(find(&format!("?person={SOK}")).await, ["Role of"]);
    assert_eq!(find("?to=2026-02-11").await, ["does not answer"], "days are the farm's");
    assert_eq!(find("?from=2026-02-12&category=device").await, ["New device"]);
    assert_eq!(find("?unknown=1&q=").await.len(), 4, "unknown fields are let be");
    assert_eq!(find("?q=no+such+words").await, Vec::<&str>::new());
    assert!(!site.get(&log("")).await.body.contains("Secret"));
}

#[tokio::test]
async fn a_search_in_khmer_finds_khmer_sentences_however_they_are_typed() {
    let mut site = site().await;
    site.sql("UPDATE users SET language = 'km'").await;
    site.sign_in("sok").await;
    // "role", and "keeper" with an invisible space in it
    for text in ["តួនាទី", "អ្នក\u{200B}ថែទាំ"] {
        let mut query = url::form_urlencoded::Serializer::new("?q=".to_owned());
        let query = query.append_key_only(text).finish().replace("?q=&", "?q=");
        let page = site.get(&log(&query)).await;
        assert_eq!(rows(&page.body), 1, "{query}: {}", page.text());
        assert!(page.text().contains("តួនាទីរបស់ Sophea"), "{}", page.text());
    }
}

#[tokio::test]
async fn what_was_looked_for_stays_on_the_page_and_in_its_links() {
    let site = site().await;
    let query =
        format!("?q=a%22%3Cb%3E&category=user&severity=warning&person={SOPHEA}&from=2026-02-01");
    let page = site.get(&log(&query)).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text().contains("Nothing found"), "{}", page.text());
    assert!(page.body.contains("value=\"a&quot;&lt;b&gt;\""), "{}", page.main());
    assert!(page.body.contains("events.csv?q=a%22%3Cb%3E&amp;category=user&amp;severity=warning"));
    assert!(page.body.contains("<details open"));
    assert!(page.body.contains(&format!("<option value=\"{SOPHEA}\" selected")));
    assert!(page.body.contains("<input type=\"hidden\" name=\"category\" value=\"user\""));
    assert!(page.body.contains(&format!("href=\"{}\"", log(""))), "the way back to everything");
}

#[tokio::test]
async fn an_address_that_is_none_of_ours_is_refused() {
    let site = site().await;
    for query in ["?after=x", "?before=1-", "?severity=bad", "?person=sok", "?category=x"] {
        for address in [log(query), format!("/farms/{FARM}/events.csv{query}")] {
            assert_eq!(site.get(&address).await.status, StatusCode::BAD_REQUEST, "{address}");
        }
    }
}

#[tokio::test]
async fn half_a_date_comes_back_with_a_word_beside_it_and_nothing_is_lost() {
    let site = site().await;
    let query = format!("?q=house&severity=warning&person={SOPHEA}&from=12.2.&to=2026-02-12");
    let page = site.get(&log(&query)).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(rows(&page.body), 0, "nothing that was not asked for");
    let beside = page.body.split_once("id=\"from-error\"").unwrap().1;
    assert!(beside.contains("Please give a date such as 2026-02-12."), "{}", page.main());
    let input = beside.split_once("<input").unwrap().1.split_once('>').unwrap().0;
    for part in ["value=\"12.2.\"", "aria-invalid=\"true\"", "autofocus"] {
        assert!(input.contains(part), "{part}: {input}");
    }
    for kept in [
        "value=\"house\"",
        "<option value=\"warning\" selected",
        "value=\"2026-02-12\"",
        "<details open",
    ] {
        assert!(page.body.contains(kept), "{kept}: {}", page.main());
    }
    assert!(page.body.contains(&format!("<option value=\"{SOPHEA}\" selected")));
    assert!(!page.body.contains("events.csv"), "a file of what?");
    let file = site.get(&format!("/farms/{FARM}/events.csv?from=12.2.")).await;
    assert_eq!(file.status, StatusCode::BAD_REQUEST);
    let page = site.get(&log("?q=a%00b")).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.body.contains("id=\"q-error\""), "{}", page.main());
}

#[tokio::test]
async fn the_file_speaks_the_readers_language() {
    let mut site = site().await;
    let severities = async |site: &Site| {
        let file = site.get(&format!("/farms/{FARM}/events.csv?category=device")).await.body;
        let lines = file.lines().skip(1).map(|line| line.split(',').nth(4).unwrap().to_owned());
        lines.collect::<Vec<_>>()
    };
    assert_eq!(severities(&site).await, ["Information", "Warning"]);
    site.sql("UPDATE users SET language = 'km'").await;
    site.sign_in("sok").await;
    assert_eq!(severities(&site).await, ["ព័ត៌មាន", "ព្រមាន"]);
}

#[tokio::test]
async fn a_farm_without_events_says_so() {
    let site = Site::of_sok().await;
    assert!(site.get(&log("")).await.text().contains("Nothing has happened yet"));
}

/// Adds numbered events of a farm, one a second from a time on.
async fn add(site: &Site, numbers: std::ops::Range<u32>, from: &str) {
    let (first, last) = (numbers.start, numbers.end - 1);
    site.sql(&format!(
        "INSERT INTO event_logs (farm_id, event_type, event_category, severity, message, event_data, created_at)
         SELECT '{FARM}', 'house_added', 'user', 'info', '', jsonb_build_object('name', 'N' || n || 'N'),
             '{from}'::timestamptz + interval '1 second' * (n / 3)
         FROM generate_series({first}, {last}) n"
    ))
    .await;
}

/// The numbers on a page, in its order.
fn numbers(page: &str) -> Vec<u32> {
    let parts = page.split("Added house N").skip(1);
    parts.map(|part| part.split('N').next().unwrap().parse().unwrap()).collect()
}

/// The address of the link with a word.
fn link(page: &str, word: &str) -> Option<String> {
    let before = page.split_once(&format!("<span>{word}</span>"))?.0;
    let address = before.rsplit_once("<a href=\"")?.1;
    Some(address.split('"').next()?.replace("&amp;", "&"))
}

#[tokio::test]
async fn older_pages_follow_without_loss_or_repetition_while_new_events_come() {
    let site = Site::of_sok().await;
    add(&site, 0..120, "2026-02-10 00:00:00+00").await;
    let (mut seen, mut address, mut pages) = (Vec::new(), Some(log("?category=user")), Vec::new());
    while let Some(page) = address {
        let body = site.get(&page).await.body;
        seen.extend(numbers(&body));
        address = link(&body, "Older");
        pages.push(body);
        // newer ones, and one that is as old as the newest
        let first = 1000 * u32::try_from(pages.len()).unwrap();
        add(&site, first..first + 7, "2026-02-11 00:00:00+00").await;
    }
    assert_eq!(seen, (0..120).rev().collect::<Vec<_>>());
    assert_eq!(pages.iter().map(|page| rows(page)).collect::<Vec<_>>(), [50, 50, 20]);
    assert!(link(&pages[0], "Newer").is_none());

    let newer = site.get(&link(&pages[2], "Newer").unwrap()).await.body;
    assert_eq!(numbers(&newer), numbers(&pages[1]), "the same page on the way back");
    let newest = site.get(&link(&newer, "Newer").unwrap()).await.body;
    assert_eq!(numbers(&newest)[49], numbers(&pages[1])[0] + 1);
    let top = site.get(&link(&newest, "Newer").unwrap()).await.body;
    assert!(link(&top, "Newer").is_none(), "the newest");
    assert_eq!(rows(&top), 50, "and whole");
}

#[tokio::test]
async fn the_file_has_the_same_events_and_no_formulas() {
    let site = site().await;
    let file = site.get(&format!("/farms/{FARM}/events.csv?severity=warning&q=sophea")).await;
    assert_eq!(file.status, StatusCode::OK);
    assert_eq!(file.body.lines().count(), 2, "{}", file.body);
    let file = site.get(&format!("/farms/{FARM}/events.csv")).await;
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    let name = file.header("content-disposition");
    assert!(name.starts_with("attachment; filename=\"events-2026-02-12.csv\"; filename*=UTF-8''"));
    assert!(!name.contains('<'));
    insta::assert_snapshot!(file.body.replace('\u{FEFF}', "BOM").replace('\r', "␍"));
}

#[tokio::test]
async fn hostile_names_stay_in_their_cells() {
    let site = site().await;
    for name in ["=1+1", "+855", "-2", "@SUM(A1)", "\"\r\n=1,2", "<script>"] {
        let name = name.replace('\'', "''").replace("\r\n", "' || chr(13) || chr(10) || '");
        site.sql(&format!("UPDATE users SET name = '{name}' WHERE id = '{SOK}'")).await;
        let file = site.get(&format!("/farms/{FARM}/events.csv?person={SOK}")).await.body;
        for line in file.lines() {
            for cell in line.split(',') {
                let content = cell.trim_start_matches('"');
                assert!(!content.starts_with(['+', '-', '@', '\t']), "{name}: {line}");
            }
        }
        // who did it: the second cell of the first event
        let who = file.split_once("\r\n").unwrap().1.split_once(',').unwrap().1;
        let is_text = who.starts_with("\"'") || who.starts_with("\"\"\"") || who.starts_with('<');
        assert!(is_text, "{name}: {who}");
    }
}

#[tokio::test]
async fn a_long_log_is_in_the_file_whole_and_once() {
    let site = Site::of_sok().await;
    add(&site, 0..2500, "2026-02-10 00:00:00+00").await;
    let file = site.get(&format!("/farms/{FARM}/events.csv")).await.body;
    let seen: Vec<_> = numbers(&file);
    assert_eq!(seen, (0..2500).rev().collect::<Vec<_>>());
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 2500);
}

#[tokio::test]
async fn another_farms_log_is_not_found() {
    let site = site().await;
    for tail in ["events", "events.csv"] {
        let answer = site.get(&format!("/farms/{OTHER_FARM}/{tail}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn no_endpoint_alters_an_event() {
    let site = site().await;
    let log = "SELECT md5(string_agg(event_logs::text, '|' ORDER BY id)) FROM event_logs
        WHERE created_at < '2026-02-12 06:00:00+00'";
    let before = site.text(log).await;
    let endpoints = app::endpoints(&site.web.app);
    let is_of_log = |path: &str| path.contains("events");
    let writes = endpoints.list().iter().filter(|one| one.method != Method::GET);
    assert!(writes.clone().all(|one| !is_of_log(one.path)), "no form writes to the log");
    for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
        for tail in ["events", "events.csv"] {
            let request = Request::builder()
                .method(method.clone())
                .uri(format!("/farms/{FARM}/{tail}"))
                .header("sec-fetch-site", "same-origin");
            let answer = site.send(request, "").await;
            assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method} {tail}");
        }
    }
    for endpoint in writes {
        let path = endpoint.path.replace("{farm}", FARM).replace("{member}", SOPHEA);
        site.post(&path, "id=1&message=x").await;
        site.post(&path, "").await;
    }
    assert_eq!(site.text(log).await, before);
}
