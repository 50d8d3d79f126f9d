//! Packets over a socket.
use super::{Order, Outgoing};
use crate::MqttSettings;
use anyhow::{Context as _, Result};
use bytes::{Buf as _, BytesMut};
use rumqttc::v5::mqttbytes::{
    Error as CodecError, QoS,
    v5::{
        Connect, ConnectProperties, Disconnect, DisconnectReasonCode, Filter, Login, Packet,
        PingReq, PubAck, Publish, PublishProperties, RetainForwardRule, Subscribe,
    },
};
use std::{io, time::Duration};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// Larger packets are dropped by the broker; payloads past 64 KiB are quarantined up to here.
const MAX_PACKET: u32 = 256 * 1024;
/// How many messages may wait for our acknowledgement. Mosquitto 2.0 sends more; the true bound is
/// that the socket is not read.
const RECEIVE_MAXIMUM: u16 = 1000;
/// Bytes that are made room for at once.
const READ: usize = 64 * 1024;
/// Room that is enough to go on reading. Making more means copying into new memory whenever a message
/// is still held, which is always under load.
const ENOUGH: usize = 4 * 1024;
/// The number of our one subscription.
pub(super) const SUBSCRIPTION: u16 = 1;

/// The broker closed the connection without saying why.
#[derive(Debug, thiserror::Error)]
#[error("the broker closed the connection")]
pub(super) struct Closed;

pub(super) struct Wire {
    socket: TcpStream,
    input: BytesMut,
    output: BytesMut,
}

impl Wire {
    pub(super) async fn connect(settings: &MqttSettings) -> Result<Self> {
        let address = (settings.host.as_str(), settings.port);
        let socket = TcpStream::connect(address).await.context("the broker can not be reached")?;
        socket.set_nodelay(true)?;
        let mut wire =
            Self { socket, input: BytesMut::with_capacity(READ), output: BytesMut::new() };
        wire.push(&connect_packet(settings))?;
        wire.push(&subscribe_packet())?;
        wire.flush().await?;
        Ok(wire)
    }

    /// The next whole packet that has been read.
    pub(super) fn next(&mut self) -> Result<Option<Packet>> {
        if let Some(disconnect) = self.short_disconnect() {
            return Ok(Some(disconnect));
        }
        let before = self.input.len();
        match Packet::read(&mut self.input, Some(MAX_PACKET)) {
            Ok(packet) => Ok(Some(packet)),
            // otherwise it is the packet that has too few bytes, and not what has been read of it
            Err(CodecError::InsufficientBytes(_)) if self.input.len() == before => Ok(None),
            Err(error) => Err(error).context("the broker sent a packet that can not be read"),
        }
    }

    /// Why the broker leaves, said without properties, as Mosquitto does: the codec misses their length.
    fn short_disconnect(&mut self) -> Option<Packet> {
        let [0xe0, 1, reason, ..] = *self.input else { return None };
        let reason = DisconnectReasonCode::try_from(reason).ok()?;
        self.input.advance(3);
        Some(Packet::Disconnect(Disconnect::new(reason)))
    }

    /// Reads more bytes. May be dropped while it waits.
    pub(super) async fn fill(&mut self) -> Result<()> {
        if self.input.capacity() - self.input.len() < ENOUGH {
            self.input.reserve(READ);
        }
        match self.socket.read_buf(&mut self.input).await {
            Ok(0) => Err(Closed.into()),
            Ok(_) => Ok(()),
            Err(error) => Err(broken(error)).context("reading from the broker"),
        }
    }

    fn push(&mut self, packet: &Packet) -> Result<()> {
        packet.write(&mut self.output, None).context("writing a packet")?;
        Ok(())
    }

    pub(super) fn acknowledge(&mut self, packet: u16) -> Result<()> {
        self.push(&Packet::PubAck(PubAck::new(packet, None)))
    }

    pub(super) fn publish(&mut self, message: Outgoing) -> Result<()> {
        let Outgoing { topic, payload } = message;
        self.push(&Packet::Publish(Publish::new(topic, QoS::AtMostOnce, payload, None)))
    }

    /// Publishes an outbox's message under a packet's number, which the broker acknowledges; it forgets the message
    /// after so many seconds.
    pub(super) fn order(&mut self, packet: u16, order: Order, seconds: u32) -> Result<()> {
        let properties =
            PublishProperties { message_expiry_interval: Some(seconds), ..Default::default() };
        let mut publish =
            Publish::new(order.topic, QoS::AtLeastOnce, order.payload, Some(properties));
        publish.pkid = packet;
        self.push(&Packet::Publish(publish))
    }

    pub(super) fn ping(&mut self) -> Result<()> {
        self.push(&Packet::PingReq(PingReq))
    }

    /// Writes all that was pushed. May be dropped while it waits, as long as the broker takes nothing.
    pub(super) async fn flush(&mut self) -> Result<()> {
        while self.output.has_remaining() {
            let written = self.socket.write_buf(&mut self.output).await;
            written.map_err(broken).context("writing to the broker")?;
        }
        Ok(())
    }

    /// Leaves in order, as far as the broker lets us; the session stays.
    pub(super) async fn disconnect(mut self) -> Result<()> {
        let reason = DisconnectReasonCode::NormalDisconnection;
        self.push(&Packet::Disconnect(Disconnect::new(reason)))?;
        self.flush().await?;
        Ok(self.socket.shutdown().await?)
    }
}

/// Why a connection broke. One that is closed before all has been read is reset.
fn broken(error: io::Error) -> anyhow::Error {
    match error.kind() {
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe => {
            anyhow::Error::new(error).context(Closed)
        }
        _ => error.into(),
    }
}

fn connect_packet(settings: &MqttSettings) -> Packet {
    let seconds = |span: Duration| u32::try_from(span.as_secs()).unwrap_or(u32::MAX);
    let mut properties = ConnectProperties::new();
    properties.session_expiry_interval = Some(seconds(settings.session_expiry));
    properties.receive_maximum = Some(RECEIVE_MAXIMUM);
    properties.max_packet_size = Some(MAX_PACKET);
    let connect = Connect {
        keep_alive: u16::try_from(settings.keep_alive.as_secs()).unwrap_or(u16::MAX),
        client_id: settings.client_id.clone(),
        clean_start: false,
        properties: Some(properties),
    };
    Packet::Connect(connect, None, Some(Login::new(&settings.username, &settings.password)))
}

/// Availability comes as the broker keeps it: only what it kept bears the mark. All else keeps the
/// mark it was published with: a node that retains its readings is told so.
fn subscribe_packet() -> Packet {
    let filter = |kind: &str, preserve_retain: bool| Filter {
        path: format!("tokkatot/+/up/{kind}"),
        qos: QoS::AtLeastOnce,
        nolocal: false,
        preserve_retain,
        retain_forward_rule: RetainForwardRule::OnNewSubscribe,
    };
    let filters = vec![
        filter("availability", false),
        filter("heartbeat", true),
        filter("readings", true),
        filter("state", true),
        filter("result", true),
        filter("config_ack", true),
        filter("log", true),
    ];
    Packet::Subscribe(Subscribe { pkid: SUBSCRIPTION, filters, properties: None })
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn messages_that_are_held_share_the_memory_they_were_read_into() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let nobody = || "nobody".to_owned();
        let settings =
            MqttSettings::new("127.0.0.1".to_owned(), address.port(), nobody(), nobody());
        let mut wire = Wire::connect(&settings).await.unwrap();
        let (mut broker, _) = listener.accept().await.unwrap();
        let mut bytes = BytesMut::new();
        Packet::Publish(Publish::new("t", QoS::AtMostOnce, vec![0; 100], None))
            .write(&mut bytes, None)
            .unwrap();
        let mut held = Vec::new();
        let mut places = std::collections::BTreeSet::new();
        for _ in 0..400 {
            broker.write_all(&bytes).await.unwrap();
            wire.fill().await.unwrap();
            places.insert(wire.input.as_ptr().addr() / READ);
            while let Some(Packet::Publish(publish)) = wire.next().unwrap() {
                held.push(publish.payload);
            }
        }
        assert_eq!(held.len(), 400);
        assert!(places.len() <= 3, "{} pieces for {} bytes", places.len(), 400 * bytes.len());
    }
}
