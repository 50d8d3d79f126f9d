//! A node's own clock, which may be wrong, or not set.
use super::{ClockAtStart, wire::Time};
use domain::Timestamp;
use std::time::Duration;

/// A clock that differs less from the server's is left alone.
const TOLERANCE_MS: i64 = 2_000;

/// What a node knows of the time.
#[derive(Debug)]
pub(super) struct NodeClock {
    /// What it shows more than the true time; `None` while it shows nothing.
    offset_ms: Option<i64>,
    is_deaf: bool,
    last_stamp: Timestamp,
}

impl NodeClock {
    /// A clock that has just been switched on.
    pub(super) fn new(start: ClockAtStart) -> Self {
        let (offset_ms, is_deaf) = match start {
            ClockAtStart::Right => (Some(0), false),
            ClockAtStart::Wrong(error_ms) => (Some(error_ms), true),
            ClockAtStart::Unset => (None, false),
        };
        Self { offset_ms, is_deaf, last_stamp: Timestamp::from_micros(i64::MIN) }
    }

    /// Whether it shows a time.
    pub(super) fn is_set(&self) -> bool {
        self.offset_ms.is_some()
    }

    /// What it shows at the true time `now`; one that is not set counts as right.
    pub(super) fn shows(&self, now: Timestamp) -> Timestamp {
        Timestamp::from_millis(now.as_millis().saturating_add(self.offset_ms.unwrap_or(0)))
    }

    /// What a message without a number says of the time, in Unix milliseconds.
    pub(super) fn tells(&self, now: Timestamp) -> Option<i64> {
        self.is_set().then(|| self.shows(now).as_millis())
    }

    /// A time for a numbered message: no two have the same millisecond, so that no two values of one
    /// sensor do.
    pub(super) fn stamp(&mut self, now: Timestamp) -> Timestamp {
        let after = self.last_stamp.plus(Duration::from_millis(1));
        self.last_stamp = self.shows(now).max(after);
        self.last_stamp
    }

    /// The server has told the time: a clock that differs is set by it.
    pub(super) fn told(&mut self, time: Time, now: Timestamp) {
        let offset_ms = time.now.saturating_sub(now.as_millis());
        let differs = self
            .offset_ms
            .is_none_or(|mine| offset_ms.saturating_sub(mine).saturating_abs() > TOLERANCE_MS);
        if differs && !self.is_deaf {
            self.offset_ms = Some(offset_ms);
            self.last_stamp = Timestamp::from_micros(i64::MIN);
        }
    }
}
