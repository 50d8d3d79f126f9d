//! The account of a form in which everything is right, made once however often the form is sent.
use super::again;
use crate::{error::AppError, new_password, person::Contact, state::AppState, visitor::Visitor};
use domain::UserId;
use store::{
    StoreError,
    accounts::{self, AccountError, NewAccount},
};

/// What came of a form in which everything is right.
pub(super) enum Made {
    /// A new account.
    New(UserId),
    /// The account that the same form made before.
    Before(UserId),
    /// There is another account of that number or address.
    Taken,
    /// Too many passwords wait for their turn.
    Busy,
}

/// Makes the account under the form's identity, or finds what the same form has made before.
pub(super) async fn make(
    state: &AppState,
    visitor: &Visitor,
    (id, password): (Option<UserId>, &str),
    (name, contact): (&str, &Contact),
) -> Result<Made, AppError> {
    let Ok(password_hash) = new_password::hash(state, password.to_owned()).await? else {
        return Ok(Made::Busy);
    };
    let new = NewAccount {
        email: contact.email(),
        phone: contact.phone(),
        name,
        password_hash: &password_hash,
        language: visitor.reader.lang.code(),
    };
    let origin = visitor.origin(state.clock.now());
    let mut id = id.unwrap_or_else(accounts::new_id);
    loop {
        match accounts::sign_up(&state.database, (id, &new), &origin).await {
            Ok(user) => return Ok(Made::New(user)),
            Err(AccountError::Store(StoreError::Conflict { constraint, .. }))
                if constraint == "users_pkey" =>
            {
                if let Some(made) = again::find(state, visitor, (id, password), contact).await? {
                    return Ok(made);
                }
                // the same page, filled in once more for somebody else
                id = accounts::new_id();
            }
            Err(AccountError::Taken(_)) => return Ok(Made::Taken),
            Err(AccountError::Store(error)) => return Err(error.into()),
        }
    }
}
