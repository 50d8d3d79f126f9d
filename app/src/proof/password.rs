//! Passwords as proofs.
use super::{Doubt, prove, shown};
use crate::{error::AppError, passwords::Busy, state::AppState, visitor::Visitor};
use domain::UserId;
use store::accounts;

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

async fn is_password(
    state: &AppState,
    user: UserId,
    typed: &str,
) -> Result<Result<bool, Busy>, AppError> {
    let Ok(turn) = state.passwords.turn().await else { return Ok(Err(Busy)) };
    let hash = accounts::password_hash(&state.database, user).await?;
    Ok(Ok(turn.verify(typed.to_owned(), hash).await))
}
