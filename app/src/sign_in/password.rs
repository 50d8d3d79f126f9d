//! The password at the door: whether it opens the account, and what is written down when it does not.
use super::{login::Login, trouble::Trouble};
use crate::{
    audit,
    error::AppError,
    limits::{Subject, Wait},
    passwords::Checked,
    state::AppState,
    visitor::Visitor,
};
use store::{
    accounts,
    users::{self, SignInAccount},
};

/// The account that a name and a password open; else what is told, which is the same whether or not there is
/// such an account. The audit trail is told why.
pub(super) async fn open(
    state: &AppState,
    visitor: &Visitor,
    login: &str,
    password: String,
) -> Result<Result<SignInAccount, Trouble>, AppError> {
    let (login, now) = (Login::read(login), state.clock.now());
    let account = find(state, &login).await?;
    let user = account.as_ref().map(|account| account.user);
    let who = user.map_or(login.subject(), Subject::account);
    let whose = [who, Subject::address(visitor.came.address)];
    let refuse = async |reason, trouble| {
        audit::refuse_sign_in(state, visitor, (user, reason)).await;
        Ok(Err(trouble))
    };
    let limit = &state.limits.wrong_passwords;
    // whoever has to wait takes nobody's turn
    if let Err(Wait(wait)) = limit.check(&whose, now).await {
        return refuse("locked", Trouble::Locked(wait)).await;
    }
    let Ok(turn) = state.passwords.turn().await else { return Ok(Err(Trouble::Busy)) };
    let hash = account.as_ref().map(|account| account.password_hash.clone());
    let look = async { admit(account, turn.check(password, hash).await) };
    let (account, better) = match limit.attempt((&whose, now), look, Result::is_err).await {
        Ok(Ok(admitted)) => admitted,
        Ok(Err(reason)) => return refuse(reason, Trouble::Wrong).await,
        Err(Wait(wait)) => return refuse("locked", Trouble::Locked(wait)).await,
    };
    limit.clear(who).await;
    if let Some(better) = better {
        rehash(state, &account, &better).await;
    }
    Ok(Ok(account))
}

async fn find(state: &AppState, login: &Login) -> Result<Option<SignInAccount>, AppError> {
    let mut conn = state.database.get().await?;
    let names: Vec<String> = login.name().map(str::to_owned).into_iter().collect();
    Ok(users::find_for_sign_in(&mut conn, &names).await?)
}

/// The account, if its password opens it, with a better hash of that where there is one; otherwise why not,
/// for the audit trail.
fn admit(
    account: Option<SignInAccount>,
    checked: Checked,
) -> Result<(SignInAccount, Option<String>), &'static str> {
    match (account, checked) {
        (None, _) => Err("unknown"),
        (Some(_), Checked::Wrong) => Err("wrong password"),
        (Some(account), _) if !account.is_active => Err("inactive"),
        (Some(account), Checked::Right) => Ok((account, None)),
        (Some(account), Checked::Outdated(better)) => Ok((account, Some(better))),
    }
}

/// That it can not be kept changes nothing for the person: it is tried again next time.
async fn rehash(state: &AppState, account: &SignInAccount, better: &str) {
    let hashes = (account.password_hash.as_str(), better);
    if let Err(error) = accounts::rehash(&state.database, account.user, hashes).await {
        tracing::warn!(error = %error, "A better hash of a password could not be kept");
    }
}
