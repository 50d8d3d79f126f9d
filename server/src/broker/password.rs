//! Passwords as Mosquitto 2 keeps them: `$7$iterations$salt$hash`, PBKDF2-HMAC-SHA512.
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use rand::{CryptoRng, Rng as _};

/// As `mosquitto_passwd` of 2.0. A node's password is 192 random bits, so that more would only slow
/// the broker down when a thousand nodes come back at once.
const ITERATIONS: u32 = 101;
const SALT_BYTES: usize = 12;
const HASH_BYTES: usize = 64;
const PASSWORD_BYTES: usize = 24;

/// Easily read from a label and typed on a phone: no 0 and O, no 1 and I.
const CLAIM_LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const CLAIM_LENGTH: usize = 8;

/// A new password: 32 characters that need no escaping in a URL or a shell.
pub fn generate(random: &mut impl CryptoRng) -> String {
    let mut bytes = [0; PASSWORD_BYTES];
    random.fill_bytes(&mut bytes);
    URL_SAFE_NO_PAD.encode(bytes)
}

/// A new claim code of 8 characters.
pub fn claim_code(random: &mut impl CryptoRng) -> String {
    let letter = |_| {
        let index = random.random_range(0..CLAIM_LETTERS.len());
        CLAIM_LETTERS.get(index).copied().map_or('2', char::from)
    };
    (0..CLAIM_LENGTH).map(letter).collect()
}

/// What the broker keeps of `password`, with a new salt.
pub fn hash(password: &str, random: &mut impl CryptoRng) -> String {
    let mut salt = [0; SALT_BYTES];
    random.fill_bytes(&mut salt);
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
    use std::process::Command;

    #[test]
    fn mosquitto_makes_the_same_hash() {
        let file = std::env::temp_dir().join(format!("tokkatot-{}", uuid::Uuid::new_v4()));
        std::fs::write(&file, "").unwrap();
        let made = Command::new("mosquitto_passwd")
            .arg("-b")
            .args([file.as_os_str(), "coop-1".as_ref(), "pass word ភាសា".as_ref()])
            .output()
            .unwrap();
        assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
        let line = std::fs::read_to_string(&file).unwrap();
        std::fs::remove_file(&file).unwrap();
        let hash = line.trim().strip_prefix("coop-1:").unwrap();
        assert!(matches(hash, "pass word ភាសា"), "{hash}");
        assert!(!matches(hash, "another"));
    }

    #[test]
    fn a_hash_is_of_its_own_password_alone() {
        let hash = hash("secret", &mut rand::rng());
        assert!(matches(&hash, "secret"));
        assert!(!matches(&hash, "secret "));
        assert!(!matches("$7$101$c2FsdA==$", "secret"));
        assert!(!matches("$6$salt$hash", "secret"));
    }

    #[test]
    fn passwords_and_codes_are_long_and_never_the_same() {
        let (first, second) = (generate(&mut rand::rng()), generate(&mut rand::rng()));
        assert_eq!((first.len(), second.len()), (32, 32));
        assert_ne!(first, second);
        let code = claim_code(&mut rand::rng());
        assert_eq!(code.len(), 8);
        assert!(!code.contains(['0', 'O', '1', 'I']), "{code}");
        assert_ne!(code, claim_code(&mut rand::rng()));
    }
}
