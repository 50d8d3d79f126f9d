//! A new switch is tried before it is accepted: it runs for a moment, so that people see which one it is.
use super::{
    page::Page,
    refusal::{Refusals, note},
    tap::{Asking, Became, ask},
};
use crate::{
    access::Farm,
    devices,
    error::AppError,
    forms::{Fields, done},
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{
    CommandId, DeviceId,
    commands::{Action, TRIAL},
};
use serde::Deserialize;

/// The form.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Trial {
    /// Drawn when the form was written: a second tap is the same trial.
    id: CommandId,
}

/// `POST /farms/{farm}/devices/{device}/try`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
    Fields(trial): Fields<Trial>,
) -> Result<Response, AppError> {
    let device: DeviceId = id.parse().map_err(|_| AppError::NotFound)?;
    let asking = Asking {
        id: trial.id,
        device,
        wish: Action::On.name(),
        value: None,
        duration_ms: i64::try_from(TRIAL.as_millis()).ok(),
        portion_ms: None,
        of: None,
    };
    let became = ask((&state, &scope, &visitor), asking).await?;
    if became == Became::Told {
        let form = format!("/farms/{}/devices/{device}/edit", scope.farm());
        return Ok(done(&form, "device-tried"));
    }
    let loaded = Page { state: &state, scope: &scope, visitor: &visitor }.load().await?;
    let teller = loaded.known.teller(visitor.reader);
    let why = note((teller, &loaded.switches), asking.wish, became);
    let refusals = Refusals::new(why.map(|why| (device, why)));
    devices::not_tried(&state, &visitor, (&scope, &id), refusals).await
}
