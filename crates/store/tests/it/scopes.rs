//! A scope ends with its transaction, however that ends: no connection returns to the pool inside a
//! transaction or with another request's farms.
use crate::{sql, world};
use diesel_async::{AsyncConnection as _, AsyncPgConnection};
use domain::{DeviceId, FarmId, SessionId, Timestamp, UserId, roles::Role};
use std::{
    future::Future,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};
use store::{
    Database, DatabaseSettings, FarmScope, StoreError,
    devices::{self, DeviceFilter},
    sessions::{self, Account, Membership, TokenHash},
};
use testkit::{DatabaseRole, TestDatabase};

/// Connections of the pool under test.
const CONNECTIONS: u32 = 4;
/// Requests that are cancelled, or not.
const REQUESTS: u64 = 2000;

/// A future that is dropped after some steps.
struct Cancelled<F> {
    inner: Pin<Box<F>>,
    steps: u64,
}

impl<F: Future> Future for Cancelled<F> {
    type Output = Option<F::Output>;
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        if self.steps == 0 {
            return Poll::Ready(None);
        }
        self.steps -= 1;
        self.inner.as_mut().poll(context).map(Some)
    }
}

/// A well-mixed number for each request, the same in every run.
fn mixed(n: u64) -> u64 {
    let n = (n ^ (n >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ (n >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ (n >> 31)
}

/// One request of a farm's member: it reads, and then ends well or not, in one of eight ways.
async fn request(
    pool: &Database,
    (scope, session): (FarmScope, &str),
    way: u64,
) -> Result<Vec<DeviceId>, StoreError> {
    let read = async |conn: &mut AsyncPgConnection| list(conn, scope.farm()).await;
    match way {
        0 => scope.run(pool, read).await,
        1 => {
            let fail = async |conn: &mut AsyncPgConnection| {
                let _: Vec<DeviceId> = read(conn).await?;
                Err(StoreError::Timeout("a rule was broken".to_owned()))
            };
            scope.run(pool, fail).await
        }
        2 => {
            let mut conn = scope.begin(pool).await?;
            let found = read(&mut conn).await?;
            conn.rollback().await?;
            Ok(found)
        }
        3 => {
            let mut conn = scope.begin(pool).await?;
            read(&mut conn).await // an early return
        }
        _ => page(pool, (scope, session), way).await,
    }
}

async fn list(conn: &mut AsyncPgConnection, farm: FarmId) -> Result<Vec<DeviceId>, StoreError> {
    let found = devices::list(conn, farm, &DeviceFilter::default()).await?;
    assert!(found.iter().all(|device| device.farm == farm));
    Ok(found.into_iter().map(|device| device.id).collect())
}

/// The same in a transaction that began with the look at the session.
async fn page(
    pool: &Database,
    (scope, session): (FarmScope, &str),
    way: u64,
) -> Result<Vec<DeviceId>, StoreError> {
    let (token, now) = (TokenHash::of(session), Timestamp::from_micros(0));
    let (account, opened) = sessions::open(pool, &token, now, scope.farm()).await?;
    let scope = account.and_then(|account| account.scope(scope.farm())).expect("a member");
    let read =
        async || opened.read(pool, &scope, async |conn| list(conn, scope.farm()).await).await;
    match way {
        4 => {
            let found = read().await?;
            opened.settle().await;
            Ok(found)
        }
        5 => {
            read().await?;
            read().await
        }
        6 => {
            opened.settle().await;
            Ok(Vec::new())
        }
        // nobody takes it, and nobody settles it
        _ => Ok(Vec::new()),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_cancelled_request_leaves_nothing_of_its_scope() {
    let (database, scopes) = filled().await;
    let settings = DatabaseSettings::new(database.url(DatabaseRole::App), CONNECTIONS);
    let pool = Database::new(&settings).await.unwrap();
    let requests = (0..8).map(|lane| {
        let (pool, scopes) = (pool.clone(), scopes);
        tokio::spawn(async move {
            let mut completed = 0_u64;
            for number in (lane..REQUESTS).step_by(8) {
                let random = mixed(number);
                let one = usize::from(random.is_multiple_of(2));
                let member = (scopes[one], ["session a", "session b"][one]);
                let inner = Box::pin(request(&pool, member, random >> 8 & 7));
                // enough for most to end, few enough for many to be cut off anywhere
                let cancelled = Cancelled { inner, steps: random >> 16 & 15 };
                if let Some(answer) = cancelled.await {
                    let is_refused = matches!(answer, Err(StoreError::Timeout(_)));
                    assert!(answer.is_ok() || is_refused, "{answer:?}");
                    completed += 1;
                }
                assert_eq!(left(&mut pool.get().await.unwrap()).await, "");
            }
            completed
        })
    });
    let completed: u64 =
        futures::future::join_all(requests).await.into_iter().map(Result::unwrap).sum();
    assert!(completed > REQUESTS / 10 && completed < REQUESTS * 9 / 10, "{completed} were not cut");

    let mut superuser = AsyncPgConnection::establish(&database.superuser_url()).await.unwrap();
    let open = "SELECT state || ' ' || query AS value FROM pg_stat_activity
        WHERE datname = current_database() AND usename = 'tokkatot_app' AND state <> 'idle'";
    let ended = async {
        while !sql::texts(&mut superuser, open).await.is_empty() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), ended).await.expect("all transactions end");

    let mut all = Vec::new();
    for _ in 0..CONNECTIONS {
        all.push(pool.get().await.unwrap());
    }
    for connection in &mut all {
        assert_eq!(left(connection).await, "");
    }
}

/// What a connection from the pool still knows of a request: its settings and what they show, and
/// whether it is inside a transaction, where alone `SET LOCAL` lasts.
pub async fn left(connection: &mut AsyncPgConnection) -> String {
    sql::execute(connection, "SET LOCAL tokkatot.probe = 'inside a transaction'").await;
    let query = "SELECT concat(current_setting('tokkatot.farms', true),
            current_setting('tokkatot.user', true), current_setting('tokkatot.probe', true),
            (SELECT string_agg(name, ',') FROM devices)) AS value";
    sql::texts(connection, query).await.remove(0)
}

#[tokio::test]
async fn an_error_costs_no_connection_and_keeps_no_change() {
    let (database, [scope, _]) = filled().await;
    let settings = DatabaseSettings::new(database.url(DatabaseRole::App), 1);
    let pool = Database::new(&settings).await.unwrap();
    let backend = "SELECT pg_backend_pid()::text AS value";
    let before = sql::texts(&mut pool.get().await.unwrap(), backend).await;

    let done: Result<(), StoreError> = scope
        .run(&pool, async |conn| {
            sql::execute(conn, "UPDATE users SET language = 'en'").await;
            Err(StoreError::Timeout("a rule was broken".to_owned()))
        })
        .await;
    assert!(done.is_err());
    // a statement that fails leaves the transaction in a state that only a rollback ends
    let done = scope.run(&pool, async |conn| {
        Ok(devices::list(conn, scope.farm(), &DeviceFilter::default()).await?.len())
    });
    assert_eq!(done.await.unwrap_or_else(|e: StoreError| panic!("{e}")), 1);
    let failed: Result<(), String> = scope
        .run(&pool, async |conn| Err(sql::refusal(conn, "SELECT 1 / 0").await.into()))
        .await
        .map_err(|error: Refused| error.0);
    assert_eq!(failed.unwrap_err(), "division by zero");

    assert_eq!(sql::texts(&mut pool.get().await.unwrap(), backend).await, before);
    let languages = "SELECT DISTINCT language::text AS value FROM users";
    let kept = sql::texts(&mut database.owner().get().await.unwrap(), languages).await;
    assert_eq!(kept, ["km"]);
}

/// An error of a caller's own.
#[derive(Debug)]
struct Refused(String);

impl From<String> for Refused {
    fn from(words: String) -> Self {
        Self(words)
    }
}

impl From<StoreError> for Refused {
    fn from(error: StoreError) -> Self {
        Self(error.to_string())
    }
}

/// A filled database, and the scopes of each farm's one member.
pub async fn filled() -> (TestDatabase, [FarmScope; 2]) {
    let database = testkit::database().await;
    let pool = database.owner();
    let mut owner = pool.get().await.unwrap();
    world::fill(&mut owner).await;
    let mut scope = async |farm: &str| {
        let ids = format!(
            "SELECT id::text AS value FROM (VALUES ({}), ({})) AS ids (id)",
            world::id("farms", farm),
            world::id("users", farm)
        );
        let ids = sql::texts(&mut owner, &ids).await;
        scope_of(FarmId(ids[0].parse().unwrap()), UserId(ids[1].parse().unwrap()))
    };
    let scopes = [scope("a").await, scope("b").await];
    drop(owner);
    (database, scopes)
}

/// The scope of a viewer, which only a session's account can give.
pub fn scope_of(farm: FarmId, user: UserId) -> FarmScope {
    scope_of_role(farm, user, Role::Viewer)
}

/// The same of a member with some role.
pub fn scope_of_role(farm: FarmId, user: UserId, role: Role) -> FarmScope {
    let account = Account {
        user,
        name: String::new(),
        language: "km".to_owned(),
        digits: "latin".to_owned(),
        clock: "24h".to_owned(),
        text_size: "normal".to_owned(),
        theme: "auto".to_owned(),
        memberships: vec![Membership { farm, role }],
        stops: Vec::new(),
        last_farm: None,
        last_activity: Timestamp::from_micros(0),
        expires_at: Timestamp::from_micros(0),
        session: SessionId(uuid::Uuid::nil()),
        is_borrowed: false,
        must_rotate: false,
        is_current: true,
        is_unconfirmed: false,
        timezone: "UTC".to_owned(),
        is_operator: false,
    };
    account.scope(farm).unwrap()
}
