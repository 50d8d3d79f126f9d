//! New accounts: by the person, or by the operator.
use crate::{Database, Origin, StoreError, pg::PgTime, scope::run, statement::Statement};
use diesel::sql_types::Uuid as SqlUuid;
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{FarmId, UserId, events::EventKind, roles::Role};
use serde_json::{Value, json};
use uuid::Uuid;

/// One of the three names that sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Login {
    /// The e-mail address.
    Email,
    /// The phone number.
    Phone,
    /// The user name.
    Username,
}

/// Why an account was not made or changed.
#[derive(Debug, thiserror::Error)]
pub enum AccountError {
    /// Another account has that name.
    #[error("another account has that name")]
    Taken(Login),
    /// The database's reason.
    #[error(transparent)]
    Store(StoreError),
}

impl From<StoreError> for AccountError {
    fn from(error: StoreError) -> Self {
        let StoreError::Conflict { constraint, .. } = &error else { return Self::Store(error) };
        match constraint.as_str() {
            "users_email_key" => Self::Taken(Login::Email),
            "users_phone_key" => Self::Taken(Login::Phone),
            "users_username_key" => Self::Taken(Login::Username),
            _ => Self::Store(error),
        }
    }
}

/// An account about to be made. One of e-mail and phone at least.
#[derive(Clone)]
pub struct NewAccount<'a> {
    /// E-mail address, normalised.
    pub email: Option<&'a str>,
    /// Phone number, normalised.
    pub phone: Option<&'a str>,
    /// What the person is called, cleaned.
    pub name: &'a str,
    /// argon2id string.
    pub password_hash: &'a str,
    /// `km` or `en`.
    pub language: &'a str,
}

// A hash has no place in a log, nor have people's names.
impl std::fmt::Debug for NewAccount<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewAccount").finish_non_exhaustive()
    }
}

/// An identity that nobody has.
pub fn new_id() -> UserId {
    UserId(Uuid::new_v4())
}

/// Makes a person's account under an identity that was made before the form was filled in.
///
/// # Errors
/// A conflict of `users_pkey` if there is an account of that identity: the form was sent twice.
pub async fn sign_up(
    database: &Database,
    (user, new): (UserId, &NewAccount<'_>),
    origin: &Origin<'_>,
) -> Result<UserId, AccountError> {
    run(database, user, &[], async |conn| {
        let sql = "INSERT INTO users (id, email, phone, name, password_hash, language, created_at)
            VALUES (?, ?, ?, ?, ?, ?, ?)";
        Statement::<()>::new(
            sql,
            &[
                &user.0,
                &new.email,
                &new.phone,
                &new.name,
                &new.password_hash,
                &new.language,
                &PgTime(origin.at),
            ],
        )
        .run(conn)
        .await?;
        origin.record(conn, EventKind::SignedUp, (Some(user), None), Value::Null).await?;
        Ok(user)
    })
    .await
}

/// An account that the operator makes.
#[derive(Debug, Clone)]
pub struct NewOperatorAccount<'a> {
    /// What everybody's account has.
    pub account: NewAccount<'a>,
    /// User name, for people with neither e-mail nor phone.
    pub username: Option<&'a str>,
    /// Whether the person operates the installation.
    pub is_operator: bool,
    /// The farm that they are to belong to, and their role there.
    pub membership: Option<(FarmId, Role)>,
}

/// Makes an account as the operator: the connection is the owner's, inside a transaction.
///
/// # Errors
/// A conflict of `farm_users_farm_id_fkey` if there is no such farm.
pub async fn create_by_operator(
    connection: &mut AsyncPgConnection,
    new: &NewOperatorAccount<'_>,
    origin: &Origin<'_>,
) -> Result<UserId, AccountError> {
    let (account, at) = (&new.account, PgTime(origin.at));
    let platform_role = if new.is_operator { Role::Admin } else { Role::Viewer };
    let sql = "INSERT INTO users (email, phone, username, name, password_hash, language, role, created_at)
        VALUES (?, ?, ?, ?, ?, ?, ?::user_role, ?) RETURNING id";
    let id: Uuid = Statement::<SqlUuid>::new(
        sql,
        &[
            &account.email,
            &account.phone,
            &new.username,
            &account.name,
            &account.password_hash,
            &account.language,
            &platform_role.name(),
            &at,
        ],
    )
    .get_result(connection)
    .await
    .map_err(StoreError::from)?;
    let farm = new.membership.map(|(farm, _)| farm);
    if let Some((farm, role)) = new.membership {
        let sql = "INSERT INTO farm_users (farm_id, user_id, role, invited_by, created_at)
            VALUES (?, ?, ?::user_role, ?, ?)";
        Statement::<()>::new(sql, &[&farm.0, &id, &role.name(), &id, &at]).run(connection).await?;
    }
    let data = json!({
        "member": id,
        "operator": new.is_operator,
        "role": new.membership.map(|(_, role)| role),
    });
    // on a farm it is nobody's doing there; without one the person finds it among what concerns them
    let whose = farm.is_none().then_some(UserId(id));
    origin.record(connection, EventKind::UserCreated, (whose, farm), data).await?;
    Ok(UserId(id))
}
