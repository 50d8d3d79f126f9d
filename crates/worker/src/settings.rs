//! What ingest is told at its start.
use sha2::{Digest as _, Sha256};
use std::{fmt, time::Duration};
use store::DatabaseSettings;

/// How ingest reaches what it stands between.
#[derive(Debug, Clone)]
pub struct WorkerSettings {
    /// The broker.
    pub mqtt: MqttSettings,
    /// The database under the worker's role, for connections apart from the pool.
    pub database: DatabaseSettings,
    /// This server's name in the lease, for people.
    pub instance: String,
    /// How long the duty is held without being renewed.
    pub lease_span: Duration,
}

impl WorkerSettings {
    /// The usual settings: a standby takes over within ten seconds.
    pub fn new(mqtt: MqttSettings, database: DatabaseSettings, instance: String) -> Self {
        Self { mqtt, database, instance, lease_span: Duration::from_secs(8) }
    }
}

/// How to reach the broker.
#[derive(Clone)]
pub struct MqttSettings {
    /// Name or address of its host.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// Our user name there.
    pub username: String,
    /// Our password there.
    pub password: String,
    /// One name for whichever server holds the duty, so that its session and backlog go on. Nobody else may
    /// know it: Mosquitto gives a session to whoever names it, whatever their account.
    pub client_id: String,
    /// How often the other end must be heard; it counts as lost after one and a half times that.
    pub keep_alive: Duration,
    /// How long it may take until connection and subscription are confirmed. A connection that stood
    /// for so long from then on was a good one: when it breaks, pauses begin with the shortest again.
    pub patience: Duration,
    /// How long another client with our name is left alone the first time it takes our session over,
    /// up to a half less by chance; each further time it is left alone for twice as long.
    pub rival_pause: Duration,
    /// How long the broker keeps what comes while no server is there.
    pub session_expiry: Duration,
}

impl MqttSettings {
    /// The usual settings for a broker.
    pub fn new(host: String, port: u16, username: String, password: String) -> Self {
        let client_id = client_id(&password);
        Self {
            host,
            port,
            username,
            password,
            client_id,
            keep_alive: Duration::from_secs(20),
            patience: Duration::from_secs(10),
            rival_pause: Duration::from_secs(60),
            session_expiry: Duration::from_secs(24 * 3600),
        }
    }
}

/// The same on all servers, and known to none who does not know the password.
fn client_id(password: &str) -> String {
    let digest =
        Sha256::new().chain_update("tokkatot client id\0").chain_update(password).finalize();
    let secret = digest.iter().take(8).fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
    format!("tokkatot-ingest-{secret:016x}")
}

impl fmt::Debug for MqttSettings {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MqttSettings")
            .field("host", &self.host)
            .field("port", &self.port)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn servers_with_one_password_share_a_session_that_nobody_else_can_name() {
        assert_eq!(client_id("a secret"), client_id("a secret"));
        assert_ne!(client_id("a secret"), client_id("another"));
        assert!(!client_id("a secret").contains("secret"));
    }
}
