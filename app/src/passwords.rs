//! Passwords: argon2id with the specification's cost (19 MiB, 2 passes, 1 lane). Hashing is slow on
//! purpose, so it runs beside the pages and never more than twice at once. Hashes of before (bcrypt, or
//! argon2 at a lower cost) are taken, and a better one is made of the first right password. Until then
//! such an account is checked at another cost than one that does not exist.
use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use domain::passwords::LONGEST_BYTES;
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
/// After this it is worth to come back.
pub(crate) const SOON: Duration = Duration::from_secs(10);
/// The highest cost of a bcrypt hash that is checked, about a second; more would only keep the server busy.
const MOST_BCRYPT_ROUNDS: u32 = 14;

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

/// What came of a password.
#[derive(Clone, PartialEq, Eq)]
pub enum Checked {
    /// It is not the one.
    Wrong,
    /// It is.
    Right,
    /// It is, and this hash should stand in place of the one it was checked by.
    Outdated(String),
}

// A hash has no place in a log.
impl std::fmt::Debug for Checked {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(if *self == Self::Wrong { "Wrong" } else { "Right" })
    }
}

impl Turn {
    /// Whether `password` belongs to `hash`. Without a hash the answer is no, after the same work. The
    /// turn lasts as long as the work does, whether or not somebody still waits for its end.
    pub async fn verify(self, password: String, hash: Option<String>) -> bool {
        self.check(password, hash).await != Checked::Wrong
    }

    /// The same, with a better hash where the old one is not as good as those of today.
    pub async fn check(self, password: String, hash: Option<String>) -> Checked {
        let checked = spawn_blocking(move || {
            let checked = check(&password, hash.as_deref());
            drop(self);
            checked
        });
        checked.await.unwrap_or(Checked::Wrong)
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

fn check(password: &str, of: Option<&str>) -> Checked {
    let (is_right, is_outdated) = match of.filter(|hash| is_bcrypt(hash)) {
        Some(hash) => (bcrypt::verify(password, hash).unwrap_or(false), true),
        None => matches(password, of),
    };
    match (is_right, is_outdated.then(|| hash(password))) {
        (false, _) => Checked::Wrong,
        (true, Some(Ok(better))) => Checked::Outdated(better),
        (true, _) => Checked::Right,
    }
}

/// `$2a$`, `$2b$` or `$2y$`, at a cost that can be borne.
fn is_bcrypt(hash: &str) -> bool {
    let mut parts = hash.split('$').skip(1);
    let is_known = parts.next().is_some_and(|kind| matches!(kind, "2a" | "2b" | "2y"));
    let rounds = parts.next().and_then(|rounds| rounds.parse().ok());
    is_known && rounds.is_some_and(|rounds: u32| rounds <= MOST_BCRYPT_ROUNDS)
}

/// Whether they belong together, and whether the hash is weaker than a new one.
fn matches(password: &str, hash: Option<&str>) -> (bool, bool) {
    let parsed = hash.and_then(|hash| PasswordHash::new(hash).ok());
    let exists = parsed.is_some() && password.len() <= LONGEST_BYTES;
    let Some(against) = parsed.or_else(|| PasswordHash::new(NOBODY).ok()) else {
        return (false, false);
    };
    let password = password.get(..password.len().min(LONGEST_BYTES)).unwrap_or_default();
    let is_right = hasher().verify_password(password.as_bytes(), &against).is_ok() && exists;
    (is_right, is_weak(&against))
}

fn is_weak(hash: &PasswordHash) -> bool {
    let ours = Params::default();
    let is_ours = hash.algorithm == Algorithm::Argon2id.ident();
    let is_as_costly = Params::try_from(hash)
        .is_ok_and(|params| params.m_cost() >= ours.m_cost() && params.t_cost() >= ours.t_cost());
    !is_ours || !is_as_costly
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_have_the_specified_cost_and_fit_their_password() {
        let hash = hash("ព្រឹក-secret").unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert_eq!(hash.len(), 97);
        assert_eq!(check("ព្រឹក-secret", Some(&hash)), Checked::Right);
        assert_eq!(check("ព្រឹក-Secret", Some(&hash)), Checked::Wrong);
    }

    #[test]
    fn where_there_is_no_account_no_password_is_right_but_the_work_is_done() {
        assert!(PasswordHash::new(NOBODY).is_ok());
        assert_eq!(check("", None), Checked::Wrong);
        assert_eq!(check("x", Some("not a hash")), Checked::Wrong);
    }

    fn better(password: &str, old: &str) -> String {
        let Checked::Outdated(better) = check(password, Some(old)) else { panic!("{old}") };
        assert_eq!(check(password, Some(&better)), Checked::Right);
        better
    }

    #[test]
    fn bcrypt_is_taken_once_in_all_its_spellings() {
        let hash = bcrypt::hash("ព្រឹក-secret", 4).unwrap();
        for kind in ["$2a$", "$2b$", "$2y$"] {
            let old = hash.replacen("$2b$", kind, 1);
            assert!(better("ព្រឹក-secret", &old).starts_with("$argon2id$"));
            assert_eq!(check("ព្រឹក-Secret", Some(&old)), Checked::Wrong);
        }
        let endless = hash.replacen("$04$", "$31$", 1);
        assert_eq!(check("ព្រឹក-secret", Some(&endless)), Checked::Wrong);
    }

    #[test]
    fn weaker_argon2_is_hashed_anew() {
        let params = |m, t| Params::new(m, t, 1, None).unwrap();
        for (algorithm, params) in [
            (Algorithm::Argon2id, params(4096, 2)),
            (Algorithm::Argon2id, params(19456, 1)),
            (Algorithm::Argon2i, params(19456, 2)),
        ] {
            let weak = Argon2::new(algorithm, Version::V0x13, params);
            let weak = weak.hash_password(b"secret").unwrap().to_string();
            assert!(better("secret", &weak).starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
        }
        let strong = Argon2::new(Algorithm::Argon2id, Version::V0x13, params(20000, 3));
        let strong = strong.hash_password(b"secret").unwrap().to_string();
        assert_eq!(check("secret", Some(&strong)), Checked::Right);
    }
}
