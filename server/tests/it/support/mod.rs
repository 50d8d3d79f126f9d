//! What these tests stand on.
mod binary;
mod broker;
mod client;

pub(crate) use binary::{Binary, Said, get, wait_until};
pub(crate) use broker::{BROKER_PASSWORD, Broker};
pub(crate) use client::{Client, Received};

use std::{fs, path::PathBuf};

/// A folder that goes with its test.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        let folder = std::env::temp_dir().join(format!("tokkatot-{}", uuid::Uuid::new_v4()));
        fs::create_dir(&folder).unwrap();
        Self(folder)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(fs::remove_dir_all(&self.0));
    }
}

/// A built site as far as its list of files goes.
pub(crate) fn site() -> Folder {
    let folder = Folder::new();
    fs::write(folder.0.join("files.json"), r#"{"css": "/pkg/main.1.css"}"#).unwrap();
    fs::create_dir(folder.0.join("pkg")).unwrap();
    fs::write(folder.0.join("pkg/main.1.css"), "").unwrap();
    folder
}
