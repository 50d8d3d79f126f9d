//! The page of a new password as people see it.
use crate::{
    document::{Page, respond},
    forms::{Faults, Note, PasswordField},
    sign_in::Way,
    state::AppState,
    visitor::Visitor,
};
use axum::response::Response;
use domain::codes::Code;
use leptos::prelude::*;

/// The page, with the name of the person whose password it sets.
pub(super) fn page(
    state: &AppState,
    visitor: &Visitor,
    (code, way, name): (&Code, &Way, String),
    faults: Faults,
) -> Response {
    let reader = visitor.reader;
    let page = Page { title: reader.say("reset-title"), ..Page::default() };
    let action = way.through(&format!("/reset/{}", code.as_str())).into_owned();
    respond(state, visitor, page, || {
        view! {
            <div class="page__head">
                <h1>{reader.say("reset-title")}</h1>
                <p class="lead">{reader.say_with("reset-for", &[("person", &name)])}</p>
            </div>
            <form class="form" method="post" action=action>
                <PasswordField
                    reader
                    name="password"
                    label=reader.say("password-new")
                    help=Some(reader.say("password-help"))
                    faults
                    autocomplete="new-password"
                />
                <Note icon="phone" text=reader.say("reset-ends-sessions")/>
                <button class="button button--tall">{reader.say("reset-submit")}</button>
            </form>
        }
    })
}
