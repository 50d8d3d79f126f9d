//! The sign-in page as people see it.
use crate::{
    document::{Page, respond, wordmark},
    home::scene::{Scene, scene},
    icons::Icon,
    reader::Reader,
    state::{AppState, Assets},
    visitor::Visitor,
};
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use leptos::prelude::*;
use std::{sync::Arc, time::Duration};

/// What was wrong with what was typed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Trouble {
    /// No name.
    NoLogin,
    /// No password.
    NoPassword,
    /// They do not belong together, or there is no such account.
    Wrong,
    /// Too many wrong ones: how long to wait.
    Locked(Duration),
}

impl Trouble {
    const fn status(self) -> StatusCode {
        match self {
            Self::Locked(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::NoLogin | Self::NoPassword | Self::Wrong => StatusCode::UNPROCESSABLE_ENTITY,
        }
    }

    fn say(self, reader: &Reader) -> String {
        match self {
            Self::NoLogin | Self::NoPassword => reader.say("field-required"),
            Self::Wrong => reader.say("sign-in-wrong"),
            Self::Locked(wait) => {
                let minutes = seconds(wait).div_ceil(60);
                reader.say_with("sign-in-busy", &[("n", &reader.whole(minutes.into()))])
            }
        }
    }

    /// After how many seconds it is worth to try again.
    fn retry_after_s(self) -> Option<u16> {
        match self {
            Self::Locked(wait) => Some(seconds(wait)),
            Self::NoLogin | Self::NoPassword | Self::Wrong => None,
        }
    }
}

/// Whole seconds, rounded up.
fn seconds(wait: Duration) -> u16 {
    u16::try_from(wait.as_millis().div_ceil(1000)).unwrap_or(u16::MAX)
}

/// The page, with what was typed and what was wrong with it.
pub(super) fn page(
    state: &AppState,
    visitor: &Visitor,
    login: &str,
    trouble: Option<Trouble>,
) -> Response {
    let reader = visitor.reader;
    let page = Page { title: reader.say("sign-in-title"), class: "page--flush", ..Page::default() };
    let login = login.to_owned();
    let mut response = respond(state, visitor, page, || view! { <Door reader login trouble/> });
    if let Some(trouble) = trouble {
        *response.status_mut() = trouble.status();
        if let Some(seconds) = trouble.retry_after_s() {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
    }
    response
}

#[component]
fn Door(reader: Reader, login: String, trouble: Option<Trouble>) -> impl IntoView {
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
            <p class="lead">{reader.say("sign-in-lead")}</p>
        </div>
        <form class="form" method="post">
            <LoginField reader login error=trouble.filter(|t| *t == Trouble::NoLogin)/>
            <PasswordField reader error=trouble.filter(|t| *t != Trouble::NoLogin)/>
            <button class="button button--tall">{reader.say("sign-in-submit")}</button>
        </form>
    }
}

#[component]
fn LoginField(reader: Reader, login: String, error: Option<Trouble>) -> impl IntoView {
    let described = if error.is_some() { "login-help login-error" } else { "login-help" };
    view! {
        <div class="field">
            <label for="login">{reader.say("sign-in-login")}</label>
            <p class="field__help" id="login-help">{reader.say("sign-in-login-help")}</p>
            {error.map(|error| view! { <FieldError id="login-error" text=error.say(&reader)/> })}
            <input
                class=input_class(error)
                id="login"
                name="login"
                value=login
                autocomplete="username"
                autocapitalize="none"
                maxlength="254"
                aria-invalid=error.map(|_| "true")
                aria-describedby=described
            />
        </div>
    }
}

#[component]
fn PasswordField(reader: Reader, error: Option<Trouble>) -> impl IntoView {
    view! {
        <div class="field">
            <label for="password">{reader.say("sign-in-password")}</label>
            {error.map(|error| view! { <FieldError id="password-error" text=error.say(&reader)/> })}
            <div class="reveal">
                <input
                    class=input_class(error)
                    id="password"
                    name="password"
                    type="password"
                    autocomplete="current-password"
                    aria-invalid=error.map(|_| "true")
                    aria-describedby=error.map(|_| "password-error")
                    autofocus=error.is_some()
                />
                <button
                    class="button button--plain"
                    type="button"
                    hidden
                    data-shows="password"
                    data-hide=reader.say("sign-in-hide")
                    aria-pressed="false"
                >
                    <Icon name="eye"/>
                    <span>{reader.say("sign-in-show")}</span>
                </button>
            </div>
        </div>
    }
}

#[component]
fn FieldError(id: &'static str, text: String) -> impl IntoView {
    view! { <p class="error" id=id><Icon name="critical"/><span>{text}</span></p> }
}

const fn input_class(error: Option<Trouble>) -> &'static str {
    if error.is_some() { "input input--error" } else { "input" }
}
