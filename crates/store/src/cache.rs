//! Redis, which may vanish at any moment: what it holds is a copy, what it can not do in time is left
//! undone, and nobody waits for it twice.

mod counts;

pub use counts::{Counted, Sliding};

use crate::sessions::{Account, TokenHash};
use redis::{
    AsyncConnectionConfig, Client, Cmd, FromRedisValue, RedisError, aio::MultiplexedConnection,
};
use serde_json::json;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::Mutex;

/// Whoever waits for Redis waits no longer than this.
const PATIENCE: Duration = Duration::from_millis(250);
/// After a failure it is left alone for this long.
const REST: Duration = Duration::from_secs(2);
/// How long a copy of a session lives (the specification's 24 hours).
const SESSION_SECONDS: u64 = 24 * 3600;

/// Redis, or nothing in its place. Cheap to clone; clones share the connection.
#[derive(Debug, Clone, Default)]
pub struct Cache(Option<Arc<Redis>>);

struct Redis {
    client: Client,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    connection: Option<MultiplexedConnection>,
    rest_until: Option<Instant>,
}

impl std::fmt::Debug for Redis {
    // a URL may hold a password
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redis").finish_non_exhaustive()
    }
}

impl Cache {
    /// A cache at a `redis://` URL. Connects when it is first needed.
    ///
    /// # Errors
    /// The URL is none.
    pub fn new(url: &str) -> Result<Self, RedisError> {
        let client = Client::open(url)?;
        Ok(Self(Some(Arc::new(Redis { client, state: Mutex::default() }))))
    }

    /// Whether there is a Redis at all.
    pub const fn is_there(&self) -> bool {
        self.0.is_some()
    }

    /// Keeps a copy of a session: `session:{hash}`, 24 hours.
    pub async fn keep_session(&self, token: &TokenHash, account: &Account) {
        let farm = account.last_farm.and_then(|farm| account.scope(farm));
        let farm = farm.or_else(|| account.scope(account.memberships.first()?.farm));
        let value = json!({
            "userId": account.user,
            "farmId": farm.map(|scope| scope.farm()),
            "role": farm.map(|scope| scope.role()),
            "expiresAt": account.expires_at.as_millis(),
        });
        let mut command = redis::cmd("SET");
        command.arg(session_key(token)).arg(value.to_string()).arg("EX").arg(SESSION_SECONDS);
        self.run::<()>(&command).await;
    }

    /// Drops the copy of a session.
    pub async fn forget_session(&self, token: &TokenHash) {
        self.run::<()>(redis::cmd("DEL").arg(session_key(token))).await;
    }

    /// Runs one command; nothing if Redis is away or slow.
    pub(crate) async fn run<T: FromRedisValue>(&self, command: &Cmd) -> Option<T> {
        let redis = self.0.as_ref()?;
        let mut connection = redis.connection().await?;
        match command.query_async(&mut connection).await {
            Ok(answer) => Some(answer),
            Err(error) => {
                redis.failed(&error).await;
                None
            }
        }
    }
}

impl Redis {
    async fn connection(&self) -> Option<MultiplexedConnection> {
        let mut state = self.state.lock().await;
        if let Some(connection) = &state.connection {
            return Some(connection.clone());
        }
        if state.rest_until.is_some_and(|until| Instant::now() < until) {
            return None;
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(PATIENCE))
            .set_response_timeout(Some(PATIENCE));
        match self.client.get_multiplexed_async_connection_with_config(&config).await {
            Ok(connection) => {
                state.connection = Some(connection.clone());
                Some(connection)
            }
            Err(error) => {
                tracing::warn!(error = %error, "Redis can not be reached; going on without it");
                state.rest_until = Some(Instant::now() + REST);
                None
            }
        }
    }

    async fn failed(&self, error: &RedisError) {
        tracing::warn!(error = %error, "Redis did not do as told; going on without it");
        let mut state = self.state.lock().await;
        state.connection = None;
        state.rest_until = Some(Instant::now() + REST);
    }
}

fn session_key(token: &TokenHash) -> String {
    format!("session:{}", token.as_str())
}
