//! Out of use and back again. Nothing is lost by it, and the page that follows has the way back; so nobody is asked
//! whether they are sure, unless the device runs: it is switched off then.
use super::{
    edit::{back, load},
    form::DeviceForm,
    view::AskRetiring,
};
use crate::{
    access::Farm,
    document::{Page, respond},
    error::AppError,
    forms::{Fields, Nothing, Yes, done},
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::devices::DeviceState;
use leptos::prelude::*;
use serde::Deserialize;
use store::{
    FarmScope,
    devices::{self, Device, Restored},
};

/// The button, on the page that asks or elsewhere.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Retiring {
    sure: Option<Yes>,
}

/// Whether it is in use and runs, as far as anyone knows: also what can not be reached and ran before.
pub(super) fn may_run(device: &Device) -> bool {
    let state = DeviceState::of(device.reported_state.as_deref(), true);
    device.is_active && !device.device_type.is_input() && state == DeviceState::On
}

/// `GET /farms/{farm}/devices/{device}/retire`.
pub(crate) async fn ask(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let (known, device) = load(&state, &visitor, (&scope, &id)).await?;
    if !device.is_active {
        return Ok(Redirect::to(&address(&scope, &device)).into_response());
    }
    let reader = visitor.reader;
    let title = reader.say_with("device-retire-title", &[("device", &device.name)]);
    let page = Page::of_farm(title.clone(), &known.facts.farm);
    let here = address(&scope, &device);
    Ok(respond(&state, &visitor, page, || view! { <AskRetiring reader title device back=here/> }))
}

/// `POST /farms/{farm}/devices/{device}/retire`. What runs is asked about first.
pub(crate) async fn retire(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
    Fields(Retiring { sure }): Fields<Retiring>,
) -> Result<Response, AppError> {
    let (_, device) = load(&state, &visitor, (&scope, &id)).await?;
    let here = address(&scope, &device);
    if sure.is_none() && may_run(&device) {
        return Ok(Redirect::to(&format!("{here}/retire")).into_response());
    }
    let now = state.clock.now();
    let origin = visitor.origin(now);
    let retired = devices::retire(&state.database, &scope, device.id, &origin).await?;
    if !retired.tell(&state.bus) {
        return Err(AppError::NotFound);
    }
    state.bus.farm_changed(scope.farm(), now);
    Ok(done(&here, "device-retired"))
}

/// `POST /farms/{farm}/devices/{device}/restore`. Where another one has its name by now, it needs a new one, or
/// another place.
pub(crate) async fn restore(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
    Fields(Nothing {}): Fields<Nothing>,
) -> Result<Response, AppError> {
    let (known, device) = load(&state, &visitor, (&scope, &id)).await?;
    let now = state.clock.now();
    match devices::restore(&state.database, &scope, device.id, &visitor.origin(now)).await? {
        Restored::InUse => {
            state.bus.farm_changed(scope.farm(), now);
            Ok(done(&address(&scope, &device), "device-restored"))
        }
        Restored::SameName => {
            let form = DeviceForm::of(&visitor.reader, &known, &device);
            let fault = ("name", "device-same-name");
            Ok(back(&state, &visitor, (known, device), (form, fault)))
        }
        Restored::NoDevice => Err(AppError::NotFound),
    }
}

fn address(scope: &FarmScope, device: &Device) -> String {
    format!("/farms/{}/devices/{}", scope.farm(), device.id)
}
