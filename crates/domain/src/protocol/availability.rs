//! Payload of `up/availability`: a bare word.
use super::Refusal;

/// Whether a node is connected to the broker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Availability {
    /// It has connected.
    Online,
    /// It has left, or the broker has lost it.
    Offline,
}

impl Availability {
    /// Reads a payload; `None` is the empty one that removes a retained message.
    pub fn parse(payload: &[u8]) -> Result<Option<Self>, Refusal> {
        match payload.trim_ascii() {
            b"online" => Ok(Some(Self::Online)),
            b"offline" => Ok(Some(Self::Offline)),
            b"" => Ok(None),
            _ => Err(Refusal::BadAvailability),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_two_words_count() {
        assert_eq!(Availability::parse(b"online"), Ok(Some(Availability::Online)));
        assert_eq!(Availability::parse(b"offline\n"), Ok(Some(Availability::Offline)));
        assert_eq!(Availability::parse(b""), Ok(None));
        assert_eq!(Availability::parse(b"ONLINE"), Err(Refusal::BadAvailability));
        assert_eq!(Availability::parse(b"\xff"), Err(Refusal::BadAvailability));
    }
}
