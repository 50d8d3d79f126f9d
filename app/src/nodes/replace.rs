//! Another box in a controller's place.
use super::{Found, view::AskReplacing};
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
use domain::NodeId;
use leptos::prelude::*;
use store::{devices::Replaced, nodes};

/// `GET /farms/{farm}/nodes/{node}/replace`.
pub(crate) async fn page(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let found = Found::load(&state, &visitor, (&scope, &id)).await?;
    if found.node.revoked_at.is_some() {
        return Err(AppError::NotFound);
    }
    Ok(show(&state, &visitor, found, Faults::default()))
}

/// `POST /farms/{farm}/nodes/{node}/replace`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
    Fields(with): Fields<With>,
) -> Result<Response, AppError> {
    let found = Found::load(&state, &visitor, (&scope, &id)).await?;
    let with: NodeId =
        match with.read(&visitor.reader, ("node-replace-choose", "node-replace-gone")) {
            Ok(with) => with,
            Err(faults) => return Ok(refused(show(&state, &visitor, found, faults))),
        };
    let (now, pair) = (state.clock.now(), (found.node.id, with));
    let replaced = nodes::replace(&state.database, &scope, pair, &visitor.origin(now)).await?;
    let fault = match replaced.tell(&state.bus) {
        Replaced::Done | Replaced::Again => {
            state.bus.farm_changed(scope.farm(), now);
            return Ok(done(&format!("/farms/{}/nodes/{with}", scope.farm()), "node-replaced"));
        }
        Replaced::Occupied => "node-replace-occupied",
        // shut out meanwhile, or never there
        Replaced::Unlike | Replaced::Missing => "node-replace-gone",
    };
    let faults = With::fault(&visitor.reader, fault);
    Ok(refused(show(&state, &visitor, found, faults)))
}

fn show(state: &AppState, visitor: &Visitor, found: Found, faults: Faults) -> Response {
    let reader = visitor.reader;
    let title = reader.say_with("node-replace-title", &[("node", found.node.name.as_str())]);
    let page = Page::of_farm(title.clone(), &found.known.facts.farm);
    respond(state, visitor, page, || view! { <AskReplacing reader title found faults/> })
}
