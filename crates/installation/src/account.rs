//! Who runs the services. PostgreSQL refuses to run as root, and nothing else should: root hands down to the
//! system account `tokkatot`, made on first use, so that one account owns all files and may signal the broker.
//! Where it cannot be made (a read-only /etc, no useradd) `nobody` does the same, shared with other programs.

use anyhow::{Context, Result};
use std::fs;
use std::os::unix::fs::chown;
use std::path::Path;
use std::process::{Command, Stdio};

const NAME: &str = "tokkatot";

/// An unprivileged account.
#[derive(Clone, Copy, Debug)]
pub(super) struct Account {
    pub(super) user: u32,
    pub(super) group: u32,
}

impl Account {
    /// The account to use; `None` when we are not root and so are unprivileged already.
    pub(super) fn to_drop_to() -> Result<Option<Self>> {
        if !rustix::process::geteuid().is_root() {
            return Ok(None);
        }
        if Self::named(NAME)?.is_none() {
            let made = Command::new("useradd")
                .args([
                    "--system",
                    "--user-group",
                    "--no-create-home",
                    "--home-dir",
                    "/nonexistent",
                ])
                .args([
                    "--shell",
                    "/usr/sbin/nologin",
                    "--comment",
                    "Tokkatot from a checkout",
                    NAME,
                ])
                .stdin(Stdio::null())
                .status();
            if !made.is_ok_and(|status| status.success()) {
                println!("The account `{NAME}` could not be made; the services run as `nobody`.");
            }
        }
        let found = match Self::named(NAME)? {
            Some(account) => account,
            None => Self::named("nobody")?
                .context("neither `tokkatot` nor `nobody` is an account here")?,
        };
        Ok(Some(found))
    }

    /// Hands a file or folder over.
    pub(super) fn own(self, path: &Path) -> Result<()> {
        chown(path, Some(self.user), Some(self.group))
            .with_context(|| format!("chown {}", path.display()))
    }

    fn named(name: &str) -> Result<Option<Self>> {
        let accounts = fs::read_to_string("/etc/passwd").context("reading /etc/passwd")?;
        Ok(accounts.lines().find_map(|line| {
            let mut fields = line.split(':');
            if fields.next() != Some(name) {
                return None;
            }
            let mut numbers = fields.skip(1);
            let user = numbers.next()?.parse().ok()?;
            let group = numbers.next()?.parse().ok()?;
            Some(Self { user, group })
        }))
    }
}
