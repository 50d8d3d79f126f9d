//! Pauses between attempts to connect.
use std::time::Duration;

const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);

/// Doubles from 1 to 30 s, each pause shortened by up to a half at random so that servers do not
/// come back all at once.
#[derive(Debug)]
pub(super) struct Backoff {
    /// A connection that stood for so long was a good one.
    good: Duration,
    next: Duration,
    random: u64,
}

impl Backoff {
    pub(super) fn new(seed: u64, good: Duration) -> Self {
        Self { good, next: SHORTEST, random: seed | 1 }
    }

    /// The pause after a connection that stood for a time, or never (`None`). One that another client
    /// with our name ended (`taken_over`) is answered by the longest: two that both come back at once
    /// would never end.
    pub(super) fn pause(&mut self, stood: Option<Duration>, taken_over: bool) -> Duration {
        if stood.is_some_and(|stood| stood >= self.good) {
            self.next = SHORTEST;
        }
        if taken_over {
            self.next = LONGEST;
            return LONGEST;
        }
        let pause = self.next;
        self.next = pause.saturating_mul(2).min(LONGEST);
        pause.mul_f64(1.0 - self.share() / 2.0)
    }

    /// 0 to 1 (xorshift).
    fn share(&mut self) -> f64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        let [a, b, ..] = self.random.to_le_bytes();
        f64::from(u16::from_le_bytes([a, b])) / f64::from(u16::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Duration = Duration::from_secs(10);

    #[test]
    fn pauses_grow_from_one_to_thirty_seconds() {
        let mut backoff = Backoff::new(7, GOOD);
        let mut pauses = Vec::new();
        for _ in 0..8 {
            pauses.push(backoff.pause(None, false));
        }
        assert!(pauses[0] >= SHORTEST / 2 && pauses[0] <= SHORTEST, "{pauses:?}");
        assert!(pauses[7] >= LONGEST / 2 && pauses[7] <= LONGEST, "{pauses:?}");
        assert_ne!(pauses[6], pauses[7], "they differ by chance");
    }

    #[test]
    fn a_good_connection_begins_anew_and_a_rival_is_left_alone() {
        let mut backoff = Backoff::new(7, GOOD);
        for _ in 0..8 {
            backoff.pause(None, false);
        }
        assert!(backoff.pause(Some(GOOD), false) <= SHORTEST);
        assert_eq!(backoff.pause(None, true), LONGEST);
    }
}
