//! `tokkatot user reset`: for who has forgotten the password, or lost the second step of the sign-in.
use super::{find, origin};
use crate::commands::answer;
use anyhow::{Result, bail};
use clap::Args;
use domain::{Timestamp, UserId, codes::Code};
use rand::Rng as _;
use serde_json::json;
use std::time::Duration;
use store::{Connection, accounts, resets, transaction};

/// How long a code may be used.
const RESET_FOR: Duration = Duration::from_secs(24 * 3600);

/// Who is locked out.
#[derive(Debug, Args)]
pub struct Reset {
    /// Phone number, e-mail address or user name
    #[arg(env = "TOKKATOT_USER_LOGIN")]
    pub login: String,
    /// Turn off the second step of the sign-in, whose phone and recovery codes are lost; the password stays
    #[arg(long, env = "TOKKATOT_SECOND_FACTOR")]
    pub second_factor: bool,
}

/// Prints a code, or turns the second factor off.
pub(super) async fn run(
    connection: &mut Connection<'_>,
    Reset { login, second_factor }: &Reset,
    (site, now): (&str, Timestamp),
) -> Result<()> {
    let user = find(connection, login).await?;
    if *second_factor {
        return turn_off(connection, (user, login), now).await;
    }
    let code = Code::from_bits(rand::rng().random());
    transaction::begin(connection).await?;
    let new = (user, &code, now.plus(RESET_FOR));
    let issued = resets::issue_by_operator(connection, new, &origin(now)).await;
    if !transaction::end(connection, issued).await? {
        bail!("the account of {login:?} is closed; `tokkatot user open` opens it");
    }
    let address = format!("{site}/reset/{}", code.as_str());
    let hours = RESET_FOR.as_secs() / 3600;
    answer(&json!({ "code": code.to_string(), "address": address, "hours": hours }).to_string())
}

async fn turn_off(
    connection: &mut Connection<'_>,
    (user, login): (UserId, &str),
    now: Timestamp,
) -> Result<()> {
    transaction::begin(connection).await?;
    let off = accounts::turn_second_factor_off_by_operator(connection, user, &origin(now)).await;
    if !transaction::end(connection, off).await? {
        bail!("{login:?} signs in without a second step");
    }
    answer(&json!({ "user": user, "second_factor": false }).to_string())
}
