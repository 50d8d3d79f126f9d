//! The sign-in page as people see it.
use crate::{
    document::{Page, respond, wordmark},
    forms::{Faults, PasswordField, TextField},
    home::scene::{Scene, scene},
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

    const fn field(self) -> &'static str {
        match self {
            Self::NoLogin => "login",
            Self::NoPassword | Self::Wrong | Self::Locked(_) => "password",
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
    let mut faults = Faults::default();
    if let Some(trouble) = trouble {
        faults.add(trouble.field(), trouble.say(&reader));
    }
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
                label=reader.say("sign-in-password")
                faults
                autocomplete="current-password"
            />
            <button class="button button--tall">{reader.say("sign-in-submit")}</button>
        </form>
    }
}
