//! Taking a house off the list: asked on a page of its own, refused while devices hang there.
use super::{Houses, view};
use crate::{
    access::Farm,
    error::AppError,
    forms::{Fields, Sure, done, refused},
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use store::houses::{self, HouseError};

/// `GET /farms/{farm}/houses/{house}/remove`.
pub(crate) async fn ask(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let houses = Houses::load(&state, &visitor, (scope, state.clock.now())).await?;
    let house = houses.find(&id)?;
    Ok(view::removal(&state, &visitor, &houses, house))
}

/// `POST /farms/{farm}/houses/{house}/remove`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
    Fields(_): Fields<Sure>,
) -> Result<Response, AppError> {
    let now = state.clock.now();
    let before = Houses::load(&state, &visitor, (scope, now)).await?;
    let house = before.find(&id)?;
    match houses::remove(&state.database, &scope, house.id, &visitor.origin(now)).await {
        Ok(true) => {
            state.bus.farm_changed(scope.farm(), now);
            Ok(done(&before.address(), "house-removed"))
        }
        Ok(false) => Err(AppError::NotFound),
        Err(HouseError::HasDevices) => {
            // how many there are by now
            let houses = Houses::load(&state, &visitor, (scope, now)).await?;
            Ok(refused(view::removal(&state, &visitor, &houses, houses.find(&id)?)))
        }
        Err(error) => Err(error.into()),
    }
}
