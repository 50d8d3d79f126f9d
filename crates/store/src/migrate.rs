//! Brings a database to the schema of this program. The migrations are compiled in; they are run as
//! `tokkatot_owner`, each in its own transaction.
use diesel::{
    ConnectionError,
    connection::{Connection, SimpleConnection},
    pg::Pg,
};
use diesel_async::{AsyncPgConnection, async_connection_wrapper::AsyncConnectionWrapper};
use diesel_migrations::{EmbeddedMigrations, MigrationHarness, embed_migrations};

/// All migrations of this program, oldest first.
const MIGRATIONS: EmbeddedMigrations = embed_migrations!("../../migrations");

/// Held while migrating, so that two servers started at once do not both do it.
const LOCK: &str = "SELECT pg_advisory_lock(hashtext('tokkatot migrate'))";

/// Why the schema could not be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum MigrateError {
    /// The database could not be reached, or refused the role.
    #[error("the database is not available: {0}")]
    Unavailable(String),
    /// A migration failed and was rolled back; those before it stay.
    #[error("the schema could not be brought up to date: {0}")]
    Failed(String),
}

type Blocking = AsyncConnectionWrapper<AsyncPgConnection>;

/// The names of the migrations that the database at `url` still lacks, oldest first. Changes
/// nothing; a database without any schema lacks all of them.
pub async fn pending(url: &str) -> Result<Vec<String>, MigrateError> {
    blocking(url, |connection| {
        let applied = applied(connection)?;
        let all = all()?;
        Ok(all.into_iter().filter(|name| !applied.contains(&version(name))).collect())
    })
    .await
}

/// Runs what is pending, as the owner, and tells the names of what was run, oldest first.
pub async fn run(url: &str) -> Result<Vec<String>, MigrateError> {
    blocking(url, |connection| {
        connection.batch_execute(LOCK).map_err(failed)?;
        let pending = connection.pending_migrations(MIGRATIONS).map_err(failed)?;
        let mut done = Vec::with_capacity(pending.len());
        for migration in pending {
            let name = migration.name().to_string();
            connection
                .run_migration(&*migration)
                .map_err(|error| MigrateError::Failed(format!("{name}: {error}")))?;
            tracing::info!(migration = name, "A migration was run.");
            done.push(name);
        }
        Ok(done)
    })
    .await
}

/// Takes back the newest migration, and the rows of what it had made with it. For tests and people
/// who know what they do.
pub async fn revert_last(url: &str) -> Result<(), MigrateError> {
    blocking(url, |connection| {
        connection.batch_execute(LOCK).map_err(failed)?;
        connection.revert_last_migration(MIGRATIONS).map(drop).map_err(failed)
    })
    .await
}

/// Runs only the oldest migration that is pending; `None` if there is none. For tests.
pub async fn run_next(url: &str) -> Result<Option<String>, MigrateError> {
    blocking(url, |connection| {
        connection.batch_execute(LOCK).map_err(failed)?;
        let pending = connection.pending_migrations(MIGRATIONS).map_err(failed)?;
        let Some(next) = pending.first() else { return Ok(None) };
        connection.run_migration(next).map_err(failed)?;
        Ok(Some(next.name().to_string()))
    })
    .await
}

/// The names of all migrations of this program, oldest first.
pub(crate) fn all() -> Result<Vec<String>, MigrateError> {
    use diesel::migration::MigrationSource;
    let migrations = MigrationSource::<Pg>::migrations(&MIGRATIONS).map_err(failed)?;
    Ok(migrations.iter().map(|migration| migration.name().to_string()).collect())
}

/// The versions the database has, without making the table that holds them.
fn applied(connection: &mut Blocking) -> Result<Vec<String>, MigrateError> {
    use diesel::{QueryableByName, RunQueryDsl, sql_query, sql_types::Text};
    #[derive(QueryableByName)]
    struct Version {
        #[diesel(sql_type = Text)]
        version: String,
    }
    let found = sql_query(
        "SELECT 'yes' AS version WHERE to_regclass('public.__diesel_schema_migrations') IS NOT NULL",
    )
    .load::<Version>(connection)
    .map_err(failed)?;
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let rows = sql_query("SELECT version FROM public.__diesel_schema_migrations ORDER BY version")
        .load::<Version>(connection)
        .map_err(failed)?;
    Ok(rows.into_iter().map(|row| row.version).collect())
}

/// The version in a migration's name: what stands before the first underscore.
pub(crate) fn version(name: &str) -> String {
    name.split('_').next().unwrap_or(name).to_owned()
}

/// Diesel's migrations block; they get a thread of their own and a connection that ends with them.
async fn blocking<T: Send + 'static>(
    url: &str,
    work: impl FnOnce(&mut Blocking) -> Result<T, MigrateError> + Send + 'static,
) -> Result<T, MigrateError> {
    let url = url.to_owned();
    let task = tokio::task::spawn_blocking(move || {
        let mut connection = Blocking::establish(&url).map_err(|error| unavailable(&error))?;
        work(&mut connection)
    });
    task.await.map_err(failed)?
}

fn unavailable(error: &ConnectionError) -> MigrateError {
    MigrateError::Unavailable(error.to_string())
}

fn failed(error: impl std::fmt::Display) -> MigrateError {
    MigrateError::Failed(error.to_string())
}
