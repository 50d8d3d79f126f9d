//! A message, parsed: topic and payload become domain types here and nowhere else.
use super::Suspects;
use crate::mqtt::Incoming;
use domain::protocol::{
    Availability, CommandResult, ConfigAck, Head, Heartbeat, Kind, Log, Reading, Refusal, States,
    Topic, parse_readings, salvage_head,
};
use std::ops::Range;

/// One message of a batch.
#[derive(Debug)]
pub(crate) struct Message<'a> {
    pub(crate) incoming: &'a Incoming,
    /// The name in the topic; empty if the topic is none of ours.
    pub(crate) node_name: &'a str,
    pub(crate) kind: Option<Kind>,
    pub(crate) body: Body<'a>,
    /// Where the node stands in the directory; set when it is resolved.
    pub(crate) node: usize,
    /// Whether nothing is to be made for it any more: the database refused it.
    pub(crate) is_guilty: bool,
}

/// What a message says.
#[derive(Debug)]
pub(crate) enum Body<'a> {
    /// Measurements, a span of the batch's readings.
    Readings { head: Head<'a>, span: Range<usize> },
    /// What switches are doing.
    States(States<'a>),
    /// Figures of the node itself.
    Heartbeat(Heartbeat<'a>),
    /// The node's connection; `None` clears what the broker kept.
    Availability(Option<Availability>),
    /// What became of a command.
    Result(CommandResult<'a>),
    /// Which configuration is in force.
    ConfigAck(ConfigAck<'a>),
    /// A line for the operator.
    Log(Log<'a>),
    /// To be put away. Its number counts as come if it can be read.
    Bad { reason: &'static str, detail: String, head: Option<Head<'a>> },
}

impl<'a> Message<'a> {
    /// Parses a message; what it measured is added to `readings`.
    pub(crate) fn parse(
        incoming: &'a Incoming,
        readings: &mut Vec<Reading<'a>>,
        suspects: &Suspects,
    ) -> Self {
        let before = readings.len();
        let parsed = suspects.watch(incoming, || Self::parse_unwatched(incoming, readings));
        parsed.unwrap_or_else(|| {
            readings.truncate(before);
            let detail = "this message made the program panic".to_owned();
            let body = Body::Bad { reason: "panic", detail, head: None };
            let topic = Topic::parse(&incoming.topic);
            let node_name = topic.map_or("", |topic| topic.node);
            Self {
                incoming,
                node_name,
                kind: topic.map(|topic| topic.kind),
                body,
                node: 0,
                is_guilty: false,
            }
        })
    }

    fn parse_unwatched(incoming: &'a Incoming, readings: &mut Vec<Reading<'a>>) -> Self {
        let Some(Topic { node, kind }) = Topic::parse(&incoming.topic) else {
            let detail = "the topic is none of ours".to_owned();
            let body = Body::Bad { reason: "unknown-topic", detail, head: None };
            return Self { incoming, node_name: "", kind: None, body, node: 0, is_guilty: false };
        };
        let body = if incoming.is_retained && kind != Kind::Availability {
            let detail = "telemetry must not be retained".to_owned();
            let head = salvage(kind, &incoming.payload);
            Body::Bad { reason: "retained", detail, head }
        } else {
            Body::parse(kind, &incoming.payload, readings).unwrap_or_else(|refusal| {
                let head = salvage(kind, &incoming.payload);
                Body::Bad { reason: refusal.reason(), detail: refusal.to_string(), head }
            })
        };
        Self { incoming, node_name: node, kind: Some(kind), body, node: 0, is_guilty: false }
    }

    /// What it says about numbers and clocks.
    pub(crate) fn head(&self) -> Option<&Head<'a>> {
        match &self.body {
            Body::Readings { head, .. } => Some(head),
            Body::States(states) => Some(&states.head),
            Body::Bad { head, .. } => head.as_ref(),
            _ => None,
        }
    }

    /// The node's run it is of.
    pub(crate) fn boot(&self) -> Option<&str> {
        match &self.body {
            Body::Heartbeat(heartbeat) => heartbeat.boot.as_deref(),
            _ => self.head()?.boot.as_deref(),
        }
    }
}

impl<'a> Body<'a> {
    fn parse(
        kind: Kind,
        payload: &'a [u8],
        readings: &mut Vec<Reading<'a>>,
    ) -> Result<Self, Refusal> {
        Ok(match kind {
            Kind::Readings => {
                let before = readings.len();
                let head = parse_readings(payload, readings)?;
                Self::Readings { head, span: before..readings.len() }
            }
            Kind::State => Self::States(States::parse(payload)?),
            Kind::Heartbeat => Self::Heartbeat(Heartbeat::parse(payload)?),
            Kind::Availability => Self::Availability(Availability::parse(payload)?),
            Kind::Result => Self::Result(CommandResult::parse(payload)?),
            Kind::ConfigAck => Self::ConfigAck(ConfigAck::parse(payload)?),
            Kind::Log => Self::Log(Log::parse(payload)?),
        })
    }
}

fn salvage(kind: Kind, payload: &[u8]) -> Option<Head<'_>> {
    matches!(kind, Kind::Readings | Kind::State).then(|| salvage_head(payload)).flatten()
}
