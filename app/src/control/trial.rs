//! A new switch is tried before it is accepted: it runs for a moment, so that people see which one it is. What does not
//! end by itself is switched off there too.
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
    /// What is wanted.
    #[serde(default)]
    wish: TrialWish,
}

/// What is wanted of something new.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
enum TrialWish {
    /// It is to run for a moment.
    #[default]
    On,
    /// It is to stand still.
    Off,
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
    let (action, duration_ms, told) = match trial.wish {
        TrialWish::On => (Action::On, i64::try_from(TRIAL.as_millis()).ok(), "device-tried"),
        TrialWish::Off => (Action::Off, None, "device-tried-off"),
    };
    let asking = Asking {
        id: trial.id,
        device,
        wish: action.name(),
        value: None,
        duration_ms,
        portion_ms: None,
        of: None,
    };
    let became = ask((&state, &scope, &visitor), asking).await?;
    if became == Became::Told {
        let form = format!("/farms/{}/devices/{device}/edit", scope.farm());
        return Ok(done(&form, told));
    }
    let loaded = Page { state: &state, scope: &scope, visitor: &visitor }.load().await?;
    let teller = loaded.known.teller(visitor.reader);
    let why = note((teller, &loaded.switches), asking.wish, became);
    let refusals = Refusals::new(why.map(|why| (device, why)));
    devices::not_tried(&state, &visitor, (&scope, &id), refusals).await
}
