//! Codes that visitors bring: typed on a page of their own, or in the link they came by. Wrong ones are
//! counted by address, so that nobody finds a right one by trying.
use crate::{
    document::{Page, respond},
    error::AppError,
    forms::{Faults, TextField, refused, say_wait, too_many},
    icons::Icon,
    limits::{Subject, Wait},
    reader::Reader,
    sign_in::{Way, WayFields},
    state::AppState,
    visitor::Visitor,
};
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::{Timestamp, codes::Code};
use http::StatusCode;
use leptos::prelude::*;
use serde::Deserialize;
use std::time::Duration;
use store::{AsyncPgConnection, StoreError};

/// What the page of a code was asked with. What else stands in a link (many apps add to it) is left alone.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Typed {
    code: Option<String>,
}

/// What such a page is about: messages are `{name}-title`, `{name}-lead`, `{name}-dead` and so on, its
/// address is `/{name}`.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind(pub(crate) &'static str);

/// Why a code opens nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Shut {
    /// It leads nowhere: it was never made, used, taken back or too old.
    Dead,
    /// Too many wrong ones came from there: how long to wait, and what was typed.
    Wait(Duration, String),
}

/// The page on which a code is typed, or the way on with the one that was.
pub(crate) fn ask(
    state: &AppState,
    visitor: &Visitor,
    (kind, way): (Kind, &Way),
    typed: Typed,
) -> Response {
    let Some(typed) = typed.code else {
        return form(state, visitor, (kind, way), String::new(), Faults::default());
    };
    if let Some(code) = Code::parse(&typed) {
        let address = format!("/{}/{}", kind.0, code.as_str());
        return Redirect::to(&way.through(&address)).into_response();
    }
    let mut faults = Faults::default();
    let fault = if typed.trim().is_empty() { "field-required" } else { "code-bad" };
    faults.add("code", visitor.reader.say(fault));
    refused(form(state, visitor, (kind, way), typed, faults))
}

/// Looks up what a code leads to; wrong ones count.
pub(crate) async fn look_up<T>(
    state: &AppState,
    visitor: &Visitor,
    typed: &str,
    find: impl AsyncFnOnce(&mut AsyncPgConnection, &Code, Timestamp) -> Result<Option<T>, StoreError>,
) -> Result<Result<(Code, T), Shut>, AppError> {
    let Some(code) = Code::parse(typed) else { return Ok(Err(Shut::Dead)) };
    let (now, here) = (state.clock.now(), Subject::address(visitor.came.address));
    let limit = &state.limits.wrong_codes;
    let look = async {
        let mut conn = state.database.get().await?;
        find(&mut conn, &code, now).await
    };
    match limit.attempt((&[here], now), look, |found| matches!(found, Ok(None))).await {
        Ok(found) => Ok(found?.map(|found| (code, found)).ok_or(Shut::Dead)),
        Err(Wait(wait)) => Ok(Err(Shut::Wait(wait, code.to_string()))),
    }
}

/// The page of a code that opens nothing.
pub(crate) fn shut(
    state: &AppState,
    visitor: &Visitor,
    (kind, way): (Kind, &Way),
    shut: Shut,
) -> Response {
    match shut {
        Shut::Dead => dead(state, visitor, (kind, way)),
        Shut::Wait(wait, typed) => {
            let mut faults = Faults::default();
            faults.add("code", say_wait(&visitor.reader, wait));
            too_many(form(state, visitor, (kind, way), typed, faults), wait)
        }
    }
}

fn dead(state: &AppState, visitor: &Visitor, (kind, way): (Kind, &Way)) -> Response {
    let reader = visitor.reader;
    let other = way.through(&format!("/{}", kind.0)).into_owned();
    let page = Page { title: say(&reader, kind, "title"), ..Page::default() };
    let mut response = respond(state, visitor, page, || {
        view! {
            <div class="page__head">
                <h1>{say(&reader, kind, "dead")}</h1>
                <p class="lead">{say(&reader, kind, "dead-help")}</p>
            </div>
            <div class="group">
                <a class="button" href=other>
                    <Icon name="edit"/>
                    <span>{reader.say("code-other")}</span>
                </a>
                <a class="button button--plain" href="/">
                    <Icon name="home"/>
                    <span>{reader.say("error-home")}</span>
                </a>
            </div>
        }
    });
    *response.status_mut() = StatusCode::NOT_FOUND;
    response
}

fn form(
    state: &AppState,
    visitor: &Visitor,
    (kind, way): (Kind, &Way),
    typed: String,
    faults: Faults,
) -> Response {
    let way = way.clone();
    let reader = visitor.reader;
    let page = Page { title: say(&reader, kind, "title"), ..Page::default() };
    respond(state, visitor, page, || {
        view! {
            <div class="page__head">
                <h1>{say(&reader, kind, "title")}</h1>
                <p class="lead">{say(&reader, kind, "lead")}</p>
            </div>
            // the code becomes a part of the address: nothing is written
            <form class="form" method="get" action=format!("/{}", kind.0)>
                <WayFields way/>
                <TextField
                    name="code"
                    label=reader.say("code-label")
                    help=Some(reader.say("code-help"))
                    value=typed
                    faults
                    autocomplete="one-time-code"
                    maxlength=40
                />
                <button class="button button--tall">
                    <Icon name="next"/>
                    <span>{reader.say("next")}</span>
                </button>
            </form>
        }
    })
}

fn say(reader: &Reader, Kind(name): Kind, what: &str) -> String {
    reader.say(&format!("{name}-{what}"))
}
