//! A person's own sessions: the list of them, and what may be done with each.
use super::{NewSession, TokenHash};
use crate::{Database, Origin, StoreError, pg::PgTime, scope::run, statement::Statement};
use diesel::sql_types::{Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{SessionId, Timestamp, UserId, events::EventKind};
use serde_json::json;
use std::net::IpAddr;
use uuid::Uuid;

/// One sign-in that lasts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnSession {
    /// Identity.
    pub id: SessionId,
    /// What the person calls the phone or computer.
    pub device_name: Option<String>,
    /// The address of the sign-in.
    pub address: Option<IpAddr>,
    /// The browser of the sign-in, as it names itself.
    pub user_agent: String,
    /// When the person signed in.
    pub created_at: Timestamp,
    /// When it was last used, to the hour.
    pub last_activity: Timestamp,
    /// Whether it is the one that asks.
    pub is_this: bool,
    /// Whether it is on somebody else's phone.
    pub is_borrowed: bool,
}

/// Begins a session on somebody else's phone: it ends at `expires_at`, however much it is used.
pub async fn create_borrowed(database: &Database, new: &NewSession) -> Result<(), StoreError> {
    super::begin(database, new, true).await
}

/// A person's living sessions, the one that asks first and then the last used; `this` is the one that asks.
pub async fn list(
    database: &Database,
    user: UserId,
    this: &TokenHash,
    now: Timestamp,
) -> Result<Vec<OwnSession>, StoreError> {
    type Columns = (SqlUuid, Nullable<Text>, Text, Text, Timestamptz, Timestamptz, Flags);
    type Flags = (diesel::sql_types::Bool, diesel::sql_types::Bool);
    type Row = (Uuid, Option<String>, String, String, PgTime, PgTime, (bool, bool));
    run(database, user, &[], async |conn| {
        let sql = "SELECT id, device_name, host(ip_address), user_agent, created_at, last_activity,
                ? IN (jwt_token_hash, previous_token_hash) IS TRUE AS is_this, is_borrowed
            FROM user_sessions WHERE user_id = ? AND is_active AND deleted_at IS NULL
                AND expires_at > ? ORDER BY is_this DESC, last_activity DESC, created_at DESC, id";
        let rows: Vec<Row> =
            Statement::<Columns>::new(sql, &[&this.as_str(), &user.0, &PgTime(now)])
                .load(conn)
                .await?;
        let session = |(id, device_name, address, user_agent, created, used, flags): Row| {
            let (is_this, is_borrowed) = flags;
            OwnSession {
                id: SessionId(id),
                device_name,
                address: address.parse().ok(),
                user_agent,
                created_at: created.into(),
                last_activity: used.into(),
                is_this,
                is_borrowed,
            }
        };
        Ok(rows.into_iter().map(session).collect())
    })
    .await
}

/// Says what the person calls the phone or computer of a session; `None` for nothing. False if there is
/// no such session of theirs.
pub async fn name_device(
    database: &Database,
    user: UserId,
    (session, name): (SessionId, Option<&str>),
    origin: &Origin<'_>,
) -> Result<bool, StoreError> {
    run(database, user, &[], async |conn| {
        let sql = "UPDATE user_sessions SET device_name = ?
            WHERE id = ? AND user_id = ? AND is_active AND deleted_at IS NULL";
        if Statement::<()>::new(sql, &[&name, &session.0, &user.0]).run(conn).await? == 0 {
            return Ok(false);
        }
        let data = json!({ "session": session });
        origin.record(conn, EventKind::SessionNamed, (Some(user), None), data).await?;
        Ok(true)
    })
    .await
}

/// Ends one session of a person's, and tells which token it had, so that its copies can go; nothing if
/// there is no such session of theirs.
pub async fn end_one(
    database: &Database,
    user: UserId,
    session: SessionId,
    origin: &Origin<'_>,
) -> Result<Option<TokenHash>, StoreError> {
    run(database, user, &[], async |conn| {
        let sql = "UPDATE user_sessions SET is_active = false, deleted_at = ?
            WHERE id = ? AND user_id = ? AND is_active AND deleted_at IS NULL RETURNING jwt_token_hash";
        let ended: Vec<String> =
            Statement::<Text>::new(sql, &[&PgTime(origin.at), &session.0, &user.0]).load(conn).await?;
        let ended = ended.into_iter().next().map(TokenHash);
        if ended.is_some() {
            let data = json!({ "session": session });
            origin.record(conn, EventKind::SessionEnded, (Some(user), None), data).await?;
        }
        Ok(ended)
    })
    .await
}

/// Ends all sessions of a person's but `this`, and tells which tokens they had.
pub async fn end_others(
    database: &Database,
    user: UserId,
    this: &TokenHash,
    origin: &Origin<'_>,
) -> Result<Vec<TokenHash>, StoreError> {
    run(database, user, &[], async |conn| {
        let ended = end_all_but(conn, user, Some(this), origin.at).await?;
        let data = json!({ "sessions": ended.len() });
        origin.record(conn, EventKind::SessionsEnded, (Some(user), None), data).await?;
        Ok(ended)
    })
    .await
}

/// Ends a person's sessions, in somebody's transaction.
pub(crate) async fn end_all_but(
    connection: &mut AsyncPgConnection,
    user: UserId,
    this: Option<&TokenHash>,
    at: Timestamp,
) -> Result<Vec<TokenHash>, StoreError> {
    let this = this.map_or("", TokenHash::as_str);
    let sql = "UPDATE user_sessions SET is_active = false, deleted_at = ?
        WHERE user_id = ? AND is_active AND deleted_at IS NULL
            AND (? IN (jwt_token_hash, previous_token_hash)) IS NOT TRUE
        RETURNING jwt_token_hash";
    let ended: Vec<String> =
        Statement::<Text>::new(sql, &[&PgTime(at), &user.0, &this]).load(connection).await?;
    Ok(ended.into_iter().map(TokenHash).collect())
}

/// The tokens of a person's sessions that ended at a moment, in somebody's transaction.
pub(crate) async fn ended_at(
    connection: &mut AsyncPgConnection,
    user: UserId,
    at: Timestamp,
) -> Result<Vec<TokenHash>, StoreError> {
    let sql = "SELECT jwt_token_hash FROM user_sessions WHERE user_id = ? AND deleted_at = ?";
    let ended: Vec<String> =
        Statement::<Text>::new(sql, &[&user.0, &PgTime(at)]).load(connection).await?;
    Ok(ended.into_iter().map(TokenHash).collect())
}

/// Gives a session another token, and tells which one it had; nothing if it has ended, or another request
/// was faster. The old token is taken a while longer, since pages may be on their way with it: until half a
/// minute after the new one was first seen, ten minutes at most. It brings a new one only where the last
/// seems to be lost: nobody has come with that for half a minute.
pub async fn rotate(
    database: &Database,
    user: UserId,
    (old, new): (&TokenHash, &TokenHash),
    now: Timestamp,
) -> Result<Option<TokenHash>, StoreError> {
    run(database, user, &[], async |conn| {
        let (old, new, now) = (old.as_str(), new.as_str(), PgTime(now));
        let sql = "WITH held AS (
                SELECT id, jwt_token_hash FROM user_sessions
                WHERE user_id = ? AND is_active AND deleted_at IS NULL AND (jwt_token_hash = ?
                    OR previous_token_hash = ? AND confirmed_at IS NULL
                        AND rotated_at + interval '30 seconds' <= ?
                        AND rotated_at + interval '10 minutes' > ?)
                FOR UPDATE)
            UPDATE user_sessions s SET previous_token_hash = ?, rotated_at = ?, confirmed_at = NULL,
                jwt_token_hash = ?, must_rotate = false
            FROM held WHERE s.id = held.id RETURNING held.jwt_token_hash";
        let replaced: Vec<String> =
            Statement::<Text>::new(sql, &[&user.0, &old, &old, &now, &now, &old, &now, &new])
                .load(conn)
                .await?;
        Ok(replaced.into_iter().next().map(TokenHash))
    })
    .await
}

/// Notes that somebody has come with the token of the last rotation: the one before ends soon.
pub async fn confirm(
    database: &Database,
    user: UserId,
    token: &TokenHash,
    now: Timestamp,
) -> Result<(), StoreError> {
    run(database, user, &[], async |conn| {
        let sql = "UPDATE user_sessions SET confirmed_at = ?
            WHERE jwt_token_hash = ? AND rotated_at IS NOT NULL AND confirmed_at IS NULL";
        Statement::<()>::new(sql, &[&PgTime(now), &token.as_str()]).run(conn).await?;
        Ok(())
    })
    .await
}
