//! A new account: a name, a phone number or e-mail address, a password. Whoever was invited joins the farm
//! at once.

mod view;

use crate::{
    error::AppError,
    forms::{self, Faults, Fields, done, refused, say_wait, too_many},
    language,
    limits::{Subject, Wait},
    new_password,
    person::Contact,
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Query, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{UserId, codes::Code};
use serde::Deserialize;
use store::{
    accounts::{self, AccountError, NewAccount},
    invitations,
};

/// How one comes here. What else stands in a link is left alone.
#[derive(Debug, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    join: String,
}

/// What was typed; and the invitation that one came by.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SignUp {
    #[serde(default)]
    name: String,
    #[serde(default)]
    login: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    join: String,
}

/// `GET /sign-up`.
pub(crate) async fn page(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(asked): Query<Asked>,
) -> Response {
    let code = Code::parse(&asked.join);
    if visitor.account.is_some() {
        return Redirect::to(&code.map_or_else(|| "/".to_owned(), |code| joining(&code)))
            .into_response();
    }
    view::page(&state, &visitor, view::Form { join: code, ..view::Form::default() })
}

/// `POST /sign-up`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    visitor: Visitor,
    Fields(typed): Fields<SignUp>,
) -> Result<Response, AppError> {
    let reader = visitor.reader;
    let mut faults = Faults::default();
    let code = Code::parse(&typed.join);
    let name = forms::name(&reader, ("name", &typed.name), &mut faults);
    let contact = Contact::read(&typed.login);
    if contact.is_none() {
        let empty = typed.login.trim().is_empty();
        faults.add("login", reader.say(if empty { "field-required" } else { "contact-bad" }));
    }
    let known = name.clone().into_iter().chain(contact.iter().map(|c| c.as_str().to_owned()));
    let password = ("password", typed.password.as_str());
    new_password::check(&reader, password, known.collect(), &mut faults).await?;
    let back = |faults, is_taken| {
        let (name, login) = (typed.name.clone(), typed.login.clone());
        let form = view::Form { name, login, join: code.clone(), faults, is_taken };
        view::page(&state, &visitor, form)
    };
    let (Some(name), Some(contact), true) = (name, contact, faults.is_empty()) else {
        return Ok(refused(back(faults, false)));
    };
    let now = state.clock.now();
    let here = Subject::address(visitor.came.address);
    if let Err(Wait(wait)) = state.limits.new_accounts.take(&[here], now).await {
        faults.add("login", say_wait(&reader, wait));
        return Ok(too_many(back(faults, false), wait));
    }
    let password_hash = new_password::hash(&state, typed.password.clone()).await?;
    let new = NewAccount {
        email: contact.email(),
        phone: contact.phone(),
        name: &name,
        password_hash: &password_hash,
        language: reader.lang.code(),
    };
    match accounts::sign_up(&state.database, &new, &visitor.origin(now)).await {
        Ok(user) => enter(&state, &visitor, user, code).await,
        Err(AccountError::Taken(_)) => {
            faults.add("login", reader.say("sign-up-taken"));
            Ok(refused(back(faults, true)))
        }
        Err(AccountError::Store(error)) => Err(error.into()),
    }
}

/// Brings a new person in: to the farm that invited them, else to the first steps.
async fn enter(
    state: &AppState,
    visitor: &Visitor,
    user: UserId,
    code: Option<Code>,
) -> Result<Response, AppError> {
    let mut response = match code {
        None => Redirect::to("/welcome").into_response(),
        Some(code) => match accept(state, visitor, user, &code).await? {
            Some(farm) => done(&farm, "joined"),
            // used or taken back meanwhile: its page says so
            None => Redirect::to(&joining(&code)).into_response(),
        },
    };
    visitor.enter(state, user).await?;
    language::remember(visitor.reader.lang, &mut response);
    Ok(response)
}

/// The address of the farm that one has joined. A wrong code counts as everywhere.
async fn accept(
    state: &AppState,
    visitor: &Visitor,
    user: UserId,
    code: &Code,
) -> Result<Option<String>, AppError> {
    let (now, here) = (state.clock.now(), Subject::address(visitor.came.address));
    let limit = &state.limits.wrong_codes;
    if limit.take(&[here], now).await.is_err() {
        return Ok(None);
    }
    let joined = invitations::accept(&state.database, user, code, &visitor.origin(now)).await?;
    if joined.is_some() {
        limit.give_back(here).await;
    }
    Ok(joined.map(|(farm, _)| format!("/farms/{farm}")))
}

fn joining(code: &Code) -> String {
    format!("/join/{}", code.as_str())
}
