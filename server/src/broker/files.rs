//! Mosquitto's password and access-control files. They are replaced whole: the broker reads either
//! the old one or the new one.
use crate::config::SERVER_ACCOUNT;
use domain::NodeName;
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::{MetadataExt as _, OpenOptionsExt as _},
    path::Path,
};

/// The password file: the server first, then the nodes as they are given.
pub fn password_lines(server_hash: &str, nodes: &[(NodeName, String)]) -> String {
    let mut lines = format!("{SERVER_ACCOUNT}:{server_hash}\n");
    for (name, hash) in nodes {
        // a node may not take the server's place
        if name.as_str() != SERVER_ACCOUNT {
            lines.push_str(&format!("{name}:{hash}\n"));
        }
    }
    lines
}

/// The access-control file. It is the same for every installation: the broker puts each node's own
/// name in place of `%u`, so that claiming a node needs no change here.
pub fn access_control() -> String {
    format!(
        "# Written by the server; changes are lost.\n\
         user {SERVER_ACCOUNT}\n\
         topic readwrite tokkatot/#\n\
         \n\
         # Each node writes and reads its own topics and nothing else.\n\
         pattern write tokkatot/%u/up/#\n\
         pattern read tokkatot/%u/down/#\n"
    )
}

/// Puts `content` into the place of `path` unless it is there already; tells whether it was not.
/// Only the account it is written under may read it, which is the broker's too.
///
/// # Errors
/// The folder cannot be written to; the old file is then still whole.
pub fn replace(path: &Path, content: &str) -> io::Result<bool> {
    if fs::read_to_string(path).is_ok_and(|old| old == content) && is_private(path)? {
        return Ok(false);
    }
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new("."));
    let name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?;
    let mut temporary = std::ffi::OsString::from(".");
    temporary.push(name);
    temporary.push(format!(".{}", std::process::id()));
    let temporary = folder.join(temporary);
    let written = write_private(&temporary, content).and_then(|()| fs::rename(&temporary, path));
    if written.is_err() {
        // the error that matters is the first one
        drop(fs::remove_file(&temporary));
    }
    written?;
    // the rename itself is durable only once the folder is
    File::open(folder)?.sync_all()?;
    Ok(true)
}

fn is_private(path: &Path) -> io::Result<bool> {
    Ok(fs::metadata(path)?.mode() & 0o077 == 0)
}

fn write_private(path: &Path, content: &str) -> io::Result<()> {
    drop(fs::remove_file(path));
    let mut file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(path)?;
    file.write_all(content.as_bytes())?;
    file.sync_all()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> std::path::PathBuf {
        let folder = std::env::temp_dir().join(format!("tokkatot-{}", uuid::Uuid::new_v4()));
        fs::create_dir(&folder).unwrap();
        folder
    }

    #[test]
    fn a_file_is_replaced_only_when_it_changes_and_stays_private() {
        let folder = folder();
        let path = folder.join("passwords");
        fs::write(&path, "one\n").unwrap();
        assert!(replace(&path, "one\n").unwrap(), "it was readable by everybody");
        assert!(!replace(&path, "one\n").unwrap());
        assert!(replace(&path, "two\n").unwrap());
        assert_eq!(fs::read_to_string(&path).unwrap(), "two\n");
        assert!(is_private(&path).unwrap());
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing is left behind");
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_reader_sees_one_file_or_the_other_and_never_a_part() {
        let folder = folder();
        let path = folder.join("passwords");
        let contents = ["a".repeat(100_000), "b".repeat(50_000)];
        replace(&path, &contents[0]).unwrap();
        std::thread::scope(|scope| {
            let writer = scope.spawn(|| {
                for round in 0..100 {
                    replace(&path, &contents[round % 2]).unwrap();
                }
            });
            while !writer.is_finished() {
                let read = fs::read_to_string(&path).unwrap();
                assert!(contents.contains(&read), "{} bytes", read.len());
            }
        });
        fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error() {
        assert!(replace(Path::new("/nowhere/at/all/passwords"), "x").is_err());
    }

    #[test]
    fn a_node_cannot_take_the_servers_place() {
        let nodes =
            [SERVER_ACCOUNT, "coop-1"].map(|name| (name.parse().unwrap(), "hash".to_owned()));
        assert_eq!(password_lines("own", &nodes), "tokkatot-server:own\ncoop-1:hash\n");
    }
}
