//! Letting a stopped farm or house go on: asked on a page that says what happens then.
use super::{Found, address, view::AskReleasing};
use crate::{
    access::Farm,
    document::{Page, respond},
    error::AppError,
    forms::{Fields, Sure, done},
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::StopId;
use leptos::prelude::*;
use store::stops;

/// `GET /farms/{farm}/stop/{stop}/release`.
pub(crate) async fn page(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let id = parse(&id)?;
    let found = Found::load(&state, &visitor, &scope).await?;
    let standing = *found.stop(id).ok_or(AppError::NotFound)?;
    let reader = visitor.reader;
    let title = match found.house(standing.stop.house) {
        Some(house) => reader.say_with("stop-release-title-house", &[("house", house)]),
        None => reader.say("stop-release-title-farm"),
    };
    let page = Page { tells_stops: true, ..found.page(title.clone()) };
    Ok(respond(&state, &visitor, page, || {
        view! { <AskReleasing reader title found standing/> }
    }))
}

/// `POST /farms/{farm}/stop/{stop}/release`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
    Fields(_): Fields<Sure>,
) -> Result<Response, AppError> {
    let (id, now) = (parse(&id)?, state.clock.now());
    let to = address(scope.farm());
    let released = stops::release(&state.database, &scope, id, &visitor.origin(now)).await?;
    if released.tell(&state.bus) {
        state.bus.farm_changed(scope.farm(), now);
        return Ok(done(&to, "stop-released"));
    }
    // a second tap, or another was faster: the page says how it stands
    let is_there =
        visitor.read(&state, &scope, async |conn| stops::is_there(conn, scope.farm(), id).await);
    match is_there.await? {
        true => Ok(Redirect::to(&to).into_response()),
        false => Err(AppError::NotFound),
    }
}

fn parse(id: &str) -> Result<StopId, AppError> {
    id.parse().map_err(|_| AppError::NotFound)
}
