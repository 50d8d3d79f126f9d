//! Nodes that break one rule each. The node is the simulator's; what goes in and comes out of it is bent
//! on the way, so that each double differs from a right node in one thing.
use super::fault::{Bender, Fault};
use domain::{Timestamp, readings::SensorKind};
use rumqttc::v5::{
    AsyncClient, Event, MqttOptions,
    mqttbytes::{
        QoS,
        v5::{LastWill, Packet, Publish},
    },
};
use simulator::{
    house::Reading,
    link::TrueTime,
    node::{Node, NodeSettings},
};
use std::{path::PathBuf, time::Duration};
use tokio::{
    sync::mpsc,
    task::AbortHandle,
    time::{Instant, MissedTickBehavior, interval, timeout},
};

pub(crate) const READINGS: Duration = Duration::from_millis(100);
pub(crate) const HEARTBEAT: Duration = Duration::from_secs(2);
pub(crate) const RING: usize = 80;
const PATIENCE: Duration = Duration::from_secs(10);

/// A double at work; dropping it ends it.
pub(crate) struct Double(AbortHandle);

impl Drop for Double {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Double {
    /// Starts a node with this fault, whose password is its name. It is switched off and on when the file `plug` appears.
    pub(crate) fn start(
        port: u16,
        name: &str,
        fault: Fault,
        plug: PathBuf,
        time: TrueTime,
    ) -> Self {
        Self::start_as(port, (name, name), fault, plug, time)
    }

    /// The same with another password.
    pub(crate) fn start_as(
        port: u16,
        (name, password): (&str, &str),
        fault: Fault,
        plug: PathBuf,
        time: TrueTime,
    ) -> Self {
        let password = password.to_owned();
        let settings = NodeSettings {
            name: name.parse().unwrap(),
            switches: vec!["fan1".parse().unwrap(), "light".parse().unwrap()],
            capacity: RING,
            heartbeat: HEARTBEAT,
            clock_error_ms: None,
        };
        let node = Node::start(settings, boot(1), time.now());
        let (bender, due) = (Bender::new(fault), Instant::now());
        let mut work = Work { port, password, fault, plug, time, node, bender, boots: 1, due };
        Self(tokio::spawn(async move { work.run().await }).abort_handle())
    }
}

fn boot(number: u32) -> String {
    format!("b{number}")
}

struct Work {
    port: u16,
    password: String,
    fault: Fault,
    plug: PathBuf,
    time: TrueTime,
    node: Node,
    bender: Bender,
    boots: u32,
    due: Instant,
}

impl Work {
    async fn run(&mut self) {
        loop {
            if let Some((client, messages)) = self.connect().await {
                self.node.connected(self.now());
                self.session(&client, messages).await;
                self.node.disconnected(Vec::new(), self.now());
                if self.fault == Fault::StaysAway {
                    return;
                }
                if self.fault == Fault::RestartsOnReconnect {
                    self.reboot();
                }
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    fn now(&self) -> Timestamp {
        self.time.now()
    }

    fn reboot(&mut self) {
        self.boots += 1;
        self.node.reboot(boot(self.boots), self.now());
    }

    /// A connection that hears what is sent down; it is over when no more messages come.
    async fn connect(&self) -> Option<(AsyncClient, mpsc::Receiver<Publish>)> {
        let name = self.node.name().as_str();
        let id =
            if self.fault == Fault::OtherClientId { format!("my-{name}") } else { name.to_owned() };
        let mut options = MqttOptions::new(id, "127.0.0.1", self.port);
        options.set_credentials(name, &self.password).set_keep_alive(Duration::from_secs(5));
        if self.fault != Fault::NoWill {
            let topic = format!("tokkatot/{name}/up/availability");
            options.set_last_will(LastWill::new(topic, "offline", QoS::AtLeastOnce, true, None));
        }
        let (client, mut events) = AsyncClient::new(options, 1000);
        client.subscribe(format!("tokkatot/{name}/down/#"), QoS::AtLeastOnce).await.ok()?;
        let subscribed = async {
            loop {
                if let Event::Incoming(Packet::SubAck(_)) = events.poll().await.ok()? {
                    return Some(());
                }
            }
        };
        timeout(PATIENCE, subscribed).await.ok()??;
        let (told, messages) = mpsc::channel(100);
        tokio::spawn(async move {
            while let Ok(event) = events.poll().await {
                let Event::Incoming(Packet::Publish(publish)) = event else { continue };
                if told.send(publish).await.is_err() {
                    return;
                }
            }
        });
        Some((client, messages))
    }

    async fn session(&mut self, client: &AsyncClient, mut messages: mpsc::Receiver<Publish>) {
        let mut turn = interval(Duration::from_millis(20));
        turn.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                message = messages.recv() => match message {
                    Some(publish) => self.hear(&publish),
                    None => return,
                },
                _ = turn.tick() => self.live(),
            }
            if std::fs::remove_file(&self.plug).is_ok() {
                return self.reboot();
            }
            while let Some(message) = self.node.next_message() {
                for message in self.bender.up(message) {
                    let topic = message.up.topic(self.node.name());
                    let said = client.try_publish(
                        topic,
                        QoS::AtLeastOnce,
                        message.retain,
                        message.payload,
                    );
                    if said.is_err() {
                        return; // the connection is over
                    }
                }
            }
        }
    }

    fn hear(&mut self, publish: &Publish) {
        let topic = String::from_utf8(publish.topic.to_vec()).unwrap();
        if let Some(payload) = self.bender.down(&topic, &publish.payload, self.node.boot()) {
            self.node.received(&topic, &payload, self.now());
        }
    }

    fn live(&mut self) {
        self.node.tick(self.now());
        if Instant::now() >= self.due {
            self.due = Instant::now() + READINGS;
            let channel = "air".parse().unwrap();
            let reading = Reading { channel, sensor: SensorKind::Temperature, value: 28.5 };
            self.node.measured(&[reading], self.now());
        }
    }
}
