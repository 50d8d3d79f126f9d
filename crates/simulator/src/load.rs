//! Load for benchmarks: messages of protocol v1 from many nodes at a steady rate, or as fast as the
//! server acknowledges them. It shares the machine with what it measures, so it is cheap, and it
//! knows nothing of houses.
use crate::{
    link::{Broker, Wire},
    node::wire::Ack,
};
use anyhow::{Context as _, Result, bail};
use domain::{NodeName, Timestamp};
use rumqttc::{Connect, Publish, QoS, mqttbytes::v4::Packet};
use std::{
    collections::VecDeque,
    fmt::Write as _,
    time::{Duration, Instant},
};
use tokio::task::JoinSet;

/// One connection and whom it speaks for: one node with the node's own credential, or many with an
/// account that may write to all.
#[derive(Debug, Clone)]
pub struct Sender {
    /// MQTT user name.
    pub username: String,
    /// MQTT password.
    pub password: String,
    /// In whose names it publishes, in turn.
    pub nodes: Vec<NodeName>,
}

/// What is sent.
#[derive(Debug, Clone)]
pub struct Load {
    /// Messages of all senders together.
    pub messages: u32,
    /// Readings in a message, each of another device.
    pub readings: u32,
    /// Messages a second of all senders together; `None` is as fast as the window allows.
    pub rate: Option<f64>,
    /// Most messages of one connection that wait for their application ack.
    pub window: usize,
    /// The nodes' boot: another one for each run.
    pub boot: String,
    /// The time of each node's first message; each later one is a millisecond later.
    pub begin: Timestamp,
}

/// What came of a load: how long each message took from the socket to its application ack.
#[derive(Debug)]
pub struct Measured {
    /// From the first publish to the last ack.
    pub elapsed: Duration,
    latencies: Vec<Duration>,
}

impl Measured {
    /// What was measured elsewhere, in any order.
    pub fn new(elapsed: Duration, mut latencies: Vec<Duration>) -> Self {
        latencies.sort_unstable();
        Self { elapsed, latencies }
    }

    /// Messages that were acknowledged.
    pub fn count(&self) -> usize {
        self.latencies.len()
    }

    /// The latency that this share of messages did not exceed, 0 to 1: 0.5 is the median.
    pub fn percentile(&self, share: f64) -> Duration {
        let past = |(index, _): &(u32, &Duration)| f64::from(*index) + 1.0 >= share * self.total();
        let mut from = (0_u32..).zip(&self.latencies).skip_while(|entry| !past(entry));
        from.next().map_or(Duration::ZERO, |(_, latency)| *latency)
    }

    fn total(&self) -> f64 {
        u32::try_from(self.latencies.len()).map_or(f64::MAX, f64::from)
    }
}

/// Without any ack for so long a run has failed.
const PATIENCE: Duration = Duration::from_mins(1);

/// Sends `load` from all `senders` at once and waits for every ack.
///
/// # Errors
/// A sender is refused or cut off, or a message is not acknowledged within a minute.
pub async fn run(broker: &Broker, senders: Vec<Sender>, load: &Load) -> Result<Measured> {
    let count = u32::try_from(senders.len())?.max(1);
    let mut talks = Vec::new();
    for (sender, number) in senders.into_iter().zip(0_u32..) {
        let share = load.messages / count + u32::from(number < load.messages % count);
        talks.push(Talk::open(broker, sender, load, share, count).await?);
    }
    let began = Instant::now();
    let mut tasks = JoinSet::new();
    for (mut talk, number) in talks.into_iter().zip(0_u32..) {
        // senders take turns within one step of the rate
        let turn = talk.step.map_or(Duration::ZERO, |step| step * number / count);
        tasks.spawn(async move {
            tokio::time::sleep(turn).await;
            talk.run().await?;
            anyhow::Ok(talk.latencies)
        });
    }
    let mut latencies = Vec::new();
    while let Some(done) = tasks.join_next().await {
        latencies.extend(done??);
    }
    Ok(Measured::new(began.elapsed(), latencies))
}

/// One node's messages under way.
struct Voice {
    topic: String,
    acks: String,
    sent: u64,
    waiting: VecDeque<(u64, Instant)>,
}

/// One sender at work.
struct Talk {
    wire: Wire,
    voices: Vec<Voice>,
    load: Load,
    share: u32,
    /// From one message of this sender to its next.
    step: Option<Duration>,
    sent: u32,
    waiting: usize,
    latencies: Vec<Duration>,
}

impl Talk {
    async fn open(
        broker: &Broker,
        sender: Sender,
        load: &Load,
        share: u32,
        senders: u32,
    ) -> Result<Self> {
        let mut connect = Connect::new(format!("load-{}-{}", load.boot, sender.username));
        if let [node] = sender.nodes.as_slice() {
            connect.client_id = format!("load-{}-{node}", load.boot);
        }
        connect.keep_alive = 0;
        connect.set_login(sender.username, sender.password);
        let voice = |node: &NodeName| Voice {
            topic: format!("tokkatot/{node}/up/readings"),
            acks: format!("tokkatot/{node}/down/ack"),
            sent: 0,
            waiting: VecDeque::new(),
        };
        let voices: Vec<Voice> = sender.nodes.iter().map(voice).collect();
        let filters = voices.iter().map(|voice| voice.acks.clone()).collect();
        let step = load.rate.map(|rate| Duration::from_secs_f64(f64::from(senders) / rate));
        Ok(Self {
            wire: Wire::open(broker, connect, filters).await?,
            voices,
            load: load.clone(),
            share,
            step,
            sent: 0,
            waiting: 0,
            latencies: Vec::new(),
        })
    }

    async fn run(&mut self) -> Result<()> {
        let (began, mut progress) = (Instant::now(), Instant::now());
        while self.sent < self.share || self.waiting > 0 {
            while self.sent < self.share && self.waiting < self.load.window && self.is_due(began) {
                self.publish()?;
            }
            self.wire.flush().await?;
            let next = self.step.map_or(PATIENCE, |step| {
                (step * self.sent).saturating_sub(began.elapsed()).max(Duration::from_micros(50))
            });
            let wait = if self.sent < self.share { next } else { PATIENCE };
            if let Ok(packet) = tokio::time::timeout(wait, self.wire.packet()).await {
                self.take(packet?)?;
                while let Some(packet) = self.wire.received()? {
                    self.take(packet)?;
                }
                progress = Instant::now();
            }
            if self.waiting > 0 && progress.elapsed() > PATIENCE {
                bail!("{} messages were not acknowledged within a minute", self.waiting);
            }
        }
        Ok(())
    }

    fn is_due(&self, began: Instant) -> bool {
        self.step.is_none_or(|step| began.elapsed() >= step * self.sent)
    }

    fn publish(&mut self) -> Result<()> {
        let count = u32::try_from(self.voices.len())?.max(1);
        let turn = usize::try_from(self.sent % count)?;
        let voice = self.voices.get_mut(turn).context("a sender speaks for nobody")?;
        voice.sent += 1;
        let payload = payload(&self.load, voice.sent)?;
        let mut publish = Publish::new(&voice.topic, QoS::AtLeastOnce, payload);
        publish.pkid = u16::try_from(self.sent % 60_000)? + 2;
        self.wire.say(Packet::Publish(publish))?;
        voice.waiting.push_back((voice.sent, Instant::now()));
        self.sent += 1;
        self.waiting += 1;
        Ok(())
    }

    fn take(&mut self, packet: Packet) -> Result<()> {
        let Packet::Publish(publish) = packet else { return Ok(()) };
        let ack: Ack = serde_json::from_slice(&publish.payload)?;
        let voice = self.voices.iter_mut().find(|voice| voice.acks == publish.topic);
        let Some(voice) = voice.filter(|_| ack.boot == self.load.boot) else { return Ok(()) };
        while let Some((_, sent)) = voice.waiting.pop_front_if(|(seq, _)| *seq <= ack.seq) {
            self.latencies.push(sent.elapsed());
            self.waiting -= 1;
        }
        Ok(())
    }
}

/// A message as nodes write it.
fn payload(load: &Load, seq: u64) -> Result<String> {
    let ts = load.begin.plus(Duration::from_millis(seq)).as_millis();
    let mut text = String::with_capacity(64 + usize::try_from(load.readings)? * 80);
    write!(text, r#"{{"boot":"{}","seq":{seq},"ts":{ts},"readings":["#, load.boot)?;
    for device in 0..load.readings {
        let comma = if device == 0 { "" } else { "," };
        let tenths = 200 + (seq + u64::from(device)) % 150;
        let (whole, tenth) = (tenths / 10, tenths % 10);
        write!(
            text,
            r#"{comma}{{"device":"air{device}","sensor":"temperature","value":{whole}.{tenth},"unit":"°C"}}"#
        )?;
    }
    text.push_str("]}");
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load() -> Load {
        Load {
            messages: 10,
            readings: 2,
            rate: None,
            window: 4,
            boot: "b1".to_owned(),
            begin: Timestamp::from_millis(1_790_000_000_000),
        }
    }

    #[test]
    fn a_message_is_one_that_the_server_understands() {
        let text = payload(&load(), 7).unwrap();
        let mut readings = Vec::new();
        let head = domain::protocol::parse_readings(text.as_bytes(), &mut readings).unwrap();
        assert_eq!((head.seq, head.ts), (Some(7), Some(1_790_000_000_007)));
        assert_eq!(readings.iter().map(|r| r.value).collect::<Vec<_>>(), [20.7, 20.8]);
    }

    #[test]
    fn percentiles_are_those_of_the_sorted_latencies() {
        let latencies = (1..=100).rev().map(Duration::from_millis).collect();
        let measured = Measured::new(Duration::ZERO, latencies);
        assert_eq!(measured.percentile(0.5), Duration::from_millis(50));
        assert_eq!(measured.percentile(0.99), Duration::from_millis(99));
        assert_eq!(measured.percentile(1.0), Duration::from_millis(100));
        let none = Measured::new(Duration::ZERO, Vec::new());
        assert_eq!(none.percentile(0.5), Duration::ZERO);
    }
}
