//! A database per test: cloned from a template that was migrated once, dropped when the test ends.
#![expect(clippy::expect_used, clippy::panic, reason = "a test without its database is over")]

mod server;
mod template;

use diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
use server::{admin, execute, superuser_url, superuser_url_of, url_of};
use std::{
    process,
    sync::atomic::{AtomicU32, Ordering},
    thread,
};
use store::{Database, DatabaseSettings};
use tokio::sync::OnceCell;

/// Connections a test may hold at once under one role.
const CONNECTIONS: u32 = 8;

/// One of the three roles that `scripts/roles.sql` makes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DatabaseRole {
    /// Owns the schema.
    Owner,
    /// The web pages.
    App,
    /// Ingest and background work.
    Worker,
}

impl DatabaseRole {
    /// The role's name in PostgreSQL.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Owner => "tokkatot_owner",
            Self::App => "tokkatot_app",
            Self::Worker => "tokkatot_worker",
        }
    }
}

/// A migrated database of one's own. Dropping it drops the database.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
    owner: Database,
    app: Database,
    worker: Database,
}

/// Makes a database for one test.
///
/// # Panics
/// If `TOKKATOT_TEST_PG_URL` is not set, or PostgreSQL does not do as it is told.
pub async fn database() -> TestDatabase {
    static TEMPLATE: OnceCell<String> = OnceCell::const_new();
    let template = TEMPLATE.get_or_init(template::name).await;
    from_template(Some(template)).await
}

/// Makes a database without any schema, for tests of the migrations themselves.
///
/// # Panics
/// As [`database`].
pub async fn empty_database() -> TestDatabase {
    template::ensure_roles().await;
    from_template(None).await
}

impl TestDatabase {
    /// A pool under `tokkatot_owner`, whom row-level security does not bind.
    pub fn owner(&self) -> Database {
        self.owner.clone()
    }

    /// A pool under `tokkatot_app`: what the web has.
    pub fn app(&self) -> Database {
        self.app.clone()
    }

    /// A pool under `tokkatot_worker`: what ingest and jobs have.
    pub fn worker(&self) -> Database {
        self.worker.clone()
    }

    /// The database's URL under a role.
    pub fn url(&self, role: DatabaseRole) -> String {
        url_of(role.name(), &self.name)
    }

    /// The database's URL for PostgreSQL's own superuser, to fill it faster than any role may.
    pub fn superuser_url(&self) -> String {
        superuser_url_of(&self.name)
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        let statement = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        // A thread, because a destructor can not await; what an ending process leaves undone is
        // swept up by the next one.
        thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
            if let Ok(runtime) = runtime {
                runtime.block_on(async {
                    if let Ok(mut admin) = AsyncPgConnection::establish(&superuser_url()).await {
                        drop(admin.batch_execute(&statement).await);
                    }
                });
            }
        });
    }
}

async fn from_template(template: Option<&str>) -> TestDatabase {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let name = format!("tokkatot_test_{}_{number}", process::id());
    let template = template.unwrap_or("template0");
    let mut admin = admin().await;
    execute(&mut admin, &format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await;
    execute(
        &mut admin,
        &format!("CREATE DATABASE {name} OWNER tokkatot_owner ENCODING 'UTF8' TEMPLATE {template}"),
    )
    .await;
    let pool = async |role: DatabaseRole| {
        let settings = DatabaseSettings::new(url_of(role.name(), &name), CONNECTIONS);
        Database::new(&settings).await.expect("a pool opens its connections later")
    };
    let (owner, app, worker) = (
        pool(DatabaseRole::Owner).await,
        pool(DatabaseRole::App).await,
        pool(DatabaseRole::Worker).await,
    );
    TestDatabase { name, owner, app, worker }
}
