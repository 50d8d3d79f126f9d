//! The page of a new account as people see it.
use crate::{
    document::{Page, respond},
    forms::{Faults, Note, PasswordField, TextField},
    icons::Icon,
    reader::Reader,
    state::AppState,
    visitor::Visitor,
};
use axum::response::Response;
use domain::codes::Code;
use leptos::prelude::*;
use store::accounts;

/// What the form shows.
#[derive(Debug, Clone, Default)]
pub(super) struct Form {
    /// The name as it was typed.
    pub(super) name: String,
    /// The phone number or e-mail address as it was typed.
    pub(super) login: String,
    /// The invitation that one came by.
    pub(super) join: Option<Code>,
    /// What is wrong.
    pub(super) faults: Faults,
    /// Whether there is an account of that number or address.
    pub(super) is_taken: bool,
}

/// The page.
pub(super) fn page(state: &AppState, visitor: &Visitor, form: Form) -> Response {
    let reader = visitor.reader;
    let page = Page { title: reader.say("sign-up-title"), ..Page::default() };
    respond(state, visitor, page, || view! { <NewAccount reader form/> })
}

#[component]
fn NewAccount(reader: Reader, form: Form) -> impl IntoView {
    let Form { name, login, join, faults, is_taken } = form;
    let door = match &join {
        Some(code) => format!("/sign-in?next=/join/{}", code.as_str()),
        None => "/sign-in".to_owned(),
    };
    let joins = join.is_some().then(|| {
        view! { <Note kind="good" icon="home" text=reader.say("sign-up-joins")/> }
    });
    let enter = |class: &'static str| {
        view! {
            <a class=class href=door.clone()>
                <Icon name="key"/>
                <span>{reader.say("sign-up-have")}</span>
            </a>
        }
    };
    view! {
        <div class="page__head">
            <h1>{reader.say("sign-up-title")}</h1>
            <p class="lead">{reader.say("sign-up-lead")}</p>
        </div>
        {joins}
        <form class="form" method="post" action="/sign-up">
            <input type="hidden" name="id" value=accounts::new_id().to_string()/>
            {join.map(|code| view! { <input type="hidden" name="join" value=code.as_str().to_owned()/> })}
            <TextField
                name="name"
                label=reader.say("person-name")
                value=name
                faults=faults.clone()
                autocomplete="name"
            />
            <div class="group">
                <TextField
                    name="login"
                    label=reader.say("sign-up-login")
                    help=Some(reader.say("sign-up-login-help"))
                    value=login
                    faults=faults.clone()
                    autocomplete="username"
                />
                {is_taken.then(|| enter("button button--plain"))}
            </div>
            <PasswordField
                reader
                name="password"
                label=reader.say("password")
                help=Some(reader.say("password-help"))
                faults
                autocomplete="new-password"
            />
            <button class="button button--tall">{reader.say("sign-up-submit")}</button>
        </form>
        {(!is_taken).then(|| enter("button button--plain"))}
    }
}
