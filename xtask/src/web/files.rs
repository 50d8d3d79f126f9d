//! Names with hashes, compressed copies, and the list of both.

use super::has_extension;
use crate::workspace::SiteSettings;
use anyhow::{Context, Result};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

/// The file in a site that tells what it was made of.
pub(super) const STAMP: &str = ".inputs";

/// A site being written.
#[derive(Debug)]
pub(super) struct Site {
    folder: PathBuf,
    package: String,
    release: bool,
    /// What the server asks for → the address it has.
    addresses: BTreeMap<String, String>,
    /// cargo-leptos' own list: kind → hash.
    hashes: BTreeMap<String, String>,
}

impl Site {
    /// Starts a folder beside the one it will replace: a site is there whole or not at all.
    pub(super) fn create(site: &Path, settings: &SiteSettings, release: bool) -> Result<Self> {
        let folder = site.with_extension(format!("new-{}", std::process::id()));
        fs::create_dir_all(folder.join(&settings.site_pkg_dir))
            .with_context(|| format!("making {}", folder.display()))?;
        Ok(Self {
            folder,
            package: settings.site_pkg_dir.clone(),
            release,
            addresses: BTreeMap::new(),
            hashes: BTreeMap::new(),
        })
    }

    /// A public file, under its own name (a browser asks for some by name) and under a hashed one.
    /// Its key in `files.json` is its path below `public/`; `boot.js` is `boot`.
    pub(super) fn copy(&mut self, name: &Path, bytes: &[u8]) -> Result<()> {
        let key = name.to_str().context("a public file's name is not UTF-8")?;
        let own = self.folder.join(name);
        if let Some(folder) = own.parent() {
            fs::create_dir_all(folder)?;
        }
        self.write(&own, bytes)?;
        let key = if key == "boot.js" { "boot" } else { key };
        let flat = name
            .file_name()
            .and_then(|name| name.to_str())
            .context("a public file without a name")?;
        self.add(key, flat, bytes)
    }

    /// A file that is only ever asked for by its hashed name.
    pub(super) fn add(&mut self, key: &str, name: &str, bytes: &[u8]) -> Result<()> {
        let hash = short_hash(bytes);
        let (stem, extension) = name.rsplit_once('.').context("a file without an extension")?;
        let hashed = format!("{stem}.{hash}.{extension}");
        self.write(&self.folder.join(&self.package).join(&hashed), bytes)?;
        self.addresses.insert(key.to_owned(), format!("/{}/{hashed}", self.package));
        self.hashes.insert(key.to_owned(), hash);
        Ok(())
    }

    /// The address of what was added under this key.
    pub(super) fn address(&self, key: &str) -> Option<&str> {
        self.addresses.get(key).map(String::as_str)
    }

    /// Writes the lists and what the site was made of, and takes the old one's place.
    pub(super) fn finish(&self, site: &Path, stamp: &str) -> Result<()> {
        let list = serde_json::to_string_pretty(&self.addresses)?;
        fs::write(self.folder.join("files.json"), list)?;
        let hashes: String = self
            .hashes
            .iter()
            .filter(|(kind, _)| matches!(kind.as_str(), "css" | "js" | "wasm"))
            .map(|(kind, hash)| format!("{kind}: {hash}\n"))
            .collect();
        fs::write(self.folder.join("hash.txt"), hashes)?;
        fs::write(self.folder.join(STAMP), stamp)?;
        if site.exists() {
            fs::remove_dir_all(site).with_context(|| format!("removing {}", site.display()))?;
        }
        fs::rename(&self.folder, site).with_context(|| format!("writing {}", site.display()))
    }

    /// A file, and beside it what browsers accept compressed.
    fn write(&self, path: &Path, bytes: &[u8]) -> Result<()> {
        fs::write(path, bytes).with_context(|| format!("writing {}", path.display()))?;
        let compressible = ["css", "js", "wasm", "svg", "json", "webmanifest", "txt", "html"]
            .iter()
            .any(|kind| has_extension(path, kind));
        if !compressible {
            return Ok(());
        }
        let (brotli, gzip) = (brotli(bytes, self.release)?, gzip(bytes)?);
        fs::write(beside(path, "br"), &brotli)?;
        fs::write(beside(path, "gz"), &gzip)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        println!(
            "web: {name:<40} {:>8} B, br {:>7}, gz {:>7}",
            bytes.len(),
            brotli.len(),
            gzip.len()
        );
        Ok(())
    }
}

/// All files below a folder, in one order on every machine. None when the folder is missing.
pub(super) fn below(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        if !folder.is_dir() {
            continue;
        }
        for entry in
            fs::read_dir(&folder).with_context(|| format!("reading {}", folder.display()))?
        {
            let path = entry?.path();
            if path.is_dir() { open.push(path) } else { found.push(path) }
        }
    }
    found.sort();
    Ok(found)
}

/// One hash over some bytes and over the names and contents of whole folders.
pub(super) fn fingerprint(parts: &[&[u8]], folders: &[&Path]) -> Result<String> {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update(Sha256::digest(part));
    }
    for folder in folders {
        for file in below(folder)? {
            hasher.update(file.strip_prefix(folder)?.to_string_lossy().as_bytes());
            hasher.update(Sha256::digest(fs::read(&file)?));
        }
    }
    Ok(hex(&hasher.finalize()))
}

fn short_hash(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes)).chars().take(16).collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn beside(path: &Path, extension: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".");
    name.push(extension);
    name.into()
}

fn brotli(bytes: &[u8], release: bool) -> Result<Vec<u8>> {
    let quality = if release { 11 } else { 4 };
    let parameters =
        brotli::enc::BrotliEncoderParams { quality, size_hint: bytes.len(), ..Default::default() };
    let mut out = Vec::new();
    brotli::BrotliCompress(&mut &*bytes, &mut out, &parameters).context("brotli")?;
    Ok(out)
}

fn gzip(bytes: &[u8]) -> Result<Vec<u8>> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish().context("gzip")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_content_has_an_equal_name_and_other_content_another() {
        assert_eq!(short_hash(b"a"), short_hash(b"a"));
        assert_ne!(short_hash(b"a"), short_hash(b"b"));
        assert_eq!(short_hash(b"a").len(), 16);
    }

    #[test]
    fn a_renamed_file_is_another_input() {
        let folder = std::env::temp_dir().join(format!("tokkatot-inputs-{}", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("a.css"), "x").unwrap();
        let before = fingerprint(&[], &[&folder]).unwrap();
        fs::rename(folder.join("a.css"), folder.join("b.css")).unwrap();
        let after = fingerprint(&[], &[&folder]).unwrap();
        fs::remove_dir_all(&folder).unwrap();
        assert_ne!(before, after);
    }
}
