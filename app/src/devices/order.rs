//! Where a device stands among those of its house. The form says the place itself and not "one further", so that
//! two taps are as one.
use crate::{
    access::Farm,
    error::AppError,
    forms::{Fields, done},
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::DeviceId;
use serde::Deserialize;
use store::devices;

/// What was tapped.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Order {
    /// Counted from 0.
    place: u16,
}

/// `POST /farms/{farm}/devices/{device}/order`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
    Fields(Order { place }): Fields<Order>,
) -> Result<Response, AppError> {
    let id: DeviceId = id.parse().map_err(|_| AppError::NotFound)?;
    let now = state.clock.now();
    let wish = (id, usize::from(place));
    if !devices::put(&state.database, &scope, wish, &visitor.origin(now)).await? {
        return Err(AppError::NotFound);
    }
    state.bus.farm_changed(scope.farm(), now);
    Ok(done(&format!("/farms/{}/devices/{id}", scope.farm()), "saved"))
}
