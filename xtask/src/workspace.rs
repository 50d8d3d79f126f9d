//! Where things are: the checkout, the build folder, and what `[workspace.metadata.leptos]` says.

use anyhow::{Context, Result};
use cargo_metadata::{Metadata, MetadataCommand};
use serde::Deserialize;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The checkout that this command was started in.
#[derive(Debug)]
pub(crate) struct Workspace {
    /// The folder of the workspace's `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// Cargo's target folder; may be shared by several checkouts.
    pub(crate) target: PathBuf,
    /// What `cargo leptos` would read, so that both build the same site.
    pub(crate) site: SiteSettings,
}

/// One entry of `[[workspace.metadata.leptos]]`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) struct SiteSettings {
    /// The stem of the built files' names.
    pub(crate) output_name: String,
    /// The package that compiles to wasm.
    pub(crate) lib_package: String,
    /// The cargo profile of a small build.
    pub(crate) lib_profile_release: String,
    /// The folder that the server serves, below the checkout.
    pub(crate) site_root: PathBuf,
    /// The folder of hashed files, below the site.
    pub(crate) site_pkg_dir: String,
    /// The style sheet that imports all others.
    pub(crate) style_file: PathBuf,
    /// Files that are served as they are.
    pub(crate) assets_dir: PathBuf,
}

#[derive(Deserialize)]
struct WorkspaceMetadata {
    leptos: Vec<SiteSettings>,
}

impl Workspace {
    /// Asks cargo. Fails outside a checkout, or when the leptos entry is missing.
    pub(crate) fn find() -> Result<Self> {
        let metadata = MetadataCommand::new().no_deps().exec().context("cargo metadata")?;
        let found: WorkspaceMetadata = serde_json::from_value(metadata.workspace_metadata)
            .context("[[workspace.metadata.leptos]] in Cargo.toml")?;
        let site =
            found.leptos.into_iter().next().context("no entry in workspace.metadata.leptos")?;
        Ok(Self {
            root: metadata.workspace_root.into(),
            target: metadata.target_directory.into(),
            site,
        })
    }

    /// The packages and their dependencies as the lock file has them.
    pub(crate) fn metadata(&self) -> Result<Metadata> {
        MetadataCommand::new()
            .current_dir(&self.root)
            .other_options(vec!["--locked".to_owned()])
            .exec()
            .context("cargo metadata --locked")
    }

    /// A path below the checkout.
    pub(crate) fn path(&self, relative: impl AsRef<Path>) -> PathBuf {
        self.root.join(relative)
    }

    /// The folder of the built site.
    pub(crate) fn site_folder(&self) -> PathBuf {
        self.root.join(&self.site.site_root)
    }

    /// A command that runs in the checkout.
    pub(crate) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root);
        command
    }

    /// Cargo, the one that runs us.
    pub(crate) fn cargo(&self) -> Command {
        self.command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
    }
}
