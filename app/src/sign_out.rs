//! Signing out.
use crate::{error::AppError, state::AppState, visitor::Visitor};
use axum::{extract::State, response::Redirect};

/// Ends the session for good and goes to the door. Its other open pages go there too: the database announces
/// that a session has ended.
pub(crate) async fn submit(
    State(state): State<AppState>,
    visitor: Visitor,
) -> Result<Redirect, AppError> {
    visitor.leave(&state).await?;
    Ok(Redirect::to("/sign-in"))
}
