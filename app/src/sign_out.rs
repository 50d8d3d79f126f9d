//! Signing out.
use crate::{
    error::AppError,
    visitor::{Visitor, session_error},
};
use axum::response::Redirect;

/// Ends the session for good and goes to the door.
pub(crate) async fn submit(visitor: Visitor) -> Result<Redirect, AppError> {
    visitor.session()?.flush().await.map_err(session_error)?;
    Ok(Redirect::to("/sign-in"))
}
