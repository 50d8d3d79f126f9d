//! Messages that made the program panic. One that did so three times is put away instead of being
//! parsed again; until then the task restarts and the broker sends it again.
use crate::mqtt::Incoming;
use std::{
    collections::{HashMap, hash_map::DefaultHasher},
    hash::{Hash as _, Hasher as _},
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

/// So many panics convict a message.
const PANICS: u32 = 3;
/// More messages than this are not remembered: it is the program then, not a message.
const MOST: usize = 1000;

/// Outlives the task that panics. Cheap to clone; clones share one memory.
#[derive(Debug, Clone, Default)]
pub(crate) struct Suspects(Arc<Memory>);

#[derive(Debug, Default)]
struct Memory {
    any: AtomicBool,
    panics: Mutex<HashMap<u64, u32>>,
}

impl Suspects {
    /// Does `work` on a message; `None` if that panicked often enough before. A panic goes on.
    pub(crate) fn watch<T>(&self, message: &Incoming, work: impl FnOnce() -> T) -> Option<T> {
        if self.0.any.load(Ordering::Relaxed) && self.is_convicted(message) {
            return None;
        }
        Some(self.blaming(message, work))
    }

    /// Does `work` on a message, whatever it did before. A panic goes on.
    pub(crate) fn blaming<T>(&self, message: &Incoming, work: impl FnOnce() -> T) -> T {
        match catch_unwind(AssertUnwindSafe(work)) {
            Ok(done) => done,
            Err(panic) => {
                self.blame(message);
                resume_unwind(panic)
            }
        }
    }

    fn is_convicted(&self, message: &Incoming) -> bool {
        let panics = self.0.panics.lock().unwrap_or_else(PoisonError::into_inner);
        panics.get(&fingerprint(message)).is_some_and(|panics| *panics >= PANICS)
    }

    fn blame(&self, message: &Incoming) {
        let mut panics = self.0.panics.lock().unwrap_or_else(PoisonError::into_inner);
        if panics.len() < MOST {
            *panics.entry(fingerprint(message)).or_default() += 1;
            self.0.any.store(true, Ordering::Relaxed);
        }
    }
}

fn fingerprint(message: &Incoming) -> u64 {
    let mut hasher = DefaultHasher::new();
    message.topic.hash(&mut hasher);
    message.payload.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mqtt::Receipt;
    use bytes::Bytes;
    use domain::Timestamp;

    fn message(payload: &'static str) -> Incoming {
        Incoming {
            topic: Bytes::from_static(b"tokkatot/n/up/readings"),
            payload: Bytes::from_static(payload.as_bytes()),
            received_at: Timestamp::from_millis(0),
            is_retained: false,
            is_again: false,
            receipt: Receipt { generation: 1, packet: 1 },
        }
    }

    #[test]
    fn a_message_that_panicked_three_times_is_not_touched_again() {
        let suspects = Suspects::default();
        let (bad, good) = (message("bad"), message("good"));
        for _ in 0..PANICS {
            let panicked = catch_unwind(|| suspects.clone().watch(&bad, || panic!("bad message")));
            assert!(panicked.is_err());
        }
        assert_eq!(suspects.watch(&bad, || 1), None);
        assert_eq!(suspects.watch(&good, || 1), Some(1));
    }
}
