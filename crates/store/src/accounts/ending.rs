//! Closing an account. What is shared stays; the last admin of a farm stays too.
use crate::{
    Database, Origin, StoreError,
    members::{self, MemberError},
    pg::PgTime,
    scope::run,
    sessions::{self, Account, TokenHash},
    statement::Statement,
};
use domain::events::EventKind;
use serde_json::Value;

/// Closes an account until the operator opens it again, and ends its sessions, of which it tells the
/// tokens.
pub async fn deactivate(
    database: &Database,
    account: &Account,
    origin: &Origin<'_>,
) -> Result<Vec<TokenHash>, MemberError> {
    let user = account.user;
    run(database, user, &[], async |conn| {
        let sql = "UPDATE users SET is_active = false WHERE id = ? AND deleted_at IS NULL";
        Statement::<()>::new(sql, &[&user.0]).run(conn).await?;
        let ended = sessions::end_all_but(conn, user, None, origin.at).await?;
        origin.record(conn, EventKind::AccountDeactivated, (Some(user), None), Value::Null).await?;
        Ok(ended)
    })
    .await
}

/// Deletes an account: its memberships and sessions end, its e-mail address, phone number and user name are
/// free again. Tells the tokens of the sessions.
pub async fn delete(
    database: &Database,
    account: &Account,
    origin: &Origin<'_>,
) -> Result<Vec<TokenHash>, MemberError> {
    let user = account.user;
    let farms: Vec<_> = account.memberships.iter().map(|membership| membership.farm).collect();
    run(database, user, &farms, async |conn| {
        let at = PgTime(origin.at);
        // each farm tells of who leaves it; afterwards they have no part in it
        for farm in &farms {
            if members::hold(conn, (*farm, user), user).await?.is_some() {
                let who = (Some(user), Some(*farm));
                let data = serde_json::json!({ "member": user });
                origin.record(conn, EventKind::MemberLeft, who, data).await?;
                let sql = "UPDATE farm_users SET deleted_at = ?
                    WHERE farm_id = ? AND user_id = ? AND deleted_at IS NULL";
                Statement::<()>::new(sql, &[&at, &farm.0, &user.0]).run(conn).await?;
            }
        }
        let sql = "UPDATE users SET deleted_at = ? WHERE id = ? AND deleted_at IS NULL";
        Statement::<()>::new(sql, &[&at, &user.0]).run(conn).await?;
        let ended = sessions::end_all_but(conn, user, None, origin.at).await?;
        origin.record(conn, EventKind::AccountDeleted, (Some(user), None), Value::Null).await?;
        Ok::<_, StoreError>(ended)
    })
    .await
    .map_err(MemberError::from)
}
