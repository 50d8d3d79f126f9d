//! A person changes their own password. All other phones are signed out.
use crate::{
    back::Back,
    document::{Page, respond},
    error::AppError,
    forms::{Faults, Fields, Note, PasswordField, done_times, refused},
    new_password, proof,
    state::AppState,
    visitor::Visitor,
};
use axum::{extract::State, response::Response};
use leptos::prelude::*;
use serde::Deserialize;
use store::accounts;

/// What was typed.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Change {
    #[serde(default)]
    current: String,
    #[serde(default)]
    password: String,
}

/// `GET /account/password`.
pub(crate) async fn password_page(State(state): State<AppState>, visitor: Visitor) -> Response {
    page(&state, &visitor, Faults::default())
}

/// `POST /account/password`.
pub(crate) async fn change_password(
    State(state): State<AppState>,
    visitor: Visitor,
    Fields(typed): Fields<Change>,
) -> Result<Response, AppError> {
    let reader = visitor.reader;
    let profile = super::own(&state, &visitor).await?;
    let mut faults = Faults::default();
    let known = [Some(profile.name), profile.email, profile.phone, profile.username];
    let known = known.into_iter().flatten().collect();
    new_password::check(&reader, ("password", &typed.password), known, &mut faults).await?;
    if !faults.is_empty() {
        return Ok(refused(page(&state, &visitor, faults)));
    }
    let both = (typed.current.as_str(), typed.password.as_str());
    match proof::password_before(&state, &visitor, both).await? {
        Ok(None) => {}
        // sent twice
        Ok(Some(ended)) => return Ok(done_times("/account", "password-changed", ended)),
        Err(doubt) => {
            faults.add("current", doubt.say(&reader));
            return Ok(doubt.mark(page(&state, &visitor, faults)));
        }
    }
    let Ok(hash) = new_password::hash(&state, typed.password).await? else {
        let faults = new_password::busy(&reader, "password");
        return Ok(new_password::busy_page(page(&state, &visitor, faults)));
    };
    let (user, origin) = (visitor.account()?.user, visitor.origin(state.clock.now()));
    let change = (hash.as_str(), visitor.token()?);
    let ended = accounts::change_password(&state.database, user, change, &origin).await?;
    for token in &ended {
        state.cache.forget_session(token).await;
    }
    Ok(done_times("/account", "password-changed", ended.len()))
}

fn page(state: &AppState, visitor: &Visitor, faults: Faults) -> Response {
    let reader = visitor.reader;
    let page = Page { title: reader.say("account-password"), ..Page::default() };
    respond(state, visitor, page, || {
        view! {
            <h1>{reader.say("account-password")}</h1>
            <form class="form" method="post" action="/account/password">
                <PasswordField
                    reader
                    name="current"
                    label=reader.say("password-current")
                    faults=faults.clone()
                    autocomplete="current-password"
                />
                <PasswordField
                    reader
                    name="password"
                    label=reader.say("password-new")
                    help=Some(reader.say("password-help"))
                    faults
                    autocomplete="new-password"
                />
                <Note icon="phone" text=reader.say("account-password-ends-others")/>
                <button class="button button--tall">{reader.say("account-password")}</button>
            </form>
            <Back reader to="/account"/>
        }
    })
}
