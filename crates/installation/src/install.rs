//! Puts what was built into an installation's folder.

use super::Installation;
use anyhow::{Context, Result};
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

/// The binary as a link to the built one, so that the next start takes the newest. As root it is a copy, since
/// the account may not read the build folder. The site is always a copy: a build must not change it below a
/// server that runs.
pub(super) fn install(to: &Installation, binary: &Path, site: &Path) -> Result<()> {
    let program = to.folder.path("bin/tokkatot");
    let new = to.folder.path("bin/tokkatot.new");
    drop(fs::remove_file(&new));
    if to.account.is_some() {
        fs::copy(binary, &new).with_context(|| format!("copying {}", binary.display()))?;
    } else {
        symlink(std::path::absolute(binary)?, &new)?;
    }
    fs::rename(&new, &program)?;
    let copy = to.folder.path("site");
    fs::remove_dir_all(&copy)?;
    copy_folder(site, &copy)
}

fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from).with_context(|| format!("reading {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target)?;
        }
    }
    Ok(())
}
