//! Passwords: argon2id with the specification's cost (19 MiB, 2 passes, 1 lane). Hashing is slow on
//! purpose, so it runs beside the pages and never more than twice at once.
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::spawn_blocking,
    time::timeout,
};

/// Hashes at once.
const AT_ONCE: usize = 2;
/// How long a sign-in waits for its turn before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(2);
/// Longer ones are wrong without a look.
const LONGEST: usize = 1024;

/// A hash that no password has: what is checked where there is no account, at the same cost.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5MTIzNA$\
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Too many at once: come back later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Busy;

/// Checks passwords. Cheap to clone; clones share the turns.
#[derive(Debug, Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
}

/// A password could not be hashed: the machine has no randomness, or the server is stopping.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotHashed;

/// The right to check or hash one password.
#[derive(Debug)]
pub struct Turn {
    _permit: OwnedSemaphorePermit,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)) }
    }
}

impl Passwords {
    /// Waits for a turn.
    ///
    /// # Errors
    /// There was none in time.
    pub async fn turn(&self) -> Result<Turn, Busy> {
        match timeout(PATIENCE, self.turns.clone().acquire_owned()).await {
            Ok(Ok(permit)) => Ok(Turn { _permit: permit }),
            _ => Err(Busy),
        }
    }
}

impl Turn {
    /// Whether `password` belongs to `hash`. Without a hash the answer is no, after the same work. The
    /// turn lasts as long as the work does, whether or not somebody still waits for its end.
    pub async fn verify(self, password: String, hash: Option<String>) -> bool {
        let checked = spawn_blocking(move || {
            let is_right = matches(&password, hash.as_deref());
            drop(self);
            is_right
        });
        checked.await.unwrap_or(false)
    }

    /// A new hash for the database. The turn lasts as long as the work does.
    ///
    /// # Errors
    /// The machine has no randomness, or the server is stopping.
    pub async fn hash(self, password: String) -> Result<String, NotHashed> {
        let hashed = spawn_blocking(move || {
            let hashed = hash(&password);
            drop(self);
            hashed
        });
        match hashed.await {
            Ok(Ok(hash)) => Ok(hash),
            _ => Err(NotHashed),
        }
    }
}

/// A new hash for the database.
///
/// # Errors
/// The machine has no randomness.
pub fn hash(password: &str) -> Result<String, argon2::password_hash::Error> {
    Ok(hasher().hash_password(password.as_bytes())?.to_string())
}

fn hasher() -> Argon2<'static> {
    // argon2's own defaults are these numbers; a test holds them
    Argon2::new(Algorithm::Argon2id, Version::V0x13, Params::default())
}

fn matches(password: &str, hash: Option<&str>) -> bool {
    let parsed = hash.and_then(|hash| PasswordHash::new(hash).ok());
    let exists = parsed.is_some() && password.len() <= LONGEST;
    let Some(against) = parsed.or_else(|| PasswordHash::new(NOBODY).ok()) else { return false };
    let password = password.get(..password.len().min(LONGEST)).unwrap_or_default();
    hasher().verify_password(password.as_bytes(), &against).is_ok() && exists
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_have_the_specified_cost_and_fit_their_password() {
        let hash = hash("ព្រឹក-secret").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_eq!(hash.len(), 97);
        assert!(matches("ព្រឹក-secret", Some(&hash)));
        assert!(!matches("ព្រឹក-Secret", Some(&hash)));
    }

    #[test]
    fn where_there_is_no_account_no_password_is_right_but_the_work_is_done() {
        assert!(PasswordHash::new(NOBODY).is_ok());
        assert!(!matches("", None));
        assert!(!matches("x", Some("not a hash")));
    }
}
