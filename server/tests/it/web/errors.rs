//! What is said when something is wrong.
use super::{
    Site,
    world::{FARM, Log, OTHER_FARM},
};
use http::{Request, StatusCode};

const NOWHERE: &str = "6a5ba5ee-9999-4000-8000-000000000009";
const SOK: &str = "6a5ba5ee-1111-4000-8000-0000000000a1";

#[tokio::test]
async fn a_farm_of_others_and_one_that_does_not_exist_look_the_same() {
    let site = Site::of_sok().await;
    for rest in ["", "/live"] {
        let others = site.get(&format!("/farms/{OTHER_FARM}{rest}")).await;
        let nobodys = site.get(&format!("/farms/{NOWHERE}{rest}")).await;
        assert_eq!(others.status, StatusCode::NOT_FOUND);
        assert_eq!(others.status, nobodys.status);
        assert_eq!(others.text(), nobodys.text());
    }
    let no_id = site.get("/farms/%27%3Bdrop").await;
    assert_eq!(no_id.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn who_asks_for_a_farm_of_others_is_recorded_within_limits() {
    let site = Site::of_sok().await;
    let data =
        "SELECT string_agg(concat_ws(' ', user_id, event_data ->> 'farm', host(ip_address)), ',')
        FROM event_logs WHERE event_type = 'access_refused' AND farm_id IS NULL";
    site.get(&format!("/farms/{OTHER_FARM}")).await;
    assert_eq!(site.text(data).await, format!("{SOK} {OTHER_FARM} 192.0.2.1"));
    site.get(&format!("/farms/{NOWHERE}/live")).await;
    assert!(site.text(data).await.ends_with(&format!(",{SOK} {NOWHERE} 192.0.2.1")));
    for _ in 0..40 {
        let answer = site.get(&format!("/farms/{OTHER_FARM}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND);
    }
    let count = "SELECT count(*) FROM event_logs WHERE event_type = 'access_refused'";
    assert_eq!(site.text(count).await, "30");
}

#[tokio::test]
async fn a_house_of_others_is_not_found_either() {
    let site = Site::of_sok().await;
    for house in [NOWHERE, "x"] {
        let answer = site.get(&format!("/farms/{FARM}?house={house}")).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{house}");
    }
}

#[tokio::test]
async fn people_get_a_page_in_their_language_and_programs_a_problem_document() {
    let site = Site::of_sok().await;
    let page = site.get("/no-such-page").await;
    assert_eq!(page.status, StatusCode::NOT_FOUND);
    assert!(page.text().contains("This page is not here"), "{}", page.text());
    assert!(page.body.contains("សុខ"), "who is signed in stays so");
    let khmer = Request::get("/no-such-page").header("accept-language", "km");
    let khmer = Site::new().await.send(khmer, "").await;
    assert!(khmer.text().contains("រកមិនឃើញទំព័រនេះ"));
    let program = Request::get("/no-such-page").header("accept", "application/json");
    let problem = site.send(program, "").await;
    assert_eq!(problem.header("content-type"), "application/problem+json");
    assert_eq!(problem.body, r#"{"status":404,"title":"Not found","type":"about:blank"}"#);
}

#[tokio::test]
async fn a_program_that_is_not_signed_in_is_told_so() {
    let site = Site::new().await;
    let program = Request::get(format!("/farms/{FARM}")).header("accept", "application/json");
    assert_eq!(site.send(program, "").await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn without_the_database_a_page_says_so_in_time_and_when_to_come_back() {
    let site = Site::of_sok().await;
    let mut web = site.web.clone();
    // nobody listens there
    let away = store::DatabaseSettings::new("postgres://tokkatot_app@127.0.0.1:1/x", 1);
    web.app.database = store::Database::new(&away).await.unwrap();
    let broken = site.served_by(web);
    let began = std::time::Instant::now();
    let answer = broken.get(&format!("/farms/{FARM}")).await;
    assert!(began.elapsed().as_secs() < 5, "{:?}", began.elapsed());
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.header("retry-after"), "5");
    assert!(answer.text().contains("Your coops keep working"), "{}", answer.text());
}

#[tokio::test]
async fn a_fault_of_ours_has_a_number_to_read_out_and_to_find_in_the_log() {
    let mut site = Site::of_sok().await;
    site.sql("DROP VIEW latest_values").await;
    site.router = server::http::observed(site.router);
    let log = Log::listen();
    let answer = site.get(&format!("/farms/{FARM}")).await;
    assert_eq!(answer.status, StatusCode::INTERNAL_SERVER_ERROR);
    let main = answer.main();
    let number = main.split_once("<b class=\"n\">").unwrap().1.split_once('<').unwrap().0;
    let (first, last) = number.split_once('-').unwrap();
    assert_eq!((first.len(), last.len()), (4, 2), "{number}");
    let said = log.said();
    let (id, number) = (
        format!(r#""request.id":"{}""#, answer.header("x-request-id")),
        format!(r#""request.number":"{number}""#),
    );
    let record = said.lines().find(|line| line.contains("The database refused a request"));
    assert!(record.unwrap().contains(&id) && record.unwrap().contains(&number), "{said}");
}

#[tokio::test]
async fn what_was_written_to_is_not_an_address_to_try_again() {
    let site = Site::of_sok().await;
    let mut web = site.web.clone();
    let away = store::DatabaseSettings {
        acquire_timeout: std::time::Duration::from_millis(100),
        ..store::DatabaseSettings::new("postgres://tokkatot_app@127.0.0.1:1/x", 1)
    };
    web.app.database = store::Database::new(&away).await.unwrap();
    let broken = site.served_by(web);
    for (address, again) in [("/sign-out", "/"), ("/language", "/"), ("/sign-in", "/sign-in")] {
        let answer = broken.post(address, "").await;
        assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE, "{address}");
        let button = format!("<a href=\"{again}\" class=\"button button--tall\"");
        assert!(answer.main().contains(&button), "{}", answer.main());
        let back = format!("name=\"back\" value=\"{again}\"");
        assert!(answer.body.contains(&back), "{}", answer.body);
        let asked = broken.get(again).await;
        assert_ne!(asked.status, StatusCode::METHOD_NOT_ALLOWED, "{again}");
    }
}

#[tokio::test]
async fn too_large_a_form_is_refused_with_a_page() {
    let site = Site::new().await;
    let answer = site.post("/sign-in", &"x".repeat(130 * 1024)).await;
    assert_eq!(answer.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(answer.text().contains("What was sent is too large"), "{}", answer.text());
}

#[tokio::test]
async fn reading_what_is_only_written_is_not_allowed() {
    let site = Site::new().await;
    for address in ["/language", "/sign-out"] {
        let answer = site.get(address).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{address}");
        assert_eq!(answer.header("allow"), "POST");
    }
}
