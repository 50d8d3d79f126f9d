//! A private PostgreSQL cluster with the project's three roles.

use super::Installation;
use super::folder::write_secret;
use anyhow::{Context, Result, ensure};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How clients prove who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// By the random passwords, as an operator would have it.
    Passwords,
    /// Not at all: for the databases of the Rust tests, which make their own roles.
    Trust,
}

const CLUSTER: &str = "data/postgres";
const ROLES: &str = include_str!("../../../scripts/roles.sql");

/// Makes the cluster's files. They appear under their name only when they are complete.
pub(super) fn prepare(installation: &Installation) -> Result<()> {
    let cluster = installation.folder.path(CLUSTER);
    if cluster.join("PG_VERSION").exists() {
        return Ok(());
    }
    println!("Making a PostgreSQL cluster in {}", cluster.display());
    let unfinished = installation.folder.path("data/postgres.new");
    drop(fs::remove_dir_all(&unfinished));
    let password = installation.folder.path("data/postgres-password");
    write_secret(&password, installation.secrets.of("postgres")?, installation.account.as_ref())?;
    let method = match installation.access {
        Access::Passwords => "scram-sha-256",
        Access::Trust => "trust",
    };
    let log = fs::File::create(installation.folder.path("log/initdb.log"))?;
    let status = installation
        .command(&program(installation, "initdb")?, &installation.folder.path("data"))
        .args(["--username=postgres", "--encoding=UTF8", "--locale=C.UTF-8", "--auth", method])
        .arg("--pwfile")
        .arg(&password)
        .arg("--pgdata")
        .arg(&unfinished)
        .stdin(Stdio::null())
        .stdout(log.try_clone()?)
        .stderr(log)
        .status()
        .context("starting initdb")?;
    drop(fs::remove_file(&password));
    let log = installation.folder.path("log/initdb.log");
    ensure!(status.success(), "initdb failed:\n{}", super::log::last_lines(&log));
    fs::rename(&unfinished, &cluster).context("naming the new cluster")
}

/// The server process. Sockets are off: their paths would be too long in deep folders.
pub(super) fn command(installation: &Installation) -> Result<Command> {
    let cluster = installation.folder.path(CLUSTER);
    let mut command = installation.command(&program(installation, "postgres")?, &cluster);
    command.arg("-D").arg(&cluster).arg("-p").arg(installation.ports.postgres.to_string());
    for setting in [
        "listen_addresses=127.0.0.1",
        "unix_socket_directories=",
        "max_connections=300",
        "log_min_messages=warning",
        "timezone=UTC",
    ] {
        command.arg("-c").arg(setting);
    }
    Ok(command)
}

/// Whether clients can connect.
pub(super) fn answers(installation: &Installation) -> bool {
    let Ok(program) = program(installation, "pg_isready") else { return false };
    Command::new(program)
        .args(["--quiet", "--host=127.0.0.1", "--timeout=2"])
        .arg(format!("--port={}", installation.ports.postgres))
        .status()
        .is_ok_and(|status| status.success())
}

/// Makes the roles and the database, and gives the roles their passwords. Harmless when repeated.
pub(super) fn provide_roles_and_database(installation: &Installation) -> Result<()> {
    let mut script = ROLES.to_owned();
    script.push_str("\nSET client_min_messages = warning;\n");
    for role in ["owner", "app", "worker"] {
        let password = installation.secrets.of(role)?;
        script.push_str(&format!("ALTER ROLE tokkatot_{role} LOGIN PASSWORD '{password}';\n"));
    }
    script.push_str(
        "SELECT 'CREATE DATABASE tokkatot OWNER tokkatot_owner TEMPLATE template0' \
         WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'tokkatot')\n\\gexec\n",
    );
    let mut child = psql(installation, "postgres")?
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .context("starting psql")?;
    child.stdin.take().context("psql takes no input")?.write_all(script.as_bytes())?;
    ensure!(child.wait()?.success(), "psql refused scripts/roles.sql");
    Ok(())
}

/// psql as superuser, which stops at the first error.
pub(super) fn psql(installation: &Installation, database: &str) -> Result<Command> {
    let mut command = Command::new(program(installation, "psql")?);
    command
        .args(["--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1"])
        .args(["--host=127.0.0.1", "--username=postgres"])
        .arg(format!("--port={}", installation.ports.postgres))
        .arg(format!("--dbname={database}"))
        .env("PGPASSWORD", installation.secrets.of("postgres")?);
    Ok(command)
}

/// A program of PostgreSQL: of the version that made the cluster, else of the newest one installed.
fn program(installation: &Installation, name: &str) -> Result<PathBuf> {
    let made_by = fs::read_to_string(installation.folder.path(CLUSTER).join("PG_VERSION"))
        .unwrap_or_default();
    let debian = Path::new("/usr/lib/postgresql");
    let mut versions: Vec<u32> = fs::read_dir(debian)
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|version: &u32| debian.join(version.to_string()).join("bin/postgres").exists())
        .collect();
    versions.sort_unstable();
    let wanted = made_by
        .trim()
        .parse()
        .ok()
        .filter(|version| versions.contains(version))
        .or(versions.last().copied());
    if let Some(version) = wanted {
        return Ok(debian.join(version.to_string()).join("bin").join(name));
    }
    std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        .map(|folder| folder.join(name))
        .find(|path| path.exists())
        .with_context(|| format!("PostgreSQL's {name} is missing: run `make setup`"))
}
