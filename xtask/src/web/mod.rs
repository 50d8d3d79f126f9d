//! The browser's half as files: wasm and its glue, one style sheet, fonts and icons, each under a name that
//! holds its hash, so that a browser may keep it for a year; compressed once here and never at run time.
//! `files.json` tells the server which name stands for what.

mod files;
mod style;
mod wasm;

use crate::workspace::Workspace;
use anyhow::{Context, Result};
use files::{Site, fingerprint};
use std::fs;
use std::path::Path;

/// This recipe itself is one of the inputs: a changed step builds again.
const RECIPE: &str = concat!(
    include_str!("mod.rs"),
    include_str!("files.rs"),
    include_str!("style.rs"),
    include_str!("wasm.rs")
);

/// Builds the site unless it is already what the sources say.
///
/// # Errors
/// When cargo, esbuild or wasm-opt fail, or when a style names a file that `public/` lacks.
pub(crate) fn build(workspace: &Workspace, release: bool) -> Result<()> {
    let module = wasm::compile(workspace, release)?;
    let style = workspace.path(&workspace.site.style_file);
    let style_folder = style.parent().context("the style file has no folder")?;
    let public = workspace.path(&workspace.site.assets_dir);

    let profile = if release { "release" } else { "dev" };
    let inputs =
        fingerprint(&[RECIPE.as_bytes(), profile.as_bytes(), &module], &[style_folder, &public])?;
    let folder = workspace.site_folder();
    if fs::read_to_string(folder.join(files::STAMP)).is_ok_and(|old| old == inputs) {
        println!("web: unchanged");
        return Ok(());
    }

    let browser = wasm::for_browsers(workspace, &module, release)?;
    let mut site = Site::create(&folder, &workspace.site, release)?;
    for file in files::below(&public)? {
        let name = file.strip_prefix(&public)?.to_path_buf();
        let mut bytes = fs::read(&file)?;
        if release && has_extension(&name, "js") {
            bytes = wasm::minify(workspace, &bytes)?;
        }
        site.copy(&name, &bytes)?;
    }
    let css = style::bundle(&style, |name| site.address(name))?;
    let stem = workspace.site.output_name.clone();
    site.add("css", &format!("{stem}.css"), css.as_bytes())?;
    site.add("js", &format!("{stem}.js"), browser.script.as_bytes())?;
    site.add("wasm", &format!("{stem}.wasm"), &browser.wasm)?;
    site.finish(&folder, &inputs)
}

fn has_extension(path: &Path, extension: &str) -> bool {
    path.extension().is_some_and(|found| found == extension)
}
