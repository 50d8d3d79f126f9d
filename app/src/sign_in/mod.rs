//! The door: a page that posts to itself, and a second one where a second factor is asked for. Wrong
//! answers bring it back with what was typed, the password apart, and say the same whether the account
//! exists or not.

mod code;
mod login;
mod password;
mod step;
mod trouble;
mod view;
mod way;

pub(crate) use code::{page as code_page, submit as submit_code};
pub use way::door;
pub(crate) use way::{Way, WayFields};

use crate::{
    error::AppError,
    forms::Fields,
    language,
    reader::Lang,
    state::AppState,
    visitor::{SignIn, Visitor},
};
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use serde::Deserialize;
use trouble::Trouble;

/// What was typed.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Typed {
    #[serde(default)]
    login: String,
    #[serde(default)]
    password: String,
    /// Present where "this is not my phone" is ticked.
    borrowed: Option<String>,
}

impl Typed {
    /// The empty form of somebody who came this way.
    fn on(way: &Way) -> Self {
        Self { borrowed: way.is_borrowed().then(|| "yes".to_owned()), ..Self::default() }
    }
}

/// `GET /sign-in`.
pub(crate) async fn page(State(state): State<AppState>, visitor: Visitor, way: Way) -> Response {
    if visitor.account.is_some() {
        return Redirect::to(way.goal()).into_response();
    }
    view::page(&state, &visitor, &way, &Typed::on(&way), None)
}

/// `POST /sign-in`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    visitor: Visitor,
    way: Way,
    Fields(mut typed): Fields<Typed>,
) -> Result<Response, AppError> {
    let password = std::mem::take(&mut typed.password);
    let back = |trouble| Ok(view::page(&state, &visitor, &way, &typed, Some(trouble)));
    if typed.login.trim().is_empty() {
        return back(Trouble::NoLogin);
    }
    if password.is_empty() {
        return back(Trouble::NoPassword);
    }
    let account = match password::open(&state, &visitor, &typed.login, password).await? {
        Ok(account) => account,
        Err(trouble) => return back(trouble),
    };
    let new = SignIn { user: account.user, is_borrowed: typed.borrowed.is_some() };
    if account.has_second_factor {
        return step::begin(&state, &visitor, way, new).await;
    }
    visitor.enter(&state, new).await?;
    Ok(welcome(&way, &account.language))
}

/// To where the person wanted to go, in the account's language.
fn welcome(way: &Way, language: &str) -> Response {
    let mut response = Redirect::to(way.goal()).into_response();
    if let Some(lang) = Lang::parse(language) {
        language::remember(lang, &mut response);
    }
    response
}
