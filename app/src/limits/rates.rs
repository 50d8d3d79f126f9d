//! How many requests somebody may make of one endpoint in a minute. The count is the specification's:
//! `rate_limit:{who}:{endpoint}` in Redis, and beside it one in this server's memory.
use super::Wait;
use domain::Timestamp;
use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};
use store::cache::Cache;

/// How long a count lasts; it begins with the first request.
const WINDOW: Duration = Duration::from_secs(60);
/// Counts that are remembered, some 20 MB at the very most.
const MOST_REMEMBERED: usize = 100_000;

/// Counts of requests. Cheap to clone; clones count together.
#[derive(Debug, Clone)]
pub struct Rates {
    memory: Arc<Mutex<Memory>>,
    cache: Cache,
}

impl Rates {
    /// Counts that servers share by `cache`.
    pub(super) fn new(cache: Cache) -> Self {
        Self { memory: Arc::default(), cache }
    }

    /// Counts a request of somebody's, `who`, to an endpoint.
    ///
    /// # Errors
    /// It is one more than `most` in this minute, here or on all servers together.
    pub(crate) async fn count(
        &self,
        (who, endpoint): (&str, &str),
        most: u32,
        now: Timestamp,
    ) -> Result<(), Wait> {
        let key = format!("rate_limit:{who}:{endpoint}");
        let here = self.memory().count(&key, now);
        // what this server refuses by itself is no work for Redis
        let (count, left) =
            if here.0 > most { here } else { self.cache.count(&key, WINDOW).await.unwrap_or(here) };
        if count > most { Err(Wait(left)) } else { Ok(()) }
    }

    fn memory(&self) -> MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The windows, by key and in the order in which they began.
#[derive(Debug, Default)]
struct Memory {
    order: VecDeque<(Timestamp, Arc<str>)>,
    windows: HashMap<Arc<str>, (Timestamp, u32)>,
}

impl Memory {
    /// Counts one more: how many there are, and for how long they count.
    fn count(&mut self, key: &str, now: Timestamp) -> (u32, Duration) {
        while self.order.front().is_some_and(|(began, _)| now.since(*began) >= WINDOW) {
            self.forget_oldest();
        }
        if let Some((began, count)) = self.windows.get_mut(key) {
            *count = count.saturating_add(1);
            return (*count, began.plus(WINDOW).since(now));
        }
        if self.order.len() >= MOST_REMEMBERED {
            self.forget_oldest();
        }
        let key: Arc<str> = key.into();
        self.order.push_back((now, Arc::clone(&key)));
        self.windows.insert(key, (now, 1));
        (1, WINDOW)
    }

    fn forget_oldest(&mut self) {
        if let Some((_, key)) = self.order.pop_front() {
            self.windows.remove(&key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_millis(1_790_000_000_000);

    #[tokio::test]
    async fn so_many_a_minute_of_each_endpoint_and_person() {
        let rates = Rates::new(Cache::default());
        let ask = async |who, endpoint, seconds| {
            rates.count((who, endpoint), 2, NOW.plus(Duration::from_secs(seconds))).await
        };
        assert_eq!(ask("sok", "GET /farms", 0).await, Ok(()));
        assert_eq!(ask("sok", "GET /farms", 10).await, Ok(()));
        assert_eq!(ask("sok", "GET /farms", 20).await, Err(Wait(Duration::from_secs(40))));
        assert_eq!(ask("sok", "GET /", 20).await, Ok(()));
        assert_eq!(ask("dara", "GET /farms", 20).await, Ok(()));
        assert_eq!(ask("sok", "GET /farms", 60).await, Ok(()));
    }

    #[test]
    fn memory_is_bounded() {
        let mut memory = Memory::default();
        for number in 0..MOST_REMEMBERED + 10 {
            memory.count(&number.to_string(), NOW);
        }
        assert_eq!((memory.order.len(), memory.windows.len()), (MOST_REMEMBERED, MOST_REMEMBERED));
        assert_eq!(memory.count("0", NOW).0, 1, "the oldest was forgotten");
        memory.count("x", NOW.plus(WINDOW));
        assert_eq!((memory.order.len(), memory.windows.len()), (1, 1));
    }
}
