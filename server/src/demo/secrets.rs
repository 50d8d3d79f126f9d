//! Passwords of the demo: random for each installation, and easy to type on a phone.
use crate::broker::password;
use anyhow::{Result, anyhow};
use rand::{CryptoRng, Rng as _};

/// No 0 and o, no 1, l and i.
const LETTERS: &[u8; 31] = b"23456789abcdefghjkmnpqrstuvwxyz";

/// Three groups of four: 59 random bits.
pub(super) fn password(random: &mut impl CryptoRng) -> String {
    let mut letter = || {
        let index = random.random_range(0..LETTERS.len());
        LETTERS.get(index).copied().map_or('2', char::from)
    };
    let mut group = || (0..4).map(|_| letter()).collect::<String>();
    [group(), group(), group()].join("-")
}

/// What the database keeps of a person's password.
pub(super) fn account_hash(password: &str) -> Result<String> {
    app::passwords::hash(password).map_err(|error| anyhow!("a password cannot be hashed: {error}"))
}

/// What a node signs in with at the broker.
pub(super) fn node_password(random: &mut impl CryptoRng) -> String {
    password::generate(random)
}

/// What the broker keeps of a node's password.
pub(super) fn node_hash(password: &str, random: &mut impl CryptoRng) -> String {
    password::hash(password, random)
}
