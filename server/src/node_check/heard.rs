//! What a node was heard to say, parsed as the server does.
use domain::protocol::{
    Availability, CommandResult, CommandStatus, ConfigAck, DeviceState, Head, Heartbeat, Kind, Log,
    Reading, Refusal, States, parse_readings, salvage_head,
};
use serde_json::Value;
use std::time::Instant;
use uuid::Uuid;
use worker::HeardMessage;

/// One message of the node, in the order of their coming.
#[derive(Debug, Clone)]
pub(super) struct Message {
    pub(super) at: Instant,
    /// The last level of its topic.
    pub(super) kind: String,
    pub(super) is_retained: bool,
    /// Whether its number is higher than all before of its boot, or it has none.
    pub(super) is_new: bool,
    pub(super) said: Said,
}

/// What a message says.
#[derive(Debug, Clone)]
pub(super) enum Said {
    Availability(Option<Availability>),
    Heartbeat(Beat),
    Readings(Numbered, Vec<Measured>),
    States(Numbered, Vec<Switched>),
    Result(Outcome),
    ConfigAck(i64),
    Log {
        ts: Option<i64>,
    },
    /// On a topic that the server does not hear.
    Unknown,
    /// What the server would put away: the reason's code, and what was wrong. Its number counts where it
    /// can be read.
    Bad(String, Option<Numbered>),
}

/// What a heartbeat tells.
#[derive(Debug, Clone)]
pub(super) struct Beat {
    pub(super) boot: Option<String>,
    pub(super) has_uptime: bool,
    pub(super) has_firmware: bool,
    pub(super) ts: Option<i64>,
}

/// What numbered messages share.
#[derive(Debug, Clone)]
pub(super) struct Numbered {
    pub(super) boot: Option<String>,
    pub(super) seq: Option<i64>,
    pub(super) first: Option<i64>,
    pub(super) ts: Option<i64>,
    /// All of it but `first`: the same whenever it is sent.
    pub(super) content: Value,
}

/// One reading.
#[derive(Debug, Clone)]
pub(super) struct Measured {
    pub(super) sensor: String,
    pub(super) unit: Option<String>,
}

/// One switch's state.
#[derive(Debug, Clone)]
pub(super) struct Switched {
    pub(super) device: String,
    pub(super) state: String,
    /// Whether a command may be its cause.
    pub(super) is_commanded: bool,
}

/// The node's word on a command.
#[derive(Debug, Clone)]
pub(super) struct Outcome {
    pub(super) id: Uuid,
    pub(super) status: CommandStatus,
    pub(super) state: Option<String>,
    pub(super) error: Option<String>,
    pub(super) ts: Option<i64>,
}

impl Message {
    /// Understands a message on `up/…`; `None` for any other topic.
    pub(super) fn parse(heard: &HeardMessage) -> Option<Self> {
        let kind = heard.topic.strip_prefix("up/")?;
        let said = parse(kind, &heard.payload).unwrap_or_else(|refusal| {
            let is_numbered = matches!(kind, "readings" | "state");
            let head = is_numbered.then(|| salvage_head(&heard.payload)).flatten();
            let head = head.map(|head| numbered(&head, &heard.payload));
            Said::Bad(format!("{}: {refusal}", refusal.reason()), head)
        });
        let (at, is_retained) = (heard.at, heard.is_retained);
        Some(Self { at, kind: kind.to_owned(), is_retained, is_new: true, said })
    }

    pub(super) fn numbered(&self) -> Option<&Numbered> {
        match &self.said {
            Said::Readings(numbered, _)
            | Said::States(numbered, _)
            | Said::Bad(_, Some(numbered)) => Some(numbered),
            _ => None,
        }
    }

    /// Its boot and number, where it has both.
    pub(super) fn number(&self) -> Option<(&str, i64)> {
        let numbered = self.numbered()?;
        numbered.boot.as_deref().zip(numbered.seq)
    }

    pub(super) fn boot(&self) -> Option<&str> {
        match &self.said {
            Said::Heartbeat(beat) => beat.boot.as_deref(),
            _ => self.numbered()?.boot.as_deref(),
        }
    }

    /// Its time by the node's clock.
    pub(super) fn ts(&self) -> Option<i64> {
        match &self.said {
            Said::Heartbeat(beat) => beat.ts,
            Said::Result(outcome) => outcome.ts,
            Said::Log { ts } => *ts,
            _ => self.numbered()?.ts,
        }
    }

    pub(super) fn is(&self, availability: Availability) -> bool {
        matches!(&self.said, Said::Availability(Some(said)) if *said == availability)
    }

    /// What the server would put away of this kind.
    pub(super) fn bad(&self, kind: &str) -> Option<&str> {
        match &self.said {
            Said::Bad(reason, _) if self.kind == kind => Some(reason),
            _ => None,
        }
    }
}

fn parse(kind: &str, payload: &[u8]) -> Result<Said, Refusal> {
    let Some(kind) = Kind::ALL.into_iter().find(|known| known.name() == kind) else {
        return Ok(Said::Unknown);
    };
    Ok(match kind {
        Kind::Availability => Said::Availability(Availability::parse(payload)?),
        Kind::Heartbeat => Said::Heartbeat(beat(&Heartbeat::parse(payload)?)),
        Kind::Readings => {
            let mut readings = Vec::new();
            let head = parse_readings(payload, &mut readings)?;
            Said::Readings(numbered(&head, payload), readings.iter().map(measured).collect())
        }
        Kind::State => {
            let States { head, states } = States::parse(payload)?;
            Said::States(numbered(&head, payload), states.iter().map(switched).collect())
        }
        Kind::Result => Said::Result(outcome(CommandResult::parse(payload)?)),
        Kind::ConfigAck => Said::ConfigAck(ConfigAck::parse(payload)?.version),
        Kind::Log => Said::Log { ts: Log::parse(payload)?.ts },
    })
}

fn beat(heartbeat: &Heartbeat<'_>) -> Beat {
    Beat {
        boot: heartbeat.boot.as_deref().map(str::to_owned),
        has_uptime: heartbeat.uptime_s.is_some(),
        has_firmware: heartbeat.firmware.is_some(),
        ts: heartbeat.ts,
    }
}

fn numbered(head: &Head<'_>, payload: &[u8]) -> Numbered {
    let mut content: Value = serde_json::from_slice(payload).unwrap_or_default();
    if let Some(fields) = content.as_object_mut() {
        fields.remove("first");
    }
    Numbered {
        boot: head.boot.as_deref().map(str::to_owned),
        seq: head.seq,
        first: head.first,
        ts: head.ts,
        content,
    }
}

fn measured(reading: &Reading<'_>) -> Measured {
    let unit = reading.unit.as_deref().map(str::to_owned);
    Measured { sensor: reading.sensor.to_string(), unit }
}

fn switched(state: &DeviceState<'_>) -> Switched {
    Switched {
        device: state.device.to_string(),
        state: state.state.to_string(),
        is_commanded: state.cause.as_deref().is_none_or(|cause| cause == "command"),
    }
}

fn outcome(result: CommandResult<'_>) -> Outcome {
    Outcome {
        id: result.command_id,
        status: result.status,
        state: result.state.map(|state| state.into_owned()),
        error: result.error.map(|error| error.into_owned()),
        ts: result.ts,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use simulator::node::wire::Down;

    const DOCS: &str = include_str!("../../../docs/devices.md");

    fn said(kind: &str, payload: &str) -> Said {
        let (topic, payload) = (format!("up/{kind}"), payload.to_owned().into());
        let heard = HeardMessage { topic, payload, is_retained: false, at: Instant::now() };
        Message::parse(&heard).unwrap().said
    }

    #[test]
    fn every_example_of_the_documentation_is_understood() {
        let mut section = "";
        let mut kinds = Vec::new();
        for (place, block) in DOCS.split("```").enumerate() {
            if let Some(json) = block.strip_prefix("json\n").filter(|_| place % 2 == 1) {
                let message: Value = serde_json::from_str(json).unwrap();
                let kind = match section {
                    "Configuration" => "config",
                    "Commands" if message.get("action").is_some() => "command",
                    "Commands" => "result",
                    other => &other.to_lowercase(),
                };
                kinds.push(kind.to_owned());
                if matches!(kind, "command" | "config") {
                    Down::parse(&format!("tokkatot/n/down/{kind}"), json.as_bytes()).unwrap();
                } else {
                    let said = said(kind, json);
                    assert!(!matches!(said, Said::Bad(..) | Said::Unknown), "{kind}: {said:?}");
                }
            }
            let heading = block.lines().rev().find_map(|line| line.strip_prefix("## "));
            section = heading.unwrap_or(section);
        }
        let all = ["heartbeat", "readings", "state", "command", "result", "config", "log"];
        assert_eq!(kinds, all);
    }

    #[test]
    fn every_line_of_the_session_by_hand_is_understood() {
        let lines = DOCS.lines().filter_map(|line| line.strip_prefix("say "));
        let mut kinds = Vec::new();
        for line in lines {
            let (kind, rest) = line.split_once(' ').unwrap();
            let payload = rest.split_once("-m ").unwrap().1;
            let payload = payload.split(" #").next().unwrap().trim().trim_matches('\'');
            let payload = payload
                .replace("'$(now)'", "1790000000000")
                .replace("'$id'", "018f6f2e-7d5a-7c3e-9a4b-1f2e3d4c5b6a");
            let said = said(kind, payload.trim());
            assert!(!matches!(said, Said::Bad(..) | Said::Unknown), "{line}: {said:?}");
            kinds.push(kind);
        }
        assert_eq!(kinds.len(), 9, "{kinds:?}");
    }
}
