//! Two nodes on one broker: nothing crosses, whatever one of them tries.
use crate::support::{Binary, Broker, Client, Received};
use std::time::Duration;
use testkit::TestDatabase;

const SECOND: Duration = Duration::from_secs(1);

async fn node(database: &TestDatabase, broker: &Broker, name: &str) -> (Client, String) {
    let made = Binary::for_database(database).json(&["node", "create", "--name", name]);
    let password = made["password"].as_str().unwrap().to_owned();
    (broker.connect_soon(name, &password, SECOND).await, password)
}

fn messages(pairs: &[(&str, &str)]) -> Vec<Received> {
    pairs.iter().map(|(topic, text)| ((*topic).to_owned(), (*text).to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_node_publishes_under_another_name_reaches_nobody() {
    let database = testkit::database().await;
    let broker = Broker::kept_for(&database).await;
    let (mut thief, password) = node(&database, &broker, "thief").await;
    let (mut victim, _) = node(&database, &broker, "victim").await;
    let mut server = broker.server_account().await;
    server.subscribe("#").await;
    server.hear_for(Duration::from_millis(200)).await;
    for topic in [
        "tokkatot/victim/up/readings",
        "tokkatot/victim/down/command",
        "tokkatot/thief/down/command",
        "tokkatot/thief",
        "tokkatot/+/up/readings-of-nobody".replace('+', "%u").as_str(),
        "elsewhere",
        "homeassistant/switch/victim/config",
    ] {
        thief.publish(topic, "forged", false).await;
        thief.publish(topic, "forged and kept", true).await;
    }
    victim.subscribe("tokkatot/victim/down/#").await;
    thief.publish("tokkatot/thief/up/readings", "its own", false).await;
    thief.hear_for(Duration::from_millis(300)).await;
    assert_eq!(victim.hear_for(Duration::from_millis(300)).await, []);
    let heard = server.hear_for(Duration::from_millis(300)).await;
    assert_eq!(heard, messages(&[("tokkatot/thief/up/readings", "its own")]));

    // a will is published by the broker, under the same rules
    let will = Some(("tokkatot/victim/up/availability", "offline"));
    if let Ok(client) = broker.connect_with_will("thief", &password, will).await {
        drop(client);
    }
    let heard = server.hear_for(Duration::from_millis(500)).await;
    assert_eq!(heard.len(), 1, "{heard:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_meant_for_one_node_is_heard_by_no_other() {
    let database = testkit::database().await;
    let broker = Broker::kept_for(&database).await;
    let (mut thief, _) = node(&database, &broker, "thief").await;
    let (mut victim, _) = node(&database, &broker, "victim").await;
    victim.subscribe("tokkatot/victim/down/#").await;
    victim.hear_for(Duration::from_millis(200)).await;
    for filter in [
        "#",
        "+/+/+/+",
        "tokkatot/#",
        "tokkatot/+/down/#",
        "tokkatot/victim/down/ack",
        "tokkatot/victim/up/readings",
        "$SYS/#",
        "$share/group/tokkatot/victim/down/#",
        "$share/group/#",
    ] {
        thief.subscribe(filter).await;
    }
    thief.hear_for(Duration::from_millis(200)).await;
    let mut server = broker.server_account().await;
    server.publish("tokkatot/victim/down/ack", "for the victim", false).await;
    server.publish("tokkatot/thief/down/ack", "for the thief", false).await;
    server.hear_for(Duration::from_millis(200)).await;
    victim.publish("tokkatot/victim/up/readings", "of the victim", false).await;
    let heard = victim.hear_for(Duration::from_millis(300)).await;
    assert_eq!(heard, messages(&[("tokkatot/victim/down/ack", "for the victim")]));
    // longer than the broker's own statistics need to come out
    let mut heard = thief.hear_for(Duration::from_millis(1500)).await.to_vec();
    heard.dedup();
    assert_eq!(heard, messages(&[("tokkatot/thief/down/ack", "for the thief")]));
}
