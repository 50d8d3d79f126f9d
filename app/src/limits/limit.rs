//! One limit, of this server and of all together.
use super::{
    Subject, Wait,
    memory::{Memory, SPAN},
};
use domain::Timestamp;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use store::cache::{Cache, Counted, Sliding};

/// One count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    at: Timestamp,
    /// How Redis knows it.
    counted: Counted,
}

/// One limit: so many times in a quarter of an hour, for each subject. This server counts in its memory;
/// where servers have a Redis together, they count there too, and the stricter of the two answers holds.
#[derive(Debug, Clone)]
pub struct Limit {
    name: &'static str,
    most: usize,
    memory: Arc<Mutex<Memory>>,
    cache: Cache,
}

impl Limit {
    /// At most so many, under a name that Redis knows it by.
    pub(super) fn new(name: &'static str, most: usize, cache: Cache) -> Self {
        Self { name, most, memory: Arc::default(), cache }
    }

    /// Whether it may be done by all of `subjects` now. Counts nothing.
    ///
    /// # Errors
    /// One of them did it too often.
    pub async fn check(&self, subjects: &[Subject], now: Timestamp) -> Result<(), Wait> {
        self.memory(now).check(self.most, subjects, now)?;
        let wait = self.cache.wait_for(&self.keys(subjects), self.sliding(now)).await;
        wait.filter(|wait| !wait.is_zero()).map_or(Ok(()), |wait| Err(Wait(wait)))
    }

    /// Counts it for all of `subjects`.
    ///
    /// # Errors
    /// One of them did it too often; then it counts for none.
    pub async fn take(&self, subjects: &[Subject], now: Timestamp) -> Result<Taken, Wait> {
        self.take_here(subjects, now)?;
        let (counted, wait) = self.cache.take_one(&self.keys(subjects), self.sliding(now)).await;
        let Some(wait) = wait.filter(|wait| !wait.is_zero()) else {
            return Ok(Taken { at: now, counted });
        };
        let mut memory = self.lock();
        for subject in subjects {
            memory.take_back(*subject, now);
        }
        Err(Wait(wait))
    }

    /// Does what may turn out wrong. It counts as wrong until it is known that it is not: so that many at once
    /// are counted too. Where it failed, nobody knows whether it was: `is_wrong` says no then.
    ///
    /// # Errors
    /// One of `subjects` was wrong too often; then nothing is done.
    pub async fn attempt<T>(
        &self,
        (subjects, now): (&[Subject], Timestamp),
        attempt: impl Future<Output = T>,
        is_wrong: impl FnOnce(&T) -> bool,
    ) -> Result<T, Wait> {
        let taken = self.take(subjects, now).await?;
        let done = attempt.await;
        if !is_wrong(&done) {
            for subject in subjects {
                self.give_back(*subject, taken).await;
            }
        }
        Ok(done)
    }

    /// Takes back what was taken, for one of its subjects, and nothing else: neither what others took
    /// meanwhile, nor, where Redis was away at the time, what it had counted before.
    pub async fn give_back(&self, subject: Subject, taken: Taken) {
        self.lock().take_back(subject, taken.at);
        self.cache.give_back(&self.key(subject), taken.counted).await;
    }

    /// Takes all counts back. What another server has counted in its own memory stays there.
    pub async fn clear(&self, subject: Subject) {
        self.clear_here(subject);
        self.cache.forget_counts(&self.key(subject)).await;
    }

    fn take_here(&self, subjects: &[Subject], now: Timestamp) -> Result<(), Wait> {
        let mut memory = self.memory(now);
        memory.check(self.most, subjects, now)?;
        subjects.iter().for_each(|subject| memory.add(*subject, now));
        Ok(())
    }

    fn clear_here(&self, subject: Subject) {
        self.lock().forget(subject);
    }

    fn sliding(&self, now: Timestamp) -> Sliding {
        Sliding { most: self.most, span: SPAN, now }
    }

    fn keys(&self, subjects: &[Subject]) -> Vec<String> {
        subjects.iter().map(|subject| self.key(*subject)).collect()
    }

    fn key(&self, subject: Subject) -> String {
        format!("limit:{}:{subject}", self.name)
    }

    fn lock(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn memory(&self, now: Timestamp) -> MutexGuard<'_, Memory> {
        let mut memory = self.lock();
        memory.forget_before(now);
        memory
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::memory::MOST_REMEMBERED;
    use std::time::Duration;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    fn limit(most: usize) -> Limit {
        Limit::new("test", most, Cache::default())
    }

    fn minutes(minutes: u64) -> Duration {
        Duration::from_secs(60 * minutes)
    }

    #[tokio::test]
    async fn the_sixth_in_a_quarter_of_an_hour_waits_until_the_first_is_that_old() {
        let limit = limit(5);
        let sok = Subject::login("sok");
        for minute in 0..5 {
            assert!(limit.take(&[sok], NOW.plus(minutes(minute))).await.is_ok());
        }
        assert_eq!(limit.take(&[sok], NOW.plus(minutes(5))).await, Err(Wait(minutes(10))));
        assert_eq!(limit.check(&[Subject::login("dara")], NOW.plus(minutes(5))).await, Ok(()));
        assert!(limit.take(&[sok], NOW.plus(minutes(15))).await.is_ok());
        assert_eq!(limit.take(&[sok], NOW.plus(minutes(15))).await, Err(Wait(minutes(1))));
    }

    #[tokio::test]
    async fn what_is_refused_for_one_counts_for_none() {
        let limit = limit(1);
        let (sok, dara, here) =
            (Subject::login("sok"), Subject::login("dara"), Subject::login("h"));
        assert!(limit.take(&[sok, here], NOW).await.is_ok());
        assert!(limit.take(&[dara, here], NOW).await.is_err());
        assert_eq!(limit.check(&[dara], NOW).await, Ok(()));
    }

    #[tokio::test]
    async fn counts_are_given_back_one_by_one_or_all() {
        let limit = limit(2);
        let sok = Subject::login("sok");
        let first = limit.take(&[sok], NOW).await.unwrap();
        let later = NOW.plus(minutes(5));
        limit.take(&[sok], later).await.unwrap();
        limit.give_back(sok, first).await;
        // what is given back twice is not given twice
        limit.give_back(sok, first).await;
        assert!(limit.take(&[sok], later).await.is_ok());
        assert_eq!(limit.check(&[sok], NOW.plus(minutes(15))).await, Err(Wait(minutes(5))));
        limit.clear(sok).await;
        let memory = limit.lock();
        assert!(memory.order.is_empty() && memory.times.is_empty());
    }

    #[tokio::test]
    async fn an_attempt_counts_while_it_goes_on_and_afterwards_if_it_was_wrong() {
        let limit = limit(1);
        let both = [Subject::login("sok"), Subject::login("here")];
        for (answer, after) in [("right", Ok(())), ("wrong", Err(Wait(minutes(15))))] {
            let look = async {
                let another = limit.attempt((&both, NOW), async { "right" }, |_| false).await;
                assert_eq!(another, Err(Wait(minutes(15))), "one at a time");
                answer
            };
            let is_wrong = |answer: &&str| *answer == "wrong";
            assert_eq!(limit.attempt((&both, NOW), look, is_wrong).await, Ok(answer));
            for one in both {
                assert_eq!(limit.check(&[one], NOW).await, after, "{answer}");
            }
        }
    }

    #[tokio::test]
    async fn memory_is_bounded_and_old_counts_leave_it() {
        let limit = limit(1);
        let name = |number: usize| Subject::login(&format!("{number}"));
        for number in 0..MOST_REMEMBERED + 10 {
            limit.take(&[name(number)], NOW).await.unwrap();
        }
        assert_eq!(limit.lock().order.len(), MOST_REMEMBERED);
        assert_eq!(limit.check(&[name(0)], NOW).await, Ok(()), "the oldest was forgotten");
        assert!(limit.check(&[name(MOST_REMEMBERED)], NOW).await.is_err(), "the newest counts");
        limit.check(&[name(0)], NOW.plus(SPAN)).await.unwrap();
        let memory = limit.lock();
        assert!(memory.order.is_empty() && memory.times.is_empty());
    }
}
