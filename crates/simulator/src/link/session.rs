//! One session of a node. (rumqttc's own client sends again by itself after a reconnect, which would
//! break the node's order.)
use super::wire::{Broker, Wire};
use crate::node::{Outgoing, wire::Up};
use anyhow::{Result, ensure};
use domain::NodeName;
use rumqttc::{
    Connect, LastWill, Publish, QoS,
    mqttbytes::v4::{Packet, PubAck},
};
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};

/// A message that the broker sent.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) topic: String,
    pub(super) payload: bytes::Bytes,
}

const KEEP_ALIVE: Duration = Duration::from_secs(30);

/// A session that is connected and subscribed to the node's `down/` topics.
#[derive(Debug)]
pub(super) struct Session {
    wire: Wire,
    node: NodeName,
    last_id: u16,
    unconfirmed: VecDeque<(u16, Outgoing)>,
}

impl Session {
    /// Connects with a last will, and subscribes.
    pub(super) async fn open(broker: &Broker, node: &NodeName, password: &str) -> Result<Self> {
        let mut connect = Connect::new(node.as_str());
        connect.keep_alive = u16::try_from(KEEP_ALIVE.as_secs())?;
        connect.set_login(node.as_str(), password);
        let will = Up::Availability.topic(node);
        connect.last_will = Some(LastWill::new(will, "offline", QoS::AtLeastOnce, true));
        let wire = Wire::open(broker, connect, vec![format!("tokkatot/{node}/down/#")]).await?;
        Ok(Self { wire, node: node.clone(), last_id: 1, unconfirmed: VecDeque::new() })
    }

    /// Puts a message into the next write.
    pub(super) fn publish(&mut self, message: Outgoing) -> Result<()> {
        self.last_id = self.last_id % u16::MAX + 1;
        let topic = message.up.topic(&self.node);
        let mut publish = Publish::new(topic, QoS::AtLeastOnce, message.payload.as_bytes());
        publish.pkid = self.last_id;
        publish.retain = message.retain;
        self.wire.say(Packet::Publish(publish))?;
        if message.up == Up::Result {
            self.unconfirmed.push_back((self.last_id, message));
        }
        Ok(())
    }

    /// Writes what was published, and a ping where there was nothing to say for long.
    pub(super) async fn flush(&mut self) -> Result<()> {
        if self.wire.is_flushed() && self.wire.said.elapsed() > KEEP_ALIVE / 2 {
            self.wire.say(Packet::PingReq)?;
        }
        self.wire.flush().await
    }

    /// The next message from the broker. Dropping the future loses nothing.
    pub(super) async fn incoming(&mut self) -> Result<Incoming> {
        loop {
            match self.wire.packet().await? {
                Packet::Publish(publish) => {
                    if publish.qos != QoS::AtMostOnce {
                        self.wire.say(Packet::PubAck(PubAck::new(publish.pkid)))?;
                    }
                    return Ok(Incoming { topic: publish.topic, payload: publish.payload });
                }
                Packet::PubAck(ack) => self.unconfirmed.retain(|(id, _)| *id != ack.pkid),
                _ => {}
            }
        }
    }

    /// When to look after the connection again although nothing happens.
    pub(super) fn check_up(&self) -> Instant {
        self.wire.said + KEEP_ALIVE / 2 + Duration::from_millis(10)
    }

    /// Fails when the broker has been silent for one and a half keep-alives.
    pub(super) fn check_alive(&self) -> Result<()> {
        ensure!(self.wire.heard.elapsed() < KEEP_ALIVE * 3 / 2, "the broker has fallen silent");
        Ok(())
    }

    /// Takes leave: the last will is not published then.
    pub(super) async fn close(mut self) -> Result<()> {
        let offline = "offline".to_owned();
        self.publish(Outgoing { up: Up::Availability, payload: offline, retain: true })?;
        self.wire.say(Packet::Disconnect)?;
        self.wire.flush().await?;
        self.wire.shut().await
    }

    /// What was sent and never confirmed, oldest first.
    pub(super) fn into_unconfirmed(self) -> Vec<Outgoing> {
        self.unconfirmed.into_iter().map(|(_, message)| message).collect()
    }
}
