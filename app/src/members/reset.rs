//! Help with a forgotten password: a one-time code, shown once to who asked for it. Nothing keeps it but
//! its hash, so no page can show it again; another one can be made at any time.
use super::{
    person::{Facts, Trouble, show},
    view::ResetCode,
};
use crate::{
    access::Farm,
    document::{Page, respond, secret},
    error::AppError,
    forms::{Fields, Nothing, refused},
    state::AppState,
    ticket::{Handover, new_code},
    visitor::Visitor,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::Timestamp;
use leptos::prelude::*;
use std::time::Duration;
use store::{FarmScope, resets};

/// Long enough to call somebody and read it out. Who holds it can enter the account.
const LASTS: Duration = Duration::from_secs(60 * 60);

/// `POST /farms/{farm}/members/{member}/reset`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, member)): Path<(String, String)>,
    visitor: Visitor,
    Fields(Nothing {}): Fields<Nothing>,
) -> Result<Response, AppError> {
    let facts = Facts::load(&state, &visitor, (&scope, &member)).await?;
    if !scope.role().may_reset(facts.member.role) {
        return Err(AppError::Forbidden);
    }
    let now = state.clock.now();
    let (code, until) = (new_code(), now.plus(LASTS));
    let wish = (facts.member.user, &code, until);
    if !resets::issue(&state.database, &scope, wish, &visitor.origin(now)).await? {
        let trouble = Trouble { needs_operator: true, ..Trouble::default() };
        return Ok(refused(show(&state, &visitor, scope, facts, trouble)));
    }
    let handover = Handover::new(&state, "reset", code);
    Ok(secret(code_page(&state, &visitor, scope, (facts, handover, until))))
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
