//! Pausing the farm: asked on a page that says what goes on and what does not.
use super::{
    facts,
    ways_out::{WayOut, button, page},
};
use crate::{
    access::Farm,
    error::AppError,
    forms::{Fields, Sure, done},
    state::AppState,
    visitor::Visitor,
};
use axum::{extract::State, response::Response};
use store::farms;

/// `GET /farms/{farm}/settings/pause`.
pub(crate) async fn ask(
    State(state): State<AppState>,
    Farm(scope): Farm,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let reader = visitor.reader;
    let name = facts(&state, &visitor, &scope).await?.name;
    let title = reader.say_with("settings-pause-title", &[("farm", &name)]);
    let way = || WayOut {
        what: vec![
            ("people", reader.say("settings-pause-members")),
            ("fan", reader.say("settings-devices-go-on")),
            ("play", reader.say("settings-pause-back")),
        ],
        action: button("pause", reader.say("settings-pause")),
    };
    Ok(page(&state, &visitor, (&scope, name), (title, way)))
}

/// `POST /farms/{farm}/settings/pause`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    Farm(scope): Farm,
    visitor: Visitor,
    Fields(_): Fields<Sure>,
) -> Result<Response, AppError> {
    let now = state.clock.now();
    if !farms::pause(&state.database, &scope, &visitor.origin(now)).await? {
        return Err(AppError::NotFound);
    }
    state.bus.farm_changed(scope.farm(), now);
    Ok(done("/farms", "farm-paused"))
}
