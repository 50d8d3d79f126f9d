//! Pauses between attempts to connect.
use std::time::Duration;

const SHORTEST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);

/// How often the pause for a rival doubles.
const RIVAL_DOUBLINGS: u32 = 5;
/// So many connections in a row that were closed without a word have a rival behind them.
const SUSPICIOUS: u32 = 3;

/// Doubles from 1 to 30 s, each pause shortened by up to a half at random so that servers do not
/// come back all at once.
///
/// A rival is another client with our name: whoever connects throws the other off. It gets pauses of
/// its own, which double up to 32 times the first, so that two installations on one broker do not
/// throw each other off for ever. Not every broker says that it was a rival; it shows by the broker
/// letting us in at once and closing the connection soon, again and again.
#[derive(Debug)]
pub(super) struct Backoff {
    /// A connection that stood for so long was a good one.
    good: Duration,
    next: Duration,
    rival: Duration,
    next_rival: Duration,
    /// Connections in a row that were closed soon and without a word.
    closed: u32,
    random: u64,
}

/// How a connection, or an attempt at one, ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// It broke, or was never made.
    Broken,
    /// The broker closed it without a word.
    Closed,
    /// A rival ended it.
    TakenOver,
}

/// What to do until the next attempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pause {
    pub(super) span: Duration,
    /// Whether there seems to be a rival.
    pub(super) is_for_rival: bool,
}

impl Backoff {
    /// `rival` is the first pause for a rival.
    pub(super) fn new(seed: u64, good: Duration, rival: Duration) -> Self {
        Self { good, next: SHORTEST, rival, next_rival: rival, closed: 0, random: seed | 1 }
    }

    /// The pause after a connection that stood for a time, or was never confirmed (`None`).
    pub(super) fn pause(&mut self, stood: Option<Duration>, end: End) -> Pause {
        let longest_rival = self.rival.saturating_mul(1 << RIVAL_DOUBLINGS);
        // a rival lets a connection stand for as long as its own pause
        let rivals = if self.next_rival > self.rival { longest_rival } else { LONGEST };
        if stood.is_some_and(|stood| stood >= rivals.saturating_mul(2)) {
            self.next_rival = self.rival;
            self.closed = 0;
        }
        if stood.is_some_and(|stood| stood >= self.good) {
            self.next = SHORTEST;
        }
        self.closed = match end {
            End::Broken => 0,
            End::Closed | End::TakenOver => self.closed.saturating_add(1),
        };
        let is_for_rival = end == End::TakenOver || self.closed >= SUSPICIOUS;
        let (next, longest) = match is_for_rival {
            true => (&mut self.next_rival, longest_rival),
            false => (&mut self.next, LONGEST),
        };
        let span = *next;
        *next = span.saturating_mul(2).min(longest);
        Pause { span: span.mul_f64(1.0 - self.share() / 2.0), is_for_rival }
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
    const RIVAL: Duration = Duration::from_secs(60);

    fn backoff(seed: u64) -> Backoff {
        Backoff::new(seed, GOOD, RIVAL)
    }

    #[test]
    fn pauses_grow_from_one_to_thirty_seconds() {
        let mut backoff = backoff(7);
        let mut pauses = Vec::new();
        for _ in 0..8 {
            pauses.push(backoff.pause(None, End::Broken).span);
        }
        assert!(pauses[0] >= SHORTEST / 2 && pauses[0] <= SHORTEST, "{pauses:?}");
        assert!(pauses[7] >= LONGEST / 2 && pauses[7] <= LONGEST, "{pauses:?}");
        assert_ne!(pauses[6], pauses[7], "they differ by chance");
    }

    #[test]
    fn a_good_connection_begins_anew() {
        let mut backoff = backoff(7);
        for _ in 0..8 {
            backoff.pause(None, End::Broken);
        }
        assert!(backoff.pause(Some(GOOD), End::Broken).span <= SHORTEST);
    }

    #[test]
    fn two_with_one_name_soon_stop_fighting_and_hardly_meet_later() {
        for end in [End::Closed, End::TakenOver] {
            let mut waiting = [backoff(1), backoff(2)];
            let (mut now, mut times) = (Duration::ZERO, Vec::new());
            // whoever comes back throws the other off, who stood for as long as the first one paused
            let mut stood = Some(GOOD);
            while now < Duration::from_secs(24 * 3600) {
                let pause = waiting[times.len() % 2].pause(stood, end);
                now += pause.span;
                times.push(now.as_secs());
                stood = Some(pause.span);
            }
            let within = |from, to| times.iter().filter(|at| (from..to).contains(*at)).count();
            assert_eq!(within(10, 30), 0, "{end:?}: {times:?}");
            assert!(within(0, 3600) <= 20, "{end:?}: {times:?}");
            assert!(within(4 * 3600, 24 * 3600) <= 20 * 4, "{end:?}: {times:?}");
            // and once the other one is gone for good, it is forgotten
            let alone = Some(Duration::from_secs(2 * 3600));
            assert!(waiting[0].pause(alone, end).span <= RIVAL);
        }
    }

    #[test]
    fn a_broker_that_restarts_now_and_then_is_no_rival() {
        let mut backoff = backoff(7);
        for _ in 0..8 {
            assert!(!backoff.pause(Some(LONGEST * 2), End::Closed).is_for_rival);
        }
        for _ in 0..8 {
            assert!(!backoff.pause(Some(GOOD), End::Closed).is_for_rival);
            assert!(!backoff.pause(None, End::Broken).is_for_rival, "it was away meanwhile");
        }
    }
}
