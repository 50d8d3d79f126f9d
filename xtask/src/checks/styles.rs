//! A class has one home: two files that both lay it out know nothing of each other, and the one that is read later
//! wins on pages it was not written for.

use crate::workspace::Workspace;
use anyhow::{Context, Result};
use std::{collections::BTreeMap, fs};

/// Looks for classes that more than one file of `style/` defines.
///
/// # Errors
/// When there is one, or a file cannot be read.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let mut files = Vec::new();
    for entry in fs::read_dir(workspace.root.join("style")).context("style/")? {
        let path = entry.context("style/")?.path();
        if path.extension().is_some_and(|extension| extension == "css") {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            files.push((name, fs::read_to_string(&path).context("a file of style/")?));
        }
    }
    files.sort();
    super::report("styles", &findings(&files))
}

fn findings(files: &[(String, String)]) -> Vec<String> {
    let mut homes = BTreeMap::<&str, Vec<&str>>::new();
    for (file, text) in files {
        for class in text.lines().filter_map(class) {
            let homes = homes.entry(class).or_default();
            if !homes.contains(&file.as_str()) {
                homes.push(file);
            }
        }
    }
    let several = homes.into_iter().filter(|(_, homes)| homes.len() > 1);
    several
        .map(|(class, homes)| format!(".{class} is defined in {}", homes.join(" and ")))
        .collect()
}

/// The class that a line defines: `.name {`, outside of any condition (our files indent what is in one).
fn class(line: &str) -> Option<&str> {
    let (selector, _) = line.strip_prefix('.')?.split_once('{')?;
    let name = selector.trim_end();
    let is_alone =
        name.chars().all(|letter| letter.is_ascii_alphanumeric() || letter == '-' || letter == '_');
    is_alone.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::findings;

    #[test]
    fn two_homes_of_a_class_are_found_and_refinements_are_not() {
        let files = [
            ("a.css", ".pair { display: grid; }\n.row, .line { margin: 0; }\n.row { margin: 0; }"),
            (
                "b.css",
                ".pair {display: flex; }\n.pair > b { margin: 0; }\n@media print {\n  .row { margin: 1px; }\n}",
            ),
        ];
        let files = files.map(|(name, text)| (name.to_owned(), text.to_owned()));
        assert_eq!(findings(&files), [".pair is defined in a.css and b.css"]);
    }
}
