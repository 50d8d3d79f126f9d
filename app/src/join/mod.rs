//! The way into a farm by an invitation: the code is typed or stands in the link, and the page says where
//! it leads before anybody goes there.

mod view;

use crate::{
    codes::{self, Kind, Shut, Typed},
    error::AppError,
    forms::{Fields, Nothing, done},
    sign_in::Way,
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Path, Query, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{FarmId, codes::Code};
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
    way: Way,
    Path(typed): Path<String>,
) -> Result<Response, AppError> {
    let found = codes::look_up(&state, &visitor, &typed, invitations::find).await?;
    Ok(match found {
        Ok((code, offer)) => view::page(&state, &visitor, &code, offer),
        Err(shut) => codes::shut(&state, &visitor, (KIND, &way), shut),
    })
}

/// `POST /join/{code}`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    visitor: Visitor,
    way: Way,
    Path(typed): Path<String>,
    Fields(Nothing {}): Fields<Nothing>,
) -> Result<Response, AppError> {
    if let (Some(account), Some(code)) = (&visitor.account, Code::parse(&typed))
        && let Some(farm) = invitations::came_by(&state.database, account.user, &code).await?
    {
        // sent twice, the first has let them in
        return Ok(joined(farm));
    }
    let (code, offer) = match codes::look_up(&state, &visitor, &typed, invitations::find).await? {
        Ok(found) => found,
        Err(shut) => return Ok(codes::shut(&state, &visitor, (KIND, &way), shut)),
    };
    let Some(account) = &visitor.account else {
        // its page shows the two ways in
        return Ok(Redirect::to(&format!("/join/{}", code.as_str())).into_response());
    };
    if has_already(&visitor, &offer) {
        return Ok(Redirect::to(&format!("/farms/{}", offer.farm)).into_response());
    }
    let origin = visitor.origin(state.clock.now());
    if let Some((farm, _)) =
        invitations::accept(&state.database, account.user, &code, &origin).await?
    {
        return Ok(joined(farm));
    }
    // another was faster, or their own first tap
    Ok(match invitations::came_by(&state.database, account.user, &code).await? {
        Some(farm) => joined(farm),
        None => codes::shut(&state, &visitor, (KIND, &way), Shut::Dead),
    })
}

fn joined(farm: FarmId) -> Response {
    done(&format!("/farms/{farm}"), "joined")
}

/// Whether the visitor may do on that farm already what the invitation offers; then it stays for another.
fn has_already(visitor: &Visitor, offer: &Offer) -> bool {
    let scope = visitor.account.as_ref().and_then(|account| account.scope(offer.farm));
    scope.is_some_and(|scope| scope.role() >= offer.role)
}
