//! Another box in a controller's place.
use super::{Found, view::AskReplacing};
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
use domain::NodeId;
use leptos::prelude::*;
use serde::Deserialize;
use store::{devices::Replaced, nodes};

/// What was chosen.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Choice {
    #[serde(default)]
    with: String,
}

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
    Fields(Choice { with }): Fields<Choice>,
) -> Result<Response, AppError> {
    let found = Found::load(&state, &visitor, (&scope, &id)).await?;
    let mut faults = Faults::default();
    if with.is_empty() {
        faults.add("with", visitor.reader.say("node-replace-choose"));
        return Ok(refused(show(&state, &visitor, found, faults)));
    }
    let with: NodeId = with.parse().map_err(|_| AppError::NotFound)?;
    let (now, pair) = (state.clock.now(), (found.node.id, with));
    match nodes::replace(&state.database, &scope, pair, &visitor.origin(now)).await? {
        Replaced::Done | Replaced::Again => {
            state.bus.farm_changed(scope.farm(), now);
            Ok(done(&format!("/farms/{}/nodes/{with}", scope.farm()), "node-replaced"))
        }
        Replaced::Occupied => {
            faults.add("with", visitor.reader.say("node-replace-occupied"));
            Ok(refused(show(&state, &visitor, found, faults)))
        }
        Replaced::Unlike | Replaced::Missing => Err(AppError::NotFound),
    }
}

fn show(state: &AppState, visitor: &Visitor, found: Found, faults: Faults) -> Response {
    let reader = visitor.reader;
    let title = reader.say_with("node-replace-title", &[("node", found.node.name.as_str())]);
    let farm = &found.known.facts.farm;
    let page =
        Page { title: title.clone(), farm: Some((farm.id, farm.name.clone())), ..Page::default() };
    respond(state, visitor, page, || view! { <AskReplacing reader title found faults/> })
}
