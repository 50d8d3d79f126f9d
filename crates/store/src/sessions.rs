//! Who is signed in where. PostgreSQL decides; a token is known here by its hash only.

mod own;

pub use own::{
    OwnSession, confirm, create_borrowed, end_one, end_others, list, name_device, rotate,
};
pub(crate) use own::{end_all_but, ended_at};

use crate::{
    Database, FarmScope, Origin, Scoped, StoreError,
    cache::Cache,
    events::{self, NewEvent},
    pg::PgTime,
    schema::user_sessions,
    scope::{self, run},
    statement::Statement,
};
use diesel::{
    prelude::*,
    sql_types::{Array, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{FarmId, SessionId, Timestamp, UserId, events::EventKind, roles::Role};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::{fmt::Write as _, net::IpAddr};
use uuid::Uuid;

/// The lower-case hexadecimal SHA-256 of a session token.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct TokenHash(String);

impl TokenHash {
    /// The hash of the token as the cookie carries it.
    pub fn of(token: &str) -> Self {
        let mut hex = String::with_capacity(64);
        for byte in Sha256::digest(token) {
            // writing to a String does not fail
            _ = write!(hex, "{byte:02x}");
        }
        Self(hex)
    }

    /// The hash as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A person's place on one farm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// The farm.
    pub farm: FarmId,
    /// What the person may do there.
    pub role: Role,
}

/// A live session: who it is, how they like their pages, and where they belong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Who is signed in.
    pub user: UserId,
    /// What the person is called.
    pub name: String,
    /// `km` or `en`: chosen for this session, else the account's.
    pub language: String,
    /// `latin` or `khmer`.
    pub digits: String,
    /// `12h` or `24h`.
    pub clock: String,
    /// `normal`, `large` or `largest`.
    pub text_size: String,
    /// `auto`, `light` or `dark`.
    pub theme: String,
    /// The farms, oldest first.
    pub memberships: Vec<Membership>,
    /// The farm last looked at.
    pub last_farm: Option<FarmId>,
    /// When the session was last used, to the hour.
    pub last_activity: Timestamp,
    /// When it ends unless it is used.
    pub expires_at: Timestamp,
    /// The session.
    pub session: SessionId,
    /// On somebody else's phone: using it does not put its end off.
    pub is_borrowed: bool,
    /// The session is to get a new token: the person's rights have changed, or the answer with the last one
    /// seems to be lost.
    pub must_rotate: bool,
    /// Whether it was found by its token, not by the one before.
    pub is_current: bool,
    /// Whether nobody has come yet with the token of its last rotation.
    pub is_unconfirmed: bool,
    /// The IANA time zone of account pages.
    pub timezone: String,
    /// Whether the person operates the installation.
    pub is_operator: bool,
}

impl Account {
    /// The way to a farm's data, for its members.
    pub fn scope(&self, farm: FarmId) -> Option<FarmScope> {
        let membership = self.memberships.iter().find(|membership| membership.farm == farm)?;
        Some(FarmScope::new(farm, self.user, membership.role))
    }

    /// Begins a transaction that sees the account and all farms it belongs to.
    pub async fn begin<'d>(&self, database: &'d Database) -> Result<Scoped<'d>, StoreError> {
        let farms: Vec<FarmId> = self.memberships.iter().map(|m| m.farm).collect();
        scope::begin(database, self.user, &farms).await
    }
}

/// The columns of [`AccountRow`], in its order.
type AccountColumns = (
    (Timestamptz, Timestamptz, Nullable<SqlUuid>),
    (SqlUuid, Text, Text, Text, Text, Text, Text),
    (Array<SqlUuid>, Array<Text>),
    (SqlUuid, Bool, Bool, (Bool, Bool), Text, Text),
);

#[derive(Queryable)]
struct AccountRow {
    session: (PgTime, PgTime, Option<Uuid>),
    person: (Uuid, String, String, String, String, String, String),
    memberships: (Vec<Uuid>, Vec<String>),
    standing: (Uuid, bool, bool, (bool, bool), String, String),
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        let (last_activity, expires_at, last_farm) = row.session;
        let (user, name, language, digits, clock, text_size, theme) = row.person;
        let (farms, roles) = row.memberships;
        let (session, is_borrowed, must_rotate, tokens, timezone, platform_role) = row.standing;
        let (is_current, is_unconfirmed) = tokens;
        let memberships = farms.into_iter().zip(roles).filter_map(|(farm, role)| {
            Some(Membership { farm: FarmId(farm), role: Role::parse(&role)? })
        });
        Self {
            user: UserId(user),
            name,
            language,
            digits,
            clock,
            text_size,
            theme,
            memberships: memberships.collect(),
            last_farm: last_farm.map(FarmId),
            last_activity: last_activity.into(),
            expires_at: expires_at.into(),
            session: SessionId(session),
            is_borrowed,
            must_rotate,
            is_current,
            is_unconfirmed,
            timezone,
            is_operator: platform_role == Role::Admin.name(),
        }
    }
}

/// Session, account and memberships of a token in one query; nothing if it has ended.
pub async fn find(
    conn: &mut AsyncPgConnection,
    token: &TokenHash,
    now: Timestamp,
) -> Result<Option<Account>, StoreError> {
    let row = Statement::<AccountColumns>::new(
        "SELECT last_activity, expires_at, last_farm_id, user_id, name,
            coalesce(session_language, language), digits, clock, text_size, theme, farm_ids, roles,
            session_id, is_borrowed, must_rotate, is_current, is_unconfirmed, timezone,
            platform_role
            FROM session_account(?, ?)",
        &[&token.as_str(), &PgTime(now)],
    )
    .get_result::<AccountRow>(conn)
    .await
    .optional()?;
    Ok(row.map(Account::from))
}

/// The same session as it stands now, whatever its token is by now; nothing if it has ended.
pub async fn find_again(
    database: &Database,
    account: &Account,
    now: Timestamp,
) -> Result<Option<Account>, StoreError> {
    let token = run(database, account.user, &[], async |conn| {
        let sql = "SELECT jwt_token_hash FROM user_sessions WHERE id = ?";
        let token = Statement::<Text>::new(sql, &[&account.session.0]).get_result::<String>(conn);
        Ok::<_, StoreError>(token.await.optional()?)
    })
    .await?;
    let Some(token) = token else { return Ok(None) };
    find(&mut *database.get().await?, &TokenHash(token), now).await
}

/// A session about to begin.
#[derive(Debug, Clone)]
pub struct NewSession {
    /// Who signed in.
    pub user: UserId,
    /// Its token's hash.
    pub token: TokenHash,
    /// Where the sign-in came from.
    pub address: IpAddr,
    /// The browser, as it names itself.
    pub user_agent: String,
    /// When it began.
    pub now: Timestamp,
    /// When it ends unless it is used.
    pub expires_at: Timestamp,
}

/// Begins a session, and remembers that the person signed in.
pub async fn create(database: &Database, new: &NewSession) -> Result<(), StoreError> {
    begin(database, new, false).await
}

async fn begin(database: &Database, new: &NewSession, is_borrowed: bool) -> Result<(), StoreError> {
    run(database, new.user, &[], async |conn| {
        let (now, expires_at) = (PgTime(new.now), PgTime(new.expires_at));
        let address = new.address.to_string();
        let sql = "INSERT INTO user_sessions (is_borrowed, user_id, jwt_token_hash, ip_address,
                user_agent, last_activity, created_at, expires_at)
            VALUES (?, ?, ?, ?::inet, ?, ?, ?, ?)";
        Statement::<()>::new(
            sql,
            &[
                &is_borrowed,
                &new.user.0,
                &new.token.as_str(),
                &address.as_str(),
                &new.user_agent.as_str(),
                &now,
                &now,
                &expires_at,
            ],
        )
        .run(conn)
        .await?;
        let sql = "UPDATE users SET last_login = ? WHERE id = ?";
        Statement::<()>::new(sql, &[&now, &new.user.0]).run(conn).await?;
        let user_agent = Some(new.user_agent.as_str());
        let origin = Origin { at: new.now, address: Some(new.address), user_agent };
        let data = if is_borrowed { json!({ "borrowed": true }) } else { Value::Null };
        origin.record(conn, EventKind::SignedIn, (Some(new.user), None), data).await
    })
    .await
}

/// What using a session changes.
#[derive(Debug, Clone)]
pub struct Visit {
    /// Whose session it is.
    pub user: UserId,
    /// Its token's hash.
    pub token: TokenHash,
    /// The farm last looked at.
    pub last_farm: Option<FarmId>,
    /// When it was used.
    pub now: Timestamp,
    /// When it ends unless it is used again.
    pub expires_at: Timestamp,
}

/// Notes that a session was used. One that was ended meanwhile stays ended.
pub async fn visit(database: &Database, visit: &Visit) -> Result<(), StoreError> {
    run(database, visit.user, &[], async |conn| {
        let session = user_sessions::table
            .filter(user_sessions::jwt_token_hash.eq(visit.token.as_str()))
            .filter(user_sessions::is_active)
            .filter(user_sessions::deleted_at.is_null());
        diesel::update(session)
            .set((
                user_sessions::last_activity.eq(PgTime(visit.now)),
                user_sessions::expires_at.eq(PgTime(visit.expires_at)),
                user_sessions::last_farm_id.eq(visit.last_farm.map(|farm| farm.0)),
            ))
            .execute(conn)
            .await?;
        Ok(())
    })
    .await
}

/// The end of a session.
#[derive(Debug, Clone)]
pub struct Ending<'a> {
    /// Its token's hash.
    pub token: &'a TokenHash,
    /// Where the wish came from.
    pub address: Option<IpAddr>,
    /// The browser it came from, as it names itself.
    pub user_agent: Option<&'a str>,
    /// When it ends.
    pub now: Timestamp,
}

/// Ends a session for good, also one of somebody who is locked out; then its copy in Redis goes. What has
/// ended before is recorded no second time.
pub async fn end(
    database: &Database,
    cache: &Cache,
    ending: &Ending<'_>,
) -> Result<(), StoreError> {
    // nobody, until the token has told who
    let token = run(database, UserId(Uuid::nil()), &[], async |conn| {
        let ended = Statement::<SqlUuid>::new(
            "SELECT user_id
                FROM end_session(?, ?), set_config('tokkatot.user', user_id::text, true)",
            &[&ending.token.as_str(), &PgTime(ending.now)],
        )
        .get_result::<Uuid>(conn)
        .await
        .optional()?;
        let Some(user) = ended else { return Ok::<_, StoreError>(None) };
        let event = NewEvent {
            user: Some(UserId(user)),
            address: ending.address,
            user_agent: ending.user_agent,
            ..NewEvent::new(EventKind::SignedOut, ending.now)
        };
        events::record(conn, &event).await?;
        // the browser may not have heard of its newest token
        let sql = "SELECT jwt_token_hash FROM user_sessions
            WHERE ? IN (jwt_token_hash, previous_token_hash)";
        let token = Statement::<Text>::new(sql, &[&ending.token.as_str()]).get_result(conn).await?;
        Ok(Some(TokenHash(token)))
    })
    .await?;
    cache.forget_session(token.as_ref().unwrap_or(ending.token)).await;
    Ok(())
}

/// Copies a session to Redis as it stands in PostgreSQL. It may end while it is copied: so it is looked
/// at again, and of a session that is not there no copy is left.
pub async fn mirror(
    database: &Database,
    cache: &Cache,
    token: &TokenHash,
    now: Timestamp,
) -> Result<(), StoreError> {
    if !cache.is_there() {
        return Ok(());
    }
    let look = async || find(&mut *database.get().await?, token, now).await;
    if let Some(account) = look().await? {
        cache.keep_session(token, &account).await;
        if !matches!(look().await, Ok(Some(_))) {
            cache.forget_session(token).await;
        }
    }
    Ok(())
}
