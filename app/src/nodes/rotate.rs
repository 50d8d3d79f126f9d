//! Another password for a controller. It is shown once, to who asked for it; kept is only what the broker compares it
//! with, and the server writes that into the broker's file by itself.
use super::{
    Found,
    view::{AskRotating, Password},
};
use crate::{
    access::Farm,
    document::{Page, respond, secret},
    error::AppError,
    forms::{Fields, Sure},
    reader::Reader,
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::credentials;
use leptos::prelude::*;
use store::nodes;

/// `GET /farms/{farm}/nodes/{node}/rotate`.
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
    let (page, title) = page_of(&visitor.reader, &found);
    let (reader, back) = (visitor.reader, found.address());
    Ok(respond(&state, &visitor, page, || view! { <AskRotating reader title back/> }))
}

/// `POST /farms/{farm}/nodes/{node}/rotate`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
    Fields(_): Fields<Sure>,
) -> Result<Response, AppError> {
    let found = Found::load(&state, &visitor, (&scope, &id)).await?;
    let password = credentials::password(rand::random());
    let hash = credentials::hash(&password, rand::random());
    let (change, origin) = ((found.node.id, hash.as_str()), visitor.origin(state.clock.now()));
    let rotated = nodes::rotate_of_farm(&state.database, &scope, change, &origin).await?;
    rotated.ok_or(AppError::NotFound)?;
    let (page, title) = page_of(&visitor.reader, &found);
    let (reader, back, node) = (visitor.reader, found.address(), found.node);
    Ok(secret(respond(&state, &visitor, page, || {
        view! { <Password reader title node password back/> }
    })))
}

fn page_of(reader: &Reader, found: &Found) -> (Page, String) {
    let title = reader.say_with("node-rotate-title", &[("node", found.node.name.as_str())]);
    (Page::of_farm(title.clone(), &found.known.facts.farm), title)
}
