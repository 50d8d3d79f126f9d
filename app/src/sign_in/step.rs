//! Between the password and the second factor: a row of the database, whose key the browser carries in a
//! cookie of its own for five minutes. It is no session, and opens nothing. Nor does one that was finished make a
//! session a second time: it tells who comes with it again what has happened.
use super::way::{CODE, Way};
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
    let mut response = Redirect::to(&way.through(CODE)).into_response();
    COOKIE.set(&mut response, visitor.is_encrypted, (&id.to_string(), PATIENCE));
    Ok(response)
}

/// What there is of the step whose key a browser carries.
pub(super) enum Carried {
    /// It waits for the code; with its key.
    Open(TokenHash, Step),
    /// A code has ended it minutes ago.
    Finished,
    /// It ended in another way, or there was none.
    Nothing,
}

/// The step that the browser carries.
pub(super) async fn find(
    state: &AppState,
    visitor: &Visitor,
    headers: &HeaderMap,
) -> Result<Carried, AppError> {
    let Some(id) = cookie(headers, COOKIE.name(visitor.is_encrypted)) else {
        return Ok(Carried::Nothing);
    };
    let (token, now) = (token(&id), state.clock.now());
    let mut connection = state.database.get().await?;
    if let Some(step) = sign_in_steps::find(&mut connection, &token, now).await? {
        return Ok(Carried::Open(token, step));
    }
    let is_finished = sign_in_steps::is_finished(&mut connection, &token, now).await?;
    Ok(if is_finished { Carried::Finished } else { Carried::Nothing })
}

/// Takes the cookie back.
pub(super) fn forget(response: &mut Response, visitor: &Visitor) {
    COOKIE.set(response, visitor.is_encrypted, ("", Duration::ZERO));
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<Id> {
    cookies(headers, name).next()?.parse().ok()
}
