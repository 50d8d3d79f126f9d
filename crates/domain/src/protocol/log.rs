//! Payload of `up/log`.
use super::{Refusal, json, text::Text, text_of};
use serde::Deserialize;
use std::borrow::Cow;

/// A line a node wants its operator to read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Log<'a> {
    /// How grave it is.
    pub level: LogLevel,
    /// The line; may hold anything, so print it escaped.
    pub message: Cow<'a, str>,
    /// When, Unix milliseconds by the node's clock.
    pub ts: Option<i64>,
}

/// How grave a node's line is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogLevel {
    /// For those who mend the firmware.
    Debug,
    /// As it should be.
    Info,
    /// Worth a look.
    Warn,
    /// Something does not work.
    Error,
}

#[derive(Deserialize)]
struct Message<'a> {
    level: LogLevel,
    #[serde(borrow)]
    message: Text<'a>,
    ts: Option<i64>,
}

impl<'a> Log<'a> {
    /// Reads a payload.
    pub fn parse(payload: &'a [u8]) -> Result<Self, Refusal> {
        let Message { level, message: Text(message), ts } = json::parse(text_of(payload)?)?;
        Ok(Self { level, message, ts })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_a_level() {
        let log = Log::parse(br#"{"level":"warn","message":"low voltage"}"#).unwrap();
        assert_eq!((log.level, &*log.message), (LogLevel::Warn, "low voltage"));
        let loud = Log::parse(br#"{"level":"loud","message":"x"}"#);
        assert_eq!(loud.unwrap_err().reason(), "bad-field");
    }
}
