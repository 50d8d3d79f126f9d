//! Out of use and back again. Nothing is lost by it, so nobody is asked whether they are sure: the page that
//! follows has the way back.
use crate::{
    access::Farm,
    error::AppError,
    forms::{Fields, Nothing, done},
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::DeviceId;
use store::devices;

/// `POST /farms/{farm}/devices/{device}/retire`.
pub(crate) async fn retire(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
    Fields(Nothing {}): Fields<Nothing>,
) -> Result<Response, AppError> {
    let id: DeviceId = id.parse().map_err(|_| AppError::NotFound)?;
    let now = state.clock.now();
    if !devices::retire(&state.database, &scope, id, &visitor.origin(now)).await? {
        return Err(AppError::NotFound);
    }
    state.bus.farm_changed(scope.farm(), now);
    Ok(done(&format!("/farms/{}/devices/{id}", scope.farm()), "device-retired"))
}

/// `POST /farms/{farm}/devices/{device}/restore`.
pub(crate) async fn restore(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
    Fields(Nothing {}): Fields<Nothing>,
) -> Result<Response, AppError> {
    let id: DeviceId = id.parse().map_err(|_| AppError::NotFound)?;
    let now = state.clock.now();
    if !devices::restore(&state.database, &scope, id, &visitor.origin(now)).await? {
        return Err(AppError::NotFound);
    }
    state.bus.farm_changed(scope.farm(), now);
    Ok(done(&format!("/farms/{}/devices/{id}", scope.farm()), "device-restored"))
}
