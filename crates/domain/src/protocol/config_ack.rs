//! Payload of `up/config_ack`.
use super::{
    Refusal, json,
    text::{Text, check_text},
    text_of,
};
use crate::configs::MAX_VERSION;
use serde::Deserialize;
use std::borrow::Cow;

/// Which configuration a node has in force, and which one it will not have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigAck<'a> {
    /// The version in force, 0 for a node that never got one.
    pub version: i64,
    /// The version that it was sent and refuses.
    pub refused: Option<i64>,
    /// Why it refuses it.
    pub error: Option<Cow<'a, str>>,
}

#[derive(Deserialize)]
struct Message<'a> {
    version: i64,
    refused: Option<i64>,
    #[serde(borrow, default)]
    error: Option<Text<'a>>,
}

impl<'a> ConfigAck<'a> {
    /// Reads a payload.
    pub fn parse(payload: &'a [u8]) -> Result<Self, Refusal> {
        let Message { version, refused, error } = json::parse(text_of(payload)?)?;
        for (field, number) in [("version", Some(version)), ("refused", refused)] {
            if let Some(number) = number.filter(|number| !(0..=MAX_VERSION).contains(number)) {
                return Err(Refusal::bad_number(field, &number.to_string()));
            }
        }
        let error = error.map(|text| text.0);
        error.as_ref().map_or(Ok(()), |text| check_text("error", text, 500))?;
        Ok(Self { version, refused, error })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_acknowledgement_names_a_version() {
        let ack = ConfigAck { version: 7, refused: None, error: None };
        assert_eq!(ConfigAck::parse(br#"{"version":7,"boot":"k"}"#), Ok(ack));
        let reason = |payload: &[u8]| ConfigAck::parse(payload).unwrap_err().reason();
        assert_eq!(reason(br#"{"version":-1}"#), "bad-number");
        assert_eq!(reason(br#"{"version":9007199254740992}"#), "bad-number");
        assert_eq!(reason(br#"{"version":1.5}"#), "bad-field");
        assert_eq!(reason(br#"{"version":"7"}"#), "bad-field");
        assert_eq!(reason(br"{}"), "bad-field");
        assert_eq!(reason(br#"{"version":1,"version":2}"#), "duplicate-key");
    }

    #[test]
    fn a_refusal_names_what_is_refused_and_why() {
        let ack = ConfigAck::parse(br#"{"version":6,"refused":7,"error":"no such pin"}"#).unwrap();
        let refused = ConfigAck { version: 6, refused: Some(7), error: Some("no such pin".into()) };
        assert_eq!(ack, refused);
        let reason = |payload: &[u8]| ConfigAck::parse(payload).unwrap_err().reason();
        assert_eq!(reason(br#"{"version":6,"refused":-1}"#), "bad-number");
        let long = format!(r#"{{"version":6,"refused":7,"error":"{}"}}"#, "x".repeat(501));
        assert_eq!(reason(long.as_bytes()), "bad-text");
    }
}
