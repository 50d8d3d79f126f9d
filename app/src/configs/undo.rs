//! A correction is taken back: the last change of it, or all.
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
use store::configs;

/// `POST /farms/{farm}/devices/{device}/calibration/{sensor}/undo`.
pub(crate) async fn undo(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id, sensor)): Path<(String, String, String)>,
    visitor: Visitor,
    Fields(_): Fields<Nothing>,
) -> Result<Response, AppError> {
    let id: DeviceId = id.parse().map_err(|_| AppError::NotFound)?;
    let now = state.clock.now();
    let change = (id, sensor.as_str());
    let origin = visitor.origin(now);
    if !configs::undo_calibration(&state.database, &scope, change, &origin).await? {
        return Err(AppError::NotFound);
    }
    state.bus.farm_changed(scope.farm(), now);
    Ok(done(&format!("/farms/{}/devices/{id}/settings", scope.farm()), "calibration-undone"))
}

/// `POST /farms/{farm}/devices/{device}/calibration/{sensor}/remove`.
pub(crate) async fn remove(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id, sensor)): Path<(String, String, String)>,
    visitor: Visitor,
    Fields(_): Fields<Nothing>,
) -> Result<Response, AppError> {
    let id: DeviceId = id.parse().map_err(|_| AppError::NotFound)?;
    let now = state.clock.now();
    let change = (id, sensor.as_str(), None);
    let origin = visitor.origin(now);
    if !configs::calibrate(&state.database, &scope, change, &origin).await? {
        return Err(AppError::NotFound);
    }
    state.bus.farm_changed(scope.farm(), now);
    Ok(done(&format!("/farms/{}/devices/{id}/settings", scope.farm()), "calibration-removed"))
}
