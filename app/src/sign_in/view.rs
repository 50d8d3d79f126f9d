//! The door's pages as people see them.
use super::{
    Typed,
    trouble::Trouble,
    way::{CODE, Way},
};
use crate::{
    back::Back,
    document::{Page, respond, wordmark},
    forms::{Faults, PasswordField, TextField},
    home::{Scene, scene},
    icons::Icon,
    reader::Reader,
    state::{AppState, Assets},
    visitor::Visitor,
};
use axum::response::Response;
use leptos::prelude::*;
use std::sync::Arc;

/// The door, with what was typed and what was wrong with it.
pub(super) fn page(
    state: &AppState,
    visitor: &Visitor,
    way: &Way,
    typed: &Typed,
    trouble: Option<Trouble>,
) -> Response {
    let reader = visitor.reader;
    let page = Page { title: reader.say("sign-in-title"), class: "page--flush", ..Page::default() };
    let mut faults = Faults::default();
    if let Some(trouble) = trouble {
        faults.add(trouble.field(), trouble.say(&reader));
    }
    let (action, login) = (way.through("/sign-in").into_owned(), typed.login.clone());
    let is_borrowed = typed.borrowed.is_some();
    let others = [way.to_sign_up(), "/join".to_owned(), way.through("/reset").into_owned()];
    let page = respond(state, visitor, page, || {
        view! { <Door reader action login is_borrowed faults others/> }
    });
    match trouble {
        Some(trouble) => trouble.mark(page),
        None => page,
    }
}

/// The page that asks for the code, with what was wrong with a field.
pub(super) fn code_page(
    state: &AppState,
    visitor: &Visitor,
    way: &Way,
    trouble: Option<(&'static str, Trouble)>,
) -> Response {
    let reader = visitor.reader;
    let page = Page { title: reader.say("sign-in-code-title"), ..Page::default() };
    let mut faults = Faults::default();
    if let Some((field, trouble)) = trouble {
        faults.add(field, trouble.say(&reader));
    }
    let action = way.through(CODE).into_owned();
    let back = way.through("/sign-in").into_owned();
    let page = respond(state, visitor, page, || view! { <SecondStep reader action back faults/> });
    match trouble {
        Some((_, trouble)) => trouble.mark(page),
        None => page,
    }
}

#[component]
fn Door(
    reader: Reader,
    action: String,
    login: String,
    is_borrowed: bool,
    faults: Faults,
    /// Where those go who have no account, an invitation, or no password any more.
    others: [String; 3],
) -> impl IntoView {
    let [sign_up, join, reset] = others;
    let logo = expect_context::<Arc<Assets>>().address("logo.svg");
    view! {
        <div class="door">
            {scene(&Scene::welcome())}
            <div class="door__brand">
                <img src=logo alt="" width="76" height="76"/>
                {wordmark(reader.say("brand"))}
            </div>
        </div>
        <div class="page__head">
            <h1>{reader.say("sign-in-title")}</h1>
            <p class="lead">{reader.say("app-description")}</p>
        </div>
        <form class="form" method="post" action=action>
            <TextField
                name="login"
                label=reader.say("sign-in-login")
                help=Some(reader.say("sign-in-login-help"))
                value=login
                faults=faults.clone()
                autocomplete="username"
            />
            <PasswordField
                reader
                name="password"
                label=reader.say("password")
                faults
                autocomplete="current-password"
            />
            <label class="choice">
                <input type="checkbox" name="borrowed" value="yes" checked=is_borrowed/>
                <span class="choice__box">
                    <Icon name="phone" class="i--l"/>
                    <span>
                        <b>{reader.say("sign-in-borrowed")}</b>
                        <small>{reader.say("sign-in-borrowed-help")}</small>
                    </span>
                    <Icon name="check" class="choice__tick"/>
                </span>
            </label>
            <button class="button button--tall">{reader.say("sign-in-submit")}</button>
        </form>
        <div class="group">
            <Other to=sign_up icon="person" word=reader.say("sign-in-no-account")/>
            <Other to=join icon="key" word=reader.say("sign-in-invited")/>
            <Other to=reset icon="question" word=reader.say("sign-in-forgotten")/>
        </div>
    }
}

/// Another way in.
#[component]
fn Other(to: String, icon: &'static str, word: String) -> impl IntoView {
    view! { <a class="button button--plain" href=to><Icon name=icon/><span>{word}</span></a> }
}

#[component]
fn SecondStep(reader: Reader, action: String, back: String, faults: Faults) -> impl IntoView {
    let is_recovery = faults.of("recovery").is_some();
    view! {
        <div class="page__head">
            <h1>{reader.say("sign-in-code-title")}</h1>
            <p class="lead">{reader.say("sign-in-code-lead")}</p>
        </div>
        <form class="form" method="post" action=action.clone()>
            <TextField
                name="code"
                label=reader.say("sign-in-code")
                value=String::new()
                faults=faults.clone()
                autocomplete="one-time-code"
                inputmode=Some("numeric")
                maxlength=20
            />
            <button class="button button--tall">{reader.say("sign-in-submit")}</button>
        </form>
        <details class="more" open=is_recovery>
            <summary><Icon name="down"/><span>{reader.say("sign-in-lost")}</span></summary>
            <form class="form" method="post" action=action>
                <TextField
                    name="recovery"
                    label=reader.say("sign-in-recovery")
                    help=Some(reader.say("sign-in-recovery-help"))
                    value=String::new()
                    faults
                    maxlength=20
                />
                <button class="button button--tall">{reader.say("sign-in-submit")}</button>
            </form>
        </details>
        <div class="group">
            <Back reader to=back/>
        </div>
    }
}
