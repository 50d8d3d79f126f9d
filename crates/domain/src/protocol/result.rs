//! Payload of `up/result`.
use super::{
    Refusal, json,
    text::{Text, check_text},
    text_of,
};
use serde::Deserialize;
use std::borrow::Cow;
use uuid::Uuid;

/// What became of a command, in the node's words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandResult<'a> {
    /// The command.
    pub command_id: Uuid,
    /// How far it is.
    pub status: CommandStatus,
    /// The device's state now.
    pub state: Option<Cow<'a, str>>,
    /// Why it failed.
    pub error: Option<Cow<'a, str>>,
    /// When, Unix milliseconds by the node's clock.
    pub ts: Option<i64>,
}

/// How far a node is with a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CommandStatus {
    /// Heard, and being done.
    Executing,
    /// Done.
    Completed,
    /// Not done.
    Failed,
}

#[derive(Deserialize)]
struct Message<'a> {
    command_id: Uuid,
    status: CommandStatus,
    #[serde(borrow, default)]
    state: Option<Text<'a>>,
    #[serde(borrow, default)]
    error: Option<Text<'a>>,
    ts: Option<i64>,
}

impl<'a> CommandResult<'a> {
    /// Reads a payload.
    pub fn parse(payload: &'a [u8]) -> Result<Self, Refusal> {
        let Message { command_id, status, state, error, ts } = json::parse(text_of(payload)?)?;
        let (state, error) = (state.map(|text| text.0), error.map(|text| text.0));
        for (field, text, most) in [("state", &state, 50), ("error", &error, 500)] {
            text.as_ref().map_or(Ok(()), |text| check_text(field, text, most))?;
        }
        Ok(Self { command_id, status, state, error, ts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_names_its_command() {
        let payload = br#"{"command_id":"018f6f2e-7d5a-7c3e-9a4b-1f2e3d4c5b6a",
            "status":"completed","state":"on","error":null,"ts":1700000000000}"#;
        let result = CommandResult::parse(payload).unwrap();
        assert_eq!(
            (result.status, result.state.as_deref()),
            (CommandStatus::Completed, Some("on"))
        );
        let reason = |payload: &[u8]| CommandResult::parse(payload).unwrap_err().reason();
        assert_eq!(reason(br#"{"command_id":"1","status":"completed"}"#), "bad-field");
        assert_eq!(reason(br#"{"status":"completed"}"#), "bad-field");
    }
}
