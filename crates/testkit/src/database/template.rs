//! The migrated database that the others are cloned from.
//!
//! Its name carries the day (its partitions reach a few days ahead) and a hash of the migrations, so
//! that a change makes a new one; the first test process to need it builds it under a lock.
use super::{
    DatabaseRole,
    server::{admin, connect, execute, text, url_of},
};
use diesel_async::AsyncPgConnection;
use std::{
    collections::hash_map::DefaultHasher,
    fs,
    hash::{Hash, Hasher},
    path::{Path, PathBuf},
    process,
};
use tokio::sync::OnceCell;

/// The template's name, once it is there and complete.
pub(super) async fn name() -> String {
    let mut admin = admin().await;
    lock(&mut admin).await;
    sweep(&mut admin).await;
    let today = text(&mut admin, "SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYYMMDD')").await;
    let name = format!("tokkatot_template_{today}_{:016x}", fingerprint());
    let count = format!("SELECT count(*)::text FROM pg_database WHERE datname = '{name}'");
    if text(&mut admin, &count).await == "0" {
        build(&mut admin, &name).await;
    }
    name
}

/// Makes sure that the roles exist.
pub(super) async fn ensure_roles() {
    static DONE: OnceCell<()> = OnceCell::const_new();
    DONE.get_or_init(async || {
        let mut admin = admin().await;
        lock(&mut admin).await;
        execute(&mut admin, &read(&roles_file())).await;
    })
    .await;
}

/// Builds under another name and renames at the end, so that a template is whole or not there.
async fn build(admin: &mut AsyncPgConnection, name: &str) {
    let unfinished = format!("tokkatot_unfinished_{}", process::id());
    let owner = url_of(DatabaseRole::Owner.name(), &unfinished);
    execute(admin, &read(&roles_file())).await;
    execute(
        admin,
        &format!(
            "CREATE DATABASE {unfinished} OWNER tokkatot_owner ENCODING 'UTF8' TEMPLATE template0"
        ),
    )
    .await;
    store::migrate::run(&owner).await.expect("the migrations run on an empty database");
    slim(&owner).await;
    // Its last sessions may still be closing; a rename waits for none.
    execute(
        admin,
        &format!(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity \
             WHERE datname = '{unfinished}'"
        ),
    )
    .await;
    execute(admin, &format!("ALTER DATABASE {unfinished} RENAME TO {name}")).await;
}

/// A month of empty partitions would double the time to clone; older readings go to the default one.
async fn slim(owner: &str) {
    let mut connection = connect(owner).await;
    execute(
        &mut connection,
        "DO $$ DECLARE old regclass; BEGIN \
            FOR old IN SELECT partition FROM partition_spans('readings') \
                WHERE upper(span) <= now() - interval '2 days' \
            LOOP EXECUTE format('DROP TABLE %s', old); END LOOP; END $$",
    )
    .await;
    execute(&mut connection, "VACUUM (ANALYZE)").await;
}

/// Drops what processes left behind that are no more, and the templates of past days.
async fn sweep(admin: &mut AsyncPgConnection) {
    let names = text(
        admin,
        "SELECT coalesce(string_agg(datname, ' '), '') FROM pg_database \
         WHERE datname ~ '^tokkatot_(test|unfinished)_[0-9]+' OR (datname ~ '^tokkatot_template_' \
         AND datname < 'tokkatot_template_' || to_char(now() - interval '2 days', 'YYYYMMDD'))",
    )
    .await;
    for name in names.split_whitespace() {
        let process = name.split('_').nth(2).unwrap_or_default();
        if !Path::new("/proc").join(process).exists() {
            execute(admin, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
        }
    }
}

/// One process at a time; the lock ends with the connection.
async fn lock(admin: &mut AsyncPgConnection) {
    execute(admin, "SELECT pg_advisory_lock(hashtext('tokkatot testkit'))").await;
}

/// Changes with the migrations, the roles, and how a template is made.
fn fingerprint() -> u64 {
    let mut hasher = DefaultHasher::new();
    include_str!("template.rs").hash(&mut hasher);
    read(&roles_file()).hash(&mut hasher);
    let mut files: Vec<PathBuf> = fs::read_dir(root().join("migrations"))
        .expect("there is a folder migrations")
        .map(|folder| folder.expect("migrations can be listed").path().join("up.sql"))
        .filter(|file| file.exists())
        .collect();
    files.sort();
    for file in files {
        read(&file).hash(&mut hasher);
    }
    hasher.finish()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn roles_file() -> PathBuf {
    root().join("scripts/roles.sql")
}

fn read(file: &Path) -> String {
    fs::read_to_string(file).unwrap_or_else(|error| panic!("{}: {error}", file.display()))
}
