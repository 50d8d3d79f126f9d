//! The way into a farm by an invitation: the code is typed or stands in the link, and the page says where
//! it leads before anybody goes there.

mod view;

use crate::{
    codes::{self, Kind, Typed},
    error::AppError,
    forms::{Fields, Nothing, done},
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse as _, Redirect, Response},
};
use store::invitations::{self, Offer};

const KIND: Kind = Kind("join");

/// `GET /join`.
pub(crate) async fn ask(
    State(state): State<AppState>,
    visitor: Visitor,
    Query(typed): Query<Typed>,
) -> Response {
    codes::ask(&state, &visitor, KIND, typed)
}

/// `GET /join/{code}`.
pub(crate) async fn page(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(typed): Path<String>,
) -> Result<Response, AppError> {
    let found = codes::look_up(&state, &visitor, &typed, invitations::find).await?;
    Ok(match found {
        Some((code, offer)) => view::page(&state, &visitor, &code, offer),
        None => codes::dead(&state, &visitor, KIND),
    })
}

/// `POST /join/{code}`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(typed): Path<String>,
    Fields(Nothing {}): Fields<Nothing>,
) -> Result<Response, AppError> {
    let found = codes::look_up(&state, &visitor, &typed, invitations::find).await?;
    let Some((code, offer)) = found else { return Ok(codes::dead(&state, &visitor, KIND)) };
    let Some(account) = &visitor.account else {
        // its page shows the two ways in
        return Ok(Redirect::to(&format!("/join/{}", code.as_str())).into_response());
    };
    if has_already(&visitor, &offer) {
        return Ok(Redirect::to(&format!("/farms/{}", offer.farm)).into_response());
    }
    let origin = visitor.origin(state.clock.now());
    let joined = invitations::accept(&state.database, account.user, &code, &origin).await?;
    Ok(match joined {
        Some((farm, _)) => done(&format!("/farms/{farm}"), "joined"),
        // another was faster
        None => codes::dead(&state, &visitor, KIND),
    })
}

/// Whether the visitor may do on that farm already what the invitation offers; then it stays for another.
fn has_already(visitor: &Visitor, offer: &Offer) -> bool {
    let scope = visitor.account.as_ref().and_then(|account| account.scope(offer.farm));
    scope.is_some_and(|scope| scope.role() >= offer.role)
}
