//! A person's own password. Only its hash comes here.
use crate::{
    Database, Origin, StoreError,
    pg::PgTime,
    scope::run,
    sessions::{self, TokenHash},
    statement::Statement,
};
use diesel::{
    OptionalExtension as _,
    sql_types::{BigInt, Text},
};
use diesel_async::RunQueryDsl as _;
use domain::{Timestamp, UserId, events::EventKind};
use serde_json::json;

/// What a person's password is checked by before they change it; nothing if the account is deleted.
pub async fn password_hash(
    database: &Database,
    user: UserId,
) -> Result<Option<String>, StoreError> {
    run(database, user, &[], async |conn| {
        let sql = "SELECT hash FROM own_password_hash() AS hash WHERE hash IS NOT NULL";
        Ok(Statement::<Text>::new(sql, &[]).get_result(conn).await.optional()?)
    })
    .await
}

/// Sets a new password and ends all sessions but `this`, of which it tells the tokens.
pub async fn change_password(
    database: &Database,
    user: UserId,
    (password_hash, this): (&str, &TokenHash),
    origin: &Origin<'_>,
) -> Result<Vec<TokenHash>, StoreError> {
    run(database, user, &[], async |conn| {
        let sql = "UPDATE users SET password_hash = ? WHERE id = ? AND deleted_at IS NULL";
        Statement::<()>::new(sql, &[&password_hash, &user.0]).run(conn).await?;
        let ended = sessions::end_all_but(conn, user, Some(this), origin.at).await?;
        let data = json!({ "sessions": ended.len() });
        origin.record(conn, EventKind::PasswordChanged, (Some(user), None), data).await?;
        Ok(ended)
    })
    .await
}

/// How many sessions ended when a person changed their password, if they did after `since`.
pub async fn sessions_ended_by_change(
    database: &Database,
    user: UserId,
    since: Timestamp,
) -> Result<Option<usize>, StoreError> {
    run(database, user, &[], async |conn| {
        let sql = "SELECT coalesce((event_data ->> 'sessions')::bigint, 0) FROM event_logs
            WHERE user_id = ? AND event_type = 'password_changed' AND created_at > ?
            ORDER BY created_at DESC LIMIT 1";
        let ended: Option<i64> = Statement::<BigInt>::new(sql, &[&user.0, &PgTime(since)])
            .get_result(conn)
            .await
            .optional()?;
        Ok(ended.map(|ended| usize::try_from(ended).unwrap_or_default()))
    })
    .await
}

/// Keeps a better hash of the password that a person has just signed in with. Nothing that they did: no
/// event. False if the password was changed meanwhile.
pub async fn rehash(
    database: &Database,
    user: UserId,
    (old, new): (&str, &str),
) -> Result<bool, StoreError> {
    run(database, user, &[], async |conn| {
        // the app may not read a hash in a condition of its own
        let sql = "UPDATE users SET password_hash = ? WHERE id = ? AND own_password_hash() = ?";
        Ok(Statement::<()>::new(sql, &[&new, &user.0, &old]).run(conn).await? > 0)
    })
    .await
}
