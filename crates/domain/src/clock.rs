//! Whose time a reading gets. A node's clock is believed within bounds; where it is wrong its boot's
//! correction, fixed once, is added to all its times, so that a replay lands on the same instant.
use crate::Timestamp;
use std::time::Duration;

/// 2020-01-01T00:00:00Z: no node was made before, so a clock that says so was never set.
pub const EARLIEST: Timestamp = Timestamp::from_millis(1_577_836_800_000);
/// How far a clock may be ahead of ours.
pub const MOST_AHEAD: Duration = Duration::from_secs(5 * 60);
/// How old a replayed message may be.
pub const MOST_BEHIND: Duration = Duration::from_secs(30 * 24 * 3600);

/// The instant a message or reading is stored under, and where it comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Placed {
    /// The node's own time.
    AsSaid(Timestamp),
    /// The node's time with its boot's correction: quality estimated, both kept.
    Corrected {
        /// The corrected instant.
        ts: Timestamp,
        /// What the node said.
        said: Timestamp,
    },
    /// The node said nothing that helps: the time of arrival, quality estimated. Another arrival of
    /// the same message would get another instant.
    Received {
        /// What the node said, if it said anything.
        said: Option<Timestamp>,
    },
}

/// Whether `said` may be right, heard at `received`.
pub fn is_credible(said: Timestamp, received: Timestamp) -> bool {
    said >= EARLIEST && said <= received.plus(MOST_AHEAD) && said >= received.minus(MOST_BEHIND)
}

/// The correction to fix for a boot whose clock says `said` at `received`, in milliseconds.
pub fn correction_ms(said: Timestamp, received: Timestamp) -> i64 {
    received.as_millis().saturating_sub(said.as_millis())
}

/// Whether a boot that has no correction yet needs one because it says `said` at `received`.
pub fn needs_correction(
    said: Option<Timestamp>,
    correction_ms: Option<i64>,
    received: Timestamp,
) -> bool {
    correction_ms.is_none() && said.is_some_and(|said| !is_credible(said, received))
}

/// Whether a clock that had been ahead was set between two messages of its boot, from what it said
/// in the earlier and in the later one.
pub fn was_set_back(earlier: Timestamp, later: Timestamp) -> bool {
    later.plus(MOST_AHEAD) < earlier
}

/// Where a message or reading belongs in time, heard at `received` from a boot with this correction.
///
/// A clock that was set while the node ran says credible times which its boot's correction would
/// throw into the future: those are believed.
pub fn place(said: Option<Timestamp>, correction_ms: Option<i64>, received: Timestamp) -> Placed {
    let Some(said) = said else { return Placed::Received { said: None } };
    let credible = is_credible(said, received);
    let Some(correction) = correction_ms else {
        return if credible { Placed::AsSaid(said) } else { Placed::Received { said: Some(said) } };
    };
    let ts = Timestamp::from_millis(said.as_millis().saturating_add(correction));
    let in_the_future = ts > received.plus(MOST_AHEAD);
    if is_credible(ts, received) {
        Placed::Corrected { ts, said }
    } else if credible {
        Placed::AsSaid(said)
    } else if !in_the_future && ts >= EARLIEST {
        // a replay that is older than any first message may be
        Placed::Corrected { ts, said }
    } else {
        Placed::Received { said: Some(said) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);
    const HOUR: Duration = Duration::from_secs(3600);

    #[test]
    fn a_good_clock_is_believed() {
        for said in [NOW, NOW.plus(MOST_AHEAD), NOW.minus(MOST_BEHIND)] {
            assert_eq!(place(Some(said), None, NOW), Placed::AsSaid(said));
            assert!(!needs_correction(Some(said), None, NOW));
        }
    }

    #[test]
    fn a_wrong_clock_is_corrected_once_for_its_boot() {
        let epoch = Timestamp::from_millis(5000);
        let ahead = NOW.plus(MOST_AHEAD).plus(Duration::from_millis(1));
        let old = NOW.minus(MOST_BEHIND).minus(Duration::from_millis(1));
        for said in [epoch, ahead, old] {
            assert!(needs_correction(Some(said), None, NOW));
            let correction = correction_ms(said, NOW);
            let later = said.plus(HOUR);
            assert_eq!(
                place(Some(later), Some(correction), NOW.plus(HOUR)),
                Placed::Corrected { ts: NOW.plus(HOUR), said: later }
            );
            assert!(!needs_correction(Some(later), Some(correction), NOW));
        }
    }

    #[test]
    fn a_clock_that_was_set_meanwhile_is_believed() {
        let correction = correction_ms(Timestamp::from_millis(5000), NOW);
        assert_eq!(
            place(Some(NOW.plus(HOUR)), Some(correction), NOW.plus(HOUR)),
            Placed::AsSaid(NOW.plus(HOUR))
        );
    }

    #[test]
    fn a_clock_that_was_ahead_is_seen_to_be_set() {
        let ahead = NOW.plus(HOUR * 7);
        assert!(was_set_back(ahead, NOW));
        assert!(!was_set_back(NOW, NOW.plus(HOUR)));
        assert!(!was_set_back(NOW.plus(Duration::from_secs(60)), NOW), "clocks jitter");
    }

    #[test]
    fn without_a_time_the_arrival_counts() {
        assert_eq!(place(None, None, NOW), Placed::Received { said: None });
        assert_eq!(place(None, Some(1000), NOW), Placed::Received { said: None });
    }

    proptest! {
        #[test]
        fn a_replay_lands_on_the_same_instant(
            said in 0..2_000_000_000_000_i64,
            first_heard in 0..30_u64,
            delay_s in 0..2_000_000_u64,
        ) {
            let (said, heard) = (Timestamp::from_millis(said), NOW.plus(HOUR * u32::try_from(first_heard).unwrap()));
            let needs = needs_correction(Some(said), None, heard);
            let correction = needs.then(|| correction_ms(said, heard));
            let instant = |placed| match placed {
                Placed::AsSaid(ts) | Placed::Corrected { ts, .. } => Some(ts),
                Placed::Received { .. } => None,
            };
            let first = instant(place(Some(said), correction, heard));
            let again = instant(place(Some(said), correction, heard.plus(Duration::from_secs(delay_s))));
            prop_assert!(first.is_some());
            // a good clock's message that comes again more than 30 days late is the one exception
            if correction.is_some() || said >= heard.plus(Duration::from_secs(delay_s)).minus(MOST_BEHIND) {
                prop_assert_eq!(first, again);
            }
        }

        #[test]
        fn extremes_do_not_overflow(said in any::<i64>(), correction in any::<Option<i64>>()) {
            let said = Timestamp::from_millis(said);
            let placed = place(Some(said), correction, NOW);
            if let Placed::AsSaid(ts) | Placed::Corrected { ts, .. } = placed {
                prop_assert!(ts >= EARLIEST && ts <= NOW.plus(MOST_AHEAD));
            }
        }
    }
}
