//! An installation's folder: `run` (process ids), `log`, `bin`, `site`, `data`, `env`.
//!
//! Root's home is closed to others, and so may be the checkout in it: as root the folder lies in
//! `/var/lib/tokkatot-dev/` under a name made from the checkout's path, and `.local/` holds links to its parts.

use super::account::Account;
use anyhow::{Context, Result, ensure};
use sha2::{Digest, Sha256};
use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

const OPEN: &str = "/var/lib/tokkatot-dev";
const PARTS: [&str; 5] = ["run", "log", "bin", "site", "data"];
const FILES: [&str; 3] = ["env", "demo-credentials", "demo-nodes.json"];

/// The folder, and whether it goes when the installation goes.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    temporary: bool,
}

impl Folder {
    /// The folder that this checkout's installation has kept or will keep.
    pub(super) fn of_checkout(checkout: &Path, account: Option<&Account>) -> Result<Self> {
        let local = checkout.join(".local");
        let Some(account) = account else {
            return Self::create(local, None, false);
        };
        let name: String = Sha256::digest(checkout.as_os_str().as_encoded_bytes())
            .iter()
            .take(6)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let folder = Self::create(Path::new(OPEN).join(name), Some(account), false)?;
        fs::create_dir_all(&local)?;
        for name in PARTS.iter().chain(&FILES) {
            link(&folder.path(name), &local.join(name))?;
        }
        Ok(folder)
    }

    /// A new folder.
    pub(super) fn temporary(account: Option<&Account>) -> Result<Self> {
        let parent = if account.is_some() { PathBuf::from(OPEN) } else { std::env::temp_dir() };
        sweep(&parent)?;
        let name = format!("tokkatot-test-{}-{:08x}", std::process::id(), rand::random::<u32>());
        Self::create(parent.join(name), account, true)
    }

    fn create(path: PathBuf, account: Option<&Account>, temporary: bool) -> Result<Self> {
        for part in PARTS {
            let part = path.join(part);
            fs::create_dir_all(&part).with_context(|| format!("making {}", part.display()))?;
            if let Some(account) = account {
                account.own(&part)?;
            }
        }
        if let Some(account) = account {
            account.own(&path)?;
        }
        Ok(Self { path, temporary })
    }

    /// A path below the folder.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.path.join(relative)
    }

    /// Whether it goes with the installation.
    pub(super) fn is_temporary(&self) -> bool {
        self.temporary
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.path
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        if self.temporary && std::env::var_os("TOKKATOT_TEST_KEEP").is_none() {
            drop(fs::remove_dir_all(&self.path));
        }
    }
}

/// Writes a file that only the installation's account may read.
pub(super) fn write_secret(path: &Path, text: &str, account: Option<&Account>) -> Result<()> {
    let new = path.with_extension("new");
    fs::write(&new, "").with_context(|| format!("writing {}", new.display()))?;
    fs::set_permissions(&new, fs::Permissions::from_mode(0o600))?;
    fs::write(&new, text)?;
    if let Some(account) = account {
        account.own(&new)?;
    }
    fs::rename(&new, path).with_context(|| format!("writing {}", path.display()))
}

fn link(target: &Path, link: &Path) -> Result<()> {
    if fs::read_link(link).is_ok_and(|old| old == target) {
        return Ok(());
    }
    let is_link = fs::symlink_metadata(link).is_ok_and(|found| found.is_symlink());
    ensure!(
        is_link || !link.exists(),
        "{} was made by another account: move .local away, or run as that account",
        link.display()
    );
    drop(fs::remove_file(link));
    symlink(target, link).with_context(|| format!("linking {}", link.display()))
}

/// Removes what test runs that were killed have left.
fn sweep(parent: &Path) -> Result<()> {
    let Ok(entries) = fs::read_dir(parent) else { return Ok(()) };
    for entry in entries {
        let path = entry?.path();
        let owner = path
            .file_name()
            .and_then(|name| name.to_str())
            .and_then(|name| name.strip_prefix("tokkatot-test-"))
            .and_then(|rest| rest.split('-').next());
        if owner.is_some_and(|id| !Path::new("/proc").join(id).exists()) {
            super::leftovers::stop_below(&path);
            drop(fs::remove_dir_all(&path));
        }
    }
    Ok(())
}
