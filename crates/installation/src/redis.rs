//! A private Redis, as a cache: what it loses in a restart is rebuilt, and what was revoked must not come back
//! from a file. So it writes none.

use super::Installation;
use super::folder::write_secret;
use super::postgres::Access;
use anyhow::Result;
use std::fs;
use std::path::Path;
use std::process::Command;

/// Writes its configuration.
pub(super) fn prepare(installation: &Installation) -> Result<()> {
    let folder = installation.folder.path("data/redis");
    fs::create_dir_all(&folder)?;
    if let Some(account) = &installation.account {
        account.own(&folder)?;
    }
    let (databases, password) = match installation.access {
        // A test has a database number of its own, and the test's URL knows no password.
        Access::Trust => (1024, String::new()),
        Access::Passwords => (16, format!("requirepass {}\n", installation.secrets.of("redis")?)),
    };
    let text = format!(
        "bind 127.0.0.1\n\
         port {port}\n\
         dir {folder}\n\
         databases {databases}\n\
         save \"\"\n\
         appendonly no\n\
         maxmemory 256mb\n\
         maxmemory-policy allkeys-lru\n\
         {password}",
        port = installation.ports.redis,
        folder = folder.display(),
    );
    write_secret(&folder.join("redis.conf"), &text, installation.account.as_ref())
}

/// The server process.
pub(super) fn command(installation: &Installation) -> Result<Command> {
    let folder = installation.folder.path("data/redis");
    let mut command = installation.command(Path::new("redis-server"), &folder);
    command.arg(folder.join("redis.conf"));
    Ok(command)
}
