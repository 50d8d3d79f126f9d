//! A node that says exactly what a test wants it to say, right or wrong.
#![expect(clippy::expect_used, clippy::panic, reason = "a test without its node is over")]

use crate::TestBroker;
use rumqttc::v5::{
    AsyncClient, Event, MqttOptions,
    mqttbytes::{QoS, v5::Packet},
};
use std::time::Duration;
use tokio::{sync::mpsc, task::AbortHandle};

const PATIENCE: Duration = Duration::from_secs(10);

/// A connected node that has subscribed to what is sent down to it.
#[derive(Debug)]
pub struct TestNode {
    name: String,
    client: AsyncClient,
    messages: mpsc::UnboundedReceiver<(String, Vec<u8>)>,
    confirmed: mpsc::UnboundedReceiver<()>,
    task: AbortHandle,
}

impl TestNode {
    /// Connects; the node must have been added to the broker with the password `name`.
    ///
    /// # Panics
    /// If the broker does not let it in.
    pub async fn connect(broker: &TestBroker, name: &str) -> Self {
        let mut options = MqttOptions::new(name, "127.0.0.1", broker.port());
        options.set_credentials(name, name).set_keep_alive(Duration::from_secs(5));
        options.set_last_will(rumqttc::v5::mqttbytes::v5::LastWill::new(
            format!("tokkatot/{name}/up/availability"),
            "offline",
            QoS::AtLeastOnce,
            true,
            None,
        ));
        let (client, mut events) = AsyncClient::new(options, 1000);
        client
            .subscribe(format!("tokkatot/{name}/down/#"), QoS::AtMostOnce)
            .await
            .expect("the client takes a subscription");
        let (heard, messages) = mpsc::unbounded_channel();
        let (confirm, confirmed) = mpsc::unbounded_channel();
        let (subscribed, mut is_subscribed) = mpsc::unbounded_channel();
        let task = tokio::spawn(async move {
            loop {
                match events.poll().await {
                    Ok(Event::Incoming(Packet::SubAck(_))) => drop(subscribed.send(())),
                    Ok(Event::Incoming(Packet::PubAck(_))) => drop(confirm.send(())),
                    Ok(Event::Incoming(Packet::Publish(publish))) => {
                        let topic = String::from_utf8_lossy(&publish.topic).into_owned();
                        drop(heard.send((topic, publish.payload.to_vec())));
                    }
                    Ok(_) => {}
                    Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
                }
            }
        })
        .abort_handle();
        let subscribed = tokio::time::timeout(PATIENCE, is_subscribed.recv()).await;
        assert!(matches!(subscribed, Ok(Some(()))), "the broker does not let {name} in");
        Self { name: name.to_owned(), client, messages, confirmed, task }
    }

    /// Publishes on `tokkatot/{name}/up/{kind}` and waits for the broker's confirmation.
    pub async fn say(&mut self, kind: &str, payload: impl Into<Vec<u8>>) {
        let topic = self.topic(kind);
        self.confirmed_after(&topic, false, payload.into()).await;
    }

    /// The same, retained by the broker.
    pub async fn say_retained(&mut self, kind: &str, payload: impl Into<Vec<u8>>) {
        let topic = self.topic(kind);
        self.confirmed_after(&topic, true, payload.into()).await;
    }

    /// Publishes on any topic, whatever the broker may think of it.
    ///
    /// # Panics
    /// If the client has ended.
    pub async fn say_on(&self, topic: &str, retained: bool, payload: impl Into<Vec<u8>>) {
        let payload: Vec<u8> = payload.into();
        let taken = self.client.publish(topic, QoS::AtLeastOnce, retained, payload).await;
        taken.expect("the client takes a message");
    }

    async fn confirmed_after(&mut self, topic: &str, retained: bool, payload: Vec<u8>) {
        while self.confirmed.try_recv().is_ok() {}
        self.say_on(topic, retained, payload).await;
        let confirmed = tokio::time::timeout(PATIENCE, self.confirmed.recv()).await;
        assert!(matches!(confirmed, Ok(Some(()))), "the broker does not confirm a message");
    }

    fn topic(&self, kind: &str) -> String {
        format!("tokkatot/{}/up/{kind}", self.name)
    }

    /// The next message on `down/{kind}`; others are passed over.
    ///
    /// # Panics
    /// If none comes within ten seconds.
    pub async fn hear(&mut self, kind: &str) -> serde_json::Value {
        let heard = self.hear_within(kind, PATIENCE).await;
        heard.unwrap_or_else(|| panic!("nothing comes on down/{kind}"))
    }

    /// The next message on `down/{kind}` within a span.
    pub async fn hear_within(&mut self, kind: &str, span: Duration) -> Option<serde_json::Value> {
        let wanted = format!("tokkatot/{}/down/{kind}", self.name);
        let until = tokio::time::Instant::now() + span;
        loop {
            let heard = tokio::time::timeout_at(until, self.messages.recv()).await.ok()??;
            if heard.0 == wanted {
                return serde_json::from_slice(&heard.1).ok();
            }
        }
    }
}

impl Drop for TestNode {
    fn drop(&mut self) {
        self.task.abort();
    }
}
