//! Between the password and the second factor: a row of the database, whose key the browser carries in a
//! cookie of its own for five minutes. It is no session, and opens nothing.
use super::way::Way;
use crate::{
    cookies::cookies,
    error::AppError,
    state::AppState,
    visitor::{SignIn, Visitor, token},
};
use axum::response::{IntoResponse as _, Redirect, Response};
use http::{HeaderMap, HeaderValue, header};
use std::time::Duration;
use store::{
    sessions::TokenHash,
    sign_in_steps::{self, NewStep, Step},
};
use tower_sessions::session::Id;

/// How long one may look for the phone.
const PATIENCE: Duration = Duration::from_secs(5 * 60);

/// Begins a step, and goes to the page that asks for the code.
pub(super) async fn begin(
    state: &AppState,
    visitor: &Visitor,
    way: &Way,
    SignIn { user, is_borrowed }: SignIn,
) -> Result<Response, AppError> {
    let (id, now) = (Id::default(), state.clock.now());
    let expires_at = now.plus(PATIENCE);
    let new = NewStep { user, token: token(&id), is_borrowed, now, expires_at };
    sign_in_steps::begin(&state.database, &new).await?;
    let mut response = Redirect::to(&way.through("/sign-in/code")).into_response();
    set_cookie(&mut response, visitor, &id.to_string(), PATIENCE);
    Ok(response)
}

/// The step that the browser carries, with its key; nothing if it has ended.
pub(super) async fn find(
    state: &AppState,
    visitor: &Visitor,
    headers: &HeaderMap,
) -> Result<Option<(TokenHash, Step)>, AppError> {
    let Some(id) = cookie(headers, name(visitor)) else { return Ok(None) };
    let token = token(&id);
    let mut connection = state.database.get().await?;
    let step = sign_in_steps::find(&mut connection, &token, state.clock.now()).await?;
    Ok(step.map(|step| (token, step)))
}

/// Takes the cookie back.
pub(super) fn forget(response: &mut Response, visitor: &Visitor) {
    set_cookie(response, visitor, "", Duration::ZERO);
}

fn set_cookie(response: &mut Response, visitor: &Visitor, value: &str, life: Duration) {
    let secure = if visitor.is_encrypted { "; Secure" } else { "" };
    let cookie = format!(
        "{}={value}; Path=/; Max-Age={}; HttpOnly; SameSite=Lax{secure}",
        name(visitor),
        life.as_secs()
    );
    if let Ok(cookie) = HeaderValue::try_from(cookie) {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
}

/// Bound to this host wherever people use HTTPS, as the session's.
const fn name(visitor: &Visitor) -> &'static str {
    if visitor.is_encrypted { "__Host-step" } else { "step" }
}

fn cookie(headers: &HeaderMap, name: &str) -> Option<Id> {
    cookies(headers, name).next()?.parse().ok()
}
