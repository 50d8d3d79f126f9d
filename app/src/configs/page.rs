//! The page of a device's settings: what is set, and below it how far its controller knows.
use super::{Found, form::SettingsForm, tell, view::SettingsPage};
use crate::{
    access::Farm,
    board::{Followed, Follower, Seen},
    document::{Page, respond},
    error::AppError,
    forms::{Faults, Fields, done, refused},
    reader::Reader,
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
    FarmScope,
    configs::{self, Saved},
};

/// `GET /farms/{farm}/devices/{device}/settings`.
pub(crate) async fn page(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let found = Found::load(&state, &visitor, (&scope, &id)).await?;
    visitor.visits(scope.farm(), found.known.now).await?;
    let form = SettingsForm::of(&visitor.reader, &found);
    Ok(show(&state, &visitor, found, (form, Faults::default())))
}

/// `POST /farms/{farm}/devices/{device}/settings`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
    Fields(form): Fields<SettingsForm>,
) -> Result<Response, AppError> {
    let found = Found::load(&state, &visitor, (&scope, &id)).await?;
    let (config, interlocks) = match form.read(&visitor.reader, &found) {
        Ok(wish) => wish,
        Err(faults) => return Ok(refused(show(&state, &visitor, found, (form, faults)))),
    };
    let now = state.clock.now();
    let wish = (found.device.id, &config, &interlocks);
    match configs::save(&state.database, &scope, wish, &visitor.origin(now)).await? {
        Saved::Changed => state.bus.farm_changed(scope.farm(), now),
        Saved::Same => {}
        // it has gone meanwhile
        Saved::NoDevice => return Err(AppError::NotFound),
    }
    Ok(done(&found.address(), "saved"))
}

fn show(
    state: &AppState,
    visitor: &Visitor,
    found: Found,
    (form, faults): (SettingsForm, Faults),
) -> Response {
    let reader = visitor.reader;
    let board = tell::board(&found, reader);
    let now = found.known.now;
    let page = Page {
        title: reader.say_with("configs-title", &[("device", &found.device.name)]),
        farm: Some((found.known.facts.farm.id, found.known.facts.farm.name.clone())),
        live: Some(board.source(format!("{}/live", found.address()), now)),
        ..Page::default()
    };
    respond(state, visitor, page, || view! { <SettingsPage reader found board form faults/> })
}

/// What of the page is followed.
struct Following(DeviceId);

impl Followed for Following {
    async fn see(
        &self,
        state: &AppState,
        scope: &FarmScope,
        reader: Reader,
    ) -> Result<Option<Seen>, AppError> {
        let wanted = (self.0, state.clock.now());
        let read = async |conn: &mut _| Found::read(conn, scope, wanted).await;
        let found = scope.read(&state.database, read).await?;
        let board = tell::board(&found, reader);
        Ok(Some(Seen { board, nodes: found.known.node_names(), rest: found.known.rest() }))
    }
}

/// `GET /farms/{farm}/devices/{device}/settings/live`.
pub(crate) async fn stream(
    Path((_, id)): Path<(String, String)>,
    follower: Follower,
) -> Result<Response, AppError> {
    let id: DeviceId = id.parse().map_err(|_| AppError::NotFound)?;
    follower.follow(Following(id)).await
}
