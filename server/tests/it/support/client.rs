//! A plain MQTT client that notes all it hears.
use super::{BROKER_PASSWORD, Broker};
use rumqttc::v5::{
    AsyncClient, ConnectionError, Event, EventLoop, MqttOptions,
    mqttbytes::{
        QoS,
        v5::{LastWill, Packet, PubAckReason},
    },
};
use server::config::SERVER_ACCOUNT;
use std::time::{Duration, Instant};

/// One message: topic and text.
pub(crate) type Received = (String, String);

pub(crate) struct Client {
    client: AsyncClient,
    events: EventLoop,
    received: Vec<Received>,
}

impl Broker {
    /// Connects, or tells why not.
    pub(crate) async fn connect(&self, user: &str, password: &str) -> Result<Client, String> {
        self.connect_with_will(user, password, None).await
    }

    pub(crate) async fn connect_with_will(
        &self,
        user: &str,
        password: &str,
        will: Option<(&str, &str, bool)>,
    ) -> Result<Client, String> {
        let id = format!("{user}-{}", uuid::Uuid::new_v4());
        let mut options = MqttOptions::new(id, "127.0.0.1", self.port());
        options.set_credentials(user, password);
        if let Some((topic, text, retain)) = will {
            let will = LastWill::new(topic, text.to_owned(), QoS::AtLeastOnce, retain, None);
            options.set_last_will(will);
        }
        Client::connect(options).await
    }

    /// The server's own connection; waits until the broker knows it.
    pub(crate) async fn server_account(&self) -> Client {
        self.connect_soon(SERVER_ACCOUNT, BROKER_PASSWORD, Duration::from_secs(10)).await
    }

    /// Tries until it is let in; panics after `patience`.
    pub(crate) async fn connect_soon(
        &self,
        user: &str,
        password: &str,
        patience: Duration,
    ) -> Client {
        let began = Instant::now();
        loop {
            match self.connect(user, password).await {
                Ok(client) => return client,
                Err(error) => assert!(began.elapsed() < patience, "{user} is not let in: {error}"),
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }
}

impl Client {
    /// Connects under a client id of one's choice, to any port of this machine.
    pub(crate) async fn connect_as(
        id: &str,
        port: u16,
        user: (&str, &str),
    ) -> Result<Self, String> {
        let mut options = MqttOptions::new(id, "127.0.0.1", port);
        options.set_credentials(user.0, user.1);
        Self::connect(options).await
    }

    async fn connect(options: MqttOptions) -> Result<Self, String> {
        let (client, mut events) = AsyncClient::new(options, 100);
        loop {
            match events.poll().await {
                Ok(Event::Incoming(Packet::ConnAck(_))) => break,
                Ok(_) => {}
                Err(error) => return Err(error.to_string()),
            }
        }
        Ok(Self { client, events, received: Vec::new() })
    }

    pub(crate) async fn subscribe(&self, filter: &str) {
        self.client.subscribe(filter, QoS::AtLeastOnce).await.unwrap();
    }

    pub(crate) async fn publish(&self, topic: &str, text: &str, retain: bool) {
        let text = text.to_owned();
        self.client.publish(topic, QoS::AtLeastOnce, retain, text).await.unwrap();
    }

    /// Publishes, and waits for what the broker says to that.
    pub(crate) async fn publish_and_hear(
        &mut self,
        topic: &str,
        text: &str,
        retain: bool,
    ) -> PubAckReason {
        self.publish(topic, text, retain).await;
        loop {
            match self.events.poll().await.unwrap() {
                Event::Incoming(Packet::PubAck(ack)) => return ack.reason,
                event => self.note(event),
            }
        }
    }

    fn note(&mut self, event: Event) {
        if let Event::Incoming(Packet::Publish(publish)) = event {
            self.received.push((
                String::from_utf8(publish.topic.to_vec()).unwrap(),
                String::from_utf8(publish.payload.to_vec()).unwrap(),
            ));
        }
    }

    /// Works for a while; all that was heard since the connection was made.
    pub(crate) async fn hear_for(&mut self, span: Duration) -> &[Received] {
        let end = tokio::time::Instant::now() + span;
        while let Ok(event) = tokio::time::timeout_at(end, self.events.poll()).await {
            self.note(event.unwrap());
        }
        &self.received
    }

    /// Waits to be disconnected by the broker; how long it took.
    pub(crate) async fn disconnected(mut self, patience: Duration) -> Duration {
        let began = Instant::now();
        let lost = async {
            loop {
                if let Err(error) = self.events.poll().await {
                    return error;
                }
            }
        };
        let error: ConnectionError =
            tokio::time::timeout(patience, lost).await.expect("it is still connected");
        drop(error);
        began.elapsed()
    }
}
