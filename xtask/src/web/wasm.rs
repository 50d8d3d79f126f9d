//! The frontend crate as a browser takes it: compiled, bound to JavaScript, and made small.

use super::files::fingerprint;
use crate::workspace::Workspace;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use wasm_bindgen_cli_support::Bindgen;

/// What browsers of 2021 know. Never `--all-features`: wasm-opt then writes what Chromium refuses.
const FEATURES: [&str; 7] = [
    "bulk-memory",
    "bulk-memory-opt",
    "nontrapping-float-to-int",
    "reference-types",
    "multivalue",
    "sign-ext",
    "mutable-globals",
];

/// What makes it smallest after brotli, measured: straightened control flow, and no inlining, which repeats code.
const PASSES: [&str; 8] = [
    "--flatten",
    "--local-cse",
    "--rereloop",
    "-Oz",
    "-Oz",
    "--always-inline-max-function-size=0",
    "--flexible-inline-max-function-size=0",
    "--one-caller-inline-max-function-size=0",
];

/// Wasm and the script that loads it.
#[derive(Debug)]
pub(super) struct ForBrowsers {
    pub(super) wasm: Vec<u8>,
    pub(super) script: String,
}

/// Compiles the frontend; cargo itself knows whether there is anything to do.
pub(super) fn compile(workspace: &Workspace, release: bool) -> Result<Vec<u8>> {
    let profile = if release { workspace.site.lib_profile_release.as_str() } else { "wasm-dev" };
    let package = workspace.site.lib_package.as_str();
    let target = "wasm32-unknown-unknown";
    let status = workspace
        .cargo()
        .args(["build", "--lib", "--package", package, "--target", target, "--profile", profile])
        .status()
        .context("starting cargo")?;
    ensure!(status.success(), "the frontend does not compile");
    let module = workspace.target.join(target).join(profile).join(format!("{package}.wasm"));
    fs::read(&module).with_context(|| format!("reading {}", module.display()))
}

/// Binds and shrinks. The result is kept in the target folder by the hash of what went in, because
/// wasm-opt takes half a minute.
pub(super) fn for_browsers(
    workspace: &Workspace,
    module: &[u8],
    release: bool,
) -> Result<ForBrowsers> {
    let profile = if release { "release" } else { "dev" };
    let recipe = format!("{profile} {FEATURES:?} {}", include_str!("wasm.rs"));
    let kept = workspace.target.join("web").join(fingerprint(&[module, recipe.as_bytes()], &[])?);
    let (kept_wasm, kept_script) = (kept.join("module.wasm"), kept.join("module.js"));
    if let (Ok(wasm), Ok(script)) = (fs::read(&kept_wasm), fs::read_to_string(&kept_script)) {
        return Ok(ForBrowsers { wasm, script });
    }
    fs::create_dir_all(&kept)?;
    let mut built = bind(&workspace.site.output_name, module, release)?;
    if release {
        built.wasm =
            optimise(workspace, &built.wasm, &kept.join(format!("{}.wasm", std::process::id())))?;
        built.script = String::from_utf8(minify(workspace, built.script.as_bytes())?)?;
    }
    fs::write(kept_script, &built.script)?;
    fs::write(kept_wasm, &built.wasm)?;
    Ok(built)
}

fn bind(name: &str, module: &[u8], release: bool) -> Result<ForBrowsers> {
    let mut bindgen = Bindgen::new();
    bindgen
        .input_bytes(name, module.to_vec())
        .web(true)?
        .typescript(false)
        .remove_name_section(release)
        .remove_producers_section(true)
        .omit_default_module_path(true);
    let mut output = bindgen.generate_output().context("wasm-bindgen")?;
    let snippets =
        output.snippets().values().map(Vec::len).sum::<usize>() + output.local_modules().len();
    ensure!(snippets == 0, "a dependency wants JavaScript files of its own, which nothing serves");
    let script = output.js().to_owned();
    Ok(ForBrowsers { wasm: output.wasm_mut().emit_wasm(), script })
}

fn optimise(workspace: &Workspace, wasm: &[u8], before: &PathBuf) -> Result<Vec<u8>> {
    println!("web: wasm-opt (half a minute)");
    fs::write(before, wasm)?;
    let after = before.with_extension("small");
    let status = Command::new("node")
        .arg(tool(workspace, "wasm-opt")?)
        .args(PASSES)
        .args(FEATURES.map(|feature| format!("--enable-{feature}")))
        .arg(before)
        .arg("-o")
        .arg(&after)
        .status()
        .context("starting node for wasm-opt")?;
    ensure!(status.success(), "wasm-opt failed");
    let small = fs::read(&after)?;
    fs::remove_file(before)?;
    fs::remove_file(after)?;
    Ok(small)
}

/// JavaScript without what only people read.
pub(super) fn minify(workspace: &Workspace, script: &[u8]) -> Result<Vec<u8>> {
    let mut child = Command::new(tool(workspace, "esbuild")?)
        .args(["--minify", "--format=esm", "--loader=js", "--target=chrome80"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .context("starting esbuild")?;
    child.stdin.take().context("esbuild takes no input")?.write_all(script)?;
    let out = child.wait_with_output()?;
    ensure!(out.status.success(), "esbuild failed");
    Ok(out.stdout)
}

fn tool(workspace: &Workspace, name: &str) -> Result<PathBuf> {
    let path = workspace.path("end2end/node_modules/.bin").join(name);
    ensure!(path.exists(), "{} is missing: run `make setup`", path.display());
    Ok(path)
}
