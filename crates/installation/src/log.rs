//! What the parts print, a file each.

use super::{Installation, Part};
use anyhow::{Context, Result};
use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};

/// Where a part's log is.
pub(super) fn path(installation: &Installation, part: Part) -> PathBuf {
    installation.folder.path(&format!("log/{part}.log"))
}

/// Opens a part's log to write at its end.
pub(super) fn open(installation: &Installation, part: Part) -> Result<File> {
    let path = path(installation, part);
    // What is older than the last ten megabytes helps nobody.
    if fs::metadata(&path).is_ok_and(|found| found.len() > 10_000_000) {
        fs::rename(&path, path.with_extension("log.old"))?;
    }
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(&path)
        .with_context(|| format!("opening {}", path.display()))
}

/// The end of a log, for an error message.
pub(super) fn last_lines(log: &Path) -> String {
    let text =
        fs::read(log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default();
    let mut lines: Vec<&str> = text.lines().rev().take(15).collect();
    lines.reverse();
    format!("{}\n(the whole log: {})", lines.join("\n"), log.display())
}
