//! Accounts.
use crate::{Database, StoreError, scope::run, statement::Statement};
use diesel::{
    OptionalExtension,
    sql_types::{Bool, Text, Uuid},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl};
use domain::{UserId, phones};

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

/// The account of an e-mail address, user name or phone number, the latter in any usual form.
pub async fn find_for_sign_in(
    conn: &mut AsyncPgConnection,
    login: &str,
) -> Result<Option<SignInAccount>, StoreError> {
    // no address and no user name can be read as a phone number
    let phone = phones::normalise(login);
    let login = phone.as_deref().unwrap_or(login);
    let sql =
        "SELECT user_id, password_hash, is_active, language, mfa_enabled FROM sign_in_account(?)";
    let row: Option<(uuid::Uuid, String, bool, String, bool)> =
        Statement::<(Uuid, Text, Bool, Text, Bool)>::new(sql, &[&login])
            .get_result(conn)
            .await
            .optional()?;
    Ok(row.map(|(user, password_hash, is_active, language, has_second_factor)| SignInAccount {
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
