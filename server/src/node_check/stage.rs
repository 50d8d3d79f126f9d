//! Where checker and node meet: all that was heard so far, and ways to say and to wait.
use super::{
    Options, Progress,
    heard::{Message, Outcome, Said},
    say::Order,
};
use anyhow::{Result, bail};
use domain::{
    Timestamp,
    protocol::{Availability, CommandStatus},
};
use simulator::link::TrueTime;
use std::time::{Duration, Instant};
use uuid::Uuid;
use worker::{BrokerAccess, NodeLink};

/// The checker's place.
pub(super) struct Stage {
    pub(super) link: NodeLink,
    pub(super) options: Options,
    pub(super) heard: Vec<Message>,
    /// Kept by the broker on topics where nothing may be kept, before anything was done.
    pub(super) wrongly_kept: Vec<String>,
    /// Where the node's power was cut.
    pub(super) restart_at: Option<usize>,
    /// The switch that is switched, once it is known.
    pub(super) switch: Option<String>,
    time: TrueTime,
    progress: Progress,
    /// Whether the check is given up: then nobody's words end it any more.
    is_abandoned: bool,
}

/// How long a state may come behind its result.
const STATE: Duration = Duration::from_secs(1);

impl Stage {
    pub(super) fn new(
        link: NodeLink,
        options: Options,
        time: TrueTime,
        progress: Progress,
    ) -> Self {
        let (heard, wrongly_kept) = (Vec::new(), Vec::new());
        let (restart_at, switch) = (None, None);
        let is_abandoned = false;
        Self {
            link,
            options,
            heard,
            wrongly_kept,
            restart_at,
            switch,
            time,
            progress,
            is_abandoned,
        }
    }

    /// Tells the tester.
    pub(super) fn tell(&self, text: &str) {
        (self.progress)(text);
    }

    /// The place of the next message.
    pub(super) fn mark(&self) -> usize {
        self.heard.len()
    }

    /// What was heard from a place on.
    pub(super) fn since(&self, mark: usize) -> &[Message] {
        self.heard.get(mark..).unwrap_or_default()
    }

    pub(super) fn now(&self) -> Timestamp {
        self.time.now()
    }

    /// Listens until `look` finds something in what was heard since `mark`, at most for a while.
    pub(super) async fn wait<T>(
        &mut self,
        mark: usize,
        within: Duration,
        look: impl Fn(&[Message]) -> Option<T>,
    ) -> Result<Option<T>> {
        let until = tokio::time::Instant::now() + within;
        loop {
            if let Some(found) = look(self.since(mark)) {
                return Ok(Some(found));
            }
            match tokio::time::timeout_at(until, self.link.hear()).await {
                Ok(message) => self.take(message?).await?,
                Err(_) => return Ok(None),
            }
        }
    }

    /// Listens for a while.
    pub(super) async fn listen(&mut self, span: Duration) -> Result<()> {
        self.wait(self.mark(), span, |_| None::<()>).await.map(drop)
    }

    async fn take(&mut self, message: worker::HeardMessage) -> Result<()> {
        let Some(mut said) = Message::parse(&message) else {
            // a running server greets also nodes that are not claimed, and so do we
            if message.topic == "down/time" || self.is_abandoned {
                return Ok(());
            }
            bail!(
                "somebody else says {} to the node: stop the server that it is claimed at, or check it before it is claimed",
                message.topic
            );
        };
        if let Some((boot, seq)) = said.number() {
            let of_boot = self.heard.iter().filter_map(Message::number);
            said.is_new = of_boot.filter(|(other, _)| *other == boot).all(|(_, other)| other < seq);
        }
        let is_greeting = said.is(Availability::Online);
        self.heard.push(said);
        if is_greeting { self.say_time(self.now()).await } else { Ok(()) }
    }

    /// Waits for the last word on a command: all the node said of it until then.
    pub(super) async fn ended(&mut self, mark: usize, id: Uuid) -> Result<Vec<Outcome>> {
        let ended = |results: &[Outcome]| {
            results.iter().any(|result| result.status != CommandStatus::Executing)
        };
        let look = |heard: &[Message]| Some(results(heard, id)).filter(|results| ended(results));
        let found = self.wait(mark, self.options.patience, look).await?;
        Ok(found.unwrap_or_else(|| results(self.since(mark), id)))
    }

    /// Orders the switch off and waits for result and state, behind which all that was ordered before
    /// has been dealt with. Whether there was a result.
    pub(super) async fn switch_off(&mut self) -> Result<bool> {
        let Some(switch) = self.switch.clone() else { return Ok(false) };
        let (mark, off) = (self.mark(), Order::new(&switch, "off"));
        self.order(&off).await?;
        if self.ended(mark, off.id).await?.is_empty() {
            return Ok(false);
        }
        let is_off =
            |heard: &[Message]| commanded_state(heard, &switch).filter(|state| state == "off");
        // who was off already may not tell it again
        self.wait(mark, self.options.patience.min(STATE), is_off).await?;
        Ok(true)
    }

    /// Waits until the node has dealt with what was said to it before.
    pub(super) async fn settle(&mut self) -> Result<()> {
        let mark = self.mark();
        self.say_config(0).await?;
        let answered = |heard: &[Message]| {
            heard.iter().any(|message| matches!(message.said, Said::ConfigAck(_))).then_some(())
        };
        let wait = self.options.patience.min(Duration::from_secs(2));
        self.wait(mark, wait, answered).await.map(drop)
    }

    /// Cuts the node's connection and waits until it is back: the place from which on it speaks in the
    /// new one, or nothing if it did not come back.
    pub(super) async fn cut(&mut self) -> Result<Option<usize>> {
        let mark = self.mark();
        self.link.cut().await?;
        let online =
            |heard: &[Message]| heard.iter().position(|message| message.is(Availability::Online));
        let found = self.wait(mark, self.options.reconnect, online).await?;
        Ok(found.map(|place| mark + place))
    }

    /// The boot that the node spoke of last.
    pub(super) fn boot(&self) -> Option<String> {
        self.heard.iter().rev().find_map(Message::boot).map(str::to_owned)
    }

    /// The highest number of a boot; 0 before the first.
    pub(super) fn newest(&self, boot: &str) -> i64 {
        let of_boot = self.heard.iter().filter_map(Message::number).filter(|(of, _)| *of == boot);
        of_boot.map(|(_, seq)| seq).max().unwrap_or(0)
    }

    /// Leaves the node as a farmer would want it: switched off, nothing waiting, the right time.
    pub(super) async fn leave(&mut self) -> Result<()> {
        if let Some(boot) = self.boot() {
            let newest = self.newest(&boot);
            self.say_ack(&boot, newest).await?;
        }
        self.calm().await.map(drop)
    }

    /// Leaves the node after a check that did not come to its end: switched off, the right time. What waits in
    /// it is not acknowledged, since a server may be about to take it. A link that is down is made once more.
    pub(super) async fn abandon(&mut self, access: BrokerAccess) {
        self.is_abandoned = true;
        if self.switch.is_none() && self.heard.is_empty() {
            return; // it was never heard of
        }
        self.tell("switching the node off and setting its clock right");
        let calmed = match self.calm().await {
            Ok(is_off) => Ok(is_off),
            Err(_) => self.calm_anew(access).await,
        };
        match calmed {
            Ok(true) => {}
            Ok(false) => self.tell("the node does not answer: look whether its switch is off"),
            Err(error) => self.tell(&format!(
                "the node is not reached ({error:#}): look whether its switch is off"
            )),
        }
    }

    async fn calm_anew(&mut self, access: BrokerAccess) -> Result<bool> {
        self.link = NodeLink::open(access, self.options.node.clone()).await?;
        self.calm().await
    }

    /// The right time, and off: whether the node has answered, where it has anything to switch.
    async fn calm(&mut self) -> Result<bool> {
        self.say_time(self.now()).await?;
        if self.switch.is_some() {
            return self.switch_off().await;
        }
        self.settle().await.map(|()| true)
    }

    /// How long it may take until the node says something of itself that bears a time.
    pub(super) fn breath(&self) -> Duration {
        self.options.heartbeat.max(self.options.readings).mul_f64(1.5) + Duration::from_secs(1)
    }
}

/// What the node said of a command.
pub(super) fn results(heard: &[Message], id: Uuid) -> Vec<Outcome> {
    let of = |message: &Message| match &message.said {
        Said::Result(outcome) if outcome.id == id => Some(outcome.clone()),
        _ => None,
    };
    heard.iter().filter_map(of).collect()
}

/// The state that a switch was last said to have, if a command may be its cause. What is told again
/// does not count.
pub(super) fn commanded_state(heard: &[Message], switch: &str) -> Option<String> {
    heard.iter().rev().filter(|message| message.is_new).find_map(|message| match &message.said {
        Said::States(_, states) => states
            .iter()
            .find(|state| state.device == switch && state.is_commanded)
            .map(|state| state.state.clone()),
        _ => None,
    })
}

/// Rounded for people.
pub(super) fn seconds(from: Instant, to: Instant) -> f64 {
    (to.saturating_duration_since(from).as_secs_f64() * 10.0).round() / 10.0
}
