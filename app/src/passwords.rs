//! Passwords: argon2id with the specification's cost (19 MiB, 2 passes, 1 lane). Hashing is slow on
//! purpose, so it runs beside the pages and never more than twice at once.
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use domain::Timestamp;
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{sync::Semaphore, task::spawn_blocking, time::timeout};

/// Hashes at once.
const AT_ONCE: usize = 2;
/// How long a sign-in waits for its turn before it is told to come back.
const PATIENCE: Duration = Duration::from_secs(2);
/// Longer ones are wrong without a look.
const LONGEST: usize = 1024;
/// Wrong passwords for one login within [`MEMORY`] before it has to wait.
const MOST_FAILURES: u32 = 20;
/// How long failures count.
const MEMORY: Duration = Duration::from_secs(15 * 60);
/// Logins whose failures are remembered at once.
const MOST_LOGINS: usize = 10_000;

/// A hash that no password has: what is checked where there is no account, at the same cost.
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$bm9ib2R5bm9ib2R5MTIzNA$\
    AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Too many at once, or too many failures: come back later.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Busy;

/// Checks passwords. Cheap to clone; clones share the turns and the memory of failures.
#[derive(Debug, Clone)]
pub struct Passwords {
    turns: Arc<Semaphore>,
    failures: Arc<Mutex<HashMap<String, Failures>>>,
}

#[derive(Debug, Clone, Copy)]
struct Failures {
    first: Timestamp,
    count: u32,
}

impl Default for Passwords {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)), failures: Arc::default() }
    }
}

impl Passwords {
    /// Whether `password` belongs to `hash`. Without a hash the answer is no, after the same work.
    ///
    /// # Errors
    /// There was no turn in time.
    pub async fn verify(&self, password: String, hash: Option<String>) -> Result<bool, Busy> {
        let Ok(Ok(turn)) = timeout(PATIENCE, self.turns.clone().acquire_owned()).await else {
            return Err(Busy);
        };
        let checked = spawn_blocking(move || {
            let is_right = matches(&password, hash.as_deref());
            drop(turn);
            is_right
        });
        Ok(checked.await.unwrap_or(false))
    }

    /// Whether a login has failed too often lately to be tried again now.
    pub fn is_exhausted(&self, login: &str, now: Timestamp) -> bool {
        let failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        failures.get(login).is_some_and(|f| f.count >= MOST_FAILURES && now.since(f.first) < MEMORY)
    }

    /// Remembers a wrong password.
    pub fn failed(&self, login: &str, now: Timestamp) {
        let mut failures = self.failures.lock().unwrap_or_else(PoisonError::into_inner);
        if failures.len() >= MOST_LOGINS {
            failures.retain(|_, f| now.since(f.first) < MEMORY);
        }
        if failures.len() >= MOST_LOGINS {
            return;
        }
        let entry = failures.entry(login.to_owned()).or_insert(Failures { first: now, count: 0 });
        if now.since(entry.first) >= MEMORY {
            *entry = Failures { first: now, count: 0 };
        }
        entry.count = entry.count.saturating_add(1);
    }

    /// Forgets the failures of a login that has succeeded.
    pub fn succeeded(&self, login: &str) {
        self.failures.lock().unwrap_or_else(PoisonError::into_inner).remove(login);
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

    #[test]
    fn a_login_that_fails_again_and_again_has_to_wait() {
        let passwords = Passwords::default();
        let now = Timestamp::from_millis(1_790_000_000_000);
        for _ in 0..MOST_FAILURES {
            assert!(!passwords.is_exhausted("sok", now));
            passwords.failed("sok", now);
        }
        assert!(passwords.is_exhausted("sok", now));
        assert!(!passwords.is_exhausted("dara", now));
        assert!(!passwords.is_exhausted("sok", now.plus(MEMORY)));
        passwords.succeeded("sok");
        assert!(!passwords.is_exhausted("sok", now));
    }
}
