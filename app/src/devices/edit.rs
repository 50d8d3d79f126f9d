//! What a device is and where it hangs: one form, by which a new device is accepted too.
use super::{
    form::DeviceForm,
    known::Known,
    view::{EditDevice, Editing},
};
use crate::{
    access::Farm,
    control::Refusals,
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
use leptos::prelude::*;
use store::{
    FarmScope,
    devices::{self, Device, Saved},
};

/// A device with all that is known of its farm; the 404 of a missing one for whoever is none.
pub(super) async fn load(
    state: &AppState,
    visitor: &Visitor,
    (scope, id): (&FarmScope, &str),
) -> Result<(Known, Device), AppError> {
    let id = id.parse().map_err(|_| AppError::NotFound)?;
    let now = state.clock.now();
    let found = visitor.read(state, scope, async |conn| {
        let known = Known::read(conn, scope, now).await?;
        Ok::<_, AppError>((known, devices::find(conn, scope.farm(), id).await?))
    });
    let (known, device) = found.await?;
    Ok((known, device.ok_or(AppError::NotFound)?))
}

/// `GET /farms/{farm}/devices/{device}/edit`.
pub(crate) async fn page(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let (known, device) = load(&state, &visitor, (&scope, &id)).await?;
    let form = DeviceForm::of(&visitor.reader, &known, &device);
    let (found, form) = ((known, device), (form, Faults::default()));
    Ok(show(&state, &visitor, found, form, Refusals::default()))
}

/// The form of a new device again, with why it was not tried.
pub(crate) async fn not_tried(
    state: &AppState,
    visitor: &Visitor,
    wanted: (&FarmScope, &str),
    refusals: Refusals,
) -> Result<Response, AppError> {
    let (known, device) = load(state, visitor, wanted).await?;
    let form = DeviceForm::of(&visitor.reader, &known, &device);
    let (found, form) = ((known, device), (form, Faults::default()));
    Ok(refused(show(state, visitor, found, form, refusals)))
}

/// `POST /farms/{farm}/devices/{device}/edit`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
    Fields(form): Fields<DeviceForm>,
) -> Result<Response, AppError> {
    let (known, device) = load(&state, &visitor, (&scope, &id)).await?;
    let facts = match form.read(&visitor.reader, &known, &device)? {
        Ok(facts) => facts,
        Err(faults) => {
            let page = show(&state, &visitor, (known, device), (form, faults), Refusals::default());
            return Ok(refused(page));
        }
    };
    let now = state.clock.now();
    let change = (device.id, &facts);
    let saved = devices::save(&state.database, &scope, change, &visitor.origin(now)).await?;
    let here = format!("/farms/{}/devices/{}", scope.farm(), device.id);
    if matches!(saved, Saved::Accepted | Saved::Changed) {
        state.bus.farm_changed(scope.farm(), now);
    }
    match (saved, &device.channel) {
        // on to the other channels of its controller
        (Saved::Accepted, Some((node, _))) => {
            Ok(done(&format!("/farms/{}/nodes/{node}", scope.farm()), "device-accepted"))
        }
        (Saved::Accepted, None) => Ok(done(&here, "device-accepted")),
        (Saved::Changed | Saved::Same, _) => Ok(done(&here, "saved")),
        (Saved::NoDevice, _) => Err(AppError::NotFound),
        // since the form was read
        (Saved::NoHouse, _) => {
            let fault = ("house", "device-house-gone");
            Ok(back(&state, &visitor, (known, device), (form, fault)))
        }
        (Saved::SameName, _) => {
            let fault = ("name", "device-same-name");
            Ok(back(&state, &visitor, (known, device), (form, fault)))
        }
    }
}

/// The form again, with a word beside one field.
pub(super) fn back(
    state: &AppState,
    visitor: &Visitor,
    found: (Known, Device),
    (form, (field, id)): (DeviceForm, (&'static str, &str)),
) -> Response {
    let mut faults = Faults::default();
    faults.add(field, visitor.reader.say(id));
    refused(show(state, visitor, found, (form, faults), Refusals::default()))
}

fn show(
    state: &AppState,
    visitor: &Visitor,
    (known, device): (Known, Device),
    (form, faults): (DeviceForm, Faults),
    refusals: Refusals,
) -> Response {
    let reader = visitor.reader;
    let is_new = device.approved_at.is_none();
    let title = match is_new {
        true => reader.say("device-accept-title"),
        false => device.name.clone(),
    };
    let page = Page::of_farm(title.clone(), &known.facts.farm);
    let editing = Editing { title, is_new, device, form, faults };
    respond(state, visitor, page, || {
        provide_context(refusals);
        view! { <EditDevice reader known editing/> }
    })
}
