//! One-time codes for people who forgot their password. No e-mail or SMS is sent: an admin or manager of
//! the farm reads the code out, or the operator does.
use crate::{
    Database, FarmScope, Origin, StoreError,
    pg::PgTime,
    scope::run,
    sessions::{self, TokenHash},
    statement::Statement,
};
use diesel::{
    OptionalExtension as _,
    sql_types::{Bool, Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{Timestamp, UserId, codes::Code, events::EventKind};
use serde_json::{Value, json};
use uuid::Uuid;

/// Issues a code for a member; older ones are worth nothing from then on. False if who asks has no right
/// to that: the member must be ranked below them and belong to no other farm.
///
/// # Errors
/// A conflict of `reset_codes_code_hash_key` if the code was issued before.
pub async fn issue(
    database: &Database,
    scope: &FarmScope,
    (member, code, expires_at): (UserId, &Code, Timestamp),
    origin: &Origin<'_>,
) -> Result<bool, StoreError> {
    scope
        .run(database, async |conn| {
            let sql = "SELECT issue_reset_code(?, ?, ?, ?, ?)";
            let hash = hash(code);
            let is_issued: bool = Statement::<Bool>::new(
                sql,
                &[
                    &scope.farm().0,
                    &member.0,
                    &hash.as_str(),
                    &PgTime(origin.at),
                    &PgTime(expires_at),
                ],
            )
            .get_result(conn)
            .await?;
            if is_issued {
                let who = (Some(scope.user()), Some(scope.farm()));
                let data = json!({ "member": member });
                origin.record(conn, EventKind::ResetCodeIssued, who, data).await?;
            }
            Ok(is_issued)
        })
        .await
}

/// Issues a code for any account, as the operator: the connection is the owner's, inside a transaction.
/// False if there is no such account.
pub async fn issue_by_operator(
    connection: &mut AsyncPgConnection,
    (user, code, expires_at): (UserId, &Code, Timestamp),
    origin: &Origin<'_>,
) -> Result<bool, StoreError> {
    let at = PgTime(origin.at);
    let sql = "UPDATE reset_codes SET used_at = ? WHERE user_id = ? AND used_at IS NULL";
    Statement::<()>::new(sql, &[&at, &user.0]).run(connection).await?;
    let sql = "INSERT INTO reset_codes (user_id, code_hash, created_at, expires_at)
        SELECT id, ?, ?, ? FROM users WHERE id = ? AND is_active AND deleted_at IS NULL";
    let hash = hash(code);
    let issued = Statement::<()>::new(sql, &[&hash.as_str(), &at, &PgTime(expires_at), &user.0])
        .run(connection)
        .await?;
    if issued > 0 {
        let who = (Some(user), None);
        origin.record(connection, EventKind::ResetCodeIssued, who, Value::Null).await?;
    }
    Ok(issued > 0)
}

/// Whose password a code may set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// The person.
    pub user: UserId,
    /// What they are called.
    pub name: String,
    /// When the code ends by itself.
    pub expires_at: Timestamp,
}

/// Whose password a code may set; nothing if it is worth nothing. Needs no scope.
pub async fn find(
    connection: &mut AsyncPgConnection,
    code: &Code,
    now: Timestamp,
) -> Result<Option<Open>, StoreError> {
    let sql = "SELECT user_id, name, expires_at FROM reset_code_of(?, ?)";
    let hash = hash(code);
    let row: Option<(Uuid, String, PgTime)> =
        Statement::<(SqlUuid, Text, Timestamptz)>::new(sql, &[&hash.as_str(), &PgTime(now)])
            .get_result(connection)
            .await
            .optional()?;
    Ok(row.map(|(user, name, until)| Open { user: UserId(user), name, expires_at: until.into() }))
}

/// The account of a code that was used.
#[derive(Clone, PartialEq, Eq)]
pub struct Used {
    /// The person.
    pub user: UserId,
    /// What their password is checked by.
    pub password_hash: String,
}

// A hash has no place in a log.
impl std::fmt::Debug for Used {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Used").field("user", &self.user).finish_non_exhaustive()
    }
}

/// Whose password a code has set after `since`; nothing if it has set none. Needs no scope.
pub async fn find_used(
    connection: &mut AsyncPgConnection,
    code: &Code,
    since: Timestamp,
) -> Result<Option<Used>, StoreError> {
    let sql = "SELECT user_id, password_hash FROM used_reset_code_of(?, ?)";
    let hash = hash(code);
    let row: Option<(Uuid, String)> =
        Statement::<(SqlUuid, Text)>::new(sql, &[&hash.as_str(), &PgTime(since)])
            .get_result(connection)
            .await
            .optional()?;
    Ok(row.map(|(user, password_hash)| Used { user: UserId(user), password_hash }))
}

/// Whose password a code has set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reset {
    /// The person.
    pub user: UserId,
    /// The tokens of the sessions that ended by it.
    pub ended: Vec<TokenHash>,
}

/// Sets a new password by a code and ends all sessions of the person; nothing if the code is worth
/// nothing, or another was faster.
pub async fn use_code(
    database: &Database,
    (code, password_hash): (&Code, &str),
    origin: &Origin<'_>,
) -> Result<Option<Reset>, StoreError> {
    // nobody, until the code has told who
    run(database, UserId(Uuid::nil()), &[], async |conn| {
        let sql = "SELECT person FROM reset_password(?, ?, ?) AS person,
            set_config('tokkatot.user', person::text, true) WHERE person IS NOT NULL";
        let hash = hash(code);
        let person: Option<Uuid> =
            Statement::<SqlUuid>::new(sql, &[&hash.as_str(), &password_hash, &PgTime(origin.at)])
                .get_result(conn)
                .await
                .optional()?;
        let Some(user) = person.map(UserId) else { return Ok(None) };
        let ended = sessions::ended_at(conn, user, origin.at).await?;
        let data = json!({ "sessions": ended.len() });
        origin.record(conn, EventKind::PasswordReset, (Some(user), None), data).await?;
        Ok(Some(Reset { user, ended }))
    })
    .await
}

fn hash(code: &Code) -> TokenHash {
    TokenHash::of(code.as_str())
}
