//! `tokkatot user open`.
use super::{find, origin};
use crate::commands::answer;
use anyhow::{Result, bail};
use clap::Args;
use domain::Timestamp;
use serde_json::json;
use store::{Connection, accounts, transaction};

/// Whose account was closed.
#[derive(Debug, Args)]
pub struct Open {
    /// Phone number, e-mail address or user name
    #[arg(env = "TOKKATOT_USER_LOGIN")]
    pub login: String,
}

/// Opens the account again.
pub(super) async fn run(
    connection: &mut Connection<'_>,
    Open { login }: &Open,
    now: Timestamp,
) -> Result<()> {
    let user = find(connection, login).await?;
    transaction::begin(connection).await?;
    let opened = accounts::open_by_operator(connection, user, &origin(now)).await;
    if !transaction::end(connection, opened).await? {
        bail!("the account of {login:?} is open");
    }
    answer(&json!({ "user": user, "active": true }).to_string())
}
