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
use store::{
    FarmScope, StoreError,
    devices::{self, Device, Replaced},
};

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
    let found = Found::load(&state, &visitor, (&scope, &id)).await?;
    Ok(show(&state, &visitor, found, Faults::default()))
}

/// `POST /farms/{farm}/devices/{device}/replace`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
    Fields(Choice { with }): Fields<Choice>,
) -> Result<Response, AppError> {
    let found = Found::load(&state, &visitor, (&scope, &id)).await?;
    let device = found.device.id;
    let mut faults = Faults::default();
    if with.is_empty() {
        faults.add("with", visitor.reader.say("device-replace-choose"));
        return Ok(refused(show(&state, &visitor, found, faults)));
    }
    let with: DeviceId = with.parse().map_err(|_| AppError::NotFound)?;
    let (now, pair) = (state.clock.now(), (device, with));
    match devices::replace(&state.database, &scope, pair, &visitor.origin(now)).await? {
        Replaced::Done | Replaced::Again => {
            state.bus.farm_changed(scope.farm(), now);
            let here = format!("/farms/{}/devices/{}", scope.farm(), device);
            Ok(done(&here, "device-replaced"))
        }
        Replaced::Unlike => {
            faults.add("with", visitor.reader.say("device-replace-unlike"));
            Ok(refused(show(&state, &visitor, found, faults)))
        }
        Replaced::Occupied | Replaced::Missing => Err(AppError::NotFound),
    }
}

/// A device in use, and the new ones whose place it may take.
pub(super) struct Found {
    pub(super) known: Known,
    pub(super) device: Device,
    pub(super) stand_ins: Vec<DeviceId>,
}

impl Found {
    async fn load(
        state: &AppState,
        visitor: &Visitor,
        (scope, id): (&FarmScope, &str),
    ) -> Result<Self, AppError> {
        let (known, device) = load(state, visitor, (scope, id)).await?;
        // what is new or out of use needs no other hardware
        if !device.is_active || device.approved_at.is_none() {
            return Err(AppError::NotFound);
        }
        let look = async |conn: &mut _| devices::stand_ins(conn, scope.farm(), device.id).await;
        let stand_ins = visitor.read::<_, StoreError>(state, scope, look).await?;
        Ok(Self { known, device, stand_ins })
    }
}

fn show(state: &AppState, visitor: &Visitor, found: Found, faults: Faults) -> Response {
    let reader = visitor.reader;
    let title = reader.say_with("device-replace-title", &[("device", &found.device.name)]);
    let farm = &found.known.facts.farm;
    let page =
        Page { title: title.clone(), farm: Some((farm.id, farm.name.clone())), ..Page::default() };
    respond(state, visitor, page, || view! { <ReplaceDevice reader title found faults/> })
}
