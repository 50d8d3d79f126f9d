//! One MQTT 3.1.1 session on rumqttc's codec: packets in, packets out, nothing hidden between. (rumqttc's
//! own client sends again by itself after a reconnect, which would break the node's order.)
use crate::node::{Outgoing, wire::Up};
use anyhow::{Context as _, Result, bail, ensure};
use bytes::BytesMut;
use domain::NodeName;
use rumqttc::{
    Connect, ConnectReturnCode, LastWill, Publish, QoS, Subscribe, SubscribeReasonCode,
    mqttbytes::{
        Error as FrameError,
        v4::{Packet, PubAck},
    },
};
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// The broker's address.
#[derive(Debug, Clone)]
pub struct Broker {
    /// Name or address of its host.
    pub host: String,
    /// Its port.
    pub port: u16,
}

/// A message that the broker sent.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) topic: String,
    pub(super) payload: bytes::Bytes,
}

/// Larger packets are refused; the protocol's messages are at most 64 KiB.
const MOST_BYTES: usize = 128 * 1024;
const KEEP_ALIVE: Duration = Duration::from_secs(30);
/// A whole connect, subscription included, takes no longer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A session that is connected and subscribed to the node's `down/` topics.
#[derive(Debug)]
pub(super) struct Session {
    socket: TcpStream,
    node: NodeName,
    input: BytesMut,
    output: BytesMut,
    last_id: u16,
    unconfirmed: VecDeque<(u16, Outgoing)>,
    heard: Instant,
    said: Instant,
}

impl Session {
    /// Connects with a last will, and subscribes.
    pub(super) async fn open(broker: &Broker, node: &NodeName, password: &str) -> Result<Self> {
        tokio::time::timeout(PATIENCE, Self::connect(broker, node, password))
            .await
            .context("the broker does not answer")?
    }

    async fn connect(broker: &Broker, node: &NodeName, password: &str) -> Result<Self> {
        let socket = TcpStream::connect((broker.host.as_str(), broker.port)).await?;
        socket.set_nodelay(true)?;
        let mut session = Self {
            socket,
            node: node.clone(),
            input: BytesMut::new(),
            output: BytesMut::new(),
            last_id: 1,
            unconfirmed: VecDeque::new(),
            heard: Instant::now(),
            said: Instant::now(),
        };
        let mut connect = Connect::new(node.as_str());
        connect.keep_alive = u16::try_from(KEEP_ALIVE.as_secs())?;
        connect.set_login(node.as_str(), password);
        let will = Up::Availability.topic(node);
        connect.last_will = Some(LastWill::new(will, "offline", QoS::AtLeastOnce, true));
        Packet::Connect(connect).write(&mut session.output, MOST_BYTES)?;
        session.flush().await?;
        match session.packet().await? {
            Packet::ConnAck(ack) if ack.code == ConnectReturnCode::Success => {}
            Packet::ConnAck(ack) => bail!("the broker refuses {node}: {:?}", ack.code),
            packet => bail!("no greeting but {packet:?}"),
        }
        let filter = format!("tokkatot/{node}/down/#");
        let mut subscribe = Subscribe::new(filter, QoS::AtLeastOnce);
        subscribe.pkid = 1;
        Packet::Subscribe(subscribe).write(&mut session.output, MOST_BYTES)?;
        session.flush().await?;
        match session.packet().await? {
            Packet::SubAck(ack) => ensure!(
                !ack.return_codes.contains(&SubscribeReasonCode::Failure),
                "the broker lets {node} not hear its commands"
            ),
            packet => bail!("no answer to the subscription but {packet:?}"),
        }
        Ok(session)
    }

    /// Puts a message into the next write.
    pub(super) fn publish(&mut self, message: Outgoing) -> Result<()> {
        self.last_id = self.last_id % u16::MAX + 1;
        let topic = message.up.topic(&self.node);
        let mut publish = Publish::new(topic, QoS::AtLeastOnce, message.payload.as_bytes());
        publish.pkid = self.last_id;
        publish.retain = message.retain;
        Packet::Publish(publish).write(&mut self.output, MOST_BYTES)?;
        if message.up == Up::Result {
            self.unconfirmed.push_back((self.last_id, message));
        }
        Ok(())
    }

    /// Writes what was published, and a ping where there was nothing to say for long.
    pub(super) async fn flush(&mut self) -> Result<()> {
        if self.output.is_empty() && self.said.elapsed() > KEEP_ALIVE / 2 {
            Packet::PingReq.write(&mut self.output, MOST_BYTES)?;
        }
        if !self.output.is_empty() {
            self.said = Instant::now();
            let written = self.socket.write_all_buf(&mut self.output);
            tokio::time::timeout(PATIENCE, written).await.context("the broker takes nothing")??;
            // a burst of replayed messages is no reason to keep its memory
            self.output = BytesMut::new();
        }
        Ok(())
    }

    /// The next message from the broker. Losing the future loses nothing.
    pub(super) async fn incoming(&mut self) -> Result<Incoming> {
        loop {
            match self.packet().await? {
                Packet::Publish(publish) => {
                    if publish.qos != QoS::AtMostOnce {
                        Packet::PubAck(PubAck::new(publish.pkid))
                            .write(&mut self.output, MOST_BYTES)?;
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
        self.said + KEEP_ALIVE / 2 + Duration::from_millis(10)
    }

    /// Fails when the broker has been silent for one and a half keep-alives.
    pub(super) fn check_alive(&self) -> Result<()> {
        ensure!(self.heard.elapsed() < KEEP_ALIVE * 3 / 2, "the broker has fallen silent");
        Ok(())
    }

    /// Takes leave: the last will is not published then.
    pub(super) async fn close(mut self) -> Result<()> {
        let offline = "offline".to_owned();
        self.publish(Outgoing { up: Up::Availability, payload: offline, retain: true })?;
        Packet::Disconnect.write(&mut self.output, MOST_BYTES)?;
        self.flush().await?;
        Ok(self.socket.shutdown().await?)
    }

    /// What was sent and never confirmed, oldest first.
    pub(super) fn into_unconfirmed(self) -> Vec<Outgoing> {
        self.unconfirmed.into_iter().map(|(_, message)| message).collect()
    }

    async fn packet(&mut self) -> Result<Packet> {
        loop {
            match Packet::read(&mut self.input, MOST_BYTES) {
                Ok(packet) => return Ok(packet),
                Err(FrameError::InsufficientBytes(_)) => {}
                Err(error) => bail!("not MQTT: {error:?}"),
            }
            let count = self.socket.read_buf(&mut self.input).await?;
            ensure!(count > 0, "the broker hung up");
            self.heard = Instant::now();
        }
    }
}
