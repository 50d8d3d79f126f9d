//! New hardware for a device: a new channel is chosen, and the device goes on there with its name and its history.
use super::{edit::load, known::Known, view::ReplaceDevice};
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
use domain::DeviceId;
use leptos::prelude::*;
use serde::Deserialize;
use store::devices::{self, Device, Replaced};

/// What was chosen.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Choice {
    #[serde(default)]
    with: String,
}

/// `GET /farms/{farm}/devices/{device}/replace`.
pub(crate) async fn page(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let (known, device) = load(&state, &scope, &id).await?;
    in_use(&device)?;
    Ok(show(&state, &visitor, (known, device), Faults::default()))
}

/// `POST /farms/{farm}/devices/{device}/replace`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
    Fields(Choice { with }): Fields<Choice>,
) -> Result<Response, AppError> {
    let (known, device) = load(&state, &scope, &id).await?;
    in_use(&device)?;
    let mut faults = Faults::default();
    if with.is_empty() {
        faults.add("with", visitor.reader.say("device-replace-choose"));
        return Ok(refused(show(&state, &visitor, (known, device), faults)));
    }
    let with: DeviceId = with.parse().map_err(|_| AppError::NotFound)?;
    let (now, pair) = (state.clock.now(), (device.id, with));
    match devices::replace(&state.database, &scope, pair, &visitor.origin(now)).await? {
        Replaced::Done | Replaced::Again => {
            state.bus.farm_changed(scope.farm(), now);
            let here = format!("/farms/{}/devices/{}", scope.farm(), device.id);
            Ok(done(&here, "device-replaced"))
        }
        Replaced::Unlike => {
            faults.add("with", visitor.reader.say("device-replace-unlike"));
            Ok(refused(show(&state, &visitor, (known, device), faults)))
        }
        Replaced::Occupied | Replaced::Missing => Err(AppError::NotFound),
    }
}

/// What is new or out of use needs no other hardware.
fn in_use(device: &Device) -> Result<(), AppError> {
    let is_in_use = device.is_active && device.approved_at.is_some();
    is_in_use.then_some(()).ok_or(AppError::NotFound)
}

fn show(
    state: &AppState,
    visitor: &Visitor,
    (known, device): (Known, Device),
    faults: Faults,
) -> Response {
    let reader = visitor.reader;
    let title = reader.say_with("device-replace-title", &[("device", &device.name)]);
    let page = Page {
        title: title.clone(),
        farm: Some((known.facts.farm.id, known.facts.farm.name.clone())),
        ..Page::default()
    };
    respond(state, visitor, page, || view! { <ReplaceDevice reader title known device faults/> })
}
