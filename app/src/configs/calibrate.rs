//! A sensor is corrected: by what another one says beside it, looked at before it is kept.
use super::{
    Found,
    points::{Go, PointsForm},
    view::{CalibrationPage, Correcting},
};
use crate::{
    access::Farm,
    document::{Page, respond},
    error::AppError,
    forms::{Faults, Fields, done, refused},
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::readings::Calibration;
use leptos::prelude::*;
use store::{
    FarmScope,
    configs::{self, Saved, SensorFacts},
};

/// `GET /farms/{farm}/devices/{device}/calibration/{sensor}`.
pub(crate) async fn page(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id, sensor)): Path<(String, String, String)>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let (found, facts) = load(&state, &visitor, (&scope, &id, &sensor)).await?;
    let form = PointsForm::of(&visitor.reader, &facts);
    Ok(show(&state, &visitor, (found, facts), (form, Faults::default(), None)))
}

/// `POST /farms/{farm}/devices/{device}/calibration/{sensor}`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id, sensor)): Path<(String, String, String)>,
    visitor: Visitor,
    Fields(form): Fields<PointsForm>,
) -> Result<Response, AppError> {
    let (found, facts) = load(&state, &visitor, (&scope, &id, &sensor)).await?;
    let line = match form.read(&visitor.reader, &facts) {
        Ok(line) => line,
        Err(faults) => {
            return Ok(refused(show(&state, &visitor, (found, facts), (form, faults, None))));
        }
    };
    if form.go == Go::Preview {
        let form = (form, Faults::default(), Some(line));
        return Ok(show(&state, &visitor, (found, facts), form));
    }
    let now = state.clock.now();
    let change = (found.device.id, facts.sensor.as_str(), Some(line));
    let origin = visitor.origin(now);
    let saved = configs::calibrate(&state.database, &scope, change, &origin).await?;
    if saved == Saved::NoDevice {
        // it has gone meanwhile
        return Err(AppError::NotFound);
    }
    state.bus.farm_changed(scope.farm(), now);
    Ok(done(&found.address(), "calibrated"))
}

/// A sensor of a device; the 404 of a missing one if the device has none of that name.
async fn load(
    state: &AppState,
    visitor: &Visitor,
    (scope, id, sensor): (&FarmScope, &str, &str),
) -> Result<(Found, SensorFacts), AppError> {
    let found = Found::load(state, visitor, (scope, id)).await?;
    let facts = found.sensors.iter().find(|facts| facts.sensor == sensor).cloned();
    Ok((found, facts.ok_or(AppError::NotFound)?))
}

fn show(
    state: &AppState,
    visitor: &Visitor,
    (found, facts): (Found, SensorFacts),
    (form, faults, line): (PointsForm, Faults, Option<Calibration>),
) -> Response {
    let reader = visitor.reader;
    let title = reader.say_with("calibration-title", &[("device", &found.device.name)]);
    let page = Page {
        title: title.clone(),
        farm: Some((found.known.facts.farm.id, found.known.facts.farm.name.clone())),
        ..Page::default()
    };
    let correcting = Correcting { title, found, facts, form, faults, line };
    respond(state, visitor, page, || view! { <CalibrationPage reader correcting/> })
}
