//! Payload of `up/config_ack`.
use super::{Refusal, json, text_of};
use serde::Deserialize;

/// Which configuration a node has in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConfigAck {
    /// The version's number, 0 for a node that never got one.
    pub version: i64,
}

#[derive(Deserialize)]
struct Message {
    version: i64,
}

impl ConfigAck {
    /// Reads a payload.
    pub fn parse(payload: &[u8]) -> Result<Self, Refusal> {
        let Message { version } = json::parse(text_of(payload)?)?;
        if version < 0 {
            return Err(Refusal::bad_number("version", &version.to_string()));
        }
        Ok(Self { version })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_acknowledgement_names_a_version() {
        assert_eq!(ConfigAck::parse(br#"{"version":7,"boot":"k"}"#), Ok(ConfigAck { version: 7 }));
        let reason = |payload: &[u8]| ConfigAck::parse(payload).unwrap_err().reason();
        assert_eq!(reason(br#"{"version":-1}"#), "bad-number");
        assert_eq!(reason(br#"{"version":1.5}"#), "bad-field");
        assert_eq!(reason(br#"{"version":"7"}"#), "bad-field");
        assert_eq!(reason(br"{}"), "bad-field");
        assert_eq!(reason(br#"{"version":1,"version":2}"#), "duplicate-key");
    }
}
