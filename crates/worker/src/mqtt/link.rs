//! Connects, collects messages while the database is busy, hands them over when it is free, and
//! acknowledges what is durable.
use super::{
    Done, Errand, Incoming, Order, Receipt,
    backoff::{Backoff, End},
    flight::{Flight, seconds_left},
    inbox::Inbox,
    wire::Wire,
};
use crate::{
    BrokerState, Failpoint, MqttSettings, Place, Status, Worker, mqtt::wire, posts::Posts,
    presence::Presence,
};
use anyhow::{Context as _, Result, bail};
use domain::Timestamp;
use rumqttc::v5::mqttbytes::{
    QoS,
    v5::{
        ConnAck, ConnectReturnCode, DisconnectReasonCode, Packet, PubAck, PubAckReason, Publish,
        SubAck, SubscribeReasonCode,
    },
};
use std::time::Duration;
use store::Clock;
use tokio::{
    sync::mpsc,
    time::{Instant, Interval, MissedTickBehavior},
};
use tokio_util::sync::CancellationToken;

/// Most messages of one commit; more make each of them dearer.
const MOST_MESSAGES: usize = 500;
/// Most bytes of one commit, so that memory stays bounded whatever nodes send.
const MOST_BYTES: usize = 8 * 1024 * 1024;
/// How long the broker may take to let us write.
const WRITE_PATIENCE: Duration = Duration::from_secs(10);
/// How long the last batch may take when it is time to stop, how long leaving may, and how long whoever is about to
/// hand something over. All three, what the outboxes then write, and giving the duty back, are done before the
/// process is ended.
const DRAIN: Duration = Duration::from_secs(5);
const FAREWELL: Duration = Duration::from_secs(1);
const HANDING: Duration = Duration::from_millis(500);

/// The link to the broker.
pub(crate) struct Link {
    settings: MqttSettings,
    clock: Clock,
    status: Status,
    presence: Presence,
    batches: mpsc::Sender<Vec<Incoming>>,
    done: mpsc::Receiver<Done>,
    inbox: Inbox,
    posts: Posts,
    failpoint: Failpoint,
    stop: CancellationToken,
    /// What this connection has of the outboxes.
    flight: Flight,
    /// Counts connections; messages of an earlier one are never acknowledged in a later one.
    generation: u64,
    /// Since when the broker has us and our subscription.
    ready_since: Option<Instant>,
    batch: Vec<Incoming>,
    bytes: usize,
    /// Whether the pipeline has nothing to do.
    is_idle: bool,
}

/// Another client came with our name.
#[derive(Debug, thiserror::Error)]
#[error("another client took over the session")]
struct TakenOver;

/// The broker is there and will not have us: without its operator that does not change.
#[derive(Debug, thiserror::Error)]
#[error("the broker refused the {0}")]
struct Refused(String);

/// How far the broker has confirmed us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Connecting,
    Subscribing,
    Ready,
}

impl Link {
    pub(crate) fn new(
        worker: &Worker,
        (presence, posts): (Presence, Posts),
        (batches, done): (mpsc::Sender<Vec<Incoming>>, mpsc::Receiver<Done>),
        inbox: Inbox,
        stop: CancellationToken,
    ) -> Self {
        Self {
            settings: worker.settings.mqtt.clone(),
            clock: worker.clock.clone(),
            status: worker.status.clone(),
            presence,
            batches,
            done,
            inbox,
            posts,
            failpoint: worker.failpoint.clone(),
            stop,
            flight: Flight::default(),
            generation: 0,
            ready_since: None,
            batch: Vec::with_capacity(MOST_MESSAGES),
            bytes: 0,
            is_idle: true,
        }
    }

    /// Keeps the link up until it is time to stop; what was handed over by then is acknowledged, and the outboxes
    /// know what never went out.
    pub(crate) async fn run(mut self) -> Result<()> {
        let (seed, _) = uuid::Uuid::new_v4().as_u64_pair();
        let MqttSettings { patience, rival_pause, .. } = self.settings;
        let mut backoff = Backoff::new(seed, patience, rival_pause);
        while !self.stop.is_cancelled() {
            self.status.set_broker(BrokerState::Connecting);
            let ended = self.session().await;
            self.presence.set_link(None);
            self.part();
            let Err(error) = ended else { break };
            let stood = self.ready_since.take().map(|since| since.elapsed());
            let end = match &error {
                error if error.is::<TakenOver>() => End::TakenOver,
                error if error.is::<wire::Closed>() && stood.is_some() => End::Closed,
                _ => End::Broken,
            };
            let pause = backoff.pause(stood, end);
            metrics::counter!("tokkatot_mqtt_failures_total").increment(1);
            let mut reason = format!("{error:#}");
            if pause.is_for_rival {
                reason.push_str("; is there a second server with this broker?");
            }
            let seconds = pause.span.as_secs_f64();
            tracing::warn!(error = reason, pause.seconds = seconds, "No link to the broker");
            let needs_operator = pause.is_for_rival || error.is::<Refused>();
            let state = if needs_operator { BrokerState::Refused } else { BrokerState::Down };
            self.status.set_broker(state(reason));
            self.wait(pause.span).await;
        }
        self.inbox.close();
        // whoever has room hands over what it has just committed, or finds nothing to send
        let until = Instant::now() + HANDING;
        while let Ok(Some(orders)) = tokio::time::timeout_at(until, self.inbox.last()).await {
            self.refuse(&orders);
        }
        Ok(())
    }

    /// Waits without a connection; what becomes durable meanwhile can not be acknowledged.
    async fn wait(&mut self, pause: Duration) {
        let until = Instant::now() + pause;
        loop {
            tokio::select! {
                () = tokio::time::sleep_until(until) => return,
                () = self.stop.cancelled() => return,
                Some(done) = self.done.recv() => self.is_idle |= done.ends_batch,
                // the flight of no connection has room for both
                handed = self.inbox.next(&self.flight) => self.refuse(handed.orders()),
            }
        }
    }

    /// The connection is over: what of the outboxes was not written goes back.
    fn part(&mut self) {
        self.posts.unlinked();
        let flight = std::mem::take(&mut self.flight);
        self.posts.unsent(flight.waiting());
        while let Some(orders) = self.inbox.try_next() {
            self.refuse(&orders);
        }
    }

    /// These can not be published.
    fn refuse(&self, orders: &[Order]) {
        self.posts.unsent(orders.iter().map(|order| order.errand));
    }

    /// Pushes the messages that the broker has room for; whether there were any.
    fn send_orders(&mut self, wire: &mut Wire) -> Result<bool> {
        let (now, instant) = (self.clock.now(), Instant::now());
        let mut has_sent = false;
        while let Some((packet, order)) = self.flight.next() {
            let seconds =
                seconds_left(order.expires_at, now).filter(|_| instant < order.publish_by);
            let Some(seconds) = seconds else {
                self.flight.acked(packet);
                self.posts.unsent([order.errand]);
                continue;
            };
            match order.errand {
                Errand::Command(_) => {
                    let waited = now.since(order.issued_at).as_secs_f64();
                    metrics::histogram!("tokkatot_command_publish_seconds").record(waited);
                    metrics::counter!("tokkatot_commands_published_total").increment(1);
                }
                Errand::Config(_) => {
                    metrics::counter!("tokkatot_configs_published_total").increment(1);
                }
            }
            wire.order(packet, order, seconds)?;
            has_sent = true;
        }
        if self.flight.has_room() {
            self.posts.has_room();
        }
        Ok(has_sent)
    }

    /// The broker has taken a message, or says that it does not.
    fn hear_ack(&mut self, ack: &PubAck) {
        let Some(errand) = self.flight.acked(ack.pkid) else { return };
        match ack.reason {
            // a node that is not there hears it when it comes back
            PubAckReason::Success | PubAckReason::NoMatchingSubscribers => {
                self.posts.acked(errand);
            }
            reason => {
                metrics::counter!("tokkatot_commands_not_taken_total").increment(1);
                tracing::warn!(?errand, ?reason, "The broker does not take a message");
            }
        }
    }

    /// One connection, until it breaks (an error) or it is time to stop.
    async fn session(&mut self) -> Result<()> {
        let mut wire = tokio::select! {
            wire = tokio::time::timeout(self.settings.patience, Wire::connect(&self.settings)) => {
                wire.context("the broker does not answer")??
            }
            () = self.stop.cancelled() => return Ok(()),
        };
        self.generation += 1;
        let mut stage = Stage::Connecting;
        let mut pings = ticks(self.settings.keep_alive / 2);
        let mut asked = Instant::now();
        let mut heard = asked;
        loop {
            let now = self.clock.now();
            while !self.is_full() {
                match wire.next()? {
                    Some(packet) => self.take(packet, &mut stage, now)?,
                    None => break,
                }
            }
            let has_sent = self.send_orders(&mut wire)?;
            if self.hand_over().await? {
                continue; // there is room again for what has been read already
            }
            let reads = !self.is_full();
            let late = match stage {
                Stage::Ready => heard + self.settings.keep_alive.mul_f64(1.5),
                Stage::Connecting | Stage::Subscribing => asked + self.settings.patience,
            };
            let stuck = Instant::now() + WRITE_PATIENCE;
            if !self.flush(&mut wire, if reads { stuck.min(late) } else { stuck }).await? {
                return self.drain(wire).await;
            }
            if has_sent {
                self.failpoint.pass(Place::Published).await;
            }
            tokio::select! {
                filled = wire.fill(), if reads => {
                    filled?;
                    heard = Instant::now();
                }
                done = self.done.recv() => {
                    let done = done.context("the pipeline has ended")?;
                    self.is_idle |= done.ends_batch;
                    self.acknowledge(&mut wire, done)?;
                    // what was not read while the batch was full says nothing about the broker
                    if !reads {
                        heard = Instant::now();
                        asked = heard;
                    }
                }
                handed = self.inbox.next(&self.flight), if stage == Stage::Ready => {
                    let left = self.inbox.give(handed, &mut self.flight);
                    self.posts.unsent(left);
                }
                () = tokio::time::sleep_until(late), if reads => match stage {
                    Stage::Ready => bail!("the broker has fallen silent"),
                    _ => bail!("the broker does not confirm our subscription"),
                },
                _ = pings.tick() => wire.ping()?,
                () = self.stop.cancelled() => return self.drain(wire).await,
            }
        }
    }

    fn is_full(&self) -> bool {
        self.batch.len() >= MOST_MESSAGES || self.bytes >= MOST_BYTES
    }

    fn take(&mut self, packet: Packet, stage: &mut Stage, now: Timestamp) -> Result<()> {
        match packet {
            Packet::Publish(publish) => self.collect(publish, now),
            Packet::ConnAck(ConnAck { code, properties, .. }) => {
                if code != ConnectReturnCode::Success {
                    return Err(Refused(format!("connection: {code:?}")).into());
                }
                self.flight = Flight::new(properties.and_then(|said| said.receive_max));
                *stage = Stage::Subscribing;
            }
            Packet::SubAck(SubAck { pkid: wire::SUBSCRIPTION, return_codes, .. }) => {
                // at a lower quality the broker would keep nothing for us while we are away
                let wanted = SubscribeReasonCode::Success(QoS::AtLeastOnce);
                let granted = |code: &SubscribeReasonCode| *code == wanted;
                if !return_codes.iter().all(granted) {
                    metrics::counter!("tokkatot_mqtt_subscriptions_refused_total").increment(1);
                    return Err(Refused(format!("subscription: {return_codes:?}")).into());
                }
                *stage = Stage::Ready;
                self.ready_since = Some(Instant::now());
                self.status.set_broker(BrokerState::Ready);
                self.presence.set_link(Some(now));
                self.posts.linked();
                tracing::info!(mqtt.generation = self.generation, "Connected to the broker");
            }
            Packet::PubAck(ack) => self.hear_ack(&ack),
            Packet::Disconnect(disconnect) => {
                if disconnect.reason_code == DisconnectReasonCode::SessionTakenOver {
                    return Err(TakenOver.into());
                }
                bail!("the broker ended the connection: {:?}", disconnect.reason_code);
            }
            _ => {}
        }
        Ok(())
    }

    fn collect(&mut self, publish: Publish, received_at: Timestamp) {
        self.bytes += publish.payload.len() + publish.topic.len();
        self.batch.push(Incoming {
            topic: publish.topic,
            payload: publish.payload,
            received_at,
            is_retained: publish.retain,
            is_again: publish.dup,
            receipt: Receipt { generation: self.generation, packet: publish.pkid },
        });
    }

    /// Gives the pipeline what was collected, if there is anything and it has nothing to do.
    async fn hand_over(&mut self) -> Result<bool> {
        if !self.is_idle || self.batch.is_empty() {
            return Ok(false);
        }
        let batch = std::mem::replace(&mut self.batch, Vec::with_capacity(MOST_MESSAGES));
        self.bytes = 0;
        self.is_idle = false;
        self.batches.send(batch).await.ok().context("the pipeline has ended")?;
        Ok(true)
    }

    /// Writes all that was pushed, before `until`; false if it is time to stop instead.
    async fn flush(&self, wire: &mut Wire, until: Instant) -> Result<bool> {
        tokio::select! {
            flushed = tokio::time::timeout_at(until, wire.flush()) => {
                flushed.context("the broker takes nothing")??;
                Ok(true)
            }
            () = self.stop.cancelled() => Ok(false),
        }
    }

    fn acknowledge(&self, wire: &mut Wire, done: Done) -> Result<()> {
        for receipt in done.receipts {
            if receipt.generation == self.generation && receipt.packet != 0 {
                wire.acknowledge(receipt.packet)?;
            }
        }
        done.messages.into_iter().try_for_each(|message| wire.publish(message))
    }

    /// Reads no more; makes durable and acknowledges what was read, and leaves.
    async fn drain(&mut self, mut wire: Wire) -> Result<()> {
        let drained = tokio::time::timeout(DRAIN, async {
            loop {
                self.hand_over().await?;
                if self.is_idle {
                    return anyhow::Ok(());
                }
                let done = self.done.recv().await.context("the pipeline has ended")?;
                self.is_idle |= done.ends_batch;
                self.acknowledge(&mut wire, done)?;
                wire.flush().await?;
            }
        });
        match drained.await {
            Ok(drained) => drained?,
            Err(_) => {
                tracing::warn!("The last batch was not committed in time; it will come again")
            }
        }
        match tokio::time::timeout(FAREWELL, wire.disconnect()).await {
            Ok(left) => left,
            Err(_) => bail!("the broker takes no farewell"),
        }
    }
}

fn ticks(span: Duration) -> Interval {
    let mut ticks = tokio::time::interval_at(Instant::now() + span, span);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    ticks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        WorkerSettings,
        mqtt::{Outgoing, ways},
    };
    use store::{Database, DatabaseSettings, live::Bus};
    use tokio::net::TcpListener;

    /// A link on its own: nobody takes its batches.
    async fn link(port: u16) -> Link {
        let (host, nobody) = ("127.0.0.1".to_owned(), "nobody".to_owned());
        let mqtt = MqttSettings::new(host, port, nobody.clone(), nobody.clone());
        let database = DatabaseSettings::new("postgres://nobody@127.0.0.1:1/none", 1);
        let worker = Worker {
            database: Database::new(&database).await.unwrap(),
            settings: WorkerSettings::new(mqtt, database, nobody),
            clock: Clock::fake(Timestamp::from_millis(1_790_000_000_000)),
            bus: Bus::default(),
            status: Status::default(),
            failpoint: Failpoint::default(),
        };
        let channels = (mpsc::channel(1).0, mpsc::channel(1).1);
        let told = (Presence::default(), Posts::default());
        Link::new(&worker, told, channels, ways().1, CancellationToken::new())
    }

    #[tokio::test]
    async fn a_stop_does_not_wait_for_a_broker_that_takes_nothing() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut link = link(listener.local_addr().unwrap().port()).await;
        let mut wire = Wire::connect(&link.settings).await.unwrap();
        let (_silent, _) = listener.accept().await.unwrap();
        for _ in 0..256 {
            let message = Outgoing { topic: "t".to_owned(), payload: vec![0; 65_536] };
            wire.publish(message).unwrap();
        }
        let began = Instant::now();
        link.stop.cancel();
        while link.flush(&mut wire, began + WRITE_PATIENCE).await.unwrap() {}
        let left = link.drain(wire).await.unwrap_err();
        assert_eq!(left.to_string(), "the broker takes no farewell");
        assert!(began.elapsed() < FAREWELL * 2, "{:?}", began.elapsed());
    }
}
