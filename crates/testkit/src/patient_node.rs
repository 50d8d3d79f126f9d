//! A node that forgets nothing before `down/ack` and remembers all that was acknowledged, so that a
//! test can ask for every one of those readings afterwards. Written apart from the simulator: two
//! readings of the protocol find more than one.
use domain::{Channel, NodeName, Timestamp};
use rumqttc::v5::{
    AsyncClient, Event, EventLoop, MqttOptions,
    mqttbytes::{QoS, v5::Packet},
};
use std::{
    collections::VecDeque,
    time::{Duration, Instant},
};
use tokio::sync::{mpsc, oneshot};

/// Devices a message carries a temperature of; the message's readings.
const CHANNELS: [&str; 5] = ["a", "b", "c", "d", "e"];
/// Unanswered this long, what waits is sent again.
const PATIENCE: Duration = Duration::from_secs(3);

/// One reading as it was sent.
#[derive(Debug, Clone, PartialEq)]
pub struct SentReading {
    /// The device's name on the node.
    pub channel: Channel,
    /// When it was measured.
    pub ts: Timestamp,
    /// The value, different in every message.
    pub value: f64,
}

/// What became of a node's readings.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Acknowledged by `down/ack`: must be in the database, once.
    pub acknowledged: Vec<SentReading>,
    /// Never acknowledged: may be there or not, but not twice.
    pub unanswered: usize,
}

struct Message {
    seq: i64,
    payload: String,
    readings: Vec<SentReading>,
}

/// A node at work; dropping it without `finish` ends it as a power cut would.
#[derive(Debug)]
pub struct PatientNode {
    finish: oneshot::Sender<()>,
    outcome: mpsc::Receiver<Outcome>,
}

struct Work {
    name: NodeName,
    boot: String,
    client: AsyncClient,
    waiting: VecDeque<Message>,
    acknowledged: Vec<SentReading>,
    next_seq: i64,
    last_millis: i64,
    last_progress: Instant,
    started: (Timestamp, Instant),
}

impl PatientNode {
    /// Connects to the broker on `port` and sends a message of five readings every `interval`.
    /// `now` is the time its clock starts from.
    pub fn start(
        port: u16,
        name: &NodeName,
        password: &str,
        interval: Duration,
        now: Timestamp,
    ) -> Self {
        let mut options = MqttOptions::new(name.as_str(), "127.0.0.1", port);
        options.set_credentials(name.as_str(), password).set_keep_alive(Duration::from_secs(5));
        options.set_connection_timeout(2);
        let (client, events) = AsyncClient::new(options, 4096);
        let work = Work {
            name: name.clone(),
            boot: format!("b{}", now.as_millis()),
            client,
            waiting: VecDeque::new(),
            acknowledged: Vec::new(),
            next_seq: 1,
            last_millis: 0,
            last_progress: Instant::now(),
            started: (now, Instant::now()),
        };
        let (finish, finished) = oneshot::channel();
        let (report, outcome) = mpsc::channel(1);
        tokio::spawn(async move {
            let outcome = work.run(events, interval, finished).await;
            _ = report.send(outcome).await;
        });
        Self { finish, outcome }
    }

    /// Stops making readings, waits up to a minute for what is unanswered, and says what became of
    /// everything.
    pub async fn finish(mut self) -> Outcome {
        _ = self.finish.send(());
        self.outcome.recv().await.unwrap_or_default()
    }
}

impl Work {
    async fn run(
        mut self,
        mut events: EventLoop,
        interval: Duration,
        mut finished: oneshot::Receiver<()>,
    ) -> Outcome {
        let mut tick = tokio::time::interval(interval);
        let mut finishing: Option<Instant> = None;
        loop {
            tokio::select! {
                event = events.poll() => match event {
                    Ok(Event::Incoming(Packet::ConnAck(_))) => self.connected(),
                    Ok(Event::Incoming(Packet::Publish(publish))) => self.answered(&publish.payload),
                    Ok(_) => {}
                    Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
                },
                _ = tick.tick() => {
                    match finishing {
                        None => self.measure(),
                        Some(since) if self.waiting.is_empty()
                            || since.elapsed() > Duration::from_secs(60) => break,
                        Some(_) => {}
                    }
                    if self.last_progress.elapsed() > PATIENCE {
                        self.send_again();
                    }
                },
                _ = &mut finished, if finishing.is_none() => finishing = Some(Instant::now()),
            }
        }
        let unanswered = self.waiting.iter().map(|message| message.readings.len()).sum();
        Outcome { acknowledged: self.acknowledged, unanswered }
    }

    fn connected(&mut self) {
        let filter = format!("tokkatot/{}/down/ack", self.name);
        _ = self.client.try_subscribe(filter, QoS::AtMostOnce);
        let availability = format!("tokkatot/{}/up/availability", self.name);
        _ = self.client.try_publish(availability, QoS::AtLeastOnce, true, "online");
        self.send_again();
    }

    fn measure(&mut self) {
        let (began, at) = self.started;
        let now = began.plus(at.elapsed());
        let seq = self.next_seq;
        self.next_seq += 1;
        // ticks that were missed come at once, but no sensor has two values in one millisecond
        self.last_millis = now.as_millis().max(self.last_millis + 1);
        let ts = Timestamp::from_millis(self.last_millis);
        let readings: Vec<SentReading> = CHANNELS
            .iter()
            .filter_map(|channel| channel.parse().ok())
            .zip(0_u32..)
            .map(|(channel, index)| SentReading { channel, ts, value: value(seq, index) })
            .collect();
        let list: Vec<_> = readings
            .iter()
            .map(|r| {
                let device = r.channel.as_str();
                serde_json::json!({"device": device, "sensor": "temperature", "value": r.value, "unit": "°C"})
            })
            .collect();
        let payload = serde_json::json!({
            "boot": self.boot, "seq": seq, "ts": ts.as_millis(), "readings": list
        });
        let message = Message { seq, payload: payload.to_string(), readings };
        self.send(&message);
        self.waiting.push_back(message);
    }

    fn send(&self, message: &Message) {
        let topic = format!("tokkatot/{}/up/readings", self.name);
        // a full queue is like a lost packet: what waits is sent again later
        let payload = message.payload.clone();
        _ = self.client.try_publish(topic, QoS::AtLeastOnce, false, payload);
    }

    fn send_again(&mut self) {
        self.last_progress = Instant::now();
        for message in &self.waiting {
            self.send(message);
        }
    }

    fn answered(&mut self, payload: &[u8]) {
        let Ok(ack) = serde_json::from_slice::<serde_json::Value>(payload) else { return };
        let (Some(boot), Some(seq)) = (
            ack.get("boot").and_then(serde_json::Value::as_str),
            ack.get("seq").and_then(serde_json::Value::as_i64),
        ) else {
            return;
        };
        if boot != self.boot {
            return;
        }
        while self.waiting.front().is_some_and(|message| message.seq <= seq) {
            if let Some(message) = self.waiting.pop_front() {
                self.acknowledged.extend(message.readings);
                self.last_progress = Instant::now();
            }
        }
    }
}

/// A plausible temperature that no other message of this run has: 20–36 °C in steps of 1/65,536.
fn value(seq: i64, index: u32) -> f64 {
    let step = (seq * 5 + i64::from(index)) % (1 << 20);
    20.0 + i32::try_from(step).map_or(0.0, f64::from) / 65_536.0
}
