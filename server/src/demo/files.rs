//! The two files that `demo` leaves behind, for their owner alone: the sign-ins for people, and the
//! nodes' credentials for the simulator.
use super::Demo;
use anyhow::{Context as _, Result};
use domain::roles::Role;
use serde::{Deserialize, Serialize};
use simulator::fleet::Roster;
use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    os::unix::fs::OpenOptionsExt as _,
    path::{Path, PathBuf},
};

/// Where they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoFiles {
    /// `role login password` lines.
    pub credentials: PathBuf,
    /// [`DemoNodes`] as JSON.
    pub nodes: PathBuf,
}

/// How somebody signs in.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SignIn {
    /// On the farm.
    pub role: Role,
    /// User name.
    pub login: String,
    /// In the clear.
    pub password: String,
}

/// What programs need: the nodes to play, and a sign-in on a farm that the other four must not see.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DemoNodes {
    /// The owner of the other farm.
    pub neighbour: SignIn,
    /// All nodes of both farms.
    #[serde(flatten)]
    pub roster: Roster,
}

impl DemoFiles {
    /// Whether both are there.
    pub fn exist(&self) -> bool {
        self.credentials.exists() && self.nodes.exists()
    }

    /// Writes both beside their places, runs `between`, and puts them in their places if that went
    /// well: nobody is left with a farm and no way in.
    ///
    /// # Errors
    /// A folder that cannot be written to, or what `between` says.
    pub async fn write<T>(
        &self,
        demo: &Demo,
        between: impl Future<Output = Result<T>>,
    ) -> Result<T> {
        let sign_ins: String = demo
            .sign_ins
            .iter()
            .map(|one| format!("{} {} {}\n", one.role.name(), one.login, one.password))
            .collect();
        let nodes = serde_json::to_string_pretty(&demo.nodes)?;
        let credentials = Draft::write(&self.credentials, &sign_ins)?;
        let nodes = Draft::write(&self.nodes, &nodes)?;
        let done = between.await?;
        credentials.keep()?;
        nodes.keep()?;
        Ok(done)
    }
}

/// Reads the nodes that `demo` has made.
///
/// # Errors
/// The file is not there, or not ours.
pub fn read_nodes(path: &Path) -> Result<DemoNodes> {
    let text = fs::read_to_string(path)
        .with_context(|| format!("{} cannot be read: run `tokkatot demo` first", path.display()))?;
    let what = || format!("{} is not what `tokkatot demo` writes", path.display());
    serde_json::from_str(&text).with_context(what)
}

/// A file beside its place, removed unless it is kept.
struct Draft {
    draft: PathBuf,
    place: PathBuf,
}

impl Draft {
    fn write(place: &Path, text: &str) -> Result<Self> {
        let mut name = place.as_os_str().to_owned();
        name.push(".new");
        let draft = Self { draft: PathBuf::from(name), place: place.to_owned() };
        // one that an interrupted run has left may have other rights
        drop(fs::remove_file(&draft.draft));
        let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&draft.draft);
        let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
        written.with_context(|| format!("{} cannot be written", draft.draft.display()))?;
        Ok(draft)
    }

    fn keep(self) -> Result<()> {
        let place = &self.place;
        fs::rename(&self.draft, place).with_context(|| format!("writing {}", place.display()))
    }
}

impl Drop for Draft {
    fn drop(&mut self) {
        // gone already if it was kept
        drop(fs::remove_file(&self.draft));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_draft_is_for_its_owner_alone_and_gone_unless_kept() {
        let place = std::env::temp_dir().join(format!("tokkatot-{}", uuid::Uuid::new_v4()));
        drop(Draft::write(&place, "one").unwrap());
        assert!(!place.exists());
        Draft::write(&place, "two").unwrap().keep().unwrap();
        assert_eq!(fs::read_to_string(&place).unwrap(), "two");
        assert_eq!(fs::metadata(&place).unwrap().permissions().mode() & 0o777, 0o600);
        fs::remove_file(&place).unwrap();
    }
}
