//! Signing out.
use crate::{error::AppError, state::AppState, visitor::Visitor};
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};

/// Ends the session for good and goes to the door. Its other open pages go there too: the database announces
/// that a session has ended.
pub(crate) async fn submit(
    State(state): State<AppState>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    visitor.leave(&state).await?;
    Ok(Redirect::to("/sign-in").into_response())
}
