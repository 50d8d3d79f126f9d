//! Removing a member: a page that says what will happen, and the act.
use super::{
    person::{Facts, may_remove},
    view::Removal,
};
use crate::{
    access::Farm,
    document::{Page, respond},
    error::AppError,
    forms::{Fields, Nothing, done, refused},
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use leptos::prelude::*;
use store::{
    FarmScope,
    members::{self, MemberError},
};

/// `GET /farms/{farm}/members/{member}/remove`.
pub(crate) async fn page(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, member)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let facts = load(&state, &visitor, (&scope, &member)).await?;
    Ok(show(&state, &visitor, scope, facts, None))
}

/// `POST /farms/{farm}/members/{member}/remove`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, member)): Path<(String, String)>,
    visitor: Visitor,
    Fields(Nothing {}): Fields<Nothing>,
) -> Result<Response, AppError> {
    let facts = load(&state, &visitor, (&scope, &member)).await?;
    let origin = visitor.origin(state.clock.now());
    match members::remove(&state.database, &scope, facts.member.user, &origin).await {
        Ok(true) => Ok(done(&format!("/farms/{}/members", scope.farm()), "member-removed")),
        Ok(false) => Err(AppError::NotFound),
        Err(MemberError::LastAdmin) => {
            let trouble = visitor.reader.say("last-admin");
            Ok(refused(show(&state, &visitor, scope, facts, Some(trouble))))
        }
        Err(MemberError::Store(error)) => Err(error.into()),
    }
}

/// Somebody who may be removed by who asks.
async fn load(
    state: &AppState,
    visitor: &Visitor,
    named: (&FarmScope, &str),
) -> Result<Facts, AppError> {
    let facts = Facts::load(state, visitor, named).await?;
    if may_remove(named.0, &facts.member) { Ok(facts) } else { Err(AppError::NotFound) }
}

fn show(
    state: &AppState,
    visitor: &Visitor,
    scope: FarmScope,
    facts: Facts,
    trouble: Option<String>,
) -> Response {
    let (reader, farm) = (visitor.reader, scope.farm());
    let values = [("member", facts.member.name.as_str()), ("farm", facts.farm.name.as_str())];
    let title = reader.say_with("member-remove-title", &values);
    let page = Page {
        title: title.clone(),
        farm: Some((farm, facts.farm.name.clone())),
        ..Page::default()
    };
    let member = facts.member;
    respond(state, visitor, page, || view! { <Removal reader farm member title trouble/> })
}
