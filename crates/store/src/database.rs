//! A pool of connections under one database role.
use crate::{StoreError, slow_queries::SlowQueries};
use diesel::{ConnectionError, ConnectionResult};
use diesel_async::{
    AsyncConnection as _, AsyncPgConnection,
    pooled_connection::{
        AsyncDieselConnectionManager, ManagerConfig, PoolableConnection as _, bb8,
    },
};
use futures::FutureExt as _;
use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

/// Who says nothing within a transaction for so long is frozen, and holds locks that others wait for: the database
/// ends it.
const FROZEN: Duration = Duration::from_secs(10);

/// One pooled connection; it returns to the pool when dropped.
pub type Connection<'a> = bb8::PooledConnection<'a, AsyncPgConnection>;

/// How a pool behaves. The limits are the specification's (database-seed, "Performance Tuning").
#[derive(Clone)]
pub struct DatabaseSettings {
    /// `postgres://role:password@host:port/name`.
    pub url: String,
    /// Most connections at once; all pools of one process together stay within 100.
    pub max_connections: u32,
    /// How long to wait for a free connection before saying the database is not available.
    pub acquire_timeout: Duration,
    /// No statement may take longer than this.
    pub statement_timeout: Duration,
    /// Statements that take this long or longer are logged.
    pub slow_query: Duration,
}

impl std::fmt::Debug for DatabaseSettings {
    /// Without the URL, which holds a password.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("DatabaseSettings")
            .field("max_connections", &self.max_connections)
            .finish_non_exhaustive()
    }
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
            slow_query: Duration::from_millis(500),
        }
    }

    /// The URL with what every connection needs as start-up options, so that they cost no round
    /// trip; what the URL says already stands.
    fn url_with_options(&self) -> String {
        let mut url = self.url.clone();
        let timeouts = format!(
            "-c%20statement_timeout%3D{}%20-c%20idle_in_transaction_session_timeout%3D{}",
            self.statement_timeout.as_millis(),
            FROZEN.as_millis()
        );
        let options = [
            ("options", timeouts.as_str()),
            ("application_name", "tokkatot"),
            ("connect_timeout", "3"),
            ("tcp_user_timeout", "20"),
            ("keepalives_idle", "20"),
        ];
        for (key, value) in options {
            let separator = if url.contains('?') { '&' } else { '?' };
            if !url.contains(&format!("{key}=")) {
                url.push_str(&format!("{separator}{key}={value}"));
            }
        }
        url
    }
}

/// A pool of connections under one role.
#[derive(Clone)]
pub struct Database {
    pool: bb8::Pool<AsyncPgConnection>,
    refusal: Refusal,
}

/// Why the last attempt to connect failed: the pool itself only says that it waited in vain.
type Refusal = Arc<Mutex<Option<String>>>;

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Database").field("usage", &self.usage()).finish()
    }
}

/// How many connections a pool has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PoolUsage {
    /// All that are open.
    pub open: u32,
    /// Those nobody uses at this moment.
    pub idle: u32,
}

impl Database {
    /// Makes the pool; connections are opened when they are needed, so this succeeds while the
    /// database is away.
    pub async fn new(settings: &DatabaseSettings) -> Result<Self, StoreError> {
        let refusal = Refusal::default();
        let mut config = ManagerConfig::default();
        config.custom_setup = {
            let (refusal, slow_query) = (Arc::clone(&refusal), settings.slow_query);
            Box::new(move |url| {
                let refusal = Arc::clone(&refusal);
                async move { remember(&refusal, open(url, slow_query).await) }.boxed()
            })
        };
        let url = settings.url_with_options();
        let manager = AsyncDieselConnectionManager::new_with_config(url, config);
        let pool = bb8::Pool::builder()
            .max_size(settings.max_connections)
            .connection_timeout(settings.acquire_timeout)
            .test_on_check_out(false)
            .build_unchecked(manager);
        Ok(Self { pool, refusal })
    }

    /// A connection from the pool, or `Unavailable` once the time for waiting is over. One that the
    /// database has closed meanwhile is passed over.
    pub async fn get(&self) -> Result<Connection<'_>, StoreError> {
        loop {
            let mut connection = self.pool.get().await.map_err(|error| self.unavailable(&error))?;
            if !connection.is_broken() {
                return Ok(connection);
            }
        }
    }

    /// The same for who does not know how long it will be in use.
    pub(crate) async fn get_owned(&self) -> Result<Connection<'static>, StoreError> {
        loop {
            let connection = self.pool.get_owned().await;
            let mut connection = connection.map_err(|error| self.unavailable(&error))?;
            if !connection.is_broken() {
                return Ok(connection);
            }
        }
    }

    /// How many connections are open and idle.
    pub fn usage(&self) -> PoolUsage {
        let state = self.pool.state();
        PoolUsage { open: state.connections, idle: state.idle_connections }
    }

    fn unavailable(&self, error: &impl std::fmt::Display) -> StoreError {
        let refusal = self.refusal.lock().unwrap_or_else(PoisonError::into_inner).clone();
        StoreError::Unavailable(refusal.unwrap_or_else(|| error.to_string()))
    }
}

/// As diesel does it, but keeping the whole reason of a refusal.
async fn open(url: &str, slow_query: Duration) -> ConnectionResult<AsyncPgConnection> {
    let opened = tokio_postgres::connect(url, tokio_postgres::NoTls).await;
    let (client, connection) = opened.map_err(|error| refused(&error))?;
    let mut connection =
        AsyncPgConnection::try_from_client_and_connection(client, connection).await?;
    connection.set_instrumentation(SlowQueries::over(slow_query));
    Ok(connection)
}

/// The error and all that stands behind it: the outermost says only that connecting failed.
fn refused(error: &dyn std::error::Error) -> ConnectionError {
    let mut words = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        words = format!("{words}: {cause}");
        source = cause.source();
    }
    ConnectionError::BadConnection(words)
}

/// One connection outside any pool, to listen for notifications or to look at a role.
///
/// # Errors
/// `Unavailable` with the reason when the database cannot be reached or refuses the role.
pub async fn connect(settings: &DatabaseSettings) -> Result<AsyncPgConnection, StoreError> {
    let url = settings.url_with_options();
    open(&url, settings.slow_query).await.map_err(|error| StoreError::Unavailable(reason(&error)))
}

fn reason(error: &ConnectionError) -> String {
    match error {
        ConnectionError::BadConnection(reason) => reason.clone(),
        error => error.to_string(),
    }
}

fn remember<T>(refusal: &Refusal, result: ConnectionResult<T>) -> ConnectionResult<T> {
    let reason = result.as_ref().err().map(reason);
    *refusal.lock().unwrap_or_else(PoisonError::into_inner) = reason;
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_the_url_stand() {
        let settings = DatabaseSettings::new("postgres://a@localhost/b?application_name=bench", 2);
        let url = settings.url_with_options();
        assert_eq!(url.matches("application_name=").count(), 1, "{url}");
        assert!(url.contains("&options=-c%20statement_timeout%3D30000"), "{url}");
    }

    #[tokio::test]
    async fn an_unreachable_database_says_why() {
        let mut settings = DatabaseSettings::new("postgres://a@127.0.0.1:1/b", 2);
        settings.acquire_timeout = Duration::from_millis(200);
        let database = Database::new(&settings).await.unwrap();
        let error = database.get().await.err().unwrap().to_string();
        assert!(error.contains("refused"), "{error}");
    }
}
