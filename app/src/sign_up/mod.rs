//! A new account: a name, a phone number or e-mail address, a password. Whoever was invited joins the farm
//! at once.

mod again;
mod make;
mod turns;
mod view;

use crate::{
    error::AppError,
    forms::{self, Faults, Fields, done, refused, say_wait, too_many},
    language,
    limits::{Subject, Wait},
    new_password,
    person::Contact,
    reader::Reader,
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Query, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{FarmId, UserId, codes::Code};
use make::{Made, make};
use serde::Deserialize;
use store::invitations;
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
    #[serde(default, deserialize_with = "forms::identity")]
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
    let (reader, code) = (visitor.reader, Code::parse(&typed.join));
    let back = |faults, is_taken| {
        let (name, login) = (typed.name.clone(), typed.login.clone());
        let form = view::Form { name, login, join: code.clone(), faults, is_taken };
        view::page(&state, &visitor, form)
    };
    let beside_login = |text| {
        let mut faults = Faults::default();
        faults.add("login", text);
        faults
    };
    let (name, contact) = match read(&reader, &typed).await? {
        Ok(read) => read,
        Err(faults) => return Ok(refused(back(faults, false))),
    };
    let turns = match Turns::take(&state, &visitor).await {
        Ok(turns) => turns,
        Err(Wait(wait)) => {
            let faults = beside_login(say_wait(&reader, wait));
            return Ok(too_many(back(faults, false), wait));
        }
    };
    let made = make(&state, &visitor, (typed.id, &typed.password), (&name, &contact)).await;
    turns.give_back(&state, made.as_ref().ok()).await;
    match made? {
        Made::New(user) | Made::Before(user) => enter(&state, &visitor, user, code).await,
        Made::Taken => Ok(refused(back(beside_login(reader.say("sign-up-taken")), true))),
        Made::Busy => {
            Ok(new_password::busy_page(back(new_password::busy(&reader, "password"), false)))
        }
    }
}

/// What was typed, where all of it is right; else what is wrong with each field.
async fn read(
    reader: &Reader,
    typed: &SignUp,
) -> Result<Result<(String, Contact), Faults>, AppError> {
    let mut faults = Faults::default();
    let name = forms::name(reader, ("name", &typed.name), &mut faults);
    let contact = Contact::read(&typed.login);
    if contact.is_none() {
        let empty = typed.login.trim().is_empty();
        faults.add("login", reader.say(if empty { "field-required" } else { "contact-bad" }));
    }
    let known = name.clone().into_iter().chain(contact.iter().map(|c| c.as_str().to_owned()));
    let password = ("password", typed.password.as_str());
    new_password::check(reader, password, known.collect(), &mut faults).await?;
    Ok(match name.zip(contact) {
        Some(read) if faults.is_empty() => Ok(read),
        _ => Err(faults),
    })
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
    let join = async {
        match invitations::accept(&state.database, user, code, &visitor.origin(now)).await? {
            Some((farm, _)) => Ok(Some(farm)),
            None => invitations::came_by(&state.database, user, code).await,
        }
    };
    match limit.attempt((&[here], now), join, |joined| matches!(joined, Ok(None))).await {
        Ok(joined) => Ok(joined?),
        Err(Wait(_)) => Ok(None),
    }
}

fn joining(code: &Code) -> String {
    format!("/join/{}", code.as_str())
}
