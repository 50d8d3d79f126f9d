//! Accounts.
use crate::{Database, StoreError, column::Column, scope::run, statement::Statement};
use diesel::{
    OptionalExtension,
    sql_types::{Bool, Text, Uuid as SqlUuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::UserId;
use uuid::Uuid;

/// What sign-in needs to know of an account.
#[derive(Clone)]
pub struct SignInAccount {
    /// Whose it is.
    pub user: UserId,
    /// What the password is checked by.
    pub password_hash: String,
    /// False while the operator has locked it out.
    pub is_active: bool,
    /// The language of its pages.
    pub language: String,
    /// Whether sign-in asks for a second factor too.
    pub has_second_factor: bool,
}

// A hash has no place in a log.
impl std::fmt::Debug for SignInAccount {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignInAccount").field("user", &self.user).finish_non_exhaustive()
    }
}

/// The account of an e-mail address, phone number or user name: the first of `logins` that is one. The
/// same single query, whether there is an account or not.
pub async fn find_for_sign_in(
    conn: &mut AsyncPgConnection,
    logins: &[String],
) -> Result<Option<SignInAccount>, StoreError> {
    let found = Statement::<(SqlUuid, Text, Bool, Text, Bool)>::new(
        "SELECT user_id, password_hash, is_active, language, mfa_enabled
            FROM unnest(?) WITH ORDINALITY AS login (name, place), sign_in_account(login.name)
            ORDER BY place LIMIT 1",
        &[&Column(logins)],
    )
    .get_result::<(Uuid, String, bool, String, bool)>(conn)
    .await
    .optional()?;
    Ok(found.map(|(user, password_hash, is_active, language, has_second_factor)| SignInAccount {
        user: UserId(user),
        password_hash,
        is_active,
        language,
        has_second_factor,
    }))
}

/// Sets the language of a person's pages: `km` or `en`.
pub async fn set_language(
    database: &Database,
    user: UserId,
    language: &'static str,
) -> Result<(), StoreError> {
    run(database, user, &[], async |conn| {
        let sql = "UPDATE users SET language = ? WHERE id = ?";
        Statement::<()>::new(sql, &[&language, &user.0]).execute(conn).await?;
        Ok(())
    })
    .await
}
