//! How a controller comes onto a farm: its code is typed, or scanned from its box. Wrong ones are counted, so that
//! nobody finds a controller by trying.

mod view;
mod wanted;

pub(crate) use wanted::WantedBox;

use crate::{
    access::Farm,
    document::{Page, respond},
    error::AppError,
    forms::{Faults, Fields, done, refused, say_wait, too_many},
    limits::{Subject, Wait},
    sign_in::door,
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Query, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{FarmId, codes::Code, permissions::Permission};
use leptos::prelude::*;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use store::{
    FarmScope, StoreError,
    claim::{self, Claim},
    farms,
    sessions::Account,
};
use view::ClaimForm;

/// What a link brings. What else stands in it (many apps add to it) is left alone.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Typed {
    code: Option<String>,
}

/// The form.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sent {
    code: String,
}

/// `GET /claim`: the link on a box knows no farm; it leads to the one last looked at. For who has none yet the code
/// waits until there is one, over the door, a new account and a first farm.
pub(crate) async fn start(visitor: Visitor, Query(typed): Query<Typed>) -> Response {
    let typed = typed.code.unwrap_or_default();
    let escaped = utf8_percent_encode(&typed, NON_ALPHANUMERIC);
    let account = visitor.account().ok();
    if let Some(farm) = account.and_then(likely_farm) {
        return Redirect::to(&format!("/farms/{farm}/claim?code={escaped}")).into_response();
    }
    let to = match account {
        Some(_) => "/farms".to_owned(),
        None => door(&format!("/claim?code={escaped}")),
    };
    let mut response = Redirect::to(&to).into_response();
    if let Some(code) = Code::parse(&typed) {
        WantedBox(code).keep(&mut response, visitor.is_encrypted);
    }
    response
}

/// Where somebody may claim: on the farm last looked at, else on their first one.
fn likely_farm(account: &Account) -> Option<FarmId> {
    let may = |farm: &FarmId| {
        account.scope(*farm).is_some_and(|scope| scope.role().may(Permission::EditDevices))
    };
    let all = account.memberships.iter().map(|membership| membership.farm);
    account.last_farm.into_iter().chain(all).find(may)
}

/// `GET /farms/{farm}/claim`. Looking at it claims nothing, whatever the link says.
pub(crate) async fn page(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Query(typed): Query<Typed>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let code = typed.code.unwrap_or_default();
    // as it stands on the box
    let code = Code::parse(&code).map_or(code, |code| code.to_string());
    let page = show(&state, &visitor, &scope, (code, Faults::default())).await?;
    visitor.visits(scope.farm(), state.clock.now()).await?;
    Ok(page)
}

/// `POST /farms/{farm}/claim`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    Farm(scope): Farm,
    visitor: Visitor,
    Fields(Sent { code: typed }): Fields<Sent>,
) -> Result<Response, AppError> {
    let (reader, mut faults) = (visitor.reader, Faults::default());
    let Some(code) = Code::parse(&typed) else {
        let fault = if typed.trim().is_empty() { "field-required" } else { "code-bad" };
        faults.add("code", reader.say(fault));
        return Ok(refused(show(&state, &visitor, &scope, (typed, faults)).await?));
    };
    match count(&state, &visitor, &scope, &code).await? {
        Ok(Claim::Claimed(node) | Claim::Yours(node)) => {
            let to = format!("/farms/{}/nodes/{node}", scope.farm());
            state.bus.farm_changed(scope.farm(), state.clock.now());
            let mut response = done(&to, "node-claimed");
            WantedBox::forget(&mut response, visitor.is_encrypted);
            Ok(response)
        }
        Ok(Claim::Taken) => refuse(&state, &visitor, &scope, (typed, "claim-taken")).await,
        Ok(Claim::Expired) => refuse(&state, &visitor, &scope, (typed, "claim-expired")).await,
        Ok(Claim::Unknown) => refuse(&state, &visitor, &scope, (typed, "claim-unknown")).await,
        Err(Wait(wait)) => {
            faults.add("code", say_wait(&reader, wait));
            Ok(too_many(show(&state, &visitor, &scope, (typed, faults)).await?, wait))
        }
    }
}

/// Claims by a code; one that leads to no controller counts as wrong.
async fn count(
    state: &AppState,
    visitor: &Visitor,
    scope: &FarmScope,
    code: &Code,
) -> Result<Result<Claim, Wait>, AppError> {
    let now = state.clock.now();
    let who = [Subject::account(scope.user()), Subject::address(visitor.came.address)];
    let origin = visitor.origin(now);
    let claim = claim::claim(&state.database, scope, code, &origin);
    let is_wrong = |claim: &Result<_, _>| matches!(claim, Ok(Claim::Unknown));
    match state.limits.wrong_codes.attempt((&who, now), claim, is_wrong).await {
        Ok(claim) => Ok(Ok(claim?)),
        Err(wait) => Ok(Err(wait)),
    }
}

async fn refuse(
    state: &AppState,
    visitor: &Visitor,
    scope: &FarmScope,
    (typed, fault): (String, &str),
) -> Result<Response, AppError> {
    let mut faults = Faults::default();
    faults.add("code", visitor.reader.say(fault));
    Ok(refused(show(state, visitor, scope, (typed, faults)).await?))
}

async fn show(
    state: &AppState,
    visitor: &Visitor,
    scope: &FarmScope,
    (typed, faults): (String, Faults),
) -> Result<Response, AppError> {
    let find = async |conn: &mut _| farms::find(conn, scope.farm()).await;
    let farm = visitor.read::<_, StoreError>(state, scope, find).await?;
    let farm = farm.ok_or(AppError::NotFound)?;
    let (reader, id) = (visitor.reader, scope.farm());
    let page = Page {
        title: reader.say("claim-title"),
        farm: Some((id, farm.name.clone())),
        ..Page::default()
    };
    let farm = (id, farm.name);
    Ok(respond(state, visitor, page, || view! { <ClaimForm reader farm typed faults/> }))
}
