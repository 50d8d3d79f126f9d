//! How many streams are open, and of which sessions: one person's forgotten tabs must not take what all
//! others need.
use crate::error::AppError;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};
use tower_sessions::Session;

/// A browser has one stream per tab, and rarely more than six at a time.
const MOST_PER_SESSION: usize = 20;

/// The open streams of this server. Cheap to clone; clones share one count.
#[derive(Debug, Clone, Default)]
pub struct Streams(Arc<Mutex<HashMap<i128, usize>>>);

/// A stream that counts until it is dropped.
#[derive(Debug)]
pub(crate) struct OpenStream {
    streams: Streams,
    session: i128,
}

impl Streams {
    /// One more for a session.
    ///
    /// # Errors
    /// It has too many already.
    pub(crate) fn open(&self, session: &Session) -> Result<OpenStream, AppError> {
        let session = session.id().ok_or(AppError::SignInFirst)?.0;
        let mut streams = self.lock();
        let open = streams.entry(session).or_default();
        if *open >= MOST_PER_SESSION {
            return Err(AppError::Busy);
        }
        *open += 1;
        metrics::gauge!("tokkatot_live_streams").increment(1.0);
        Ok(OpenStream { streams: self.clone(), session })
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<i128, usize>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OpenStream {
    fn drop(&mut self) {
        let mut streams = self.streams.lock();
        if let Some(open) = streams.get_mut(&self.session) {
            *open = open.saturating_sub(1);
            if *open == 0 {
                streams.remove(&self.session);
            }
        }
        metrics::gauge!("tokkatot_live_streams").decrement(1.0);
    }
}
