//! The settings of a farm: its name, place and time zone; and the ways out of it, each on a page of its
//! own.

mod deleting;
mod form;
mod leaving;
mod pausing;
mod view;
mod ways_out;

pub(crate) use deleting::{ask as ask_deleting, submit as delete};
pub(crate) use leaving::{ask as ask_leaving, submit as leave};
pub(crate) use pausing::{ask as ask_pausing, submit as pause};

use crate::{
    access::Farm,
    error::AppError,
    forms::{Faults, Fields, done, refused},
    state::AppState,
    visitor::Visitor,
};
use axum::{extract::State, response::Response};
use form::FarmForm;
use store::{
    FarmScope, StoreError,
    farms::{self, FarmFacts},
};

/// What is said of the farm.
async fn facts(
    state: &AppState,
    visitor: &Visitor,
    scope: &FarmScope,
) -> Result<FarmFacts, AppError> {
    let found = visitor.read(state, scope, async |conn| farms::find(conn, scope.farm()).await);
    found.await?.ok_or(AppError::NotFound)
}

/// `GET /farms/{farm}/settings`.
pub(crate) async fn page(
    State(state): State<AppState>,
    Farm(scope): Farm,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let facts = facts(&state, &visitor, &scope).await?;
    visitor.visits(scope.farm(), state.clock.now()).await?;
    let form = FarmForm::of(&facts);
    Ok(view::page(&state, &visitor, (&scope, facts.name), form, Faults::default()))
}

/// `POST /farms/{farm}/settings`.
pub(crate) async fn save(
    State(state): State<AppState>,
    Farm(scope): Farm,
    visitor: Visitor,
    Fields(form): Fields<FarmForm>,
) -> Result<Response, AppError> {
    let now = state.clock.now();
    let before = facts(&state, &visitor, &scope).await?;
    let name = before.name.clone();
    let back =
        |faults| Ok(refused(view::page(&state, &visitor, (&scope, name), form.clone(), faults)));
    let facts = match form.read(&visitor.reader, &before) {
        Ok(facts) => facts,
        Err(faults) => return back(faults),
    };
    match farms::update(&state.database, &scope, &facts, &visitor.origin(now)).await {
        Ok(true) => state.bus.farm_changed(scope.farm(), now),
        Ok(false) => {}
        // known to us, and not to this PostgreSQL
        Err(StoreError::Conflict { constraint, .. }) if constraint == "farms_timezone_check" => {
            return back(FarmForm::unknown_zone(&visitor.reader));
        }
        Err(error) => return Err(AppError::from(error)),
    }
    Ok(done(&format!("/farms/{}/settings", scope.farm()), "saved"))
}
