//! A new account: a name, a phone number or e-mail address, a password. Whoever was invited joins the farm
//! at once.

mod again;
mod turns;
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
use domain::{FarmId, UserId, codes::Code};
use serde::Deserialize;
use store::{
    StoreError,
    accounts::{self, AccountError, NewAccount},
    invitations,
};
use turns::Turns;

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
    /// The identity that the account is to have: however often the form is sent, it is made once.
    id: Option<UserId>,
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
    let turns = match Turns::take(&state, &visitor).await {
        Ok(turns) => turns,
        Err(Wait(wait)) => {
            faults.add("login", say_wait(&reader, wait));
            return Ok(too_many(back(faults, false), wait));
        }
    };
    let made = make(&state, &visitor, (typed.id, &typed.password), (&name, &contact)).await;
    turns.give_back(&state, made.as_ref().ok()).await;
    match made? {
        Made::New(user) | Made::Before(user) => enter(&state, &visitor, user, code).await,
        Made::Taken => {
            faults.add("login", reader.say("sign-up-taken"));
            Ok(refused(back(faults, true)))
        }
        Made::Busy => {
            Ok(new_password::busy_page(back(new_password::busy(&reader, "password"), false)))
        }
    }
}

/// What came of a form in which everything is right.
enum Made {
    /// A new account.
    New(UserId),
    /// The account that the same form made before.
    Before(UserId),
    /// There is another account of that number or address.
    Taken,
    /// Too many passwords wait for their turn.
    Busy,
}

/// Makes the account under the form's identity, or finds what the same form has made before.
async fn make(
    state: &AppState,
    visitor: &Visitor,
    (id, password): (Option<UserId>, &str),
    (name, contact): (&str, &Contact),
) -> Result<Made, AppError> {
    let Ok(password_hash) = new_password::hash(state, password.to_owned()).await? else {
        return Ok(Made::Busy);
    };
    let new = NewAccount {
        email: contact.email(),
        phone: contact.phone(),
        name,
        password_hash: &password_hash,
        language: visitor.reader.lang.code(),
    };
    let origin = visitor.origin(state.clock.now());
    let mut id = id.unwrap_or_else(accounts::new_id);
    loop {
        match accounts::sign_up(&state.database, (id, &new), &origin).await {
            Ok(user) => return Ok(Made::New(user)),
            Err(AccountError::Store(StoreError::Conflict { constraint, .. }))
                if constraint == "users_pkey" =>
            {
                if let Some(made) = again::find(state, visitor, (id, password), contact).await? {
                    return Ok(made);
                }
                // the same page, filled in once more for somebody else
                id = accounts::new_id();
            }
            Err(AccountError::Taken(_)) => return Ok(Made::Taken),
            Err(AccountError::Store(error)) => return Err(error.into()),
        }
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
            Some(farm) => done(&format!("/farms/{farm}"), "joined"),
            // used or taken back meanwhile: its page says so
            None => Redirect::to(&joining(&code)).into_response(),
        },
    };
    visitor.enter(state, user).await?;
    language::remember(visitor.reader.lang, &mut response);
    Ok(response)
}

/// The farm that one has joined, now or by the same form before. A wrong code counts as everywhere.
async fn accept(
    state: &AppState,
    visitor: &Visitor,
    user: UserId,
    code: &Code,
) -> Result<Option<FarmId>, AppError> {
    let (now, here) = (state.clock.now(), Subject::address(visitor.came.address));
    let limit = &state.limits.wrong_codes;
    let Ok(taken) = limit.take(&[here], now).await else { return Ok(None) };
    let joined = async {
        match invitations::accept(&state.database, user, code, &visitor.origin(now)).await? {
            Some((farm, _)) => Ok(Some(farm)),
            None => invitations::came_by(&state.database, user, code).await,
        }
    };
    let joined = joined.await;
    if !matches!(joined, Ok(None)) {
        limit.give_back(here, taken).await;
    }
    Ok(joined?)
}

fn joining(code: &Code) -> String {
    format!("/join/{}", code.as_str())
}
