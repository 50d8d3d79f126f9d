//! Who is signed in where. PostgreSQL decides; a token is known here by its hash only.

mod account;
mod own;

pub use account::{Account, Membership, find, find_again, open};
pub use own::{
    OwnSession, confirm, create_borrowed, end_one, end_others, list, name_device, rotate,
};
pub(crate) use own::{end_all_but, ended_at};

use crate::{
    Database, Origin, StoreError,
    cache::Cache,
    events::{self, NewEvent},
    pg::PgTime,
    schema::user_sessions,
    scope::run,
    statement::Statement,
};
use diesel::{
    prelude::*,
    sql_types::{Text, Uuid as SqlUuid},
};
use diesel_async::RunQueryDsl;
use domain::{FarmId, Timestamp, UserId, events::EventKind};
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
