//! The form of a new account that comes twice: by a second tap, or once more because the answer was lost. The
//! second one enters as the first did, if it is a sign-in in every respect: the same password, which counts as
//! wrong until it is known to be right, and no second factor meanwhile.
use super::Made;
use crate::{
    error::AppError,
    limits::{Subject, Wait},
    person::Contact,
    state::AppState,
    visitor::Visitor,
};
use domain::UserId;
use store::users;

/// What the same form has made before; nothing if an account of this identity was made by other words.
pub(super) async fn find(
    state: &AppState,
    visitor: &Visitor,
    (id, password): (UserId, &str),
    contact: &Contact,
) -> Result<Option<Made>, AppError> {
    let logins = [contact.as_str().to_owned()];
    let account = {
        let mut connection = state.database.get().await?;
        users::find_for_sign_in(&mut connection, &logins).await?
    };
    let Some(account) = account.filter(|account| account.user == id) else { return Ok(None) };
    if !account.is_active || account.has_second_factor {
        return Ok(Some(Made::Taken));
    }
    let limit = &state.limits.wrong_passwords;
    let (who, here) = (Subject::account(id), Subject::address(visitor.came.address));
    let taken = match limit.take(&[who, here], state.clock.now()).await {
        Ok(taken) => taken,
        Err(Wait(_)) => return Ok(Some(Made::Taken)),
    };
    let Ok(turn) = state.passwords.turn().await else {
        limit.give_back(who, taken).await;
        limit.give_back(here, taken).await;
        return Ok(Some(Made::Busy));
    };
    if !turn.verify(password.to_owned(), Some(account.password_hash)).await {
        return Ok(Some(Made::Taken));
    }
    limit.clear(who).await;
    limit.give_back(here, taken).await;
    Ok(Some(Made::Before(id)))
}
