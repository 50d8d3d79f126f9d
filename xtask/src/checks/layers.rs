//! Dependencies point one way: domain ← store ← worker ← server; domain ← app ← frontend; `app` sees `store`
//! under its feature `ssr` alone. And each outside world has one home: SQL in `store`, MQTT in `worker`.

use crate::workspace::Workspace;
use anyhow::Result;
use cargo_metadata::{Dependency, DependencyKind, Metadata};

/// A crate of ours, and which others of ours it may use in what is shipped.
const MAY_USE: [(&str, &[&str]); 11] = [
    ("domain", &[]),
    ("store", &["domain"]),
    ("worker", &["domain", "store"]),
    ("simulator", &["domain"]),
    ("app", &["domain", "store"]),
    ("frontend", &["app", "domain"]),
    ("server", &["app", "domain", "simulator", "store", "worker"]),
    ("installation", &[]),
    ("bench", &["domain", "installation", "simulator", "store"]),
    ("testkit", &["app", "domain", "installation", "server", "simulator", "store", "worker"]),
    ("xtask", &["installation"]),
];

/// A crate of others', and which of ours may use it.
const HOMES: [(&str, &[&str]); 8] = [
    ("diesel", &["store", "testkit"]),
    ("diesel-async", &["store", "testkit"]),
    ("redis", &["store", "testkit"]),
    ("rumqttc", &["bench", "worker", "simulator", "testkit"]),
    ("axum", &["app", "bench", "server"]),
    ("leptos", &["app", "frontend", "server"]),
    ("fluent", &["app"]),
    ("tokio", &["app", "bench", "server", "simulator", "store", "testkit", "worker"]),
];

/// What `domain` must never reach: it also runs in the browser.
const NO_INPUT_OUTPUT: [&str; 4] = ["async-std", "hyper", "mio", "socket2"];

/// Holds the manifests against the rules.
///
/// # Errors
/// When any crate breaks one.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let metadata = workspace.metadata()?;
    super::report("layers", &findings(&metadata))
}

fn findings(metadata: &Metadata) -> Vec<String> {
    let mut findings = Vec::new();
    for package in metadata.workspace_packages() {
        let name = package.name.as_str();
        let Some((_, may_use)) = MAY_USE.iter().find(|(ours, _)| *ours == name) else {
            findings
                .push(format!("{name} is new: say in xtask/src/checks/layers.rs what it may use"));
            continue;
        };
        for dependency in
            package.dependencies.iter().filter(|found| found.kind == DependencyKind::Normal)
        {
            findings.extend(judge(name, may_use, dependency));
        }
    }
    findings
}

fn judge(package: &str, may_use: &[&str], dependency: &Dependency) -> Option<String> {
    let used = dependency.name.as_str();
    if MAY_USE.iter().any(|(ours, _)| *ours == used) {
        if !may_use.contains(&used) {
            return Some(format!("{package} must not use {used}"));
        }
        if package == "app" && used == "store" && !dependency.optional {
            return Some("app may use store under its feature ssr only".to_owned());
        }
        return None;
    }
    if package == "domain" && NO_INPUT_OUTPUT.contains(&used) {
        return Some(format!("domain does no input or output, and so needs no {used}"));
    }
    let (_, homes) = HOMES.iter().find(|(theirs, _)| *theirs == used)?;
    (!homes.contains(&package))
        .then(|| format!("{package} must not use {used}: its home is {}", homes.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dependency(name: &str, optional: bool) -> Dependency {
        serde_json::from_value(serde_json::json!({
            "name": name, "req": "*", "kind": null, "optional": optional,
            "uses_default_features": true, "features": [],
        }))
        .unwrap()
    }

    #[test]
    fn the_store_must_not_know_the_worker() {
        assert_eq!(
            judge("store", &["domain"], &dependency("worker", false)).as_deref(),
            Some("store must not use worker")
        );
    }

    #[test]
    fn the_browser_half_gets_no_store() {
        assert!(judge("app", &["domain", "store"], &dependency("store", false)).is_some());
        assert!(judge("app", &["domain", "store"], &dependency("store", true)).is_none());
    }

    #[test]
    fn sql_stays_in_the_store() {
        assert!(judge("worker", &["domain", "store"], &dependency("diesel", false)).is_some());
    }
}
