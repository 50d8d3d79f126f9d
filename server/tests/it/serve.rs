//! The running server: its health, its metrics and its end.
use crate::support::{Binary, Broker, get, site, wait_until};
use diesel::{QueryableByName, sql_query, sql_types::BigInt};
use diesel_async::{RunQueryDsl as _, SimpleAsyncConnection as _};
use std::{
    io::{Read as _, Write as _},
    net::{SocketAddr, TcpStream},
    time::{Duration, Instant},
};
use store::DatabaseSettings;
use testkit::{DatabaseRole, TestDatabase};

fn report(body: &str) -> serde_json::Value {
    serde_json::from_str(body).unwrap()
}

async fn owner(database: &TestDatabase) -> diesel_async::AsyncPgConnection {
    store::connect(&DatabaseSettings::new(database.url(DatabaseRole::Owner), 1)).await.unwrap()
}

/// A form from a page of the site itself; the whole answer.
fn post(address: SocketAddr, path: &str, form: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = form.len();
    write!(
        stream,
        "POST {path} HTTP/1.1\r\nHost: {address}\r\nOrigin: http://{address}\r\n\
         Accept: text/html\r\nContent-Type: application/x-www-form-urlencoded\r\n\
         Content-Length: {length}\r\nConnection: close\r\n\r\n{form}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_without_broker_and_redis_is_degraded_and_serves() {
    let database = testkit::database().await;
    let server = Binary::for_database(&database)
        .with("TOKKATOT_MQTT_URL", "mqtt://tokkatot-server:secret@127.0.0.1:1")
        .with("TOKKATOT_REDIS_URL", "redis://127.0.0.1:1")
        .serve(&["--roles", "ingest,jobs"])
        .await;
    assert_eq!(get(server.http, "/healthz"), (200, "ok\n".to_owned()));
    wait_until("it tries the broker", || {
        report(&get(server.admin, "/readyz").1)["dependencies"]["broker"]["status"] == "degraded"
    })
    .await;
    let (status, body) = get(server.admin, "/readyz");
    let said = report(&body);
    assert_eq!((status, &said["status"]), (200, &"degraded".into()), "{body}");
    assert_eq!(said["dependencies"]["postgres"]["status"], "up");
    assert_eq!(said["dependencies"]["schema"]["status"], "up");
    assert_eq!(said["dependencies"]["redis"]["status"], "degraded");
    assert!(said["dependencies"]["redis"]["reason"].is_string(), "{body}");
    let (_, public) = get(server.http, "/readyz");
    assert!(!public.contains("reason"), "{public}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_whole_server_is_ready() {
    let database = testkit::database().await;
    let mut broker = Broker::planned();
    broker.start();
    let server = Binary::for_database(&database)
        .and_broker(&broker)
        .with("TOKKATOT_REDIS_URL", std::env::var("TOKKATOT_TEST_REDIS_URL").unwrap())
        .serve(&["--roles", "ingest,jobs"])
        .await;
    wait_until("ready", || report(&get(server.admin, "/readyz").1)["status"] == "ready").await;
    let (_, body) = get(server.admin, "/readyz");
    let names: Vec<String> =
        report(&body)["dependencies"].as_object().unwrap().keys().cloned().collect();
    assert_eq!(names, ["broker", "lease", "postgres", "redis", "schema"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_refuses_the_server_makes_it_not_ready() {
    let database = testkit::database().await;
    let mut broker = Broker::planned();
    broker.start();
    let server = Binary::for_database(&database)
        .with("TOKKATOT_MQTT_URL", broker.url())
        .serve(&["--roles", "ingest"])
        .await;
    wait_until("not ready", || get(server.admin, "/readyz").0 == 503).await;
    let (_, body) = get(server.admin, "/readyz");
    let link = &report(&body)["dependencies"]["broker"];
    assert_eq!(link["status"], "down", "{body}");
    assert!(link["reason"].as_str().unwrap().contains("refused"), "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_form_that_is_on_its_way_when_the_server_stops_is_answered() {
    let database = testkit::database().await;
    let site = site();
    let server = Binary::for_database(&database).and_site(&site).serve(&["--roles", "web"]).await;
    let form = "login=nobody%40example.org&password=wrong";
    let mut stream = TcpStream::connect(server.http).unwrap();
    let head = format!(
        "POST /sign-in HTTP/1.1\r\nHost: {0}\r\nOrigin: http://{0}\r\nAccept: text/html\r\n\
         Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {1}\r\n\r\n",
        server.http,
        form.len()
    );
    let (begun, rest) = form.split_at(10);
    write!(stream, "{head}{begun}").unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    server.ask_to_stop();
    wait_until("no new connections", || TcpStream::connect(server.http).is_err()).await;
    assert_eq!(get(server.admin, "/readyz").0, 503, "the admin port tells to the end");
    write!(stream, "{rest}").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 422"), "{answer}");
    assert!(answer.contains("x-request-id: "), "{answer}");
    let (code, log) = server.ended(Duration::from_secs(10)).await;
    assert_eq!(code, 0, "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_never_ends_is_no_reason_for_a_stop_to_fail() {
    let database = testkit::database().await;
    let server = Binary::for_database(&database).serve(&["--roles", "jobs"]).await;
    let mut stream = TcpStream::connect(server.http).unwrap();
    write!(stream, "GET /healthz HTTP/1.1\r\nHost: farm.example\r\n").unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;
    server.ask_to_stop();
    let (code, log) = server.ended(Duration::from_secs(10)).await;
    assert_eq!(code, 0, "{log}");
    let cut = log.lines().map(report).find(|record| record["http.connections"] == 1);
    assert_eq!(cut.unwrap()["level"], "WARN", "{log}");
    assert!(log.lines().last().unwrap().contains("Stopped"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn even_at_its_most_talkative_the_log_holds_no_parameters() {
    let database = testkit::database().await;
    let site = site();
    let server = Binary::for_database(&database)
        .and_site(&site)
        .with("TOKKATOT_LOG", "debug")
        .serve(&["--roles", "web"])
        .await;
    let answer = post(server.http, "/sign-in", "login=sokha%40example.org&password=hunter2");
    assert!(answer.starts_with("HTTP/1.1 422"), "{answer}");
    server.ask_to_stop();
    let (_, log) = server.ended(Duration::from_secs(10)).await;
    assert!(log.contains("Answered a request"), "{log}");
    assert!(!log.contains("sokha") && !log.contains("hunter2"), "{log}");
    // the database's client writes them as bytes
    assert!(!log.contains("with parameters"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_given_up_leaves_no_query_behind() {
    let database = testkit::database().await;
    let site = site();
    let server = Binary::for_database(&database).and_site(&site).serve(&["--roles", "web"]).await;
    let mut owner = owner(&database).await;
    owner.batch_execute("BEGIN; LOCK TABLE users IN ACCESS EXCLUSIVE MODE").await.unwrap();
    let asked = Instant::now();
    let answer = post(server.http, "/sign-in", "login=sok&password=wrong");
    assert!(answer.starts_with("HTTP/1.1 503"), "{answer}");
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
    let running = "SELECT count(*) AS count FROM pg_stat_activity WHERE usename = 'tokkatot_app'
        AND datname = current_database() AND state <> 'idle'";
    let running: Count = sql_query(running).get_result(&mut owner).await.unwrap();
    assert_eq!(running.count, 0);
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_changes_under_a_running_server_is_noticed() {
    let database = testkit::database().await;
    let server = Binary::for_database(&database).serve(&["--roles", "jobs"]).await;
    assert_eq!(get(server.admin, "/readyz").0, 200);
    let mut owner = owner(&database).await;
    owner
        .batch_execute("DELETE FROM __diesel_schema_migrations WHERE version = '0001'")
        .await
        .unwrap();
    wait_until("not ready", || get(server.admin, "/readyz").0 == 503).await;
    let (_, body) = get(server.admin, "/readyz");
    assert_eq!(report(&body)["dependencies"]["schema"]["status"], "down", "{body}");
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_tell_of_requests_connections_and_the_process() {
    let database = testkit::database().await;
    let server = Binary::for_database(&database).serve(&["--roles", "jobs"]).await;
    get(server.http, "/healthz");
    get(server.http, "/farms/3fa85f64-5717-4562-b3fc-2c963f66afa6");
    let (status, text) = get(server.admin, "/metrics");
    assert_eq!(status, 200);
    for line in [
        r#"tokkatot_http_requests_total{method="GET",route="/healthz",status="200"} 1"#,
        r#"tokkatot_http_request_seconds_count{method="GET",route="/healthz"} 1"#,
        r#"tokkatot_database_connections{pool="worker",state="idle"}"#,
        "process_resident_memory_bytes ",
        "process_cpu_seconds_total ",
        "process_open_fds ",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert!(!text.contains("3fa85f64"), "paths are no labels");
    assert_eq!(get(server.http, "/metrics").0, 404, "metrics are private");
}

#[tokio::test(flavor = "multi_thread")]
async fn slow_queries_are_logged_without_their_values() {
    let database = testkit::database().await;
    let server = Binary::for_database(&database)
        .with("TOKKATOT_SLOW_QUERY", "0ms")
        .serve(&["--roles", "jobs"])
        .await;
    wait_until("counted", || {
        let (_, text) = get(server.admin, "/metrics");
        text.contains("tokkatot_database_slow_queries_total ")
    })
    .await;
    server.ask_to_stop();
    let (_, log) = server.ended(Duration::from_secs(10)).await;
    let slow: Vec<serde_json::Value> =
        log.lines().map(report).filter(|record| record["message"] == "A query was slow").collect();
    assert!(slow.iter().any(|record| record["query.sql"].as_str().unwrap().contains("SELECT")));
    assert!(slow.iter().all(|record| record["query.seconds"].is_f64()), "{log}");
    assert!(!log.contains("binds"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stopping_server_says_so_first_also_to_who_is_waiting_and_ends_in_time() {
    let database = testkit::database().await;
    let server = Binary::for_database(&database)
        .with("TOKKATOT_DRAIN_DELAY", "3s")
        .serve(&["--roles", "jobs"])
        .await;
    // a request whose query waits for us
    let mut owner = owner(&database).await;
    owner
        .batch_execute("BEGIN; LOCK TABLE __diesel_schema_migrations IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    let mut waiting = TcpStream::connect(server.http).unwrap();
    let request = b"GET /readyz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    waiting.write_all(request).unwrap();
    tokio::time::sleep(Duration::from_millis(200)).await;

    let began = Instant::now();
    server.ask_to_stop();
    let mut answer = String::new();
    waiting.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 503") && answer.contains("draining"), "{answer}");
    let (status, body) = get(server.http, "/readyz");
    assert_eq!((status, &report(&body)["status"]), (503, &"draining".into()), "{body}");
    assert!(began.elapsed() < Duration::from_secs(3), "it says so before it stops listening");
    wait_until("no new connections", || TcpStream::connect(server.http).is_err()).await;
    let (code, log) = server.ended(Duration::from_secs(10)).await;
    assert_eq!(code, 0, "{log}");
    assert!(began.elapsed() < Duration::from_secs(10));
    for line in log.lines() {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(record["message"].is_string() && record["level"].is_string(), "{line}");
    }
    assert!(log.lines().last().unwrap().contains("Stopped"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_told_twice_ends_at_once() {
    let database = testkit::database().await;
    let server = Binary::for_database(&database)
        .with("TOKKATOT_DRAIN_DELAY", "5s")
        .serve(&["--roles", "jobs"])
        .await;
    server.ask_to_stop();
    wait_until("draining", || get(server.admin, "/readyz").0 == 503).await;
    let began = Instant::now();
    server.ask_to_stop();
    let (code, _) = server.ended(Duration::from_secs(3)).await;
    assert_eq!(code, 1);
    assert!(began.elapsed() < Duration::from_secs(2));
}
