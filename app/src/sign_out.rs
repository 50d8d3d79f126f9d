//! Signing out.
use crate::{error::AppError, state::AppState, visitor::Visitor};
use axum::{extract::State, response::Redirect};

/// Ends the session for good and goes to the door. Its other open pages go there too.
pub(crate) async fn submit(
    State(state): State<AppState>,
    visitor: Visitor,
) -> Result<Redirect, AppError> {
    visitor.leave(&state).await?;
    if let Some(account) = &visitor.account {
        let farms = account.memberships.iter().map(|membership| membership.farm);
        state.bus.people_changed(farms, account.user, state.clock.now());
    }
    Ok(Redirect::to("/sign-in"))
}
