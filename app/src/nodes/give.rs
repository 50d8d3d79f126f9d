//! A controller leaves the farm for another one. Its password ends with that, and the code by which its next farm
//! takes it is shown to who gave it away, for as long as they stay there, ten minutes at most.
use super::{
    Found,
    gift::{Made, until},
    view::{AskGiving, GivenAway},
};
use crate::{
    access::Farm,
    document::{Page, respond, secret},
    error::AppError,
    forms::{Fields, SureOnce, refused},
    once::Once,
    state::AppState,
    ticket::Handover,
    visitor::Visitor,
};
use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{DeviceId, NodeId, codes::Code};
use leptos::prelude::*;
use store::{
    FarmScope, StoreError, farms,
    nodes::{Away, Given},
};

/// How many codes are tried: that many in a row are not taken by chance.
const ATTEMPTS: u8 = 5;

/// `GET /farms/{farm}/nodes/{node}/give`: what it means; and the code again, for who has just given it away.
pub(crate) async fn page(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id)): Path<(String, String)>,
    mut visitor: Visitor,
) -> Result<Response, AppError> {
    let node: NodeId = id.parse().map_err(|_| AppError::NotFound)?;
    if let Some(once) = visitor.once {
        let made = Made::by(&state, &visitor, (node, once)).await?;
        if let Some(away) = made.given(&state, &scope).await? {
            visitor.once = None;
            let code = made.code(away.place);
            return shown(&state, &visitor, &scope, (away, code)).await;
        }
    }
    let found = Found::load(&state, &visitor, (&scope, &id)).await?;
    if found.node.revoked_at.is_some() {
        return Err(AppError::NotFound);
    }
    let running = found.running();
    Ok(show(&state, &visitor, found, running))
}

/// `POST /farms/{farm}/nodes/{node}/give`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
    Fields(SureOnce { once, .. }): Fields<SureOnce>,
) -> Result<Response, AppError> {
    let node: NodeId = id.parse().map_err(|_| AppError::NotFound)?;
    let once = once.unwrap_or_else(Once::new);
    let made = Made::by(&state, &visitor, (node, once)).await?;
    let sent_twice = async || Ok::<_, AppError>(made.given(&state, &scope).await?.is_some());
    if sent_twice().await? {
        return Ok(to_code(&scope, &visitor, (node, once)));
    }
    for place in 0..ATTEMPTS {
        match made.give(&state, &visitor, &scope, (node, place)).await {
            Ok(Given::Done) => {
                state.bus.farm_changed(scope.farm(), state.clock.now());
                return Ok(to_code(&scope, &visitor, (node, once)));
            }
            Ok(Given::Running(running)) => {
                let found = Found::load(&state, &visitor, (&scope, &id)).await?;
                return Ok(refused(show(&state, &visitor, found, running)));
            }
            // by the same form, at the same moment
            Ok(Given::Missing) if sent_twice().await? => {
                return Ok(to_code(&scope, &visitor, (node, once)));
            }
            Ok(Given::Missing) => return Err(AppError::NotFound),
            Err(StoreError::Conflict { constraint, .. })
                if constraint == "nodes_claim_code_key" => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(AppError::Unknown)
}

/// To the page that shows the code.
fn to_code(scope: &FarmScope, visitor: &Visitor, (node, once): (NodeId, Once)) -> Response {
    let to = format!("/farms/{}/nodes/{node}/give", scope.farm());
    let mut response = Redirect::to(&to).into_response();
    once.keep(&mut response, visitor);
    response
}

fn show(
    state: &AppState,
    visitor: &Visitor,
    found: Found,
    running: Vec<(DeviceId, String)>,
) -> Response {
    let reader = visitor.reader;
    let title = reader.say_with("node-give-title", &[("node", found.node.name.as_str())]);
    let page = Page::of_farm(title.clone(), &found.known.facts.farm);
    respond(state, visitor, page, || view! { <AskGiving reader title found running/> })
}

/// The page with the code.
async fn shown(
    state: &AppState,
    visitor: &Visitor,
    scope: &FarmScope,
    (Away { name, at, .. }, code): (Away, Code),
) -> Result<Response, AppError> {
    let find = async |conn: &mut _| farms::find(conn, scope.farm()).await;
    let farm = scope.read::<_, StoreError>(&state.database, find).await?;
    let farm = farm.ok_or(AppError::NotFound)?;
    let (reader, id) = (visitor.reader, scope.farm());
    let title = reader.say_with("node-given-title", &[("node", &name)]);
    let zone = crate::reader::zone(&farm.timezone);
    let until = reader.full_date(until(at), zone);
    let page =
        Page { title: title.clone(), farm: Some((id, farm.name.clone())), ..Page::default() };
    let handover = Handover::by_claim(state, code);
    Ok(secret(respond(state, visitor, page, || {
        view! { <GivenAway reader farm=id title node=name handover until/> }
    })))
}
