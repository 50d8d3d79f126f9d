//! New hardware for a device: a new channel is chosen, and the device goes on there with its name and its history.
use super::{edit::load, known::Known, view::ReplaceDevice};
use crate::{
    access::Farm,
    document::{Page, respond},
    error::AppError,
    forms::{Faults, Fields, With, done, refused},
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::DeviceId;
use leptos::prelude::*;
use store::{
    FarmScope, StoreError,
    devices::{self, Device, Replaced},
};

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
    Fields(with): Fields<With>,
) -> Result<Response, AppError> {
    let found = Found::load(&state, &visitor, (&scope, &id)).await?;
    let words = ("device-replace-choose", "device-replace-gone");
    let with: DeviceId = match with.read(&visitor.reader, words) {
        Ok(with) => with,
        Err(faults) => return Ok(refused(show(&state, &visitor, found, faults))),
    };
    let (now, pair) = (state.clock.now(), (found.device.id, with));
    let replaced = devices::replace(&state.database, &scope, pair, &visitor.origin(now)).await?;
    let fault = match replaced.tell(&state.bus) {
        Replaced::Done | Replaced::Again => {
            state.bus.farm_changed(scope.farm(), now);
            let here = format!("/farms/{}/devices/{}", scope.farm(), found.device.id);
            return Ok(done(&here, "device-replaced"));
        }
        Replaced::Unlike => "device-replace-unlike",
        // taken meanwhile, or never there
        Replaced::Occupied | Replaced::Missing => "device-replace-gone",
    };
    let faults = With::fault(&visitor.reader, fault);
    Ok(refused(show(&state, &visitor, found, faults)))
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
    let page = Page::of_farm(title.clone(), &found.known.facts.farm);
    respond(state, visitor, page, || view! { <ReplaceDevice reader title found faults/> })
}
