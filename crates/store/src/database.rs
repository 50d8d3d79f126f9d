//! A pool of connections under one database role.
use crate::StoreError;
use diesel_async::{
    AsyncPgConnection,
    pooled_connection::{AsyncDieselConnectionManager, bb8},
};
use std::time::Duration;

/// One pooled connection; it returns to the pool when dropped.
pub type Connection<'a> = bb8::PooledConnection<'a, AsyncPgConnection>;

/// How a pool behaves. The limits are the specification's (database-seed, "Performance Tuning").
#[derive(Debug, Clone)]
pub struct DatabaseSettings {
    /// `postgres://role:password@host:port/name`.
    pub url: String,
    /// Most connections at once; all pools of one process together stay within 100.
    pub max_connections: u32,
    /// How long to wait for a free connection before saying the database is not available.
    pub acquire_timeout: Duration,
    /// No statement may take longer than this.
    pub statement_timeout: Duration,
}

impl DatabaseSettings {
    /// The specification's limits for one URL: 30 s a statement, and 3 s for a connection so that a
    /// page can still answer 503 within 5 s.
    pub fn new(url: impl Into<String>, max_connections: u32) -> Self {
        Self {
            url: url.into(),
            max_connections,
            acquire_timeout: Duration::from_secs(3),
            statement_timeout: Duration::from_secs(30),
        }
    }

    /// The URL with the statement timeout as a start-up option, so that it costs no round trip.
    fn url_with_options(&self) -> String {
        let separator = if self.url.contains('?') { '&' } else { '?' };
        let millis = self.statement_timeout.as_millis();
        format!("{}{separator}options=-c%20statement_timeout%3D{millis}", self.url)
    }
}

/// A pool of connections under one role.
#[derive(Clone)]
pub struct Database {
    pool: bb8::Pool<AsyncPgConnection>,
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").field("state", &self.pool.state()).finish()
    }
}

impl Database {
    /// Makes the pool; connections are opened when they are needed, so this succeeds while the
    /// database is away.
    pub async fn new(settings: &DatabaseSettings) -> Result<Self, StoreError> {
        let manager =
            AsyncDieselConnectionManager::<AsyncPgConnection>::new(settings.url_with_options());
        let pool = bb8::Pool::builder()
            .max_size(settings.max_connections)
            .connection_timeout(settings.acquire_timeout)
            .test_on_check_out(false)
            .build_unchecked(manager);
        Ok(Self { pool })
    }

    /// A connection from the pool, or `Unavailable` once the time for waiting is over.
    pub async fn get(&self) -> Result<Connection<'_>, StoreError> {
        self.pool.get().await.map_err(|error| StoreError::Unavailable(error.to_string()))
    }
}
