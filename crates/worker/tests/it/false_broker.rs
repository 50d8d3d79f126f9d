//! What a well-behaved Mosquitto does not do, done by a socket that plays the broker.
#![expect(clippy::panic, reason = "a test fails by it")]

use crate::world::{Running, World, before, eventually, reading};
use bytes::BytesMut;
use rumqttc::v5::mqttbytes::{
    Error as CodecError, QoS,
    v5::{
        ConnAck, ConnAckProperties, ConnectReturnCode, Disconnect, DisconnectReasonCode, Packet,
        Publish, SubAck, SubscribeReasonCode,
    },
};
use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpSocket, TcpStream},
};
use worker::BrokerState;

const GRANTED: SubscribeReasonCode = SubscribeReasonCode::Success(QoS::AtLeastOnce);

pub(crate) struct FalseBroker(TcpListener);

pub(crate) struct Connection {
    socket: TcpStream,
    input: BytesMut,
}

impl FalseBroker {
    pub(crate) async fn new() -> Self {
        Self(TcpListener::bind("127.0.0.1:0").await.unwrap())
    }

    pub(crate) fn worker(&self, world: &World) -> Running {
        let mut worker = world.worker("one");
        worker.settings.mqtt.port = self.0.local_addr().unwrap().port();
        Running::of(worker)
    }

    /// Lets the server connect, and grants what it subscribes to.
    pub(crate) async fn accept(&self) -> Connection {
        self.accept_with(GRANTED).await
    }

    /// Lets the server connect, and takes one message at a time.
    pub(crate) async fn accept_one_by_one(&self) -> Connection {
        let properties = ConnAckProperties {
            session_expiry_interval: None,
            receive_max: Some(1),
            max_qos: None,
            retain_available: None,
            max_packet_size: None,
            assigned_client_identifier: None,
            topic_alias_max: None,
            reason_string: None,
            user_properties: Vec::new(),
            wildcard_subscription_available: None,
            subscription_identifiers_available: None,
            shared_subscription_available: None,
            server_keep_alive: None,
            response_information: None,
            server_reference: None,
            authentication_method: None,
            authentication_data: None,
        };
        self.accept_as(GRANTED, Some(properties)).await
    }

    /// Lets the server connect, and answers its subscription.
    async fn accept_with(&self, code: SubscribeReasonCode) -> Connection {
        self.accept_as(code, None).await
    }

    async fn accept_as(
        &self,
        code: SubscribeReasonCode,
        properties: Option<ConnAckProperties>,
    ) -> Connection {
        let (socket, _) = self.0.accept().await.unwrap();
        let mut connection = Connection { socket, input: BytesMut::new() };
        assert!(matches!(connection.next().await, Some(Packet::Connect(..))));
        let answer =
            ConnAck { session_present: false, code: ConnectReturnCode::Success, properties };
        connection.send(Packet::ConnAck(answer)).await;
        let Some(Packet::Subscribe(subscribe)) = connection.next().await else { panic!() };
        let return_codes = vec![code; subscribe.filters.len()];
        let answer = SubAck { pkid: subscribe.pkid, return_codes, properties: None };
        connection.send(Packet::SubAck(answer)).await;
        connection
    }
}

impl Connection {
    pub(crate) async fn send(&mut self, packet: Packet) {
        let mut output = BytesMut::new();
        packet.write(&mut output, None).unwrap();
        self.socket.write_all(&output).await.unwrap();
    }

    async fn send_reading(&mut self, packet: u16, payload: String) {
        let topic = "tokkatot/coop-1/up/readings";
        let mut publish = Publish::new(topic, QoS::AtLeastOnce, payload, None);
        publish.pkid = packet;
        self.send(Packet::Publish(publish)).await;
    }

    /// The next packet, pings aside; `None` once the server has closed the connection.
    pub(crate) async fn next(&mut self) -> Option<Packet> {
        loop {
            match Packet::read(&mut self.input, None) {
                Ok(Packet::PingReq(_)) => {}
                Ok(packet) => return Some(packet),
                Err(CodecError::InsufficientBytes(_)) => {
                    if self.socket.read_buf(&mut self.input).await.unwrap_or(0) == 0 {
                        return None;
                    }
                }
                Err(error) => panic!("{error:?}"),
            }
        }
    }

    pub(crate) async fn next_within(&mut self, span: Duration) -> Option<Packet> {
        tokio::time::timeout(span, self.next()).await.ok()?
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_subscription_is_never_taken_for_silence() {
    let world = World::new().await;
    let broker = FalseBroker::new().await;
    let running = broker.worker(&world);
    // what is delivered at most once is lost while we are away: as good as refused
    for code in [SubscribeReasonCode::NotAuthorized, SubscribeReasonCode::Success(QoS::AtMostOnce)]
    {
        let mut connection = broker.accept_with(code).await;
        assert_eq!(connection.next().await, None, "it leaves");
        let is_told = eventually(
            async || matches!(running.status.report().broker, BrokerState::Refused(why) if why.contains("subscription")),
        );
        assert!(is_told.await, "{:?}", running.status.report());
        assert!(!running.status.report().is_ready());
    }
    let _connection = broker.accept().await;
    running.is_ready().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_acknowledgement_never_counts_in_a_later_connection() {
    let world = World::new().await;
    let broker = FalseBroker::new().await;
    let _running = broker.worker(&world);
    let mut first = broker.accept().await;
    let ts = before(world.clock.now(), 10);
    first.send_reading(7, reading(1, ts + 1, 20.0)).await;
    while !matches!(first.next().await, Some(Packet::PubAck(ack)) if ack.pkid == 7) {}
    let owner = world.database.owner();
    let mut locker = owner.get().await.unwrap();
    let lock = "BEGIN; LOCK TABLE readings IN ACCESS EXCLUSIVE MODE";
    diesel_async::SimpleAsyncConnection::batch_execute(&mut *locker, lock).await.unwrap();
    first.send_reading(1, reading(2, ts + 2, 21.0)).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    drop(first);
    // the same number means another message now, which is not durable yet
    let mut second = broker.accept().await;
    second.send_reading(1, reading(3, ts + 3, 22.0)).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    diesel_async::SimpleAsyncConnection::batch_execute(&mut *locker, "COMMIT").await.unwrap();
    let mut acks = 0;
    while let Some(packet) = second.next_within(Duration::from_secs(2)).await {
        if matches!(packet, Packet::PubAck(ack) if ack.pkid == 1) {
            acks += 1;
            assert_eq!(world.values().await, "20 21 22", "acknowledged before it was durable");
        }
    }
    assert_eq!(acks, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_whose_session_is_taken_over_again_and_again_gives_way_ever_longer() {
    let world = World::new().await;
    let broker = FalseBroker::new().await;
    let mut worker = world.worker("one");
    worker.settings.mqtt.port = broker.0.local_addr().unwrap().port();
    worker.settings.mqtt.rival_pause = Duration::from_millis(600);
    // each of its connections is a good one
    worker.settings.mqtt.patience = Duration::from_millis(500);
    let running = Running::of(worker);
    let mut pauses = Vec::new();
    let mut connection = broker.accept().await;
    for _ in 0..4 {
        running.is_ready().await;
        tokio::time::sleep(Duration::from_millis(600)).await;
        let reason = DisconnectReasonCode::SessionTakenOver;
        connection.send(Packet::Disconnect(Disconnect::new(reason))).await;
        let began = tokio::time::Instant::now();
        let is_told = eventually(
            async || matches!(running.status.report().broker, BrokerState::Refused(why) if why.contains("second server")),
        );
        assert!(is_told.await, "{:?}", running.status.report());
        connection = broker.accept().await;
        pauses.push(began.elapsed());
    }
    let from = [300, 600, 1200, 2400].map(Duration::from_millis);
    assert!(pauses.iter().zip(from).all(|(pause, from)| *pause >= from), "{pauses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_never_confirms_is_asked_ever_more_rarely() {
    let world = World::new().await;
    let broker = FalseBroker::new().await;
    let mut worker = world.worker("one");
    worker.settings.mqtt.port = broker.0.local_addr().unwrap().port();
    worker.settings.mqtt.patience = Duration::from_millis(200);
    let _running = Running::of(worker);
    let mut pauses = Vec::new();
    for _ in 0..4 {
        let (mut socket, _) = broker.0.accept().await.unwrap();
        while socket.read(&mut [0; 1024]).await.is_ok_and(|read| read > 0) {}
        pauses.push(tokio::time::Instant::now());
    }
    let pauses: Vec<_> = pauses.windows(2).map(|pair| pair[1] - pair[0]).collect();
    assert!(pauses[2] >= Duration::from_secs(2), "{pauses:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_says_nonsense_is_left_and_tried_again() {
    let world = World::new().await;
    let broker = FalseBroker::new().await;
    let running = broker.worker(&world);
    let mut connection = broker.accept().await;
    running.is_ready().await;
    // no packet is that long
    connection.socket.write_all(&[0x30, 0xff, 0xff, 0xff, 0x7f]).await.unwrap();
    assert_eq!(connection.next().await, None);
    let _connection = broker.accept().await;
    running.is_ready().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_does_not_wait_for_a_host_that_does_not_answer() {
    let world = World::new().await;
    // a full queue drops who else comes, as a host does that is not there
    let socket = TcpSocket::new_v4().unwrap();
    socket.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let hole = FalseBroker(socket.listen(0).unwrap());
    let address = hole.0.local_addr().unwrap();
    let mut queue = Vec::new();
    let is_full = async |queue: &mut Vec<_>| {
        let comes = TcpStream::connect(address);
        tokio::time::timeout(Duration::from_millis(200), comes)
            .await
            .map(|it| queue.push(it))
            .is_err()
    };
    while !is_full(&mut queue).await {}
    let running = hole.worker(&world);
    assert!(eventually(async || running.status.report().holds_duty).await);
    tokio::time::sleep(Duration::from_millis(500)).await;
    let began = tokio::time::Instant::now();
    running.stop().await;
    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
}
