//! Switches for benchmarks: many nodes that do at once what they are told and tell when they heard it. They share
//! the machine with what they help to measure, so they are cheap, and they know nothing of houses.
use crate::{
    link::{Broker, Wire},
    load::Sender,
    node::wire::{Command, Down},
};
use anyhow::{Context as _, Result, ensure};
use domain::NodeName;
use rumqttc::{
    Connect, Publish, QoS,
    mqttbytes::v4::{Packet, PubAck},
};
use std::time::{Duration, Instant};
use tokio::{sync::mpsc, task::JoinSet};

/// Commands that were heard and that nobody has asked for yet; beyond that nodes wait.
const MOST_WAITING: usize = 10_000;
/// The broker may take so long for an answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A command at its node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reached {
    /// The command.
    pub command_id: String,
    /// When the node had it.
    pub at: Instant,
}

/// Nodes at work, until this is dropped.
#[derive(Debug)]
pub struct Switchboard {
    reached: mpsc::Receiver<Reached>,
    /// They end with it.
    _nodes: JoinSet<Result<()>>,
}

impl Switchboard {
    /// Connects a node for each of `senders`, one after the other, and says that it is there.
    ///
    /// # Errors
    /// A node is refused, or stands for none or several.
    pub async fn open(broker: &Broker, senders: Vec<Sender>) -> Result<Self> {
        let (told, reached) = mpsc::channel(MOST_WAITING);
        let mut nodes = JoinSet::new();
        for sender in senders {
            let node = Switches::open(broker, sender, told.clone()).await?;
            nodes.spawn(node.run());
        }
        Ok(Self { reached, _nodes: nodes })
    }

    /// The next command that reaches any of them; `None` if none does within `patience`.
    pub async fn reached(&mut self, patience: Duration) -> Option<Reached> {
        tokio::time::timeout(patience, self.reached.recv()).await.ok()?
    }
}

/// One node.
struct Switches {
    wire: Wire,
    name: NodeName,
    packet: u16,
    told: mpsc::Sender<Reached>,
}

impl Switches {
    async fn open(broker: &Broker, sender: Sender, told: mpsc::Sender<Reached>) -> Result<Self> {
        let Sender { username, password, mut nodes } = sender;
        let name = nodes.pop().context("a connection without a node")?;
        ensure!(nodes.is_empty(), "one connection is one node's");
        let mut connect = Connect::new(name.as_str());
        connect.keep_alive = 0;
        connect.set_login(username, password);
        let filters = vec![format!("tokkatot/{name}/down/command")];
        let wire = Wire::open(broker, connect, filters).await?;
        let mut node = Self { wire, name, packet: 1, told };
        node.say("availability", true, "online")?;
        node.wire.flush().await?;
        Ok(node)
    }

    async fn run(mut self) -> Result<()> {
        loop {
            if let Packet::Publish(publish) = self.wire.packet().await? {
                let at = Instant::now();
                if publish.qos != QoS::AtMostOnce {
                    self.wire.say(Packet::PubAck(PubAck::new(publish.pkid)))?;
                }
                if let Ok(Down::Command(command)) = Down::parse(&publish.topic, &publish.payload) {
                    self.obey(&command)?;
                    let command_id = command.command_id;
                    self.told.send(Reached { command_id, at }).await?;
                }
            }
            self.wire.flush().await?;
        }
    }

    /// Answers what can be switched; what only measures the way is not answered.
    fn obey(&mut self, command: &Command) -> Result<()> {
        let state = command.action.as_str();
        if !matches!(state, "on" | "off") {
            return Ok(());
        }
        for (status, state) in [("executing", None), ("completed", Some(state))] {
            let result = serde_json::json!({
                "command_id": command.command_id, "status": status, "state": state
            });
            self.say("result", false, &result.to_string())?;
        }
        Ok(())
    }

    fn say(&mut self, kind: &str, retain: bool, payload: &str) -> Result<()> {
        self.packet = self.packet % u16::MAX + 1;
        let topic = format!("tokkatot/{}/up/{kind}", self.name);
        let mut publish = Publish::new(topic, QoS::AtLeastOnce, payload);
        (publish.pkid, publish.retain) = (self.packet, retain);
        self.wire.say(Packet::Publish(publish))
    }
}

/// A bare publisher: what the broker alone costs.
#[derive(Debug)]
pub struct Publisher(Wire);

impl Publisher {
    /// Connects.
    ///
    /// # Errors
    /// The broker refuses the account.
    pub async fn open(broker: &Broker, username: &str, password: &str) -> Result<Self> {
        let mut connect = Connect::new("load-publisher");
        connect.keep_alive = 0;
        connect.set_login(username, password);
        let nothing = vec!["tokkatot/load-publisher/down/none".to_owned()];
        Ok(Self(Wire::open(broker, connect, nothing).await?))
    }

    /// Publishes at QoS 1; the moment at which it was written. Comes back with the broker's word.
    ///
    /// # Errors
    /// The broker is gone, or says nothing for ten seconds.
    pub async fn publish(&mut self, topic: &str, payload: &str) -> Result<Instant> {
        let mut publish = Publish::new(topic, QoS::AtLeastOnce, payload);
        publish.pkid = 2;
        self.0.say(Packet::Publish(publish))?;
        let at = Instant::now();
        self.0.flush().await?;
        let acked = async {
            while !matches!(self.0.packet().await?, Packet::PubAck(_)) {}
            anyhow::Ok(())
        };
        tokio::time::timeout(PATIENCE, acked).await.context("the broker does not confirm")??;
        Ok(at)
    }
}
