//! The door: a page that posts to itself, and a second one where a second factor is asked for. Wrong
//! answers bring it back with what was typed, the password apart, and say the same whether the account
//! exists or not.

mod code;
mod login;
mod step;
mod trouble;
mod view;
mod way;

pub(crate) use code::{page as code_page, submit as submit_code};
pub use way::door;
pub(crate) use way::{Way, WayFields};

use crate::{
    audit::{self, Refusal},
    error::AppError,
    forms::Fields,
    language,
    limits::{Subject, Wait},
    passwords::Checked,
    reader::Lang,
    state::AppState,
    visitor::{SignIn, Visitor},
};
use axum::{
    extract::State,
    response::{IntoResponse, Redirect, Response},
};
use domain::events::EventKind;
use login::Login;
use serde::Deserialize;
use serde_json::json;
use store::{
    accounts,
    users::{self, SignInAccount},
};
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
    let now = state.clock.now();
    let login = Login::read(&typed.login);
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
    let Ok(turn) = state.passwords.turn().await else { return back(Trouble::Busy) };
    // It counts as wrong until it is known to be right: so that many at once are counted too.
    let taken = match limit.take(&[who, here], now).await {
        Ok(taken) => taken,
        Err(Wait(wait)) => return refused("locked", Trouble::Locked(wait)).await,
    };
    let hash = account.as_ref().map(|account| account.password_hash.clone());
    let checked = turn.check(password, hash).await;
    let account = match admit(account.as_ref(), &checked) {
        Ok(account) => account,
        Err(reason) => return refused(reason, Trouble::Wrong).await,
    };
    limit.give_back(here, taken).await;
    limit.clear(who).await;
    if let Checked::Outdated(better) = checked {
        rehash(&state, account, &better).await;
    }
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

/// The account, if its password opens it; otherwise why not, for the audit trail.
fn admit<'a>(
    account: Option<&'a SignInAccount>,
    checked: &Checked,
) -> Result<&'a SignInAccount, &'static str> {
    match account {
        None => Err("unknown"),
        Some(_) if *checked == Checked::Wrong => Err("wrong password"),
        Some(account) if !account.is_active => Err("inactive"),
        Some(account) => Ok(account),
    }
}

/// That it can not be kept changes nothing for the person: it is tried again next time.
async fn rehash(state: &AppState, account: &SignInAccount, better: &str) {
    let hashes = (account.password_hash.as_str(), better);
    if let Err(error) = accounts::rehash(&state.database, account.user, hashes).await {
        tracing::warn!(error = %error, "A better hash of a password could not be kept");
    }
}

async fn find(state: &AppState, login: &Login) -> Result<Option<SignInAccount>, AppError> {
    let mut conn = state.database.get().await?;
    let names: Vec<String> = login.name().map(str::to_owned).into_iter().collect();
    Ok(users::find_for_sign_in(&mut conn, &names).await?)
}
