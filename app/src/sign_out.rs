//! Signing out.
use crate::{error::AppError, state::AppState, visitor::Visitor};
use axum::{extract::State, response::Redirect};

/// Ends the session for good and goes to the door.
pub(crate) async fn submit(
    State(state): State<AppState>,
    visitor: Visitor,
) -> Result<Redirect, AppError> {
    visitor.leave(&state).await?;
    Ok(Redirect::to("/sign-in"))
}
