//! Random passwords, one set per installation, in a file of mode 600.

use super::account::Account;
use super::folder::write_secret;
use anyhow::{Context, Result};
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Who has a password: the superuser of the private PostgreSQL, its three roles, Redis, and the server at the broker.
const NAMES: [&str; 6] = ["postgres", "owner", "app", "worker", "redis", "mqtt"];

/// The passwords.
#[derive(Debug)]
pub(super) struct Secrets(BTreeMap<String, String>);

impl Secrets {
    /// Reads them, and makes those that are missing.
    pub(super) fn kept_in(file: &Path, account: Option<&Account>) -> Result<Self> {
        let mut found: BTreeMap<String, String> = fs::read_to_string(file)
            .unwrap_or_default()
            .lines()
            .filter_map(|line| line.split_once('='))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        if NAMES.iter().any(|name| !found.contains_key(*name)) {
            for name in NAMES {
                // 128 bits as hex: nothing in it needs quoting in SQL, a URL or a configuration file.
                found
                    .entry(name.to_owned())
                    .or_insert_with(|| format!("{:032x}", rand::random::<u128>()));
            }
            let text: String =
                found.iter().map(|(name, value)| format!("{name}={value}\n")).collect();
            write_secret(file, &text, account)?;
        }
        Ok(Self(found))
    }

    /// One of them.
    pub(super) fn of(&self, name: &str) -> Result<&str> {
        self.0.get(name).map(String::as_str).with_context(|| format!("no password for {name}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn passwords_are_random_kept_and_private() {
        let file = std::env::temp_dir().join(format!("tokkatot-secrets-{}", std::process::id()));
        let first = Secrets::kept_in(&file, None).unwrap();
        let again = Secrets::kept_in(&file, None).unwrap();
        let mode = fs::metadata(&file).unwrap().permissions().mode();
        fs::remove_file(&file).unwrap();
        assert_eq!(first.of("app").unwrap(), again.of("app").unwrap());
        assert_ne!(first.of("app").unwrap(), first.of("owner").unwrap());
        assert_eq!(first.of("app").unwrap().len(), 32);
        assert_eq!(mode & 0o777, 0o600);
    }
}
