//! Who belongs to a farm. The database lets no farm be without an admin, whoever is faster.
use crate::{
    Database, FarmScope, Origin, StoreError, invitations, pg::PgTime, statement::Statement,
};
use diesel::sql_types::{Bool, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{FarmId, Timestamp, UserId, events::EventKind, permissions::Permission, roles::Role};
use serde_json::json;
use uuid::Uuid;

/// Why a change of somebody's rights was not made.
#[derive(Debug, thiserror::Error)]
pub enum MemberError {
    /// A farm would be without an admin.
    #[error("a farm needs an admin")]
    LastAdmin,
    /// The database's reason.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for MemberError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Conflict { constraint, .. } if constraint == "farm_users_last_admin" => {
                Self::LastAdmin
            }
            other => Self::Store(other),
        }
    }
}

/// A member as the others see them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// Who it is.
    pub user: UserId,
    /// What they are called.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Since when they belong to the farm.
    pub since: Timestamp,
    /// Who brought them in; the founder names himself.
    pub invited_by: UserId,
}

/// The members of a farm, strongest role first.
pub async fn list(
    connection: &mut AsyncPgConnection,
    farm: FarmId,
) -> Result<Vec<Member>, StoreError> {
    type Row = (Uuid, String, String, PgTime, Uuid);
    let sql = "SELECT m.user_id, p.name, m.role::text, m.created_at, m.invited_by
        FROM farm_users m JOIN members p ON p.farm_id = m.farm_id AND p.user_id = m.user_id
        WHERE m.farm_id = ? AND m.deleted_at IS NULL AND m.is_active
        ORDER BY m.role, p.name, m.user_id";
    let rows: Vec<Row> =
        Statement::<(SqlUuid, Text, Text, Timestamptz, SqlUuid)>::new(sql, &[&farm.0])
            .load(connection)
            .await?;
    let member = |(user, name, role, since, by): Row| {
        Some(Member {
            user: UserId(user),
            name,
            role: Role::parse(&role)?,
            since: since.into(),
            invited_by: UserId(by),
        })
    };
    Ok(rows.into_iter().filter_map(member).collect())
}

/// Gives a member another role, and tells which they had; nothing if there is no such member, or who
/// asks does not manage members any more. Their sessions get new tokens, and what they invited others by is taken back where they lose rights.
pub async fn change_role(
    database: &Database,
    scope: &FarmScope,
    (member, role): (UserId, Role),
    origin: &Origin<'_>,
) -> Result<Option<Role>, MemberError> {
    scope
        .run(database, async |conn| {
            let farm = scope.farm();
            let held = hold(conn, (farm, scope.user()), member).await?;
            let before = held.filter(Held::may_manage).map(|held| held.member);
            let Some(before) = before.filter(|before| *before != role) else { return Ok(before) };
            let sql = "UPDATE farm_users SET role = ?::user_role
                WHERE farm_id = ? AND user_id = ? AND deleted_at IS NULL";
            Statement::<()>::new(sql, &[&role.name(), &farm.0, &member.0]).run(conn).await?;
            settle(conn, (farm, member), role < before, origin.at).await?;
            let data = json!({ "member": member, "from": before, "to": role });
            let who = (Some(scope.user()), Some(farm));
            origin.record(conn, EventKind::MemberRoleChanged, who, data).await?;
            Ok(Some(before))
        })
        .await
}

/// Removes a member. False if there is no such member, or who asks does not manage members any more.
pub async fn remove(
    database: &Database,
    scope: &FarmScope,
    member: UserId,
    origin: &Origin<'_>,
) -> Result<bool, MemberError> {
    end(database, scope, (member, EventKind::MemberRemoved), origin).await
}

/// Lets who asks leave the farm.
pub async fn leave(
    database: &Database,
    scope: &FarmScope,
    origin: &Origin<'_>,
) -> Result<bool, MemberError> {
    end(database, scope, (scope.user(), EventKind::MemberLeft), origin).await
}

async fn end(
    database: &Database,
    scope: &FarmScope,
    (member, kind): (UserId, EventKind),
    origin: &Origin<'_>,
) -> Result<bool, MemberError> {
    scope
        .run(database, async |conn| {
            let farm = scope.farm();
            let held = hold(conn, (farm, scope.user()), member).await?;
            // everybody may leave
            let may_end = held.is_some_and(|held| held.may_manage() || member == scope.user());
            if may_end {
                // whoever leaves has no part in the farm afterwards, not even to say so
                settle(conn, (farm, member), true, origin.at).await?;
                let who = (Some(scope.user()), Some(farm));
                origin.record(conn, kind, who, json!({ "member": member })).await?;
                let sql = "UPDATE farm_users SET deleted_at = ?
                    WHERE farm_id = ? AND user_id = ? AND deleted_at IS NULL";
                Statement::<()>::new(sql, &[&PgTime(origin.at), &farm.0, &member.0])
                    .run(conn)
                    .await?;
            }
            Ok(may_end)
        })
        .await
}

/// Two members of a farm, or one twice, as they stand while a transaction lasts.
pub(crate) struct Held {
    asking: Role,
    member: Role,
}

impl Held {
    /// Whether who asks manages members, by now.
    fn may_manage(&self) -> bool {
        self.asking.may(Permission::ManageMembers)
    }
}

/// The roles of who asks and of a member; nothing if one of them has no place there. While this transaction
/// lasts nobody else changes or ends these memberships: of two who remove each other at once the second
/// finds nobody, and what somebody's request still knows of their rights does not count.
pub(crate) async fn hold(
    connection: &mut AsyncPgConnection,
    (farm, asking): (FarmId, UserId),
    member: UserId,
) -> Result<Option<Held>, StoreError> {
    let sql = "SELECT user_id, role::text, is_active FROM farm_users
        WHERE farm_id = ? AND user_id IN (?, ?) AND deleted_at IS NULL ORDER BY user_id FOR UPDATE";
    let held: Vec<(Uuid, String, bool)> =
        Statement::<(SqlUuid, Text, Bool)>::new(sql, &[&farm.0, &asking.0, &member.0])
            .load(connection)
            .await?;
    let find = |who: UserId| held.iter().find(|(user, ..)| *user == who.0);
    let asking = find(asking).filter(|(.., is_active)| *is_active);
    let held = asking.zip(find(member)).and_then(|((_, asking, _), (_, member, _))| {
        Some(Held { asking: Role::parse(asking)?, member: Role::parse(member)? })
    });
    Ok(held)
}

/// What follows from a change of rights.
async fn settle(
    connection: &mut AsyncPgConnection,
    (farm, member): (FarmId, UserId),
    is_loss: bool,
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "SELECT rotate_sessions_of(?, ?)";
    Statement::<()>::new(sql, &[&farm.0, &member.0]).run(connection).await?;
    if is_loss {
        invitations::revoke_of(connection, (farm, member), at).await?;
    }
    Ok(())
}
