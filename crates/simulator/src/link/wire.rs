//! MQTT 3.1.1 over a socket, on rumqttc's codec: packets in, packets out, nothing hidden between.
use anyhow::{Context as _, Result, bail, ensure};
use bytes::BytesMut;
use rumqttc::{
    Connect, ConnectReturnCode, QoS, Subscribe, SubscribeFilter, SubscribeReasonCode,
    mqttbytes::{Error as FrameError, v4::Packet},
};
use std::time::{Duration, Instant};
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

/// Larger packets are refused; the protocol's messages are at most 64 KiB.
const MOST_BYTES: usize = 128 * 1024;
/// A whole connect, subscription included, takes no longer; nor does a write.
const PATIENCE: Duration = Duration::from_secs(10);
/// More memory than this is given back after a burst.
const USUAL_BYTES: usize = 64 * 1024;

/// A connection that has been greeted and is subscribed.
#[derive(Debug)]
pub(crate) struct Wire {
    socket: TcpStream,
    input: BytesMut,
    output: BytesMut,
    /// When the broker last said something.
    pub(crate) heard: Instant,
    /// When we last said something.
    pub(crate) said: Instant,
}

impl Wire {
    /// Connects and subscribes to all `filters` at QoS 1.
    pub(crate) async fn open(
        broker: &Broker,
        connect: Connect,
        filters: Vec<String>,
    ) -> Result<Self> {
        tokio::time::timeout(PATIENCE, Self::greet(broker, connect, filters))
            .await
            .context("the broker does not answer")?
    }

    async fn greet(broker: &Broker, connect: Connect, filters: Vec<String>) -> Result<Self> {
        let socket = TcpStream::connect((broker.host.as_str(), broker.port)).await?;
        socket.set_nodelay(true)?;
        let mut wire = Self {
            socket,
            input: BytesMut::new(),
            output: BytesMut::new(),
            heard: Instant::now(),
            said: Instant::now(),
        };
        let name = connect.client_id.clone();
        wire.say(Packet::Connect(connect))?;
        wire.flush().await?;
        match wire.packet().await? {
            Packet::ConnAck(ack) if ack.code == ConnectReturnCode::Success => {}
            Packet::ConnAck(ack) => bail!("the broker refuses {name}: {:?}", ack.code),
            packet => bail!("no greeting but {packet:?}"),
        }
        let filters = filters.into_iter().map(|path| SubscribeFilter::new(path, QoS::AtLeastOnce));
        let mut subscribe = Subscribe::new_many(filters);
        subscribe.pkid = 1;
        wire.say(Packet::Subscribe(subscribe))?;
        wire.flush().await?;
        match wire.packet().await? {
            Packet::SubAck(ack) => ensure!(
                !ack.return_codes.contains(&SubscribeReasonCode::Failure),
                "the broker does not let {name} hear what is meant for it"
            ),
            packet => bail!("no answer to the subscription but {packet:?}"),
        }
        Ok(wire)
    }

    /// Puts a packet into the next write.
    pub(crate) fn say(&mut self, packet: Packet) -> Result<()> {
        packet.write(&mut self.output, MOST_BYTES)?;
        Ok(())
    }

    /// Whether nothing waits to be written.
    pub(crate) fn is_flushed(&self) -> bool {
        self.output.is_empty()
    }

    /// Writes what waits.
    pub(crate) async fn flush(&mut self) -> Result<()> {
        if !self.output.is_empty() {
            self.said = Instant::now();
            let written = self.socket.write_all_buf(&mut self.output);
            tokio::time::timeout(PATIENCE, written).await.context("the broker takes nothing")??;
            if self.output.capacity() > USUAL_BYTES {
                self.output = BytesMut::new();
            }
        }
        Ok(())
    }

    /// The next packet. Dropping the future loses nothing.
    pub(crate) async fn packet(&mut self) -> Result<Packet> {
        loop {
            if let Some(packet) = self.received()? {
                return Ok(packet);
            }
            let count = self.socket.read_buf(&mut self.input).await?;
            ensure!(count > 0, "the broker hung up");
            self.heard = Instant::now();
        }
    }

    /// The next packet of those that have come already.
    pub(crate) fn received(&mut self) -> Result<Option<Packet>> {
        match Packet::read(&mut self.input, MOST_BYTES) {
            Ok(packet) => Ok(Some(packet)),
            Err(FrameError::InsufficientBytes(_)) => Ok(None),
            Err(error) => bail!("not MQTT: {error:?}"),
        }
    }

    /// Closes our side.
    pub(crate) async fn shut(mut self) -> Result<()> {
        Ok(self.socket.shutdown().await?)
    }
}
