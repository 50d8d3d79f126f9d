//! How much of something one node may cause in a span of time: a node that says nothing right, talks
//! without end or restarts all the time must not fill the disk or the log.
use domain::Timestamp;
use std::time::Duration;

const MINUTE: Duration = Duration::from_secs(60);
const HOUR: Duration = Duration::from_secs(3600);

/// A bound: so many within a span.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bound {
    most: u32,
    span: Duration,
}

/// Messages that are put away, 40 MiB at most; more are only counted.
pub(crate) const PUT_AWAY: Bound = Bound { most: 10_000, span: HOUR };
/// Notes on its row that it sends what can not be read.
pub(crate) const WRONG: Bound = Bound { most: 1, span: MINUTE };
/// Lines that go into our own log.
pub(crate) const LINES: Bound = Bound { most: 60, span: MINUTE };
/// Runs that are begun. A controller that restarts more often than once a minute is broken.
pub(crate) const BOOTS: Bound = Bound { most: 60, span: HOUR };
/// Events that it answers what nobody asked.
pub(crate) const STRANGE: Bound = Bound { most: 1, span: HOUR };

/// What was used of a bound in the span that began at a time.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Allowance {
    bound: Bound,
    began: Timestamp,
    used: u32,
}

impl Allowance {
    pub(crate) const fn new(bound: Bound) -> Self {
        Self { bound, began: Timestamp::from_micros(0), used: 0 }
    }

    /// How many more there may be now.
    pub(crate) fn room(&self, now: Timestamp) -> u32 {
        let used = if self.is_over(now) { 0 } else { self.used };
        self.bound.most.saturating_sub(used)
    }

    /// Takes in that there were so many.
    pub(crate) fn spend(&mut self, now: Timestamp, count: u32) {
        if self.is_over(now) {
            (self.began, self.used) = (now, 0);
        }
        self.used = self.used.saturating_add(count);
    }

    /// Takes in that there was one, if there is room for it.
    pub(crate) fn take(&mut self, now: Timestamp) -> bool {
        let has_room = self.room(now) > 0;
        if has_room {
            self.spend(now, 1);
        }
        has_room
    }

    fn is_over(&self, now: Timestamp) -> bool {
        now.since(self.began) >= self.bound.span
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_used_up_comes_back_with_the_next_span() {
        let noon = Timestamp::from_millis(1_790_000_000_000);
        let mut allowance = Allowance::new(Bound { most: 3, span: HOUR });
        assert_eq!(allowance.room(noon), 3);
        allowance.spend(noon, 2);
        let later = noon.plus(HOUR - Duration::from_secs(1));
        assert!(allowance.take(later));
        assert!(!allowance.take(later));
        assert_eq!(allowance.room(noon.plus(HOUR)), 3);
        assert!(allowance.take(noon.plus(HOUR)));
        assert_eq!(allowance.room(noon.plus(HOUR)), 2);
    }
}
