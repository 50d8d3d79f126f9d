//! `tokkatot user create`.
use super::{origin, password};
use crate::commands::answer;
use anyhow::{Context as _, Result};
use clap::Args;
use domain::{FarmId, Timestamp, emails, names, passwords, phones, roles::Role, usernames};
use serde_json::json;
use store::{
    Connection, StoreError,
    accounts::{self, AccountError, Login, NewAccount, NewOperatorAccount},
    transaction,
};

/// The account to make.
#[derive(Debug, Args)]
pub struct Create {
    /// What the person is called, family name first
    #[arg(long, env = "TOKKATOT_USER_NAME")]
    pub name: String,
    #[command(flatten)]
    logins: Logins,
    /// The language of the person's pages
    #[arg(long, env = "TOKKATOT_USER_LANGUAGE", default_value = "km", value_parser = ["km", "en"])]
    pub language: String,
    /// The id of a farm that the person is to belong to
    #[arg(long, env = "TOKKATOT_FARM", value_name = "UUID", requires = "role")]
    pub farm: Option<FarmId>,
    /// What the person may do on that farm: viewer, keeper, manager or admin
    #[arg(long, env = "TOKKATOT_USER_ROLE", requires = "farm", value_parser = role)]
    pub role: Option<Role>,
    /// Let the person operate the whole installation
    #[arg(long, env = "TOKKATOT_PLATFORM_ADMIN")]
    pub platform_admin: bool,
    /// Read the password from standard input, not from the terminal
    #[arg(long, env = "TOKKATOT_PASSWORD_STDIN")]
    pub password_stdin: bool,
}

/// What the person signs in with: at least one.
#[derive(Debug, Args)]
#[group(required = true, multiple = true)]
struct Logins {
    /// The e-mail address to sign in with
    #[arg(long, env = "TOKKATOT_USER_EMAIL", value_parser = email)]
    email: Option<String>,
    /// The phone number to sign in with, in any usual form
    #[arg(long, env = "TOKKATOT_USER_PHONE", value_parser = phone)]
    phone: Option<String>,
    /// The user name to sign in with, for people with neither
    #[arg(long, env = "TOKKATOT_USER_USERNAME", value_parser = username)]
    username: Option<String>,
}

fn email(typed: &str) -> Result<String, &'static str> {
    emails::normalise(typed).ok_or("it is no e-mail address")
}

fn phone(typed: &str) -> Result<String, &'static str> {
    phones::normalise(typed).ok_or("it is no phone number")
}

fn username(typed: &str) -> Result<String, &'static str> {
    usernames::normalise(typed).ok_or(
        "a user name has 2 to 50 characters, no space or @, and no digit or + at its beginning",
    )
}

fn role(name: &str) -> Result<Role, &'static str> {
    Role::parse(name).ok_or("roles are viewer, keeper, manager and admin")
}

/// Makes the account.
pub(super) async fn run(
    connection: &mut Connection<'_>,
    user: &Create,
    now: Timestamp,
) -> Result<()> {
    let name = names::clean(&user.name).context("--name")?;
    let Logins { email, phone, username } = &user.logins;
    let logins = [email, phone, username].map(Option::as_deref);
    let password = password::read(user.password_stdin)?;
    let known: Vec<&str> = logins.into_iter().flatten().chain([name.as_str()]).collect();
    passwords::check(&password, &known)?;
    let hash = app::passwords::hash(&password);
    let hash = hash.map_err(|error| anyhow::anyhow!("the password cannot be hashed: {error}"))?;
    let new = NewOperatorAccount {
        account: NewAccount {
            email: email.as_deref(),
            phone: phone.as_deref(),
            name: &name,
            password_hash: &hash,
            language: &user.language,
        },
        username: username.as_deref(),
        is_operator: user.platform_admin,
        membership: user.farm.zip(user.role),
    };
    transaction::begin(connection).await?;
    let made = accounts::create_by_operator(connection, &new, &origin(now)).await;
    let id = transaction::end(connection, made).await.map_err(|error| explain(error, user.farm))?;
    answer(
        &json!({ "user": id, "logins": logins.iter().flatten().collect::<Vec<_>>() }).to_string(),
    )
}

/// In the operator's words.
fn explain(error: AccountError, farm: Option<FarmId>) -> anyhow::Error {
    match (error, farm) {
        (AccountError::Taken(login), _) => {
            let what = match login {
                Login::Email => "e-mail address",
                Login::Phone => "phone number",
                Login::Username => "user name",
            };
            anyhow::anyhow!("another account has this {what}")
        }
        (AccountError::Store(StoreError::Conflict { constraint, .. }), Some(farm))
            if constraint == "farm_users_farm_id_fkey" =>
        {
            anyhow::anyhow!("there is no farm {farm}")
        }
        (AccountError::Store(error), _) => error.into(),
    }
}
