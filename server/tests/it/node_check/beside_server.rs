//! The check beside a running server that has not given the node to a farm.
use super::{Double, Fault, assert_all_passed, checked, options, time};
use crate::support::{BROKER_PASSWORD, Binary, Broker, Folder, get};
use diesel::{QueryableByName, sql_query, sql_types::BigInt};
use diesel_async::RunQueryDsl as _;
use server::config::SERVER_ACCOUNT;
use std::time::Duration;
use worker::BrokerAccess;

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

#[tokio::test(flavor = "multi_thread")]
async fn a_running_server_keeps_its_session_and_puts_nothing_away() {
    let (database, folder, time) = (testkit::database().await, Folder::new(), time());
    let broker = Broker::kept_for(&database).await;
    let binary = Binary::for_database(&database).and_broker(&broker);
    let server = binary.serve(&["--roles", "ingest"]).await;
    server.hears_the_broker().await;
    let made = binary.json(&["node", "create", "--name", "desk"]);
    let password = made["password"].as_str().unwrap();
    drop(broker.connect_soon("desk", password, Duration::from_secs(5)).await);
    let plug = folder.0.join("plug");
    let login = ("desk", password);
    let _node = Double::start_as(broker.port(), login, Fault::None, plug.clone(), time);
    let login = Some((SERVER_ACCOUNT.to_owned(), BROKER_PASSWORD.to_owned()));
    let access = BrokerAccess { host: "127.0.0.1".to_owned(), port: broker.port(), login };
    assert_all_passed(&checked(access, options("desk", &plug), time).await.unwrap());
    let owner = database.owner();
    let mut connection = owner.get().await.unwrap();
    let query = "SELECT (SELECT count(*) FROM quarantine) + (SELECT count(*) FROM devices) AS n";
    let count: Count = sql_query(query).get_result(&mut *connection).await.unwrap();
    assert_eq!(count.n, 0, "nothing was put away, and no device was made");
    let (_, metrics) = get(server.admin, "/metrics");
    let failures = metrics.lines().find(|line| line.starts_with("tokkatot_mqtt_failures_total"));
    assert_eq!(failures, None, "the server's link never broke");
    assert!(metrics.contains("tokkatot_ingest_messages_total"), "it heard the node:\n{metrics}");
}
