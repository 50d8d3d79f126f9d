//! Between a right password and the second factor. A step opens nothing by itself: it says whose factor is
//! asked for, on any server, for a few minutes, until the password changes or the account is closed.
use crate::{
    Database, StoreError, pg::PgTime, scope::run, sessions::TokenHash, statement::Statement,
};
use diesel::{
    OptionalExtension as _,
    sql_types::{Bool, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{Timestamp, UserId};
use uuid::Uuid;

/// A step about to begin.
#[derive(Debug, Clone)]
pub struct NewStep {
    /// Whose password was right.
    pub user: UserId,
    /// What the browser carries, hashed.
    pub token: TokenHash,
    /// Whether the session is to be one on somebody else's phone.
    pub is_borrowed: bool,
    /// When it begins.
    pub now: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
}

/// A step that has begun and not ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// Whose second factor is asked for.
    pub user: UserId,
    /// The language of their pages.
    pub language: String,
    /// Whether the session is to be one on somebody else's phone.
    pub is_borrowed: bool,
}

/// Begins a step; the person's old ones that have run out go.
pub async fn begin(database: &Database, new: &NewStep) -> Result<(), StoreError> {
    run(database, new.user, &[], async |conn| {
        let sql = "DELETE FROM sign_in_steps WHERE user_id = ? AND expires_at <= ?";
        Statement::<()>::new(sql, &[&new.user.0, &PgTime(new.now)]).run(conn).await?;
        let sql = "INSERT INTO sign_in_steps (password_digest, token_hash, user_id, is_borrowed,
                created_at, expires_at)
            SELECT encode(sha256(convert_to(own_password_hash(), 'UTF8')), 'hex'), ?, ?, ?, ?, ?";
        Statement::<()>::new(
            sql,
            &[
                &new.token.as_str(),
                &new.user.0,
                &new.is_borrowed,
                &PgTime(new.now),
                &PgTime(new.expires_at),
            ],
        )
        .run(conn)
        .await?;
        Ok(())
    })
    .await
}

/// The step of a token; nothing if it has ended. Needs no scope.
pub async fn find(
    connection: &mut AsyncPgConnection,
    token: &TokenHash,
    now: Timestamp,
) -> Result<Option<Step>, StoreError> {
    let sql = "SELECT user_id, language, is_borrowed FROM sign_in_step(?, ?)";
    let row: Option<(Uuid, String, bool)> =
        Statement::<(SqlUuid, Text, Bool)>::new(sql, &[&token.as_str(), &PgTime(now)])
            .get_result(connection)
            .await
            .optional()?;
    Ok(row.map(|(user, language, is_borrowed)| Step { user: UserId(user), language, is_borrowed }))
}

/// Ends a step by its second factor. False if it has ended meanwhile: of two at once one gets in.
pub async fn finish(
    database: &Database,
    user: UserId,
    token: &TokenHash,
    now: Timestamp,
) -> Result<bool, StoreError> {
    run(database, user, &[], async |conn| {
        let sql = "DELETE FROM sign_in_steps s USING sign_in_step(?, ?) step
            WHERE s.token_hash = ? AND s.user_id = step.user_id";
        let token = token.as_str();
        Ok(Statement::<()>::new(sql, &[&token, &PgTime(now), &token]).run(conn).await? > 0)
    })
    .await
}
