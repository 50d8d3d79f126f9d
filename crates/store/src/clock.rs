//! The one source of decision times: the database's clock, carried on by a monotonic one.
use domain::Timestamp;
use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

/// Tells the time for decisions (expiry, due, since). Cheap to clone; clones share the anchor.
///
/// A wrong clock on this machine changes nothing: only the monotonic clock is read between anchors.
#[derive(Debug, Clone)]
pub struct Clock(Source);

#[derive(Debug, Clone)]
enum Source {
    Anchored { start: Instant, micros_at_start: Arc<AtomicI64> },
    Fake(Arc<AtomicI64>),
}

impl Clock {
    /// A clock that says `now` at this moment, `now` being the database's.
    pub fn anchored_at(now: Timestamp) -> Self {
        let start = Instant::now();
        let clock = Self(Source::Anchored { start, micros_at_start: Arc::default() });
        clock.anchor(now);
        clock
    }

    /// A clock for tests, which stands still until it is moved.
    pub fn fake(now: Timestamp) -> Self {
        Self(Source::Fake(Arc::new(AtomicI64::new(now.as_micros()))))
    }

    /// Sets the clock to the database's time; to be done every minute.
    pub fn anchor(&self, now: Timestamp) {
        match &self.0 {
            Source::Anchored { start, micros_at_start } => {
                let began = now.minus(start.elapsed());
                micros_at_start.store(began.as_micros(), Ordering::Relaxed);
            }
            Source::Fake(micros) => micros.store(now.as_micros(), Ordering::Relaxed),
        }
    }

    /// Moves a clock forward; for tests.
    pub fn advance(&self, span: Duration) {
        self.anchor(self.now().plus(span));
    }

    /// The time now.
    pub fn now(&self) -> Timestamp {
        match &self.0 {
            Source::Anchored { start, micros_at_start } => {
                Timestamp::from_micros(micros_at_start.load(Ordering::Relaxed))
                    .plus(start.elapsed())
            }
            Source::Fake(micros) => Timestamp::from_micros(micros.load(Ordering::Relaxed)),
        }
    }
}
