//! A pool under one role, opened only when PostgreSQL is there and its schema is this program's.
use crate::config::DatabaseUrl;
use anyhow::{Context as _, Result, bail};
use std::time::Duration;
use store::{Database, DatabaseSettings, health::Schema};

/// A database that is just starting gets this long.
const PATIENCE: Duration = Duration::from_secs(5);
const PAUSE: Duration = Duration::from_millis(250);

/// No statement of a page takes longer: the page itself is given up after 4.5 s, and what it asked for
/// must not go on for nobody while the next page opens another connection.
const PAGE_STATEMENT: Duration = Duration::from_secs(4);

/// A pool, and how to connect apart from it.
#[derive(Clone)]
pub(super) struct Pool {
    /// The pool.
    pub(super) database: Database,
    /// For a connection apart from it.
    pub(super) settings: DatabaseSettings,
}

impl Pool {
    /// Opens the web's, after a look at the database under its role.
    pub(super) async fn of_pages(
        url: Option<&DatabaseUrl>,
        slow_query: Duration,
    ) -> Result<Option<Self>> {
        let Some(url) = url else { return Ok(None) };
        let statement_timeout = PAGE_STATEMENT;
        let settings = DatabaseSettings { slow_query, statement_timeout, ..url.settings() };
        Self::open(url, settings).await.map(Some)
    }

    /// Opens the worker's, after a look at the database under its role.
    pub(super) async fn of_work(
        url: Option<&DatabaseUrl>,
        slow_query: Duration,
    ) -> Result<Option<Self>> {
        let Some(url) = url else { return Ok(None) };
        let settings = DatabaseSettings { slow_query, ..url.settings() };
        Self::open(url, settings).await.map(Some)
    }

    async fn open(url: &DatabaseUrl, settings: DatabaseSettings) -> Result<Self> {
        reach(url, &settings).await?;
        let database = Database::new(&settings).await?;
        Ok(Self { database, settings })
    }
}

/// Connects as one role and looks at the schema.
async fn reach(url: &DatabaseUrl, settings: &DatabaseSettings) -> Result<()> {
    let began = std::time::Instant::now();
    let mut connection = loop {
        match store::connect(settings).await {
            Ok(connection) => break connection,
            Err(error) if began.elapsed() > PATIENCE => {
                return Err(error).with_context(|| {
                    format!("PostgreSQL cannot be used as {url} (fix: start it, or correct the URL of this role; `tokkatot doctor` says more)")
                });
            }
            Err(_) => tokio::time::sleep(PAUSE).await,
        }
    };
    match store::health::schema(&mut connection).await? {
        Schema::Current => {}
        Schema::Older(missing) => bail!(
            "the database's schema is older than this program, {} migrations are missing (fix: run `tokkatot migrate`)",
            missing.len()
        ),
        Schema::Newer(versions) => bail!(
            "the database's schema is newer than this program, which does not know {} (fix: install the release that ran `tokkatot migrate`)",
            versions.join(", ")
        ),
    }
    Ok(())
}
