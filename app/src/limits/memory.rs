//! What one limit counts in this process.
use super::{Subject, Wait};
use domain::Timestamp;
use std::{
    collections::{HashMap, VecDeque},
    time::Duration,
};

/// How long everything counts.
pub(super) const SPAN: Duration = Duration::from_secs(15 * 60);
/// All that one limit remembers, some 20 MB at the very most. Two hashes at once make no more wrong
/// passwords than that in a quarter of an hour.
pub(super) const MOST_REMEMBERED: usize = 100_000;

/// What counts, twice: in its order, and by subject.
#[derive(Debug, Default)]
pub(super) struct Memory {
    pub(super) order: VecDeque<(Timestamp, Subject)>,
    pub(super) times: HashMap<Subject, VecDeque<Timestamp>>,
}

impl Memory {
    /// Forgets what counts no more.
    pub(super) fn forget_before(&mut self, now: Timestamp) {
        while self.order.front().is_some_and(|(at, _)| now.since(*at) >= SPAN) {
            self.forget_oldest();
        }
    }

    /// How long until one more may be done by all of `subjects`, if not now.
    pub(super) fn check(
        &self,
        most: usize,
        subjects: &[Subject],
        now: Timestamp,
    ) -> Result<(), Wait> {
        let full = subjects.iter().filter_map(|subject| {
            let times = self.times.get(subject).filter(|times| times.len() >= most)?;
            Some(times.front()?.plus(SPAN).since(now))
        });
        full.max().map_or(Ok(()), |wait| Err(Wait(wait)))
    }

    /// Counts one more.
    pub(super) fn add(&mut self, subject: Subject, now: Timestamp) {
        if self.order.len() >= MOST_REMEMBERED {
            self.forget_oldest();
        }
        self.order.push_back((now, subject));
        self.times.entry(subject).or_default().push_back(now);
    }

    fn forget_oldest(&mut self) {
        if let Some((at, subject)) = self.order.pop_front() {
            self.drop_time(subject, at);
        }
    }

    /// Forgets what a subject did at a time, once. What is not remembered any more is not forgotten twice.
    pub(super) fn take_back(&mut self, subject: Subject, at: Timestamp) {
        if let Some(place) = self.order.iter().rposition(|one| *one == (at, subject)) {
            self.order.remove(place);
            self.drop_time(subject, at);
        }
    }

    /// Forgets all of a subject.
    pub(super) fn forget(&mut self, subject: Subject) {
        if self.times.remove(&subject).is_some() {
            self.order.retain(|(_, of)| *of != subject);
        }
    }

    fn drop_time(&mut self, subject: Subject, at: Timestamp) {
        let Some(times) = self.times.get_mut(&subject) else { return };
        if let Some(place) = times.iter().position(|time| *time == at) {
            times.remove(place);
        }
        if times.is_empty() {
            self.times.remove(&subject);
        }
    }
}
