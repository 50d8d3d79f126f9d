//! The form of a new account that comes twice: by a second tap, or once more because the answer was lost. The
//! second one enters as the first did, if it is a sign-in in every respect: the same password, of which wrong
//! ones count and are written down, and no second factor meanwhile.
use super::Made;
use crate::{
    error::AppError,
    person::Contact,
    proof::{self, Doubt},
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
    let known = (id, account.password_hash);
    Ok(Some(match proof::password_of(state, visitor, known, password).await? {
        Ok(()) => Made::Before(id),
        Err(Doubt::Busy) => Made::Busy,
        Err(Doubt::Missing | Doubt::Wrong | Doubt::Wait(_)) => Made::Taken,
    }))
}
