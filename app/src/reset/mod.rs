//! A new password by a code that somebody with the right has read out. It signs nobody in, and a second
//! factor stays.

mod submit;
mod view;

pub(crate) use submit::submit;

use crate::{
    codes::{self, Kind, Typed},
    document::secret,
    error::AppError,
    forms::Faults,
    sign_in::Way,
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use store::resets;

const KIND: Kind = Kind("reset");

/// `GET /reset`.
pub(crate) async fn ask(
    State(state): State<AppState>,
    visitor: Visitor,
    way: Way,
    Query(typed): Query<Typed>,
) -> Response {
    codes::ask(&state, &visitor, (KIND, &way), typed)
}

/// `GET /reset/{code}`.
pub(crate) async fn page(
    State(state): State<AppState>,
    visitor: Visitor,
    way: Way,
    Path(typed): Path<String>,
) -> Result<Response, AppError> {
    let found = codes::look_up(&state, &visitor, &typed, resets::find).await?;
    Ok(secret(match found {
        Ok((code, whose)) => {
            view::page(&state, &visitor, (&code, &way, whose.name), Faults::default())
        }
        Err(shut) => codes::shut(&state, &visitor, (KIND, &way), shut),
    }))
}
