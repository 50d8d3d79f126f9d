//! One fault for each rule, and how it bends messages.
use domain::NodeName;
use serde_json::{Value, json};
use server::node_check::Rule;
use simulator::node::{Outgoing, wire::Up};
use std::collections::HashMap;

macro_rules! faults {
    ($($fault:ident => $rule:ident),+ $(,)?) => {
        /// What a double does wrong.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(crate) enum Fault { None, $($fault),+ }

        impl Fault {
            pub(crate) const ALL: &[Self] = &[$(Self::$fault),+];

            /// The one rule that it breaks.
            pub(crate) const fn breaks(self) -> Option<Rule> {
                match self { Self::None => None, $(Self::$fault => Some(Rule::$rule)),+ }
            }
        }
    };
}

faults! {
    OtherClientId => ClientId,
    NoWill => LastWill,
    OnlineNotRetained => Online,
    NeverSaysOnline => Online,
    RestartsOnReconnect => Reconnect,
    StaysAway => Reconnect,
    NoHeartbeat => Heartbeat,
    HeartbeatWithoutFirmware => Heartbeat,
    TellsOneSwitchOnly => StateAfterConnect,
    NeverCompletes => Command,
    CompletesAtOnce => Command,
    ForgetsOff => Off,
    DoesTwice => Dedupe,
    DoesExpired => Expired,
    SilentOnUnknownDevice => UnknownDevice,
    DoesAnyAction => UnknownAction,
    ClampsValues => Bounds,
    NeverEnds => TimedOn,
    NoConfigAck => Config,
    TakesOlderConfig => ConfigOlder,
    DeafToTime => Time,
    ReadingsWithoutUnit => Readings,
    ReadingsAsText => Readings,
    ReadingsAsNaN => Readings,
    SkipsNumbers => Seq,
    ForgetsUnacknowledged => Replay,
    BelievesAnyBoot => AckBoot,
    DeafToAck => Ack,
    NoFirst => First,
    RetainsReadings => Retained,
    LogsLoudly => Log,
    SameBoot => NewBoot,
}

/// Bends what goes into a right node and what comes out.
pub(crate) struct Bender {
    fault: Fault,
    /// The command that stands for one that was renamed, by its new name.
    renamed: HashMap<String, String>,
    /// Commands that switch on for as long as nobody switches off: not those that try a timed on.
    plain_on: Vec<String>,
    newest: i64,
    config: i64,
}

impl Bender {
    pub(crate) fn new(fault: Fault) -> Self {
        let (renamed, plain_on) = (HashMap::new(), Vec::new());
        Self { fault, renamed, plain_on, newest: 0, config: 0 }
    }

    /// What the node gets of a message to it.
    pub(crate) fn down(&mut self, topic: &str, payload: &[u8], boot: &str) -> Option<Vec<u8>> {
        let mut message: Value = serde_json::from_slice(payload).unwrap();
        let kind = topic.rsplit('/').next().unwrap();
        match (self.fault, kind) {
            (Fault::DeafToTime, "time") | (Fault::DeafToAck, "ack") => return None,
            (Fault::BelievesAnyBoot, "ack") => message["boot"] = json!(boot),
            (Fault::SameBoot, "ack") if message["boot"] == "b" => message["boot"] = json!(boot),
            (Fault::SkipsNumbers, "ack") => message["seq"] = json!(message["seq"].as_i64()? / 2),
            (Fault::TakesOlderConfig, "config") => self.config = message["version"].as_i64()?,
            (_, "command") => return self.command(message),
            _ => {}
        }
        Some(message.to_string().into_bytes())
    }

    fn command(&mut self, mut command: Value) -> Option<Vec<u8>> {
        let id = command["command_id"].as_str()?.to_owned();
        if command["action"] == "on" && command["duration_ms"].as_i64() >= Some(10_000) {
            self.plain_on.push(id.clone());
        }
        match self.fault {
            Fault::ForgetsOff if command["action"] == "off" => return None,
            Fault::SilentOnUnknownDevice if command["device"] == "no-such-device" => return None,
            Fault::DoesExpired => command["expires_at"] = json!(i64::MAX),
            Fault::NeverEnds => command["duration_ms"] = Value::Null,
            Fault::DoesAnyAction if command["action"] == "explode" => {
                command["action"] = json!("on")
            }
            Fault::ClampsValues if command["action"] == "set_value" => {
                command["value"] = json!(100)
            }
            Fault::DoesTwice => {
                let new = uuid::Uuid::new_v4().to_string();
                command["command_id"] = json!(new);
                self.renamed.insert(new, id);
            }
            _ => {}
        }
        Some(command.to_string().into_bytes())
    }

    /// What the broker gets of a message of the node.
    pub(crate) fn up(&mut self, mut out: Outgoing) -> Vec<Outgoing> {
        if out.up == Up::Availability {
            out.retain = self.fault != Fault::OnlineNotRetained;
            if self.fault == Fault::NeverSaysOnline {
                return Vec::new();
            }
            let line = r#"{"level":"loud","message":"hello"}"#.to_owned();
            let log = Outgoing { up: Up::Log, payload: line, retain: false };
            return if self.fault == Fault::LogsLoudly { vec![out, log] } else { vec![out] };
        }
        let mut message: Value = serde_json::from_str(&out.payload).unwrap();
        let is_kept = match out.up {
            Up::Heartbeat => self.heartbeat(&mut message),
            Up::Readings | Up::State => self.numbered(&mut out, &mut message),
            Up::Result => self.result(&mut message),
            Up::ConfigAck => self.config_ack(&mut message),
            Up::Log | Up::Availability => true,
        };
        out.payload = message.to_string();
        if self.fault == Fault::ReadingsAsNaN && out.up == Up::Readings {
            // in the order of firmware that prints it: the head first
            let (boot, seq, ts) = (&message["boot"], &message["seq"], &message["ts"]);
            let first = message.get("first").map_or(String::new(), |n| format!(r#""first":{n},"#));
            out.payload = format!(
                r#"{{"boot":{boot},"seq":{seq},{first}"ts":{ts},"readings":[{{"sensor":"temperature","value":nan}}]}}"#
            );
        }
        if is_kept { vec![out] } else { Vec::new() }
    }

    fn heartbeat(&self, message: &mut Value) -> bool {
        match self.fault {
            Fault::HeartbeatWithoutFirmware => {
                drop(message.as_object_mut().unwrap().remove("firmware"))
            }
            Fault::SameBoot => message["boot"] = json!("b"),
            _ => {}
        }
        self.fault != Fault::NoHeartbeat
    }

    fn numbered(&mut self, out: &mut Outgoing, message: &mut Value) -> bool {
        let seq = message["seq"].as_i64().unwrap();
        let was_sent = seq <= self.newest;
        self.newest = self.newest.max(seq);
        match self.fault {
            Fault::ForgetsUnacknowledged => return !was_sent,
            Fault::SameBoot => message["boot"] = json!("b"),
            Fault::SkipsNumbers => {
                message["seq"] = json!(seq * 2);
                if let Some(first) = message["first"].as_i64() {
                    message["first"] = json!(first * 2);
                }
            }
            Fault::NoFirst => drop(message.as_object_mut().unwrap().remove("first")),
            Fault::TellsOneSwitchOnly if out.up == Up::State => {
                message["states"].as_array_mut().unwrap().truncate(1);
            }
            Fault::RetainsReadings if out.up == Up::Readings => out.retain = true,
            Fault::ReadingsWithoutUnit if out.up == Up::Readings => {
                drop(message["readings"][0].as_object_mut().unwrap().remove("unit"));
            }
            Fault::ReadingsAsText if out.up == Up::Readings => {
                message["readings"][0]["value"] = json!("28.5");
            }
            _ => {}
        }
        true
    }

    fn result(&self, message: &mut Value) -> bool {
        let id = message["command_id"].as_str().unwrap().to_owned();
        if let Some(asked) = self.renamed.get(&id) {
            message["command_id"] = json!(asked);
        }
        let is_plain_on = self.plain_on.contains(&id);
        match self.fault {
            Fault::NeverCompletes => !(is_plain_on && message["status"] == "completed"),
            Fault::CompletesAtOnce => !(is_plain_on && message["status"] == "executing"),
            _ => true,
        }
    }

    fn config_ack(&self, message: &mut Value) -> bool {
        if self.fault == Fault::TakesOlderConfig {
            message["version"] = json!(self.config);
        }
        self.fault != Fault::NoConfigAck
    }
}

/// A name for the node with a fault.
pub(crate) fn name_of(fault: Fault) -> NodeName {
    format!("{fault:?}").parse().unwrap()
}
