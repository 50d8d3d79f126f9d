//! Ways into a farm: each lets one person in, once, with a role, until it expires or is taken back.
use crate::{
    Database, FarmScope, Origin, StoreError, column::Column, pg::PgTime, scope::run,
    statement::Statement,
};
use diesel::{
    OptionalExtension as _,
    sql_types::{Text, Timestamptz, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{
    FarmId, InvitationId, Timestamp, UserId, codes::Code, events::EventKind, roles::Role,
};
use serde_json::json;
use uuid::Uuid;

/// An invitation that can still be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// Identity.
    pub id: InvitationId,
    /// What is typed, scanned or sent as a link.
    pub code: Code,
    /// What the person may do on the farm.
    pub role: Role,
    /// Who invites.
    pub created_by: UserId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends by itself.
    pub expires_at: Timestamp,
}

/// Where an invitation leads, for whoever holds its code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Offer {
    /// The farm.
    pub farm: FarmId,
    /// What it is called.
    pub farm_name: String,
    /// What the person may do there.
    pub role: Role,
    /// The name of who invites.
    pub invited_by: String,
    /// When the invitation ends by itself.
    pub expires_at: Timestamp,
}

/// An identity that no invitation has.
pub fn new_id() -> InvitationId {
    InvitationId(Uuid::new_v4())
}

/// Makes an invitation under an identity that was made before the form was filled in. Nothing if who asks may
/// not give that role.
///
/// # Errors
/// A conflict of `invitations_code_key` if the code is in use: another one will do; of `invitations_pkey` if
/// the identity is: the form was sent twice.
pub async fn create(
    database: &Database,
    scope: &FarmScope,
    (id, (role, code, expires_at)): (InvitationId, (Role, &Code, Timestamp)),
    origin: &Origin<'_>,
) -> Result<Option<InvitationId>, StoreError> {
    if !scope.role().may_invite().any(|may| may == role) {
        return Ok(None);
    }
    scope
        .run(database, async |conn| {
            let sql =
                "INSERT INTO invitations (id, farm_id, code, role, created_by, created_at, expires_at)
                VALUES (?, ?, ?, ?::user_role, ?, ?, ?)";
            let (farm, user) = (scope.farm(), scope.user());
            Statement::<()>::new(
                sql,
                &[
                    &id.0,
                    &farm.0,
                    &code.as_str(),
                    &role.name(),
                    &user.0,
                    &PgTime(origin.at),
                    &PgTime(expires_at),
                ],
            )
            .run(conn)
            .await?;
            let data = json!({ "invitation": id, "role": role });
            let who = (Some(user), Some(farm));
            origin.record(conn, EventKind::InvitationMade, who, data).await?;
            Ok(Some(id))
        })
        .await
}

/// The invitations of a farm that can still be used, newest first: those with a role that who asks may
/// give. Whoever knows a code has its role.
pub async fn list_open(
    connection: &mut AsyncPgConnection,
    scope: &FarmScope,
    now: Timestamp,
) -> Result<Vec<Invitation>, StoreError> {
    let roles: Vec<&str> = scope.role().may_invite().map(Role::name).collect();
    type Columns = (SqlUuid, Text, Text, SqlUuid, Timestamptz, Timestamptz);
    type Row = (Uuid, String, String, Uuid, PgTime, PgTime);
    let sql = "SELECT id, code, role::text, created_by, created_at, expires_at FROM invitations
        WHERE farm_id = ? AND used_at IS NULL AND revoked_at IS NULL AND expires_at > ?
            AND role::text = ANY (?)
        ORDER BY created_at DESC, id";
    let rows: Vec<Row> =
        Statement::<Columns>::new(sql, &[&scope.farm().0, &PgTime(now), &Column(&roles)])
            .load(connection)
            .await?;
    let invitation = |(id, code, role, by, created, expires): Row| {
        Some(Invitation {
            id: InvitationId(id),
            code: Code::parse(&code)?,
            role: Role::parse(&role)?,
            created_by: UserId(by),
            created_at: created.into(),
            expires_at: expires.into(),
        })
    };
    Ok(rows.into_iter().filter_map(invitation).collect())
}

/// Takes an invitation back. False if there is none that can still be used, or none with a role that who
/// asks may give.
pub async fn revoke(
    database: &Database,
    scope: &FarmScope,
    invitation: InvitationId,
    origin: &Origin<'_>,
) -> Result<bool, StoreError> {
    let roles: Vec<&str> = scope.role().may_invite().map(Role::name).collect();
    scope
        .run(database, async |conn| {
            let sql = "UPDATE invitations SET revoked_at = ?
                WHERE id = ? AND farm_id = ? AND used_at IS NULL AND revoked_at IS NULL
                    AND role::text = ANY (?)";
            let (farm, user) = (scope.farm(), scope.user());
            let changed = Statement::<()>::new(
                sql,
                &[&PgTime(origin.at), &invitation.0, &farm.0, &Column(&roles)],
            )
            .run(conn)
            .await?;
            if changed > 0 {
                let data = json!({ "invitation": invitation });
                let who = (Some(user), Some(farm));
                origin.record(conn, EventKind::InvitationRevoked, who, data).await?;
            }
            Ok(changed > 0)
        })
        .await
}

/// Takes back what somebody who has lost a right invited others by.
pub(crate) async fn revoke_of(
    connection: &mut AsyncPgConnection,
    (farm, user): (FarmId, UserId),
    at: Timestamp,
) -> Result<(), StoreError> {
    let sql = "UPDATE invitations SET revoked_at = ?
        WHERE farm_id = ? AND created_by = ? AND used_at IS NULL AND revoked_at IS NULL";
    Statement::<()>::new(sql, &[&PgTime(at), &farm.0, &user.0]).run(connection).await?;
    Ok(())
}

/// Where a code leads; nothing if it was never made, is used, revoked or expired. Needs no scope.
pub async fn find(
    connection: &mut AsyncPgConnection,
    code: &Code,
    now: Timestamp,
) -> Result<Option<Offer>, StoreError> {
    type Row = (Uuid, String, String, String, PgTime);
    let sql = "SELECT farm_id, farm_name, invited_role, invited_by, expires_at
        FROM invitation_of(?, ?)";
    let row = Statement::<(SqlUuid, Text, Text, Text, Timestamptz)>::new(
        sql,
        &[&code.as_str(), &PgTime(now)],
    )
    .get_result::<Row>(connection)
    .await
    .optional()?;
    Ok(row.and_then(|(farm, farm_name, role, invited_by, expires_at)| {
        let (farm, role) = (FarmId(farm), Role::parse(&role)?);
        Some(Offer { farm, farm_name, role, invited_by, expires_at: expires_at.into() })
    }))
}

/// The farm that a person came to by a code, and still belongs to: for who sends the form twice.
pub async fn came_by(
    database: &Database,
    user: UserId,
    code: &Code,
) -> Result<Option<FarmId>, StoreError> {
    run(database, user, &[], async |conn| {
        let sql = "SELECT set_config('tokkatot.farms',
            (SELECT coalesce(string_agg(farm_id::text, ','), '') FROM own_farms()), true)";
        Statement::<()>::new(sql, &[]).run(conn).await?;
        let sql = "SELECT farm_id FROM invitations WHERE code = ? AND used_by = ?";
        let farm: Option<Uuid> = Statement::<SqlUuid>::new(sql, &[&code.as_str(), &user.0])
            .get_result(conn)
            .await
            .optional()?;
        Ok(farm.map(FarmId))
    })
    .await
}

/// Makes a person a member by a code; tells the farm and the role they have there now. Nothing if the code
/// is worth nothing, or another was faster. A stronger role that they have already stays. Their sessions get
/// new tokens.
pub async fn accept(
    database: &Database,
    user: UserId,
    code: &Code,
    origin: &Origin<'_>,
) -> Result<Option<(FarmId, Role)>, StoreError> {
    run(database, user, &[], async |conn| {
        // from here on the transaction may speak for the farm
        let sql = "SELECT farm_id, given_role FROM accept_invitation(?, ?),
            set_config('tokkatot.farms', farm_id::text, true)";
        let row: Option<(Uuid, String)> =
            Statement::<(SqlUuid, Text)>::new(sql, &[&code.as_str(), &PgTime(origin.at)])
                .get_result(conn)
                .await
                .optional()?;
        let found = row.and_then(|(farm, role)| Some((FarmId(farm), Role::parse(&role)?)));
        if let Some((farm, role)) = found {
            let sql = "SELECT rotate_sessions_of(?, ?)";
            Statement::<()>::new(sql, &[&farm.0, &user.0]).run(conn).await?;
            let data = json!({ "role": role });
            let who = (Some(user), Some(farm));
            origin.record(conn, EventKind::InvitationUsed, who, data).await?;
        }
        Ok(found)
    })
    .await
}
