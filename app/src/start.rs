//! The start page leads to the farm last looked at.
use crate::{error::AppError, visitor::Visitor};
use axum::response::Redirect;

/// To the last used farm, to the list of several, or to the door.
pub(crate) async fn page(visitor: Visitor) -> Result<Redirect, AppError> {
    let Ok(account) = visitor.account() else { return Ok(Redirect::to("/sign-in")) };
    let last = account.last_farm.filter(|farm| account.scope(*farm).is_some());
    let only = match account.memberships.as_slice() {
        [only] => Some(only.farm),
        _ => None,
    };
    Ok(match last.or(only) {
        Some(farm) => Redirect::to(&format!("/farms/{farm}")),
        None => Redirect::to("/farms"),
    })
}
