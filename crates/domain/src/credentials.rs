//! What a controller signs in with at the broker, and what Mosquitto 2 keeps of it:
//! `$7$iterations$salt$hash`, PBKDF2-HMAC-SHA512.
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};

/// Random bytes of a password.
pub const PASSWORD_BYTES: usize = 24;
/// Random bytes of a salt.
pub const SALT_BYTES: usize = 12;

/// As `mosquitto_passwd` of 2.0. A node's password is 192 random bits, so that more would only slow
/// the broker down when a thousand nodes come back at once.
const ITERATIONS: u32 = 101;
const HASH_BYTES: usize = 64;

/// The password of random bytes: 32 characters that need no escaping in a URL or a shell.
pub fn password(random: [u8; PASSWORD_BYTES]) -> String {
    URL_SAFE_NO_PAD.encode(random)
}

/// What the broker keeps of `password`, with a random salt.
pub fn hash(password: &str, salt: [u8; SALT_BYTES]) -> String {
    with_salt(password, &salt, ITERATIONS)
}

/// Whether `hash` is of `password`. False for anything that is no such hash.
pub fn matches(hash: &str, password: &str) -> bool {
    let mut parts = hash.split('$');
    let (Some(""), Some("7"), Some(iterations), Some(salt), Some(_), None) =
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return false;
    };
    let (Ok(iterations), Ok(salt)) = (iterations.parse(), STANDARD.decode(salt)) else {
        return false;
    };
    // both are hashes: how long the comparison takes tells nothing about the password
    with_salt(password, &salt, iterations) == hash
}

fn with_salt(password: &str, salt: &[u8], iterations: u32) -> String {
    let mut hash = [0; HASH_BYTES];
    pbkdf2::pbkdf2_hmac::<sha2::Sha512>(password.as_bytes(), salt, iterations, &mut hash);
    format!("$7${iterations}${}${}", STANDARD.encode(salt), STANDARD.encode(hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_of_its_own_password_alone() {
        let hash = hash("secret", [7; SALT_BYTES]);
        assert!(matches(&hash, "secret"));
        assert!(!matches(&hash, "secret "));
        assert!(!matches("$7$101$c2FsdA==$", "secret"));
        assert!(!matches("$6$salt$hash", "secret"));
    }

    #[test]
    fn a_password_has_all_of_its_bytes() {
        assert_eq!(password([0; PASSWORD_BYTES]).len(), 32);
        assert_ne!(password([0; PASSWORD_BYTES]), password([1; PASSWORD_BYTES]));
    }
}
