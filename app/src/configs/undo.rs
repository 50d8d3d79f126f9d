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
use domain::{DeviceId, Timestamp};
use serde::Deserialize;
use store::{
    FarmScope,
    configs::{self, Saved},
};

/// Which change is meant: a second tap is no second change.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Meant {
    /// When it was made, in microseconds of Unix time.
    of: i64,
}

/// `POST /farms/{farm}/devices/{device}/calibration/{sensor}/undo`.
pub(crate) async fn undo(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id, sensor)): Path<(String, String, String)>,
    visitor: Visitor,
    Fields(Meant { of }): Fields<Meant>,
) -> Result<Response, AppError> {
    let id: DeviceId = id.parse().map_err(|_| AppError::NotFound)?;
    let origin = visitor.origin(state.clock.now());
    let change = (id, sensor.as_str(), Timestamp::from_micros(of));
    let saved = configs::undo_calibration(&state.database, &scope, change, &origin).await?;
    back(&state, (&scope, id), saved, "calibration-undone")
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
    let origin = visitor.origin(state.clock.now());
    let change = (id, sensor.as_str(), None);
    let saved = configs::calibrate(&state.database, &scope, change, &origin).await?;
    back(&state, (&scope, id), saved, "calibration-removed")
}

/// To the settings, which say what was done.
fn back(
    state: &AppState,
    (scope, device): (&FarmScope, DeviceId),
    saved: Saved,
    what: &'static str,
) -> Result<Response, AppError> {
    match saved {
        Saved::Changed => state.bus.farm_changed(scope.farm(), state.clock.now()),
        Saved::Same => {}
        Saved::NoDevice => return Err(AppError::NotFound),
    }
    Ok(done(&format!("/farms/{}/devices/{device}/settings", scope.farm()), what))
}
