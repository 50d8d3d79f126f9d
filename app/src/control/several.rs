//! All devices of a kind in a house, on or off at once: each is told for itself, and what one refuses keeps none
//! of the others back.
use super::{page::Page, returned::Returned, tap::Became};
use crate::{
    access::Farm,
    error::AppError,
    forms::{Fields, done_times},
    state::AppState,
    visitor::Visitor,
};
use axum::{extract::State, response::Response};
use domain::{
    CommandId, HouseId,
    commands::{Action, Asked, Refused, Wish},
    devices::DeviceKind,
};
use serde::Deserialize;
use store::commands::{Outcome, Tap, accept_all, identity_of};

/// The form.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct SeveralForm {
    /// Drawn when the form was written; each device's command follows from it.
    id: CommandId,
    wish: String,
    kind: DeviceKind,
    /// What serves the whole farm without one.
    house: Option<HouseId>,
}

impl SeveralForm {
    fn action(&self) -> Result<Action, AppError> {
        match self.wish.as_str() {
            "on" => Ok(Action::On),
            "off" => Ok(Action::Off),
            _ => Err(AppError::BadRequest),
        }
    }
}

/// `POST /farms/{farm}/control`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    Farm(scope): Farm,
    visitor: Visitor,
    Fields(form): Fields<SeveralForm>,
) -> Result<Response, AppError> {
    let page = Page { state: &state, scope: &scope, visitor: &visitor };
    let loaded = page.load().await?;
    if form.house.is_some_and(|house| loaded.known.facts.house(house).is_none()) {
        return Err(AppError::NotFound);
    }
    let asked = Asked { wish: Wish::Do(form.action()?), duration_ms: None };
    let devices = loaded.in_place(form.house).filter(|device| device.kind == form.kind);
    let tap = |device: &store::home::Device| {
        let id = identity_of(form.id, device.id);
        Tap { id, device: device.id, asked }
    };
    let taps: Vec<Tap> = devices.map(tap).collect();
    let origin = visitor.origin(state.clock.now());
    let outcomes = accept_all(&state.database, &scope, &taps, &origin).await?.tell(&state.bus);
    let mut notes = Vec::new();
    for (tap, outcome) in taps.iter().zip(outcomes) {
        match became(outcome) {
            Became::Told => {}
            became => notes.push((tap.device, form.wish.clone(), became)),
        }
    }
    if notes.is_empty() {
        let query = form.house.map(|house| format!("?house={house}")).unwrap_or_default();
        let to = format!("/farms/{}/control{query}", scope.farm());
        return Ok(done_times(&to, "control-told", taps.len()));
    }
    // as they stand now
    let loaded = page.load().await?;
    let returned = Returned { notes, value: None };
    Ok(crate::forms::refused(page.all(&loaded, form.house, returned)))
}

const fn became(outcome: Outcome) -> Became {
    match outcome {
        Outcome::Accepted(_) | Outcome::Again(_) => Became::Told,
        Outcome::Refused(refused) => Became::Refused(refused),
        Outcome::Clash => Became::Old,
        // it has been put out of use meanwhile
        Outcome::NotFound => Became::Refused(Refused::NotInUse),
    }
}
