//! Between a right password and the second factor. A step opens nothing by itself: it says whose factor is
//! asked for, on any server, for a few minutes, until the password changes or the account is closed. Once it is
//! finished it tells that for the rest of these minutes, to who sends the same form a second time.
use crate::{
    Database, Origin, StoreError, pg::PgTime, scope::run, second_factor, sessions::TokenHash,
    statement::Statement,
};
use diesel::{
    OptionalExtension as _,
    sql_types::{Bool, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{Timestamp, UserId, codes::Code};
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

/// Whether a second factor has ended the step of a token, whose minutes are not over. Needs no scope.
pub async fn is_finished(
    connection: &mut AsyncPgConnection,
    token: &TokenHash,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let sql = "SELECT is_sign_in_finished(?, ?)";
    Ok(Statement::<Bool>::new(sql, &[&token.as_str(), &PgTime(now)]).get_result(connection).await?)
}

/// What a second factor is shown by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Proof {
    /// The step of an app's code, which fits its secret.
    Step(i64),
    /// What may be one of the recovery codes.
    Recovery(Code),
}

/// What came of a proof.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Finished {
    /// It was right, and has ended the step.
    Now,
    /// The step has ended before: of two at once one gets in.
    Before,
    /// It was used before, or is none of the person's. The step goes on.
    Wrong,
}

/// Ends a step by its second factor, which is used up by it: both or neither.
pub async fn finish(
    database: &Database,
    user: UserId,
    (token, proof): (&TokenHash, &Proof),
    origin: &Origin<'_>,
) -> Result<Finished, StoreError> {
    let finished = run(database, user, &[], async |conn| {
        // who waited for another one's row looks at it once more, but not at what the function said of it
        let sql = "UPDATE sign_in_steps s SET finished_at = ? FROM sign_in_step(?, ?) step
            WHERE s.token_hash = ? AND s.user_id = step.user_id AND s.finished_at IS NULL";
        let (token, now) = (token.as_str(), PgTime(origin.at));
        if Statement::<()>::new(sql, &[&now, &token, &now, &token]).run(conn).await? == 0 {
            return Err(Unfinished::So(Finished::Before));
        }
        let is_right = match proof {
            Proof::Step(step) => second_factor::take_step(conn, user, *step).await?,
            Proof::Recovery(code) => {
                second_factor::take_recovery_code(conn, user, code, origin).await?
            }
        };
        if is_right { Ok(Finished::Now) } else { Err(Unfinished::So(Finished::Wrong)) }
    });
    match finished.await {
        Ok(finished) | Err(Unfinished::So(finished)) => Ok(finished),
        Err(Unfinished::Failed(error)) => Err(error),
    }
}

/// Why the transaction is undone.
enum Unfinished {
    So(Finished),
    Failed(StoreError),
}

impl From<StoreError> for Unfinished {
    fn from(error: StoreError) -> Self {
        Self::Failed(error)
    }
}
