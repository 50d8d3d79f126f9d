//! Ports, and the file `env` that the server, people and tests read.

use super::Installation;
use super::folder::write_secret;
use anyhow::{Context, Result};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};

/// Where everything listens.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ports {
    pub(crate) http: SocketAddr,
    pub(crate) admin: SocketAddr,
    pub(crate) postgres: u16,
    pub(crate) mqtt: u16,
    pub(crate) redis: u16,
    /// Reachable from the network, `make run LAN=1`.
    pub(crate) lan: bool,
}

impl Ports {
    /// The usual ones, each with the variable that changes it.
    pub(super) fn from_environment() -> Result<Self> {
        let lan = std::env::var("LAN").is_ok_and(|value| !matches!(value.as_str(), "" | "0"));
        let http = if lan { "0.0.0.0:3000" } else { "127.0.0.1:3000" };
        Ok(Self {
            http: variable("TOKKATOT_HTTP_ADDR", http)?,
            admin: variable("TOKKATOT_ADMIN_ADDR", "127.0.0.1:3001")?,
            postgres: variable("TOKKATOT_PG_PORT", "25432")?,
            mqtt: variable("TOKKATOT_MQTT_PORT", "21883")?,
            redis: variable("TOKKATOT_REDIS_PORT", "26379")?,
            lan,
        })
    }

    /// Ports that nobody has at this moment.
    pub(super) fn free() -> Result<Self> {
        // All are held until all are known, so that no two are the same.
        let mut held = Vec::new();
        for _ in 0..5 {
            held.push(TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("no free port")?);
        }
        let mut ports = held.iter().filter_map(|listener| listener.local_addr().ok());
        let mut next = || ports.next().context("no free port");
        Ok(Self {
            http: next()?,
            admin: next()?,
            postgres: next()?.port(),
            mqtt: next()?.port(),
            redis: next()?.port(),
            lan: false,
        })
    }

    /// The first port that another program has, as what to say about it.
    pub(crate) fn taken(&self) -> Option<String> {
        let local = |port| SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        [
            ("TOKKATOT_HTTP_ADDR", self.http),
            ("TOKKATOT_ADMIN_ADDR", self.admin),
            ("TOKKATOT_PG_PORT", local(self.postgres)),
            ("TOKKATOT_MQTT_PORT", local(self.mqtt)),
            ("TOKKATOT_REDIS_PORT", local(self.redis)),
        ]
        .into_iter()
        .find(|(_, address)| TcpListener::bind(address).is_err())
        .map(|(name, address)| {
            format!(
                "{address} is taken by another program: stop it, or set {name} to something else"
            )
        })
    }

    /// The address to open in a browser: with `LAN=1` the one that a phone reaches.
    pub(crate) fn public_url(&self) -> String {
        let host = if self.http.ip().is_unspecified() {
            lan_address().map_or_else(|| "127.0.0.1".to_owned(), |ip| ip.to_string())
        } else {
            self.http.ip().to_string()
        };
        format!("http://{host}:{}", self.http.port())
    }

    /// The address that nodes publish to.
    pub(super) fn mqtt_bind(&self) -> &'static str {
        if self.lan { "0.0.0.0" } else { "127.0.0.1" }
    }
}

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
    Ok(vec![
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
    ])
}

fn variable<T: std::str::FromStr>(name: &str, usual: &str) -> Result<T>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    let value = std::env::var(name).unwrap_or_else(|_| usual.to_owned());
    value.parse().with_context(|| format!("{name}={value} is not understood; the usual is {usual}"))
}

/// The address by which this machine reaches others. Choosing a route sends nothing.
fn lan_address() -> Option<std::net::IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect((Ipv4Addr::new(192, 0, 2, 1), 9)).ok()?;
    socket.local_addr().ok().map(|address| address.ip())
}
