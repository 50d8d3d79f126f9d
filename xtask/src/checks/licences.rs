//! Licences of everything we build with: only such as let anyone use, change and pass on the whole under
//! Apache-2.0 or MIT. Rust's packages are judged by the lock file's whole tree, npm's by its lock file.

use crate::workspace::Workspace;
use anyhow::{Context, Result};
use serde::Deserialize;
use spdx::{Expression, ParseMode};
use std::collections::BTreeMap;
use std::fs;

/// What may come in. MPL-2.0 binds its own files only, which we do not change.
const ALLOWED: [&str; 14] = [
    "0BSD",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "BlueOak-1.0.0",
    "CC0-1.0",
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MPL-2.0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

/// An npm lock file, as far as it concerns licences.
#[derive(Deserialize)]
struct Lock {
    packages: BTreeMap<String, Locked>,
}

#[derive(Deserialize)]
struct Locked {
    license: Option<String>,
}

/// Judges every package.
///
/// # Errors
/// When one has no licence or one that is not allowed.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let mut findings = Vec::new();
    let metadata = workspace.metadata()?;
    for package in metadata.packages.iter().filter(|package| package.source.is_some()) {
        let name = format!("{} {}", package.name, package.version);
        findings.extend(judge(&name, package.license.as_deref()));
    }
    let lock = workspace.path("end2end/package-lock.json");
    let text = fs::read_to_string(&lock).with_context(|| format!("reading {}", lock.display()))?;
    let lock: Lock = serde_json::from_str(&text).context("package-lock.json")?;
    for (place, package) in lock.packages.iter().filter(|(place, _)| !place.is_empty()) {
        findings
            .extend(judge(place.trim_start_matches("node_modules/"), package.license.as_deref()));
    }
    println!("licences: {} Rust packages, {} of npm", metadata.packages.len(), lock.packages.len());
    super::report("licences", &findings)
}

fn judge(package: &str, licence: Option<&str>) -> Option<String> {
    let Some(licence) = licence else {
        // npm's node packages name theirs in a file only; Node.js itself is MIT.
        return (!package.starts_with("node")).then(|| format!("{package} names no licence"));
    };
    let Ok(expression) = Expression::parse_mode(licence, ParseMode::LAX) else {
        return Some(format!("{package}: `{licence}` is no SPDX expression"));
    };
    let allowed = expression
        .evaluate(|wanted| wanted.license.id().is_some_and(|found| ALLOWED.contains(&found.name)));
    (!allowed).then(|| format!("{package} is under {licence}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_free_choice_is_enough() {
        assert_eq!(judge("a", Some("GPL-3.0-only OR MIT")), None);
        assert_eq!(judge("b", Some("MIT/Apache-2.0")), None);
        assert_eq!(judge("c", Some("Apache-2.0 WITH LLVM-exception")), None);
    }

    #[test]
    fn copyleft_and_silence_are_refused() {
        assert!(judge("a", Some("AGPL-3.0-only")).is_some());
        assert!(judge("b", Some("MIT AND GPL-2.0-only")).is_some());
        assert!(judge("c", None).is_some());
    }
}
