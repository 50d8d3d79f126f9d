//! How far the messages of one boot are durable without a gap: the application ack is cumulative, so
//! it may never pass a message that has not come.
use crate::Timestamp;
use std::time::Duration;

/// A boot whose beginning was not heard waits so long for earlier messages before its first one is
/// taken for the beginning.
pub const PATIENCE: Duration = Duration::from_secs(1);
/// No more than so many stretches beyond a gap are remembered; the node sends the rest again.
const MOST_AHEAD: usize = 64;

/// The messages of one boot.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Sequence {
    acked: Option<i64>,
    /// First and last number of each stretch that came beyond a gap; in order, never touching.
    ahead: Vec<(i64, i64)>,
    waiting_since: Option<Timestamp>,
}

/// What a message's number tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arrival {
    /// It had not come before.
    New,
    /// It came before: nothing in it is new.
    Again,
}

impl Sequence {
    /// Goes on where all up to `acked` are durable.
    pub fn resume(acked: Option<i64>) -> Self {
        Self { acked, ..Self::default() }
    }

    /// Everything up to this number is durable or given up; `None` until that is known of any.
    pub fn acked(&self) -> Option<i64> {
        self.acked
    }

    /// Whether `seq` has come.
    pub fn has(&self, seq: i64) -> bool {
        self.acked.is_some_and(|acked| seq <= acked)
            || self.ahead.iter().any(|(first, last)| (*first..=*last).contains(&seq))
    }

    /// Takes in a message that becomes durable. A boot begins with 0 or 1; where neither was heard,
    /// [`Sequence::settle`] decides.
    pub fn arrive(&mut self, seq: i64, now: Timestamp) -> Arrival {
        if self.has(seq) {
            return Arrival::Again;
        }
        match self.acked {
            Some(acked) if seq == acked.saturating_add(1) => self.acked = Some(seq),
            None if seq <= 1 => self.acked = Some(seq),
            _ => self.remember(seq),
        }
        if self.acked.is_none() {
            self.waiting_since.get_or_insert(now);
        }
        self.join();
        Arrival::New
    }

    /// The node holds nothing before `first` any more; returns how many messages are lost by that.
    pub fn give_up_before(&mut self, first: i64) -> u64 {
        let last = first.saturating_sub(1);
        let Some(acked) = self.acked else {
            // nothing is known of the time before: nothing can be missed
            self.acked = Some(last);
            self.join();
            return 0;
        };
        if last <= acked {
            return 0;
        }
        let came: u64 = self.ahead.iter().map(|(from, to)| length(*from, (*to).min(last))).sum();
        self.acked = Some(last);
        self.join();
        last.abs_diff(acked).saturating_sub(came)
    }

    /// When [`Sequence::settle`] is due, if it is to be called.
    pub fn settles_at(&self) -> Option<Timestamp> {
        self.waiting_since.filter(|_| self.acked.is_none()).map(|since| since.plus(PATIENCE))
    }

    /// Takes the earliest message for the beginning once nothing earlier came for long enough; true
    /// if that moved the acknowledgement.
    pub fn settle(&mut self, now: Timestamp) -> bool {
        let due = self.settles_at().is_some_and(|due| due <= now);
        if due {
            self.acked = self.ahead.first().map(|(first, _)| *first);
            self.join();
        }
        due
    }

    /// Takes in a number beyond a gap, if there is room for it.
    fn remember(&mut self, seq: i64) {
        let place = self.ahead.partition_point(|(first, _)| *first < seq);
        let before = place.checked_sub(1).and_then(|before| self.ahead.get_mut(before));
        if let Some((_, last)) = before.filter(|(_, last)| last.saturating_add(1) == seq) {
            *last = seq;
            let end = *last;
            let next =
                self.ahead.get(place).copied().filter(|(first, _)| end.saturating_add(1) == *first);
            if let Some((_, last)) = next {
                self.ahead.remove(place);
                if let Some(joined) = self.ahead.get_mut(place - 1) {
                    joined.1 = last;
                }
            }
        } else if let Some((first, _)) =
            self.ahead.get_mut(place).filter(|(first, _)| seq.saturating_add(1) == *first)
        {
            *first = seq;
        } else if self.ahead.len() < MOST_AHEAD {
            self.ahead.insert(place, (seq, seq));
        }
    }

    /// Draws in what directly follows.
    fn join(&mut self) {
        let Some(mut acked) = self.acked else { return };
        let follows = |acked: i64, first: i64| first <= acked.saturating_add(1);
        while let Some((_, last)) =
            self.ahead.first().copied().filter(|(first, _)| follows(acked, *first))
        {
            self.ahead.remove(0);
            acked = acked.max(last);
        }
        self.acked = Some(acked);
        self.waiting_since = None;
    }
}

/// How many numbers lie from `first` to `last`.
fn length(first: i64, last: i64) -> u64 {
    if last < first { 0 } else { last.abs_diff(first).saturating_add(1) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    const NOW: Timestamp = Timestamp::from_millis(1_700_000_000_000);

    fn after(numbers: &[i64]) -> Sequence {
        let mut sequence = Sequence::default();
        for number in numbers {
            sequence.arrive(*number, NOW);
        }
        sequence
    }

    #[test]
    fn an_ack_stops_at_a_gap_and_moves_on_when_it_is_filled() {
        let mut sequence = after(&[1, 2, 4, 5]);
        assert_eq!(sequence.acked(), Some(2));
        assert_eq!(sequence.arrive(3, NOW), Arrival::New);
        assert_eq!(sequence.acked(), Some(5));
        assert_eq!(sequence.arrive(4, NOW), Arrival::Again);
    }

    #[test]
    fn what_the_node_gave_up_is_counted_and_passed() {
        let mut sequence = after(&[1, 2, 5, 9]);
        assert_eq!(sequence.give_up_before(8), 4, "3, 4, 6 and 7");
        assert_eq!(sequence.acked(), Some(7));
        sequence.arrive(8, NOW);
        assert_eq!(sequence.acked(), Some(9));
        assert_eq!(sequence.give_up_before(3), 0);
    }

    #[test]
    fn a_boot_met_in_its_middle_waits_for_earlier_messages() {
        let mut sequence = after(&[1042, 1043]);
        assert_eq!(sequence.acked(), None);
        assert!(!sequence.settle(NOW));
        sequence.arrive(1041, NOW);
        assert!(sequence.settle(NOW.plus(PATIENCE)));
        assert_eq!(sequence.acked(), Some(1043));
        assert_eq!(sequence.settles_at(), None);
    }

    #[test]
    fn a_node_that_says_what_it_holds_need_not_wait() {
        let mut sequence = Sequence::default();
        assert_eq!(sequence.give_up_before(1042), 0);
        sequence.arrive(1042, NOW);
        assert_eq!(sequence.acked(), Some(1042));
    }

    #[test]
    fn stretches_beyond_a_gap_grow_together() {
        let mut sequence = after(&[1, 5, 7, 6, 4, 9]);
        assert_eq!(sequence.ahead, [(4, 7), (9, 9)]);
        assert_eq!(sequence.give_up_before(6), 2, "2 and 3");
        assert_eq!(sequence.acked(), Some(7));
    }

    proptest! {
        #[test]
        fn what_has_come_is_known_whatever_the_order(numbers in prop::collection::vec(1..200_i64, 0..60)) {
            let sequence = after(&numbers);
            for number in 1..200 {
                prop_assert_eq!(sequence.has(number), numbers.contains(&number) || sequence.acked() >= Some(number));
            }
            prop_assert!(sequence.ahead.windows(2).all(|pair| pair[0].1 + 1 < pair[1].0));
        }

        #[test]
        fn nothing_is_acknowledged_that_has_not_come(numbers in prop::collection::vec(1..60_i64, 0..80)) {
            let mut sequence = Sequence::default();
            let mut came = BTreeSet::new();
            for number in numbers {
                let arrival = sequence.arrive(number, NOW);
                prop_assert_eq!(arrival == Arrival::New, came.insert(number));
                if let Some(acked) = sequence.acked() {
                    prop_assert!((1..=acked).all(|n| came.contains(&n)));
                }
            }
        }
    }
}
