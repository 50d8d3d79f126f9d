//! Help with a forgotten password: a one-time code, shown to who asked for it for as long as they stay on its
//! page, ten minutes at most. The server keeps nothing but its hash; another one can be made at any time.
use super::{
    person::{Facts, Trouble, show},
    view::ResetCode,
};
use crate::{
    access::Farm,
    document::{Page, respond, secret},
    error::AppError,
    forms::{Fields, refused},
    once::{self, Once},
    state::AppState,
    ticket::Handover,
    visitor::Visitor,
};
use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{Timestamp, UserId, codes::Code};
use leptos::prelude::*;
use serde::Deserialize;
use std::time::Duration;
use store::{
    FarmScope, StoreError,
    resets::{self, Open},
};

/// Long enough to call somebody and read it out. Who holds it can enter the account.
const LASTS: Duration = Duration::from_secs(60 * 60);

const PURPOSE: &str = "reset";

/// The form.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wish {
    /// What the code follows from.
    once: Option<Once>,
}

/// `POST /farms/{farm}/members/{member}/reset`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, member)): Path<(String, String)>,
    mut visitor: Visitor,
    Fields(Wish { once }): Fields<Wish>,
) -> Result<Response, AppError> {
    let facts = Facts::load(&state, &visitor, (&scope, &member)).await?;
    if !scope.role().may_reset(facts.member.role) {
        return Err(AppError::Forbidden);
    }
    let once = once.unwrap_or_else(Once::new);
    let member = facts.member.user;
    let Some(once) = issue(&state, &visitor, &scope, (member, once)).await? else {
        visitor.address = format!("/farms/{}/members/{member}", scope.farm());
        let trouble = Trouble { needs_operator: true, ..Trouble::default() };
        return Ok(refused(show(&state, &visitor, scope, facts, trouble)));
    };
    let here = format!("/farms/{}/members/{member}/reset", scope.farm());
    let mut response = Redirect::to(&here).into_response();
    once.keep(&mut response, &visitor);
    Ok(response)
}

/// Issues the code of a form, once; tells what it follows from. Nothing if it is not the farm's to issue.
async fn issue(
    state: &AppState,
    visitor: &Visitor,
    scope: &FarmScope,
    (member, mut once): (UserId, Once),
) -> Result<Option<Once>, AppError> {
    let origin = visitor.origin(state.clock.now());
    let ours = ours(state, visitor, member).await?;
    loop {
        let code = once.code(PURPOSE, &ours, 0);
        let wish = (member, &code, origin.at.plus(LASTS));
        match resets::issue(&state.database, scope, wish, &origin).await {
            Ok(is_issued) => return Ok(is_issued.then_some(once)),
            Err(StoreError::Conflict { constraint, .. })
                if constraint == "reset_codes_code_hash_key" =>
            {
                // sent twice; but who comes back to the form after the code was used, or when it is not shown
                // any more, wants another
                if shown(state, &code, member).await?.is_some() {
                    return Ok(Some(once));
                }
                once = Once::new();
            }
            Err(error) => return Err(error.into()),
        }
    }
}

/// `GET /farms/{farm}/members/{member}/reset`: the code again, for who has just made it and until it is used.
pub(crate) async fn page(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, member)): Path<(String, String)>,
    mut visitor: Visitor,
) -> Result<Response, AppError> {
    let facts = Facts::load(&state, &visitor, (&scope, &member)).await?;
    visitor.settle().await;
    let member = facts.member.user;
    if let Some(once) = visitor.once.take() {
        let code = once.code(PURPOSE, &ours(&state, &visitor, member).await?, 0);
        if let Some(open) = shown(&state, &code, member).await? {
            let handover = Handover::new(&state, "reset", code);
            let until = open.expires_at;
            return Ok(secret(code_page(&state, &visitor, scope, (facts, handover, until))));
        }
    }
    Ok(Redirect::to(&format!("/farms/{}/members/{member}", scope.farm())).into_response())
}

/// What a code still opens that was made so lately that it is still shown.
async fn shown(state: &AppState, code: &Code, member: UserId) -> Result<Option<Open>, AppError> {
    let now = state.clock.now();
    let mut connection = state.database.get().await?;
    let found = resets::find(&mut connection, code, now).await?;
    let is_shown = |open: &Open| once::is_shown(open.expires_at.minus(LASTS), now);
    Ok(found.filter(|open| open.user == member && is_shown(open)))
}

/// What goes into the code beside the form's identity.
async fn ours(state: &AppState, visitor: &Visitor, member: UserId) -> Result<Vec<u8>, AppError> {
    once::servers_part(state, visitor, member.0.as_bytes()).await
}

fn code_page(
    state: &AppState,
    visitor: &Visitor,
    scope: FarmScope,
    (facts, handover, until): (Facts, Handover, Timestamp),
) -> Response {
    let reader = visitor.reader;
    let until = reader.when(until, state.clock.now(), facts.zone());
    let page = Page {
        title: reader.say("member-reset-title"),
        farm: Some((scope.farm(), facts.farm.name.clone())),
        ..Page::default()
    };
    let (farm, member) = (scope.farm(), facts.member);
    respond(state, visitor, page, || view! { <ResetCode reader farm member handover until/> })
}
