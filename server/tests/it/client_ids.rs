//! A client id is a place at the broker: whoever comes under it takes it, and who was there is thrown off. Who may
//! take whose place at a broker that is set up as docs/operations.md says.
use crate::support::{BROKER_PASSWORD, Binary, Broker, Client};
use server::config::SERVER_ACCOUNT;
use std::time::Duration;
use testkit::TestDatabase;
use worker::{BrokerAccess, NodeLink};

const SECOND: Duration = Duration::from_secs(1);
/// Long enough for what is on its way on this machine.
const MOMENT: Duration = Duration::from_millis(300);
const SERVER: (&str, &str) = (SERVER_ACCOUNT, BROKER_PASSWORD);

/// The password of a new node, once the broker knows it.
async fn node(database: &TestDatabase, broker: &Broker, name: &str) -> String {
    let made = Binary::for_database(database).json(&["node", "create", "--name", name]);
    let password = made["password"].as_str().unwrap().to_owned();
    drop(broker.connect_soon(name, &password, SECOND).await);
    password
}

#[tokio::test(flavor = "multi_thread")]
async fn no_node_takes_the_place_of_another_one_or_of_the_server() {
    let database = testkit::database().await;
    let (mut broker, nodes) = Broker::as_documented();
    broker.run_for(&database).await;
    let victims = node(&database, &broker, "victim").await;
    let thiefs = node(&database, &broker, "thief").await;
    let thief = ("thief", thiefs.as_str());
    let connect = async || {
        let victim = Client::connect_as("victim", nodes, ("victim", &victims)).await.unwrap();
        victim.subscribe("tokkatot/victim/down/#").await;
        victim
    };
    let mut victim = connect().await;
    victim.hear_for(MOMENT).await;
    let mut server = Client::connect_as("the-servers", broker.port(), SERVER).await.unwrap();
    for id in ["victim", "the-servers"] {
        let mut taker = Client::connect_as(id, nodes, thief).await.unwrap();
        taker.hear_for(MOMENT).await;
    }
    server.publish_and_hear("tokkatot/victim/down/ack", "still there", false).await;
    let heard = victim.hear_for(MOMENT).await;
    assert_eq!(heard, [("tokkatot/victim/down/ack".to_owned(), "still there".to_owned())]);

    // only on its own way in the server takes a node's place, to make it connect anew
    let login = Some((SERVER_ACCOUNT.to_owned(), BROKER_PASSWORD.to_owned()));
    let access = BrokerAccess { host: "127.0.0.1".to_owned(), port: broker.port(), login };
    let link = NodeLink::open(access, "victim".parse().unwrap()).await.unwrap();
    link.cut().await.unwrap();
    victim.disconnected(SECOND).await;

    // which is why nodes are not to come by it
    let victim = connect().await;
    let _taker = Client::connect_as("victim", broker.port(), thief).await.unwrap();
    victim.disconnected(SECOND).await;
}
