//! The door: one page that posts to itself. Wrong answers bring it back with what was typed, the
//! password apart, and say the same whether the account exists or not.

mod login;
mod view;

use crate::{
    audit::{self, Refusal},
    error::AppError,
    language,
    limits::{Subject, Wait},
    passwords::Busy,
    reader::Lang,
    state::AppState,
    visitor::Visitor,
};
use axum::{
    Form,
    extract::{State, rejection::FormRejection},
    response::{IntoResponse, Redirect, Response},
};
use domain::events::EventKind;
use login::Login;
use serde::Deserialize;
use serde_json::json;
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
    let account = find(&state, &login).await?;
    let who = account.as_ref().map_or(login.subject(), |account| Subject::account(account.user));
    let user = account.as_ref().map(|account| account.user);
    let refused = async |reason, trouble| {
        let data = json!({ "reason": reason });
        let refusal = Refusal { kind: EventKind::SignInRefused, user, data };
        audit::record(&state, &visitor, refusal).await;
        back(trouble)
    };
    let here = Subject::address(visitor.came.address);
    let limit = &state.limits.wrong_passwords;
    // whoever has to wait takes nobody's turn
    if let Err(Wait(wait)) = limit.check(&[who, here], now).await {
        return refused("locked", Trouble::Locked(wait)).await;
    }
    let turn = state.passwords.turn().await.map_err(|Busy| AppError::Busy)?;
    // It counts as wrong until it is known to be right: so that many at once are counted too.
    if let Err(Wait(wait)) = limit.take(&[who, here], now).await {
        return refused("locked", Trouble::Locked(wait)).await;
    }
    let hash = account.as_ref().map(|account| account.password_hash.clone());
    let is_right = turn.verify(password, hash).await;
    let account = match admit(account.as_ref(), is_right) {
        Ok(account) => account,
        Err(reason) => return refused(reason, Trouble::Wrong).await,
    };
    limit.clear(who).await;
    limit.give_back(here).await;
    visitor.enter(&state, account.user).await?;
    let mut response = Redirect::to("/").into_response();
    if let Some(lang) = Lang::parse(&account.language) {
        language::remember(lang, &mut response);
    }
    Ok(response)
}

/// The account, if it may be entered; otherwise why not, for the audit trail.
fn admit(account: Option<&SignInAccount>, is_right: bool) -> Result<&SignInAccount, &'static str> {
    match account {
        None => Err("unknown"),
        Some(_) if !is_right => Err("wrong password"),
        Some(account) if !account.is_active => Err("inactive"),
        // no page asks for it yet: the password alone is not enough
        Some(account) if account.has_second_factor => Err("no second factor"),
        Some(account) => Ok(account),
    }
}

async fn find(state: &AppState, login: &Login) -> Result<Option<SignInAccount>, AppError> {
    let mut conn = state.database.get().await?;
    Ok(users::find_for_sign_in(&mut conn, login.names()).await?)
}
