//! Who is signed in where. PostgreSQL decides; a token is known here by its hash only.

mod own;

pub(crate) use own::end_all_but;
pub use own::{OwnSession, create_borrowed, end_one, end_others, list, name_device, rotate};

use crate::{
    Database, FarmScope, Scoped, StoreError,
    events::{self, NewEvent},
    pg::PgTime,
    scope::begin,
};
use diesel::{
    OptionalExtension, QueryableByName, sql_query,
    sql_types::{Array, Bool, Nullable, Text, Timestamptz, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{FarmId, SessionId, Timestamp, UserId, events::EventKind, roles::Role};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::{fmt::Write as _, net::IpAddr};

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
    /// The person's rights have changed: the session is to get a new token.
    pub must_rotate: bool,
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
        begin(database, self.user, &farms).await
    }
}

#[derive(QueryableByName)]
struct AccountRow {
    #[diesel(sql_type = Timestamptz)]
    last_activity: PgTime,
    #[diesel(sql_type = Timestamptz)]
    expires_at: PgTime,
    #[diesel(sql_type = Nullable<Uuid>)]
    last_farm_id: Option<uuid::Uuid>,
    #[diesel(sql_type = Uuid)]
    user_id: uuid::Uuid,
    #[diesel(sql_type = Uuid)]
    session_id: uuid::Uuid,
    #[diesel(sql_type = Bool)]
    is_borrowed: bool,
    #[diesel(sql_type = Bool)]
    must_rotate: bool,
    #[diesel(sql_type = Text)]
    timezone: String,
    #[diesel(sql_type = Text)]
    platform_role: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    language: String,
    #[diesel(sql_type = Text)]
    digits: String,
    #[diesel(sql_type = Text)]
    clock: String,
    #[diesel(sql_type = Text)]
    text_size: String,
    #[diesel(sql_type = Text)]
    theme: String,
    #[diesel(sql_type = Array<Uuid>)]
    farm_ids: Vec<uuid::Uuid>,
    #[diesel(sql_type = Array<Text>)]
    roles: Vec<String>,
}

impl From<AccountRow> for Account {
    fn from(row: AccountRow) -> Self {
        let memberships = row.farm_ids.into_iter().zip(row.roles).filter_map(|(farm, role)| {
            Some(Membership { farm: FarmId(farm), role: Role::parse(&role)? })
        });
        Self {
            user: UserId(row.user_id),
            name: row.name,
            language: row.language,
            digits: row.digits,
            clock: row.clock,
            text_size: row.text_size,
            theme: row.theme,
            memberships: memberships.collect(),
            last_farm: row.last_farm_id.map(FarmId),
            last_activity: row.last_activity.into(),
            expires_at: row.expires_at.into(),
            session: SessionId(row.session_id),
            is_borrowed: row.is_borrowed,
            must_rotate: row.must_rotate,
            timezone: row.timezone,
            is_operator: row.platform_role == Role::Admin.name(),
        }
    }
}

/// Session, account and memberships of a token in one query; nothing if it has ended.
pub async fn find(
    conn: &mut AsyncPgConnection,
    token: &TokenHash,
    now: Timestamp,
) -> Result<Option<Account>, StoreError> {
    let row = sql_query(
        "SELECT last_activity, expires_at, last_farm_id, user_id, name, session_id, is_borrowed, \
         must_rotate, timezone, platform_role, coalesce(session_language, language) AS language, digits, clock, text_size, theme, \
         farm_ids, roles FROM session_account($1, $2)",
    )
    .bind::<Text, _>(token.as_str())
    .bind::<Timestamptz, _>(PgTime(now))
    .get_result::<AccountRow>(conn)
    .await
    .optional()?;
    Ok(row.map(Account::from))
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
    let mut conn = begin(database, new.user, &[]).await?;
    sql_query(
        "INSERT INTO user_sessions \
         (user_id, jwt_token_hash, ip_address, user_agent, last_activity, created_at, expires_at) \
         VALUES ($1, $2, $3::inet, $4, $5, $5, $6)",
    )
    .bind::<Uuid, _>(new.user.0)
    .bind::<Text, _>(new.token.as_str())
    .bind::<Text, _>(new.address.to_string())
    .bind::<Text, _>(&new.user_agent)
    .bind::<Timestamptz, _>(PgTime(new.now))
    .bind::<Timestamptz, _>(PgTime(new.expires_at))
    .execute(&mut *conn)
    .await?;
    sql_query("UPDATE users SET last_login = $2 WHERE id = $1")
        .bind::<Uuid, _>(new.user.0)
        .bind::<Timestamptz, _>(PgTime(new.now))
        .execute(&mut *conn)
        .await?;
    let event = NewEvent {
        user: Some(new.user),
        address: Some(new.address),
        user_agent: Some(&new.user_agent),
        ..NewEvent::new(EventKind::SignedIn, new.now)
    };
    events::record(&mut conn, &event).await?;
    conn.commit().await
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
pub async fn visit(database: &Database, visit: Visit) -> Result<(), StoreError> {
    let mut conn = begin(database, visit.user, &[]).await?;
    sql_query(
        "UPDATE user_sessions SET last_activity = $2, expires_at = $3, last_farm_id = $4 \
         WHERE jwt_token_hash = $1 AND is_active AND deleted_at IS NULL",
    )
    .bind::<Text, _>(visit.token.as_str().to_owned())
    .bind::<Timestamptz, _>(PgTime(visit.now))
    .bind::<Timestamptz, _>(PgTime(visit.expires_at))
    .bind::<Nullable<Uuid>, _>(visit.last_farm.map(|farm| farm.0))
    .execute(&mut *conn)
    .await?;
    conn.commit().await
}

/// Ends a session for good.
pub async fn end(database: &Database, token: &TokenHash, now: Timestamp) -> Result<(), StoreError> {
    let found = find(&mut *database.get().await?, token, now).await?;
    let Some(account) = found else { return Ok(()) };
    let mut conn = begin(database, account.user, &[]).await?;
    sql_query(
        "UPDATE user_sessions SET is_active = false, deleted_at = $2 \
         WHERE jwt_token_hash = $1 AND is_active",
    )
    .bind::<Text, _>(token.as_str())
    .bind::<Timestamptz, _>(PgTime(now))
    .execute(&mut *conn)
    .await?;
    let event = NewEvent { user: Some(account.user), ..NewEvent::new(EventKind::SignedOut, now) };
    events::record(&mut conn, &event).await?;
    conn.commit().await
}
