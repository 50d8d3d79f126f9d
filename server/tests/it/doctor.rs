//! `tokkatot doctor` on an installation that is well, and on one where nothing is.
use crate::support::{Binary, Broker, site};
use diesel_async::SimpleAsyncConnection as _;

fn redis() -> String {
    std::env::var("TOKKATOT_TEST_REDIS_URL").unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_that_is_well() {
    let database = testkit::database().await;
    let broker = Broker::kept_for(&database).await;
    let site = site();
    let said = Binary::for_database(&database)
        .and_broker(&broker)
        .with("TOKKATOT_REDIS_URL", redis())
        .and_site(&site)
        .run(&["doctor"]);
    assert_eq!(said.code, 0, "{}", said.out);
    assert!(said.out.ends_with("all is well\n"), "{}", said.out);
    let names = ["postgres as app", "postgres as worker", "postgres as owner", "schema", "clock"];
    let names = names.into_iter().chain([
        "partitions",
        "rows",
        "redis",
        "broker ",
        "broker's files",
        "broker's process",
        "web files",
        "HTTP port",
        "admin port",
    ]);
    for name in names {
        let line = format!("ok     {name}");
        assert!(said.out.lines().any(|found| found.starts_with(&line)), "{name}: {}", said.out);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_installation_where_nothing_is_well() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let database = |role: &str| format!("postgres://tokkatot_{role}:hunter2@127.0.0.1:1/tokkatot");
    let said = Binary::default()
        .with("TOKKATOT_DATABASE_URL", database("app"))
        .with("TOKKATOT_WORKER_DATABASE_URL", database("worker"))
        .with("TOKKATOT_REDIS_URL", "redis://:hunter2@127.0.0.1:1")
        .with("TOKKATOT_MQTT_URL", "mqtt://tokkatot-server:hunter2@127.0.0.1:1")
        .with("TOKKATOT_MQTT_PASSWORD_FILE", "/nowhere/passwords")
        .with("TOKKATOT_MQTT_ACL_FILE", "/nowhere/acl")
        .with("TOKKATOT_MQTT_PID_FILE", "/nowhere/pid")
        .with("TOKKATOT_SITE_DIR", "/nowhere/site")
        .with("TOKKATOT_HTTP_ADDR", address.to_string())
        .with("TOKKATOT_ADMIN_ADDR", "127.0.0.1:0")
        .run(&["doctor"]);
    drop(taken);
    assert_eq!(said.code, 1);
    assert!(!said.out.contains("hunter2"));
    insta::assert_snapshot!(said.out.replace(&address.to_string(), "127.0.0.1:PORT"));
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_that_may_too_much_are_found() {
    let database = testkit::database().await;
    let superuser =
        database.url(testkit::DatabaseRole::Worker).replace("tokkatot_worker", "postgres");
    let said = Binary::for_database(&database)
        .with("TOKKATOT_WORKER_DATABASE_URL", superuser)
        .run(&["doctor"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("is not bound by row-level security"), "{}", said.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_that_nobody_puts_in_place_are_found() {
    let database = testkit::database().await;
    let lone = "INSERT INTO event_logs (event_type, event_category, severity, message, created_at)
        VALUES ('signed_in', 'user', 'info', '', '2001-01-01')";
    database.owner().get().await.unwrap().batch_execute(lone).await.unwrap();
    let said = Binary::for_database(&database).run(&["doctor"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("of event_logs wait for a partition of their own"), "{}", said.out);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_does_not_know_the_server_is_found() {
    let database = testkit::database().await;
    let mut broker = Broker::planned();
    broker.start();
    let said = Binary::for_database(&database).and_broker(&broker).run(&["doctor"]);
    assert_eq!(said.code, 1);
    assert!(said.out.contains("does not let tokkatot-server in"), "{}", said.out);
}
