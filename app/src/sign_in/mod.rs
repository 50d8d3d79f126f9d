//! The door: one page that posts to itself. Wrong answers bring it back with what was typed, the
//! password apart, and say the same whether the account exists or not.

mod login;
mod view;

use crate::{
    error::AppError,
    language,
    passwords::Busy,
    reader::Lang,
    state::AppState,
    visitor::{CAME, USER, Visitor, session_error},
};
use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    response::{IntoResponse, Redirect, Response},
};
use login::Login;
use serde::Deserialize;
use store::users::{self, SignInAccount};
use view::Trouble;

/// What was typed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignIn {
    #[serde(default)]
    login: String,
    #[serde(default)]
    password: String,
}

/// `GET /sign-in`.
pub(crate) async fn page(State(state): State<AppState>, visitor: Visitor) -> Response {
    if visitor.account.is_some() {
        return Redirect::to("/").into_response();
    }
    view::page(&state, &visitor, "", None)
}

/// `POST /sign-in`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    visitor: Visitor,
    form: Result<Form<SignIn>, FormRejection>,
) -> Result<Response, AppError> {
    let Form(SignIn { login: typed, password }) =
        form.map_err(|refused| AppError::of(refused.status()))?;
    let back = |trouble| Ok(view::page(&state, &visitor, &typed, Some(trouble)));
    if typed.trim().is_empty() {
        return back(Trouble::NoLogin);
    }
    if password.is_empty() {
        return back(Trouble::NoPassword);
    }
    let now = state.clock.now();
    let login = Login::read(&typed);
    if state.passwords.is_exhausted(login.key(), now) {
        return back(Trouble::Busy);
    }
    let account = find(&state, &login).await?;
    let hash = account.as_ref().map(|account| account.password_hash.clone());
    let is_right = match state.passwords.verify(password, hash).await {
        Ok(is_right) => is_right,
        Err(Busy) => return Err(AppError::Busy),
    };
    let Some(account) = account.filter(|account| is_right && account.is_active) else {
        state.passwords.failed(login.key(), now);
        return back(Trouble::Wrong);
    };
    state.passwords.succeeded(login.key());
    // a new id, so that one planted before is worth nothing after
    let session = visitor.session()?;
    session.flush().await.map_err(session_error)?;
    session.insert(USER, account.user).await.map_err(session_error)?;
    session.insert(CAME, &visitor.came).await.map_err(session_error)?;
    let mut response = Redirect::to("/").into_response();
    if let Some(lang) = Lang::parse(&account.language) {
        language::remember(lang, &mut response);
    }
    Ok(response)
}

async fn find(state: &AppState, login: &Login) -> Result<Option<SignInAccount>, AppError> {
    let mut conn = state.database.get().await?;
    for name in login.names() {
        if let Some(account) = users::find_for_sign_in(&mut conn, name).await? {
            return Ok(Some(account));
        }
    }
    Ok(None)
}
