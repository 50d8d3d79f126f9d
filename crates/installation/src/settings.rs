//! The file `env` that the server, people and tests read.

use super::Installation;
use super::folder::write_secret;
use anyhow::Result;

/// Writes `env`: `KEY=value` lines that a shell can source, for its owner alone.
pub(super) fn write(installation: &Installation) -> Result<()> {
    let lines: String =
        lines(installation)?.iter().map(|(key, value)| format!("{key}={value}\n")).collect();
    write_secret(&installation.folder.path("env"), &lines, installation.account.as_ref())
}

/// Settings of the server that `env` says nothing about, as `make run` was given them. Tests take none.
pub(super) fn from_the_caller(installation: &Installation) -> Result<Vec<(String, String)>> {
    if installation.folder.is_temporary() {
        return Ok(Vec::new());
    }
    let own = lines(installation)?;
    Ok(std::env::vars()
        .filter(|(key, _)| key.starts_with("TOKKATOT_") && !key.starts_with("TOKKATOT_TEST_"))
        .filter(|(key, _)| own.iter().all(|(ours, _)| ours != key))
        .collect())
}

fn lines(installation: &Installation) -> Result<Vec<(&'static str, String)>> {
    let (ports, secrets) = (&installation.ports, &installation.secrets);
    let database = |role: &str| -> Result<String> {
        let password = secrets.of(role)?;
        Ok(format!("postgres://tokkatot_{role}:{password}@127.0.0.1:{}/tokkatot", ports.postgres))
    };
    let path = |relative: &str| installation.folder.path(relative).display().to_string();
    let mut lines = vec![
        ("TOKKATOT_HTTP_ADDR", ports.http.to_string()),
        ("TOKKATOT_ADMIN_ADDR", ports.admin.to_string()),
        ("TOKKATOT_PUBLIC_URL", ports.public_url()),
        ("TOKKATOT_LAN", ports.lan.to_string()),
        ("TOKKATOT_PG_PORT", ports.postgres.to_string()),
        ("TOKKATOT_MQTT_PORT", ports.mqtt.to_string()),
        ("TOKKATOT_REDIS_PORT", ports.redis.to_string()),
        ("TOKKATOT_DATABASE_URL", database("app")?),
        ("TOKKATOT_WORKER_DATABASE_URL", database("worker")?),
        ("TOKKATOT_OWNER_DATABASE_URL", database("owner")?),
        (
            "TOKKATOT_REDIS_URL",
            format!("redis://:{}@127.0.0.1:{}", secrets.of("redis")?, ports.redis),
        ),
        (
            "TOKKATOT_MQTT_URL",
            format!("mqtt://tokkatot-server:{}@127.0.0.1:{}", secrets.of("mqtt")?, ports.mqtt),
        ),
        ("TOKKATOT_MQTT_PASSWORD_FILE", path("data/mosquitto/passwords")),
        ("TOKKATOT_MQTT_ACL_FILE", path("data/mosquitto/acl")),
        ("TOKKATOT_MQTT_PID_FILE", path("run/mosquitto.pid")),
        ("TOKKATOT_SITE_DIR", path("site")),
    ];
    if installation.folder.is_temporary() {
        // benchmarks and browser tests are one person who reads more than any
        lines.push(("TOKKATOT_READS_A_MINUTE", "1000000".to_owned()));
    }
    Ok(lines)
}
