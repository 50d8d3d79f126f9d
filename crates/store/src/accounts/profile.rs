//! What a person is called, signs in with, and how they like their pages.
use super::AccountError;
use crate::{Database, Origin, StoreError, scope::run, statement::Statement};
use diesel::{
    OptionalExtension as _,
    sql_types::{Bool, Nullable, Text},
};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _};
use domain::{UserId, events::EventKind};
use serde_json::json;

/// What a person is called and signs in with.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// The name, cleaned.
    pub name: String,
    /// E-mail address, normalised.
    pub email: Option<String>,
    /// Phone number, normalised.
    pub phone: Option<String>,
    /// User name; imported people have one, and it does not change.
    pub username: Option<String>,
    /// Whether a second factor is asked for.
    pub has_second_factor: bool,
}

/// How a person likes their pages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// `km` or `en`.
    pub language: String,
    /// IANA time zone of account pages, quiet hours and digest.
    pub timezone: String,
    /// `latin` or `khmer`.
    pub digits: String,
    /// `12h` or `24h`.
    pub clock: String,
    /// `normal`, `large` or `largest`.
    pub text_size: String,
    /// `auto`, `light` or `dark`.
    pub theme: String,
}

/// A person's own profile; nothing if the account is deleted.
pub async fn find(database: &Database, user: UserId) -> Result<Option<Profile>, StoreError> {
    run(database, user, &[], async |conn| read(conn, user).await).await
}

async fn read(
    connection: &mut AsyncPgConnection,
    user: UserId,
) -> Result<Option<Profile>, StoreError> {
    type Columns = (Text, Nullable<Text>, Nullable<Text>, Nullable<Text>, Bool);
    type Row = (String, Option<String>, Option<String>, Option<String>, bool);
    let sql = "SELECT name, email, phone, username, mfa_enabled FROM users
        WHERE id = ? AND deleted_at IS NULL";
    let row: Option<Row> =
        Statement::<Columns>::new(sql, &[&user.0]).get_result(connection).await.optional()?;
    Ok(row.map(|(name, email, phone, username, has_second_factor)| Profile {
        name,
        email,
        phone,
        username,
        has_second_factor,
    }))
}

/// Changes name, e-mail and phone. False if nothing changed. Its event tells which, not what: an address
/// is nobody's business in five years.
///
/// # Errors
/// `Taken`; a conflict of `users_login_check` if nothing would be left to sign in with.
pub async fn change_profile(
    database: &Database,
    user: UserId,
    (name, email, phone): (&str, Option<&str>, Option<&str>),
    origin: &Origin<'_>,
) -> Result<bool, AccountError> {
    run(database, user, &[], async |conn| {
        let Some(before) = read(conn, user).await? else { return Ok(false) };
        let changed: Vec<&str> = [
            ("name", before.name != name),
            ("email", before.email.as_deref() != email),
            ("phone", before.phone.as_deref() != phone),
        ]
        .into_iter()
        .filter_map(|(what, is_changed)| is_changed.then_some(what))
        .collect();
        if changed.is_empty() {
            return Ok(false);
        }
        let sql = "UPDATE users SET name = ?, email = ?, phone = ? WHERE id = ?";
        Statement::<()>::new(sql, &[&name, &email, &phone, &user.0]).run(conn).await?;
        let data = json!({ "changed": changed });
        origin.record(conn, EventKind::AccountChanged, (Some(user), None), data).await?;
        Ok(true)
    })
    .await
}

/// Changes how a person likes their pages, on all their phones.
///
/// # Errors
/// A conflict of the column's check, such as `users_timezone_check`.
pub async fn change_settings(
    database: &Database,
    user: UserId,
    settings: &Settings,
    origin: &Origin<'_>,
) -> Result<(), StoreError> {
    run(database, user, &[], async |conn| {
        let sql =
            "UPDATE users SET language = ?, timezone = ?, digits = ?, clock = ?, text_size = ?,
            theme = ? WHERE id = ? AND deleted_at IS NULL";
        Statement::<()>::new(
            sql,
            &[
                &settings.language.as_str(),
                &settings.timezone.as_str(),
                &settings.digits.as_str(),
                &settings.clock.as_str(),
                &settings.text_size.as_str(),
                &settings.theme.as_str(),
                &user.0,
            ],
        )
        .run(conn)
        .await?;
        let data = json!({ "changed": ["settings"] });
        origin.record(conn, EventKind::AccountChanged, (Some(user), None), data).await
    })
    .await
}
