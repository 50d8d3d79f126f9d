//! Closing an account. What is shared stays; the last admin of a farm stays too.
use crate::{
    Database, Origin, StoreError,
    members::{self, MemberError},
    pg::PgTime,
    scope::run,
    sessions::{self, Account, TokenHash},
    statement::Statement,
};
use diesel::sql_types::{Text, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{FarmId, events::EventKind};
use serde_json::Value;
use uuid::Uuid;

/// The farms that have no other admin, paused ones too, by name: they are handed over before the account is closed. An
/// other admin whose account is closed counts here, though not when the account is: only the database
/// knows.
pub async fn needed_by(
    database: &Database,
    account: &Account,
) -> Result<Vec<(FarmId, String)>, StoreError> {
    run(database, account.user, &[], async |conn| {
        see_all_farms(conn).await?;
        let sql = "SELECT f.id, f.name
            FROM farms f JOIN farm_users m ON m.farm_id = f.id AND m.user_id = ?
            WHERE m.role = 'admin' AND m.is_active AND m.deleted_at IS NULL AND f.deleted_at IS NULL
                AND NOT EXISTS (SELECT FROM farm_users o
                    JOIN members p ON p.farm_id = o.farm_id AND p.user_id = o.user_id
                    WHERE o.farm_id = f.id AND o.id <> m.id AND o.role = 'admin' AND o.is_active
                        AND o.deleted_at IS NULL)
            ORDER BY f.name, f.id";
        let rows: Vec<(Uuid, String)> =
            Statement::<(SqlUuid, Text)>::new(sql, &[&account.user.0]).load(conn).await?;
        Ok(rows.into_iter().map(|(id, name)| (FarmId(id), name)).collect())
    })
    .await
}

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
    run(database, user, &[], async |conn| {
        let (at, farms) = (PgTime(origin.at), see_all_farms(conn).await?);
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

/// Lets the transaction see all farms of who asks, and tells which: their session knows nothing of those
/// that are paused.
async fn see_all_farms(connection: &mut AsyncPgConnection) -> Result<Vec<FarmId>, StoreError> {
    let sql =
        "SELECT farm_id, set_config('tokkatot.farms', string_agg(farm_id::text, ',') OVER (), true)
        FROM own_farms()";
    let rows: Vec<(Uuid, String)> =
        Statement::<(SqlUuid, Text)>::new(sql, &[]).load(connection).await?;
    Ok(rows.into_iter().map(|(farm, _)| FarmId(farm)).collect())
}
