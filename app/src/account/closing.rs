//! The end of an account, for a while or for good: first what happens and what stays, then the password.
//! A farm's last admin hands it over first.
use crate::{
    back::Back,
    document::{Page, respond},
    error::AppError,
    forms::{Faults, Fields, Note, PasswordField, done},
    icons::Icon,
    proof,
    reader::Reader,
    state::AppState,
    visitor::Visitor,
};
use axum::{extract::State, response::Response};
use domain::FarmId;
use leptos::prelude::*;
use serde::Deserialize;
use store::{accounts, members::MemberError};

/// What was typed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Confirmed {
    #[serde(default)]
    password: String,
}

/// How the account ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Closing {
    /// Until the operator opens it again.
    Deactivate,
    /// For good.
    Delete,
}

impl Closing {
    /// The end of the address, and the middle of the messages.
    const fn name(self) -> &'static str {
        match self {
            Self::Deactivate => "deactivate",
            Self::Delete => "delete",
        }
    }

    /// What it says of itself: `account-delete-title` and so on.
    fn say(self, reader: &Reader, what: &str) -> String {
        reader.say(&format!("account-{}-{what}", self.name()))
    }
}

/// `GET /account/deactivate`.
pub(crate) async fn deactivate_page(
    State(state): State<AppState>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    page(&state, &visitor, Closing::Deactivate, Faults::default()).await
}

/// `GET /account/delete`.
pub(crate) async fn delete_page(
    State(state): State<AppState>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    page(&state, &visitor, Closing::Delete, Faults::default()).await
}

/// `POST /account/deactivate`.
pub(crate) async fn deactivate(
    State(state): State<AppState>,
    visitor: Visitor,
    Fields(typed): Fields<Confirmed>,
) -> Result<Response, AppError> {
    close(&state, &visitor, Closing::Deactivate, &typed.password).await
}

/// `POST /account/delete`.
pub(crate) async fn delete(
    State(state): State<AppState>,
    visitor: Visitor,
    Fields(typed): Fields<Confirmed>,
) -> Result<Response, AppError> {
    close(&state, &visitor, Closing::Delete, &typed.password).await
}

async fn close(
    state: &AppState,
    visitor: &Visitor,
    closing: Closing,
    password: &str,
) -> Result<Response, AppError> {
    let mut faults = Faults::default();
    if let Err(doubt) = proof::password(state, visitor, password).await? {
        faults.add("password", doubt.say(&visitor.reader));
        return Ok(doubt.mark(page(state, visitor, closing, faults).await?));
    }
    let (account, origin) = (visitor.account()?, visitor.origin(state.clock.now()));
    let ended = match closing {
        Closing::Deactivate => accounts::deactivate(&state.database, account, &origin).await,
        Closing::Delete => accounts::delete(&state.database, account, &origin).await,
    };
    match ended {
        Ok(ended) => {
            for token in &ended {
                state.cache.forget_session(token).await;
            }
            // the browser's own cookie goes too
            visitor.leave(state).await?;
            let done_what = match closing {
                Closing::Deactivate => "account-deactivated",
                Closing::Delete => "account-deleted",
            };
            Ok(done("/sign-in", done_what))
        }
        Err(MemberError::LastAdmin) => {
            faults.add("password", visitor.reader.say("last-admin"));
            Ok(crate::forms::refused(page(state, visitor, closing, faults).await?))
        }
        Err(MemberError::Store(error)) => Err(error.into()),
    }
}

async fn page(
    state: &AppState,
    visitor: &Visitor,
    closing: Closing,
    faults: Faults,
) -> Result<Response, AppError> {
    let farms = accounts::needed_by(&state.database, visitor.account()?).await?;
    let reader = visitor.reader;
    let page = Page { title: closing.say(&reader, "title"), ..Page::default() };
    Ok(respond(state, visitor, page, || {
        let what_happens = ["first", "second", "stays"].map(|what| {
            let icon = if what == "stays" { "check" } else { "info" };
            view! { <Note icon text=closing.say(&reader, what)/> }
        });
        let next = if farms.is_empty() {
            view! { <Confirm reader closing faults/> }.into_any()
        } else {
            view! { <HandOver reader farms/> }.into_any()
        };
        view! {
            <h1>{closing.say(&reader, "title")}</h1>
            <div class="group">{what_happens.collect_view()}</div>
            {next}
            <Back reader to="/account" word="cancel"/>
        }
    }))
}

#[component]
fn Confirm(reader: Reader, closing: Closing, faults: Faults) -> impl IntoView {
    view! {
        <form class="form" method="post" action=format!("/account/{}", closing.name())>
            <PasswordField
                reader
                name="password"
                label=reader.say("password-current")
                help=Some(reader.say("password-again"))
                faults
                autocomplete="current-password"
            />
            <button class="button button--tall button--danger">
                {closing.say(&reader, "submit")}
            </button>
        </form>
    }
}

/// The farms that would be without an admin, each with the way to its members.
#[component]
fn HandOver(reader: Reader, farms: Vec<(FarmId, String)>) -> impl IntoView {
    let rows = farms.into_iter().map(|(farm, name)| {
        view! {
            <li>
                <a class="row" href=format!("/farms/{farm}/members")>
                    <Icon name="people"/>
                    <span><b>{name}</b><small>{reader.say("account-hand-over")}</small></span>
                </a>
            </li>
        }
    });
    view! {
        <Note kind="warn" icon="warning" text=reader.say("last-admin")/>
        <ul class="list">{rows.collect_view()}</ul>
    }
}
