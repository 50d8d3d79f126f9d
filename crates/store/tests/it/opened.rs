//! A page's transaction begins with the look at the session and is handed on: to one reader, to none, or to
//! one more than there is a transaction for. There is one connection here; who waits for a second waits in
//! vain.
use crate::{
    scopes::{filled, left},
    sql,
    world::second_admin,
};
use diesel_async::AsyncPgConnection;
use domain::{FarmId, Timestamp};
use std::time::Duration;
use store::{
    Database, DatabaseSettings, FarmScope, Opened, PoolUsage, StoreError, devices,
    devices::DeviceFilter,
    sessions::{self, Account, TokenHash},
};
use testkit::{DatabaseRole, TestDatabase};

/// The one connection is there, and nobody has it.
const BACK: PoolUsage = PoolUsage { open: 1, idle: 1 };

struct World {
    database: TestDatabase,
    pool: Database,
    ours: FarmId,
    theirs: FarmId,
    them: FarmScope,
}

impl World {
    async fn new() -> Self {
        let (database, [ours, theirs]) = filled().await;
        let settings = DatabaseSettings {
            statement_timeout: Duration::from_secs(2),
            ..DatabaseSettings::new(database.url(DatabaseRole::App), 1)
        };
        let pool = Database::new(&settings).await.unwrap();
        Self { database, pool, ours: ours.farm(), theirs: theirs.farm(), them: theirs }
    }

    async fn open(&self, session: &str, farm: FarmId) -> (Option<Account>, Opened) {
        let (token, now) = (TokenHash::of(session), Timestamp::from_micros(0));
        sessions::open(&self.pool, &token, now, farm).await.unwrap()
    }

    /// The first farm's admin before a page of it.
    async fn page(&self) -> (FarmScope, Opened) {
        let (account, opened) = self.open("session a", self.ours).await;
        (account.unwrap().scope(self.ours).unwrap(), opened)
    }

    /// Whether the connection has come back as it was.
    async fn is_clean(&self) -> bool {
        self.pool.usage() == BACK && left(&mut self.pool.get().await.unwrap()).await.is_empty()
    }

    async fn backend(&self) -> Vec<String> {
        backend(&mut self.pool.get().await.unwrap()).await
    }
}

async fn backend(connection: &mut AsyncPgConnection) -> Vec<String> {
    sql::texts(connection, "SELECT pg_backend_pid()::text AS value").await
}

/// The names of all devices that can be seen.
async fn see(
    pool: &Database,
    (scope, opened): &(FarmScope, Opened),
) -> Result<Vec<String>, StoreError> {
    let all = async |conn: &mut AsyncPgConnection| {
        Ok::<_, StoreError>(sql::texts(conn, "SELECT name AS value FROM devices").await)
    };
    opened.read(pool, scope, all).await
}

#[tokio::test]
async fn the_first_who_reads_has_the_transaction_and_the_second_one_of_their_own() {
    let world = World::new().await;
    let before = world.backend().await;
    let page = world.page().await;
    assert_eq!(world.pool.usage().idle, 0, "it waits");
    for _ in 0..2 {
        assert_eq!(see(&world.pool, &page).await.unwrap(), ["Air a"]);
    }
    page.1.settle().await;
    assert!(world.is_clean().await);
    assert_eq!(world.backend().await, before, "no connection was lost");
}

#[tokio::test]
async fn it_is_the_transaction_that_began_with_the_look() {
    let world = World::new().await;
    let (scope, opened) = world.page().await;
    let owner = world.database.owner();
    let later =
        sql::texts(&mut owner.get().await.unwrap(), "SELECT clock_timestamp()::text AS value")
            .await;
    let read = opened.read(&world.pool, &scope, async |conn| {
        let began = format!("SELECT (now() < '{}')::text AS value", later[0]);
        Ok::<_, StoreError>(sql::texts(conn, &began).await)
    });
    assert_eq!(read.await.unwrap(), ["true"]);
}

#[tokio::test]
async fn what_nobody_reads_in_is_settled() {
    let world = World::new().await;
    let before = world.backend().await;
    let (_, opened) = world.page().await;
    opened.settle().await;
    assert!(world.is_clean().await);
    opened.settle().await;
    assert_eq!(world.backend().await, before);
}

#[tokio::test]
async fn who_has_no_session_or_no_part_in_the_farm_has_no_transaction() {
    let world = World::new().await;
    let before = world.backend().await;
    let (account, _nothing) = world.open("a guess", world.ours).await;
    assert!(account.is_none());
    assert!(world.is_clean().await);
    let (account, opened) = world.open("session a", world.theirs).await;
    let account = account.unwrap();
    assert_eq!(account.scope(world.theirs), None);
    assert!(world.is_clean().await);
    let scope = account.scope(world.ours).unwrap();
    assert_eq!(see(&world.pool, &(scope, opened)).await.unwrap(), ["Air a"]);
    assert_eq!(world.backend().await, before);
}

#[tokio::test]
async fn another_scope_does_not_get_it() {
    let world = World::new().await;
    let (_, opened) = world.page().await;
    let page = (world.them, opened);
    assert_eq!(see(&world.pool, &page).await.unwrap(), ["Air b"]);
    page.1.settle().await;
    assert!(world.is_clean().await);
}

#[tokio::test]
async fn nothing_is_written_where_one_reads() {
    let world = World::new().await;
    let page = world.page().await;
    for _ in 0..2 {
        let write = async |conn: &mut AsyncPgConnection| {
            Ok::<_, StoreError>(sql::refusal(conn, "UPDATE users SET language = 'en'").await)
        };
        let refusal = page.1.read(&world.pool, &page.0, write).await.unwrap();
        assert_eq!(refusal, "cannot execute UPDATE in a read-only transaction");
    }
    page.1.settle().await;
    assert!(world.is_clean().await, "also after a statement that failed");
}

#[tokio::test]
async fn a_look_that_takes_too_long_costs_no_connection() {
    let world = World::new().await;
    let before = world.backend().await;
    let owner = world.database.owner();
    let mut holder = owner.get().await.unwrap();
    sql::execute(&mut holder, "BEGIN; LOCK TABLE user_sessions IN ACCESS EXCLUSIVE MODE").await;
    let (token, now) = (TokenHash::of("session a"), Timestamp::from_micros(0));
    let looked = sessions::open(&world.pool, &token, now, world.ours).await;
    assert!(matches!(looked, Err(StoreError::Timeout(_))), "{looked:?}");
    sql::execute(&mut holder, "ROLLBACK").await;
    assert!(world.is_clean().await);
    assert_eq!(world.backend().await, before);
}

#[tokio::test]
async fn revoked_rights_are_seen_by_a_transaction_that_waits() {
    let world = World::new().await;
    let page = world.page().await;
    let owner = world.database.owner();
    let mut owner = owner.get().await.unwrap();
    second_admin(&mut owner).await;
    let revoked = "UPDATE farm_users SET is_active = false
        WHERE farm_id = md5('farms a')::uuid AND user_id = md5('users a')::uuid";
    sql::execute(&mut owner, revoked).await;
    assert_eq!(see(&world.pool, &page).await.unwrap(), Vec::<String>::new());
    let found = page.1.read(&world.pool, &page.0, async |conn| {
        devices::list(conn, world.ours, &DeviceFilter::default()).await
    });
    assert_eq!(found.await.unwrap().len(), 0);
}
