//! Passwords as proofs.
use super::{Doubt, prove, prove_of, shown};
use crate::{audit, error::AppError, passwords::Busy, state::AppState, visitor::Visitor};
use domain::UserId;
use std::time::Duration;
use store::accounts;

/// For so long a form that has set a password may come again, because its answer was lost.
pub(crate) const AGAIN: Duration = Duration::from_secs(10 * 60);

/// Whether somebody typed their password.
pub(crate) async fn password(
    state: &AppState,
    visitor: &Visitor,
    typed: &str,
) -> Result<Result<(), Doubt>, AppError> {
    let limit = &state.limits.wrong_passwords;
    let look = async |user| Ok(is_password(state, user, typed).await?.map(shown));
    prove(state, visitor, (typed, limit), look).await
}

/// Whether somebody who changes their password typed that of now; or sent the form twice, so that the new one
/// is that of now: then how many sessions the first has ended.
pub(crate) async fn password_before(
    state: &AppState,
    visitor: &Visitor,
    (typed, new): (&str, &str),
) -> Result<Result<Option<usize>, Doubt>, AppError> {
    let limit = &state.limits.wrong_passwords;
    let look = async |user| match is_password(state, user, typed).await? {
        Ok(true) => Ok(Ok(Some(None))),
        Ok(false) => Ok(changed_to(state, user, new).await?.map(|ended| ended.map(Some))),
        Err(Busy) => Ok(Err(Busy)),
    };
    prove(state, visitor, (typed, limit), look).await
}

/// Whether a stranger knows the password of an account, of which `hash` is kept. Both that they do not and
/// that they have to wait are told to the audit trail, as at the door.
pub(crate) async fn password_of(
    state: &AppState,
    visitor: &Visitor,
    (user, hash): (UserId, String),
    typed: &str,
) -> Result<Result<(), Doubt>, AppError> {
    let limit = &state.limits.wrong_passwords;
    let look = async |_| {
        let Ok(turn) = state.passwords.turn().await else { return Ok(Err(Busy)) };
        Ok(Ok(shown(turn.verify(typed.to_owned(), Some(hash)).await)))
    };
    let proved = prove_of(state, visitor, (user, "wrong password"), (typed, limit), look).await?;
    if matches!(proved, Err(Doubt::Wait(_))) {
        audit::refuse_sign_in(state, visitor, (Some(user), "locked")).await;
    }
    Ok(proved)
}

/// How many sessions ended when the person set this very password a while ago; nothing if they did not.
async fn changed_to(
    state: &AppState,
    user: UserId,
    new: &str,
) -> Result<Result<Option<usize>, Busy>, AppError> {
    let since = state.clock.now().minus(AGAIN);
    let ended = accounts::sessions_ended_by_change(&state.database, user, since).await?;
    let Some(ended) = ended else { return Ok(Ok(None)) };
    Ok(is_password(state, user, new).await?.map(|is_it| is_it.then_some(ended)))
}

async fn is_password(
    state: &AppState,
    user: UserId,
    typed: &str,
) -> Result<Result<bool, Busy>, AppError> {
    let Ok(turn) = state.passwords.turn().await else { return Ok(Err(Busy)) };
    let hash = accounts::password_hash(&state.database, user).await?;
    Ok(Ok(turn.verify(typed.to_owned(), hash).await))
}
