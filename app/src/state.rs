//! What every handler can reach. Built once in `main`, handed down; there are no globals.
use crate::{limits::Limits, live::Streams, passwords::Passwords};
use std::{collections::HashMap, path::Path, sync::Arc};
use store::{Clock, Database, cache::Cache, live::Bus};
use tokio_util::sync::CancellationToken;

/// The parts that pages stand on. Cheap to clone.
#[derive(Debug, Clone)]
pub struct AppState {
    /// PostgreSQL under the web's role.
    pub database: Database,
    /// Redis, where there is one.
    pub cache: Cache,
    /// The time of decisions.
    pub clock: Clock,
    /// News of farms.
    pub bus: Bus,
    /// Who listens to them.
    pub streams: Streams,
    /// Names of the browser's files.
    pub assets: Arc<Assets>,
    /// Checks passwords.
    pub passwords: Passwords,
    /// How often what may be done.
    pub limits: Limits,
    /// Scheme, host and port that people type, such as `https://farm.example.org`: links that leave the
    /// page begin with it, whatever the request says its host is.
    pub origin: Arc<str>,
    /// Cancelled when long answers must come to their end.
    pub closing: CancellationToken,
}

/// The addresses of what the browser loads, by plain name: `css`, `boot`, `js`, `wasm`, `icons.svg`…
#[derive(Debug, Clone, Default)]
pub struct Assets(HashMap<String, String>);

impl Assets {
    /// Reads `files.json` of a built site.
    ///
    /// # Errors
    /// The file is missing or is no JSON object of texts.
    pub fn read(site: &Path) -> std::io::Result<Self> {
        let list = std::fs::read(site.join("files.json"))?;
        Ok(Self(serde_json::from_slice(&list)?))
    }

    /// The address of a file; its plain name at the root if it was not built.
    pub fn address(&self, name: &str) -> String {
        self.0.get(name).cloned().unwrap_or_else(|| format!("/{name}"))
    }
}
