//! `tokkatot user`: makes people's accounts, and lets in who is locked out. No e-mail or SMS is sent: the
//! operator tells people themselves.
mod create;
mod open;
pub(super) mod password;
mod reset;

use crate::config::Settings;
use anyhow::{Context as _, Result, bail};
use clap::Subcommand;
use create::Create;
use domain::{Timestamp, UserId, logins};
use open::Open;
use reset::Reset;
use std::process::ExitCode;
use store::{Connection, Database, Origin, users};

/// What can be done for people.
#[derive(Debug, Subcommand)]
pub enum Arguments {
    /// Make an account; asks for its password
    Create(Create),
    /// Print a code, once, by which somebody sets a new password within a day; or turn off a lost second step
    Reset(Reset),
    /// Open an account again that its owner has closed, but not deleted
    Open(Open),
}

pub(super) async fn run(arguments: Arguments, settings: &Settings) -> Result<ExitCode> {
    let owner =
        settings.owner_database.as_ref().context("TOKKATOT_OWNER_DATABASE_URL is not set")?;
    let database = Database::new(&owner.settings()).await?;
    let mut connection = database.get().await?;
    let now = store::health::time(&mut connection).await?;
    match arguments {
        Arguments::Create(user) => create::run(&mut connection, &user, now).await?,
        Arguments::Reset(user) => {
            let site = settings.web.public_url.origin();
            reset::run(&mut connection, &user, (site, now)).await?;
        }
        Arguments::Open(user) => open::run(&mut connection, &user, now).await?,
    }
    Ok(ExitCode::SUCCESS)
}

const fn origin(at: Timestamp) -> Origin<'static> {
    Origin { at, address: None, user_agent: None }
}

/// Whose account that is, also a closed one; a deleted one has no names any more.
async fn find(connection: &mut Connection<'_>, login: &str) -> Result<UserId> {
    let names: Vec<String> = logins::normalise(login).into_iter().collect();
    match users::find_for_sign_in(connection, &names).await? {
        Some(account) => Ok(account.user),
        None => bail!("nobody signs in as {login:?}"),
    }
}
