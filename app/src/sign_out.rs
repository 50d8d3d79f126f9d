//! Signing out.
use crate::{error::AppError, state::AppState, visitor::Visitor};
use axum::{
    extract::State,
    response::{IntoResponse as _, Redirect, Response},
};
use http::{HeaderValue, header};

/// Ends the session for good and goes to the door. Its other open pages go there too: the database announces
/// that a session has ended.
pub(crate) async fn submit(
    State(state): State<AppState>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    visitor.leave(&state).await?;
    let mut response = Redirect::to("/sign-in").into_response();
    // A page that the browser kept in memory asks anew when it sees that this has changed (`public/boot.js`).
    // `Clear-Site-Data` would do it too, and stops Chromium for seconds.
    let at = state.clock.now().as_millis();
    let cookie = format!("left={at}; Path=/; Max-Age=86400; SameSite=Lax");
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    Ok(response)
}
