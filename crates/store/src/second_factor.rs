//! The second factor of a person's sign-in, and the codes in its place for whoever lost the phone.
use crate::{
    Database, Origin, StoreError, column::Column, pg::PgTime, scope::run, sessions::TokenHash,
    statement::Statement,
};
use diesel::{
    OptionalExtension as _,
    sql_types::{BigInt, Bytea, Nullable, Timestamptz},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{Timestamp, UserId, codes::Code, events::EventKind};
use serde_json::Value;

/// What a typed code is checked by.
#[derive(Clone, PartialEq, Eq)]
pub struct SecondFactor {
    /// The secret shared with the phone.
    pub secret: Vec<u8>,
    /// The newest step whose code was taken.
    pub newest_step: Option<i64>,
}

// A secret has no place in a log.
impl std::fmt::Debug for SecondFactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SecondFactor").finish_non_exhaustive()
    }
}

/// Keeps the secret of a factor that is to be turned on, in place of any before. False if one is on.
pub async fn begin(
    database: &Database,
    user: UserId,
    secret: &[u8],
    origin: &Origin<'_>,
) -> Result<bool, StoreError> {
    run(database, user, &[], async |conn| {
        let sql =
            "UPDATE users SET totp_secret = ?, totp_step = NULL WHERE id = ? AND NOT mfa_enabled";
        if Statement::<()>::new(sql, &[&secret, &user.0]).run(conn).await? == 0 {
            return Ok(false);
        }
        origin.record(conn, EventKind::SecondFactorBegun, (Some(user), None), Value::Null).await?;
        Ok(true)
    })
    .await
}

/// A person's factor, begun or on; nothing if there is none.
pub async fn find(database: &Database, user: UserId) -> Result<Option<SecondFactor>, StoreError> {
    run(database, user, &[], async |conn| {
        let sql = "SELECT secret, step FROM second_factor() WHERE secret IS NOT NULL";
        let row: Option<(Vec<u8>, Option<i64>)> =
            Statement::<(Bytea, Nullable<BigInt>)>::new(sql, &[])
                .get_result(conn)
                .await
                .optional()?;
        Ok(row.map(|(secret, newest_step)| SecondFactor { secret, newest_step }))
    })
    .await
}

/// Turns a factor on whose code of `step` the person has typed, with the recovery codes that they were
/// shown. False if it is on already, or a code of that step was taken.
///
/// # Errors
/// A conflict of `users_mfa_check` if none was begun.
pub async fn turn_on(
    database: &Database,
    user: UserId,
    (step, recovery): (i64, &[Code]),
    origin: &Origin<'_>,
) -> Result<bool, StoreError> {
    run(database, user, &[], async |conn| {
        let sql = "UPDATE users SET mfa_enabled = true, totp_step = ?
            WHERE id = ? AND NOT mfa_enabled AND coalesce(totp_step < ?, true)";
        if Statement::<()>::new(sql, &[&step, &user.0, &step]).run(conn).await? == 0 {
            return Ok(false);
        }
        replace_recovery_codes(conn, user, recovery, origin.at).await?;
        origin.record(conn, EventKind::SecondFactorOn, (Some(user), None), Value::Null).await?;
        Ok(true)
    })
    .await
}

/// Turns a factor off; its secret and recovery codes go. False if none is on.
pub async fn turn_off(
    database: &Database,
    user: UserId,
    origin: &Origin<'_>,
) -> Result<bool, StoreError> {
    run(database, user, &[], async |conn| {
        let sql = "UPDATE users SET mfa_enabled = false, totp_secret = NULL, totp_step = NULL
            WHERE id = ? AND mfa_enabled";
        if Statement::<()>::new(sql, &[&user.0]).run(conn).await? == 0 {
            return Ok(false);
        }
        replace_recovery_codes(conn, user, &[], origin.at).await?;
        origin.record(conn, EventKind::SecondFactorOff, (Some(user), None), Value::Null).await?;
        Ok(true)
    })
    .await
}

/// Gives a person other recovery codes in place of those before. False if no factor is on.
pub async fn renew_recovery_codes(
    database: &Database,
    user: UserId,
    recovery: &[Code],
    origin: &Origin<'_>,
) -> Result<bool, StoreError> {
    run(database, user, &[], async |conn| {
        let sql = "SELECT id FROM users WHERE id = ? AND mfa_enabled FOR NO KEY UPDATE";
        if Statement::<()>::new(sql, &[&user.0]).run(conn).await? == 0 {
            return Ok(false);
        }
        replace_recovery_codes(conn, user, recovery, origin.at).await?;
        origin.record(conn, EventKind::RecoveryCodesMade, (Some(user), None), Value::Null).await?;
        Ok(true)
    })
    .await
}

/// Takes the code of a step. False if one of that step or a newer one was taken: also of two at once one.
pub async fn use_step(database: &Database, user: UserId, step: i64) -> Result<bool, StoreError> {
    run(database, user, &[], async |conn| take_step(conn, user, step).await).await
}

/// The same within a transaction.
pub(crate) async fn take_step(
    connection: &mut AsyncPgConnection,
    user: UserId,
    step: i64,
) -> Result<bool, StoreError> {
    let sql = "UPDATE users SET totp_step = ?
        WHERE id = ? AND mfa_enabled AND coalesce(totp_step < ?, true)";
    Ok(Statement::<()>::new(sql, &[&step, &user.0, &step]).run(connection).await? > 0)
}

/// Takes a recovery code, once. False if it is none of the person's.
pub(crate) async fn take_recovery_code(
    connection: &mut AsyncPgConnection,
    user: UserId,
    code: &Code,
    origin: &Origin<'_>,
) -> Result<bool, StoreError> {
    let hash = hash(user, code);
    let sql = "UPDATE recovery_codes SET used_at = ?
        WHERE user_id = ? AND code_hash = ? AND used_at IS NULL";
    let (at, hash) = (PgTime(origin.at), hash.as_str());
    let used = Statement::<()>::new(sql, &[&at, &user.0, &hash]).run(connection).await? > 0;
    if used {
        let who = (Some(user), None);
        origin.record(connection, EventKind::RecoveryCodeUsed, who, Value::Null).await?;
    }
    Ok(used)
}

/// When these recovery codes were made, used or not; nothing if they are not those that a person has now.
pub async fn recovery_codes_made_at(
    database: &Database,
    user: UserId,
    codes: &[Code],
) -> Result<Option<Timestamp>, StoreError> {
    let hashes: Vec<TokenHash> = codes.iter().map(|code| hash(user, code)).collect();
    let hashes: Vec<&str> = hashes.iter().map(TokenHash::as_str).collect();
    let count = i64::try_from(codes.len()).unwrap_or(i64::MAX);
    run(database, user, &[], async |conn| {
        let sql = "SELECT min(created_at) FROM recovery_codes
            WHERE user_id = ? AND code_hash = ANY (?) HAVING count(*) = ?";
        let hashes = Column(&hashes);
        let made: Option<PgTime> = Statement::<Timestamptz>::new(sql, &[&user.0, &hashes, &count])
            .get_result(conn)
            .await
            .optional()?;
        Ok(made.map(Timestamp::from))
    })
    .await
}

/// How many recovery codes a person has left.
pub async fn recovery_codes_left(database: &Database, user: UserId) -> Result<i64, StoreError> {
    run(database, user, &[], async |conn| {
        let sql = "SELECT count(*) FROM recovery_codes WHERE user_id = ? AND used_at IS NULL";
        Ok(Statement::<BigInt>::new(sql, &[&user.0]).get_result(conn).await?)
    })
    .await
}

async fn replace_recovery_codes(
    connection: &mut AsyncPgConnection,
    user: UserId,
    codes: &[Code],
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "DELETE FROM recovery_codes WHERE user_id = ?";
    Statement::<()>::new(sql, &[&user.0]).run(connection).await?;
    let hashes: Vec<TokenHash> = codes.iter().map(|code| hash(user, code)).collect();
    let hashes: Vec<&str> = hashes.iter().map(TokenHash::as_str).collect();
    let sql = "INSERT INTO recovery_codes (user_id, created_at, code_hash) SELECT ?, ?, unnest(?)";
    Statement::<()>::new(sql, &[&user.0, &PgTime(at), &Column(&hashes)]).run(connection).await?;
    Ok(())
}

/// With the person's id, so that one table of hashes does not fit all.
fn hash(user: UserId, code: &Code) -> TokenHash {
    TokenHash::of(&format!("{user}:{}", code.as_str()))
}
