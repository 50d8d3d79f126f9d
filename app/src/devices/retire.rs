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
use store::{FarmScope, devices};

/// `POST /farms/{farm}/devices/{device}/retire`.
pub(crate) async fn retire(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
    Fields(Nothing {}): Fields<Nothing>,
) -> Result<Response, AppError> {
    let (id, now) = (parse(&id)?, state.clock.now());
    let is_there = devices::retire(&state.database, &scope, id, &visitor.origin(now)).await?;
    follow(&state, &scope, (id, is_there), "device-retired")
}

/// `POST /farms/{farm}/devices/{device}/restore`.
pub(crate) async fn restore(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
    Fields(Nothing {}): Fields<Nothing>,
) -> Result<Response, AppError> {
    let (id, now) = (parse(&id)?, state.clock.now());
    let is_there = devices::restore(&state.database, &scope, id, &visitor.origin(now)).await?;
    follow(&state, &scope, (id, is_there), "device-restored")
}

fn parse(id: &str) -> Result<DeviceId, AppError> {
    id.parse().map_err(|_| AppError::NotFound)
}

/// On to the device's page, and news to open ones.
fn follow(
    state: &AppState,
    scope: &FarmScope,
    (device, is_there): (DeviceId, bool),
    what: &'static str,
) -> Result<Response, AppError> {
    if !is_there {
        return Err(AppError::NotFound);
    }
    state.bus.farm_changed(scope.farm(), state.clock.now());
    Ok(done(&format!("/farms/{}/devices/{device}", scope.farm()), what))
}
