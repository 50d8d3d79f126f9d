//! Between the password and the second factor: a row of the database, whose key the browser carries in a
//! cookie of its own for five minutes. It is no session, and opens nothing.
use super::way::Way;
use crate::{
    cookies::{Bound, cookies},
    error::AppError,
    state::AppState,
    visitor::{SignIn, Visitor, token},
};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::HeaderMap;
use std::time::Duration;
use store::{
    sessions::TokenHash,
    sign_in_steps::{self, NewStep, Step},
};
use tower_sessions::session::Id;

const COOKIE: Bound = Bound { plain: "step", encrypted: "__Host-step" };
/// How long one may look for the phone.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// Begins a step, and goes to the page that asks for the code.
pub(super) async fn begin(
    state: &AppState,
    visitor: &Visitor,
    way: Way,
    SignIn { user, is_borrowed }: SignIn,
) -> Result<Response, AppError> {
    let (id, now) = (Id::default(), state.clock.now());
    let expires_at = now.plus(PATIENCE);
    let new = NewStep { user, token: token(&id), is_borrowed, now, expires_at };
    sign_in_steps::begin(&state.database, &new).await?;
    // the step may have ended by the time the code is sent
    let way = way.borrowed(is_borrowed);
    let mut response = Redirect::to(&way.through("/sign-in/code")).into_response();
    COOKIE.set(&mut response, visitor.is_encrypted, (&id.to_string(), PATIENCE));
    Ok(response)
}

/// The step that the browser carries, with its key; nothing if it has ended.
pub(super) async fn find(
    state: &AppState,
    visitor: &Visitor,
    headers: &HeaderMap,
) -> Result<Option<(TokenHash, Step)>, AppError> {
    let Some(id) = cookie(headers, COOKIE.name(visitor.is_encrypted)) else { return Ok(None) };
    let token = token(&id);
    let mut connection = state.database.get().await?;
    let step = sign_in_steps::find(&mut connection, &token, state.clock.now()).await?;
    Ok(step.map(|step| (token, step)))
}

/// Takes the cookie back.
pub(super) fn forget(response: &mut Response, visitor: &Visitor) {
    COOKIE.set(response, visitor.is_encrypted, ("", Duration::ZERO));
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<Id> {
    cookies(headers, name).next()?.parse().ok()
}
