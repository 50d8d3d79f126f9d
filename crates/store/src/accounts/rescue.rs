//! What only the operator can do for people who are locked out: the connection is the owner's, inside a
//! transaction.
use crate::{Origin, StoreError, statement::Statement};
use diesel_async::AsyncPgConnection;
use domain::{UserId, events::EventKind};
use serde_json::Value;

/// Opens a closed account again. False if it is open, or was deleted.
pub async fn open_by_operator(
    connection: &mut AsyncPgConnection,
    user: UserId,
    origin: &Origin<'_>,
) -> Result<bool, StoreError> {
    let sql =
        "UPDATE users SET is_active = true WHERE id = ? AND NOT is_active AND deleted_at IS NULL";
    if Statement::<()>::new(sql, &[&user.0]).run(connection).await? == 0 {
        return Ok(false);
    }
    origin.record(connection, EventKind::AccountOpened, (Some(user), None), Value::Null).await?;
    Ok(true)
}

/// Turns a lost second factor off; its secret and the recovery codes go. False if none is on.
pub async fn turn_second_factor_off_by_operator(
    connection: &mut AsyncPgConnection,
    user: UserId,
    origin: &Origin<'_>,
) -> Result<bool, StoreError> {
    let sql = "UPDATE users SET mfa_enabled = false, totp_secret = NULL, totp_step = NULL
        WHERE id = ? AND mfa_enabled AND deleted_at IS NULL";
    if Statement::<()>::new(sql, &[&user.0]).run(connection).await? == 0 {
        return Ok(false);
    }
    let sql = "DELETE FROM recovery_codes WHERE user_id = ?";
    Statement::<()>::new(sql, &[&user.0]).run(connection).await?;
    let (kind, who) = (EventKind::SecondFactorReset, (Some(user), None));
    origin.record(connection, kind, who, Value::Null).await?;
    Ok(true)
}
