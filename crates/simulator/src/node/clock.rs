//! A node's own clock, which may be wrong.
use super::wire::Time;
use domain::Timestamp;
use std::time::Duration;

/// A clock that differs less from the server's is left alone.
const TOLERANCE_MS: i64 = 2_000;

/// What a node knows of the time.
#[derive(Debug)]
pub(super) struct NodeClock {
    offset_ms: i64,
    is_deaf: bool,
    last_stamp: Timestamp,
}

impl NodeClock {
    /// A right clock, or one that is wrong for good.
    pub(super) fn new(error_ms: Option<i64>) -> Self {
        let last_stamp = Timestamp::from_micros(i64::MIN);
        Self { offset_ms: error_ms.unwrap_or(0), is_deaf: error_ms.is_some(), last_stamp }
    }

    /// What it shows at the true time `now`.
    pub(super) fn shows(&self, now: Timestamp) -> Timestamp {
        Timestamp::from_millis(now.as_millis().saturating_add(self.offset_ms))
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
        let differs = offset_ms.saturating_sub(self.offset_ms).saturating_abs() > TOLERANCE_MS;
        if differs && !self.is_deaf {
            self.offset_ms = offset_ms;
            self.last_stamp = Timestamp::from_micros(i64::MIN);
        }
    }
}
