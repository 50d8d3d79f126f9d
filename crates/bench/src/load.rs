//! Many nodes that publish as protocol v1 demands, cheaply: the generator shares the machine with
//! what it measures. Speaks MQTT 3.1.1 on rumqttc's codec, one connection and task a node.
use anyhow::{Context as _, Result, bail};
use bytes::{Buf as _, BytesMut};
use domain::Timestamp;
use rumqttc::{
    Connect, Publish, QoS, Subscribe,
    mqttbytes::{
        Error as FrameError,
        v4::{Packet, PingReq},
    },
};
use std::{
    collections::VecDeque,
    fmt::Write as _,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// Larger packets are refused, as the broker does.
const MAX_PACKET: usize = 128 * 1024;

/// One node's name and password.
#[derive(Debug, Clone)]
pub struct Credential {
    /// The node's name, which is its MQTT user name.
    pub node: String,
    /// Its password.
    pub password: String,
}

/// What each node is to send.
#[derive(Debug, Clone, Copy)]
pub struct Plan {
    /// Messages of each node.
    pub messages: usize,
    /// Readings in a message, each of another device.
    pub readings: usize,
    /// From one message of a node to its next; `None` is as fast as the window allows.
    pub interval: Option<Duration>,
    /// Most messages of a node that wait for their application ack.
    pub window: usize,
    /// The time of the first message; the next ones follow by a millisecond each.
    pub begin: Timestamp,
    /// Tells this run's messages from those of earlier ones.
    pub boot: u32,
}

/// Publishes by the plan from all nodes at once and returns, for every message, how long it took
/// from the write to its socket until the application ack that covers it.
pub async fn run(port: u16, nodes: &[Credential], plan: Plan) -> Result<Vec<Duration>> {
    let mut tasks = tokio::task::JoinSet::new();
    let step = plan.interval.map_or(Duration::ZERO, |interval| {
        interval / u32::try_from(nodes.len()).unwrap_or(u32::MAX)
    });
    for (credential, number) in nodes.iter().cloned().zip(0_u32..) {
        tasks.spawn(async move {
            let mut node = Node::connect(port, credential, plan).await?;
            tokio::time::sleep(step * number).await;
            node.run().await
        });
    }
    let mut latencies = Vec::with_capacity(nodes.len() * plan.messages);
    while let Some(done) = tasks.join_next().await {
        latencies.extend(done??);
    }
    latencies.sort_unstable();
    Ok(latencies)
}

struct Node {
    socket: TcpStream,
    name: String,
    topic: String,
    plan: Plan,
    input: BytesMut,
    output: BytesMut,
    sent: usize,
    acked: usize,
    in_flight: VecDeque<Instant>,
    latencies: Vec<Duration>,
}

impl Node {
    async fn connect(port: u16, credential: Credential, plan: Plan) -> Result<Self> {
        let socket = TcpStream::connect(("127.0.0.1", port)).await?;
        socket.set_nodelay(true)?;
        let mut output = BytesMut::new();
        let mut connect = Connect::new(&credential.node);
        connect.keep_alive = 60;
        connect.set_login(&credential.node, &credential.password);
        Packet::Connect(connect).write(&mut output, MAX_PACKET)?;
        let acks = format!("tokkatot/{}/down/ack", credential.node);
        let mut subscribe = Subscribe::new(acks, QoS::AtMostOnce);
        subscribe.pkid = 1;
        Packet::Subscribe(subscribe).write(&mut output, MAX_PACKET)?;
        let mut node = Self {
            socket,
            topic: format!("tokkatot/{}/up/readings", credential.node),
            name: credential.node,
            plan,
            input: BytesMut::with_capacity(16 * 1024),
            output,
            sent: 0,
            acked: 0,
            in_flight: VecDeque::new(),
            latencies: Vec::with_capacity(plan.messages),
        };
        node.flush().await?;
        while !node.receive().await? {}
        Ok(node)
    }

    async fn run(&mut self) -> Result<Vec<Duration>> {
        let began = Instant::now();
        let mut last_ping = began;
        while self.acked < self.plan.messages {
            let due = self.due(began);
            while self.sent < due && self.in_flight.len() < self.plan.window {
                self.publish()?;
            }
            if last_ping.elapsed() > Duration::from_secs(20) {
                PingReq.write(&mut self.output)?;
                last_ping = Instant::now();
            }
            self.flush().await?;
            let wait = self.until_next(began);
            tokio::select! {
                received = self.socket.read_buf(&mut self.input) => {
                    if received? == 0 {
                        bail!("the broker closed the connection of {}", self.name);
                    }
                    while self.take_packet()?.is_some() {}
                }
                () = tokio::time::sleep(wait) => {}
            }
            if began.elapsed() > Duration::from_secs(600) {
                bail!("{} has waited ten minutes for its acks", self.name);
            }
        }
        Ok(std::mem::take(&mut self.latencies))
    }

    /// How many messages should have been sent by now.
    fn due(&self, began: Instant) -> usize {
        self.plan.interval.map_or(self.plan.messages, |interval| {
            let passed = began.elapsed().as_nanos() / interval.as_nanos().max(1);
            usize::try_from(passed + 1).unwrap_or(usize::MAX).min(self.plan.messages)
        })
    }

    fn until_next(&self, began: Instant) -> Duration {
        let far = Duration::from_secs(5);
        match self.plan.interval {
            Some(interval) if self.sent < self.plan.messages => {
                let next = interval * u32::try_from(self.sent).unwrap_or(u32::MAX);
                next.saturating_sub(began.elapsed()).min(far)
            }
            _ => far,
        }
    }

    fn publish(&mut self) -> Result<()> {
        let seq = self.sent + 1;
        let ts = self.plan.begin.as_millis() + i64::try_from(seq)?;
        let mut payload = String::with_capacity(128 + self.plan.readings * 96);
        let boot = self.plan.boot;
        write!(payload, r#"{{"boot":"b{boot}","seq":{seq},"ts":{ts},"readings":["#)?;
        for reading in 0..self.plan.readings {
            let comma = if reading == 0 { "" } else { "," };
            let tenths = 200 + (seq + reading) % 150;
            write!(
                payload,
                r#"{comma}{{"device":"air{reading}","sensor":"temperature","value":{}.{},"unit":"°C","quality":0}}"#,
                tenths / 10,
                tenths % 10
            )?;
        }
        payload.push_str("]}");
        let mut publish = Publish::new(&self.topic, QoS::AtLeastOnce, payload);
        publish.pkid = u16::try_from(self.sent % 60_000)? + 2;
        Packet::Publish(publish).write(&mut self.output, MAX_PACKET)?;
        self.sent = seq;
        self.in_flight.push_back(Instant::now());
        Ok(())
    }

    async fn flush(&mut self) -> Result<()> {
        while self.output.has_remaining() {
            self.socket.write_buf(&mut self.output).await.context("writing to the broker")?;
        }
        Ok(())
    }

    /// Reads once; true when the subscription was confirmed.
    async fn receive(&mut self) -> Result<bool> {
        let count = self.socket.read_buf(&mut self.input).await?;
        anyhow::ensure!(count > 0, "the broker refused {}", self.name);
        let mut subscribed = false;
        while let Some(packet) = self.take_packet()? {
            subscribed |= matches!(packet, Packet::SubAck(_));
        }
        Ok(subscribed)
    }

    fn take_packet(&mut self) -> Result<Option<Packet>> {
        match Packet::read(&mut self.input, MAX_PACKET) {
            Ok(Packet::Publish(publish)) => {
                self.answered(&publish.payload)?;
                Ok(Some(Packet::PingResp))
            }
            Ok(packet) => Ok(Some(packet)),
            Err(FrameError::InsufficientBytes(_)) => Ok(None),
            Err(error) => bail!("{}: {error:?}", self.name),
        }
    }

    fn answered(&mut self, payload: &[u8]) -> Result<()> {
        let ack: serde_json::Value = serde_json::from_slice(payload)?;
        let seq = ack.get("seq").and_then(serde_json::Value::as_u64).unwrap_or(0);
        let now = Instant::now();
        while self.acked < usize::try_from(seq)?.min(self.sent) {
            let Some(sent) = self.in_flight.pop_front() else { break };
            self.latencies.push(now - sent);
            self.acked += 1;
        }
        Ok(())
    }
}
