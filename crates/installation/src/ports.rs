//! Where the parts of an installation listen.

use anyhow::{Context, Result};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, UdpSocket};

/// Where everything listens.
#[derive(Clone, Copy, Debug)]
pub struct Ports {
    /// Pages.
    pub http: SocketAddr,
    /// Metrics and health, for operators alone.
    pub admin: SocketAddr,
    /// The database, on 127.0.0.1.
    pub postgres: u16,
    /// The broker.
    pub mqtt: u16,
    /// The cache, on 127.0.0.1.
    pub redis: u16,
    /// Reachable from the network, `make run LAN=1`.
    pub lan: bool,
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
        let [http, admin, postgres, mqtt, redis] = free_ports()?;
        Ok(Self { http: local(http), admin: local(admin), postgres, mqtt, redis, lan: false })
    }

    /// The first port that another program has, as what to say about it.
    pub fn taken(&self) -> Option<String> {
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
    pub fn public_url(&self) -> String {
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

/// A port of this machine that other machines do not reach.
pub(super) fn local(port: u16) -> SocketAddr {
    (Ipv4Addr::LOCALHOST, port).into()
}

/// A port of 127.0.0.1 that nobody has at this moment.
pub fn free_port() -> Result<u16> {
    let [port] = free_ports()?;
    Ok(port)
}

/// Several that nobody has at this moment, no two the same.
///
/// # Errors
/// This machine has none left.
pub fn free_ports<const COUNT: usize>() -> Result<[u16; COUNT]> {
    let mut ports = [0; COUNT];
    // All are held until all are known.
    let mut held = Vec::new();
    for port in &mut ports {
        let listener = TcpListener::bind(local(0)).context("no free port")?;
        *port = listener.local_addr()?.port();
        held.push(listener);
    }
    Ok(ports)
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
