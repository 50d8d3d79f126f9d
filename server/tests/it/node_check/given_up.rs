//! A check that ends before its end leaves the node switched off all the same.
use super::{Double, Fault, access, options, time};
use crate::support::Folder;
use rumqttc::v5::{
    AsyncClient, Event, EventLoop, MqttOptions,
    mqttbytes::{QoS, v5::Packet},
};
use serde_json::Value;
use server::node_check::{self, Options, Report};
use std::{sync::Arc, time::Duration};
use testkit::TestBroker;
use tokio::{task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_secs(20);
/// The timed on that is tried is much longer than a test: whatever is off before its end was switched off.
const TIMED: Duration = Duration::from_mins(5);

/// Somebody who hears all that is said to and by the node, and may say something himself.
struct Observer {
    client: AsyncClient,
    events: EventLoop,
}

impl Observer {
    async fn listen(broker: &TestBroker) -> Self {
        let (user, password) = broker.server_account();
        let mut options = MqttOptions::new("an-observer", "127.0.0.1", broker.port());
        options.set_credentials(user, password);
        let (client, events) = AsyncClient::new(options, 10);
        client.subscribe("tokkatot/n1/#", QoS::AtLeastOnce).await.unwrap();
        let mut observer = Self { client, events };
        while !matches!(observer.event().await, Event::Incoming(Packet::SubAck(_))) {}
        observer
    }

    async fn event(&mut self) -> Event {
        timeout(PATIENCE, self.events.poll()).await.expect("the node is heard").unwrap()
    }

    /// Waits until the fan is on for the whole timed on; all commands to the fan that were heard until then.
    async fn until_timed_on(&mut self) -> Vec<Value> {
        let mut commands = Vec::new();
        let is_timed = |command: &Value| {
            command["duration_ms"].as_u64() == Some(TIMED.as_millis().try_into().unwrap())
        };
        while !commands.iter().any(is_timed) {
            commands.extend(self.until_fan_is("on").await);
        }
        commands
    }

    /// Waits until the node says that its fan is so; all commands to the fan that were heard until then.
    async fn until_fan_is(&mut self, wanted: &str) -> Vec<Value> {
        let mut commands = Vec::new();
        loop {
            let Event::Incoming(Packet::Publish(said)) = self.event().await else { continue };
            let Ok(message) = serde_json::from_slice::<Value>(&said.payload) else { continue };
            if said.topic.ends_with(b"down/command") && message["device"] == "fan1" {
                commands.push(message);
            } else if said.topic.ends_with(b"up/state") {
                let states = message["states"].as_array().unwrap();
                if states.iter().any(|state| state["device"] == "fan1" && state["state"] == wanted)
                {
                    return commands;
                }
            }
        }
    }
}

fn check(
    broker: &TestBroker,
    folder: &Folder,
    stop: CancellationToken,
) -> JoinHandle<anyhow::Result<Report>> {
    let options = Options { timed: TIMED, ..options("n1", &folder.0.join("plug")) };
    let access = access(broker);
    tokio::spawn(node_check::run(access, options, time(), Arc::new(|_| {}), stop))
}

fn node(broker: &TestBroker, folder: &Folder) -> Double {
    broker.add_node("n1", "n1");
    Double::start(broker.port(), "n1", Fault::None, folder.0.join("plug"), time())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_is_stopped_switches_off_what_it_has_switched_on() {
    let (broker, folder) = (testkit::broker(), Folder::new());
    let mut observer = Observer::listen(&broker).await;
    let _node = node(&broker, &folder);
    let stop = CancellationToken::new();
    let checked = check(&broker, &folder, stop.clone());
    let commands = observer.until_timed_on().await;
    let mut on = commands.iter().filter(|command| command["action"] == "on");
    assert!(on.all(|on| on["duration_ms"].is_u64()), "a checker that dies leaves nothing on");
    stop.cancel();
    observer.until_fan_is("off").await;
    let error = checked.await.unwrap().unwrap_err();
    assert!(error.is::<node_check::Stopped>(), "{error:#}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_ends_the_check_does_not_leave_the_node_switched_on() {
    let (broker, folder) = (testkit::broker(), Folder::new());
    let mut observer = Observer::listen(&broker).await;
    let _node = node(&broker, &folder);
    let checked = check(&broker, &folder, CancellationToken::new());
    observer.until_timed_on().await;
    for _ in 0..3 {
        let ack = r#"{"boot":"b1","seq":0}"#;
        observer
            .client
            .publish("tokkatot/n1/down/ack", QoS::AtLeastOnce, false, ack)
            .await
            .unwrap();
    }
    observer.until_fan_is("off").await;
    let error = checked.await.unwrap().unwrap_err().to_string();
    assert!(error.contains("somebody else says down/ack to the node"), "{error}");
}
