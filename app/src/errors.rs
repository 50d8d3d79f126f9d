//! Pages that say what went wrong: sorry in one line, what to do, and a number to read out.
use crate::{
    document::{Page, respond},
    error::AppError,
    icons::Icon,
    language,
    reader::Reader,
    state::AppState,
    visitor::Visitor,
};
use axum::response::Response;
use http::StatusCode;
use leptos::prelude::*;

/// The page of an error. `number` is the request's, told to people where the fault is ours.
pub fn page(
    state: &AppState,
    visitor: &Visitor,
    error: AppError,
    status: StatusCode,
    number: Option<String>,
) -> Response {
    let reader = visitor.reader;
    let page = Page { title: reader.say("error-page-title"), ..Page::default() };
    let number = number.filter(|_| status.is_server_error());
    let again =
        status.is_server_error().then(|| language::page_of_ours(&visitor.address).to_owned());
    let mut response =
        respond(state, visitor, page, || view! { <Sorry reader error number again/> });
    *response.status_mut() = status;
    response
}

#[component]
fn Sorry(
    reader: Reader,
    error: AppError,
    number: Option<String>,
    /// The address to try again, where that may help.
    again: Option<String>,
) -> impl IntoView {
    let message = error.message();
    let retry = again.map(|address| {
        view! {
            <a class="button button--tall" href=address>
                <Icon name="refresh"/>
                <span>{reader.say("error-again")}</span>
            </a>
        }
    });
    let number = number.map(|number| {
        let (before, after) = reader.say_around("error-number", "number", &[]);
        view! { <p class="lead">{before}<b class="n">{number}</b>{after}</p> }
    });
    view! {
        <section class="empty">
            <svg viewBox="0 0 180 110" aria-hidden="true" inner_html=SIGNPOST></svg>
            <h1>{reader.say(message)}</h1>
            <p>{reader.say(&format!("{message}-help"))}</p>
        </section>
        <div class="group">
            {retry}
            <a class="button button--plain" href="/">
                <Icon name="home"/>
                <span>{reader.say("error-home")}</span>
            </a>
        </div>
        {number}
    }
}

/// A hen before a signpost that is crossed out.
const SIGNPOST: &str = include_str!("drawings/signpost.svg");
