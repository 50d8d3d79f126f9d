//! Whether a controller is there. A retained message is never a sign of life.
use crate::Timestamp;
use std::time::Duration;

/// No node is called offline sooner than this after its last sign of life.
pub const OFFLINE_FLOOR: Duration = Duration::from_secs(60);

/// How long a node may be silent: three times the interval it is expected at, never under 60 s.
pub fn offline_after(interval: Duration) -> Duration {
    OFFLINE_FLOOR.max(interval.saturating_mul(3))
}

/// Whether a node last seen at `last_seen` counts as offline at `now`.
///
/// `link_up_since` is when our own link to the broker came up (`None` while it is down): while it is
/// down nobody is declared offline, and after its return everyone has a full span of grace.
pub fn is_overdue(
    last_seen: Timestamp,
    interval: Duration,
    link_up_since: Option<Timestamp>,
    now: Timestamp,
) -> bool {
    link_up_since.is_some_and(|up| now.since(last_seen.max(up)) > offline_after(interval))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(secs: i64) -> Timestamp {
        Timestamp::from_millis(secs * 1000)
    }

    #[test]
    fn nobody_is_offline_while_our_own_link_is_down() {
        assert!(!is_overdue(at(0), Duration::from_secs(30), None, at(100_000)));
    }

    #[test]
    fn a_returned_link_gives_everyone_grace() {
        let interval = Duration::from_secs(30);
        assert!(!is_overdue(at(0), interval, Some(at(1000)), at(1090)));
        assert!(is_overdue(at(0), interval, Some(at(1000)), at(1091)));
    }
}
