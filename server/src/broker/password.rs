//! The broker's passwords, with randomness of the system's.
pub use domain::credentials::matches;
use domain::credentials::{self, PASSWORD_BYTES, SALT_BYTES};
use rand::CryptoRng;

/// A new password: 32 characters that need no escaping in a URL or a shell.
pub fn generate(random: &mut impl CryptoRng) -> String {
    let mut bytes = [0; PASSWORD_BYTES];
    random.fill_bytes(&mut bytes);
    credentials::password(bytes)
}

/// What the broker keeps of `password`, with a new salt.
pub fn hash(password: &str, random: &mut impl CryptoRng) -> String {
    let mut salt = [0; SALT_BYTES];
    random.fill_bytes(&mut salt);
    credentials::hash(password, salt)
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
    fn passwords_are_long_and_never_the_same() {
        let (first, second) = (generate(&mut rand::rng()), generate(&mut rand::rng()));
        assert_eq!((first.len(), second.len()), (32, 32));
        assert_ne!(first, second);
        assert_ne!(hash(&first, &mut rand::rng()), hash(&first, &mut rand::rng()));
    }
}
