//! The form of a latch, and those of a device's own page: a tap, and back to the page that it came from.
use super::{
    model::OnPage,
    page::Page,
    returned::Returned,
    tap::{Asking, Became, ask},
};
use crate::{access::Farm, error::AppError, forms::Fields, state::AppState, visitor::Visitor};
use axum::{
    extract::{Path, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{CommandId, DeviceId, HouseId, numbers::parse_decimal};
use serde::Deserialize;

/// The form, as it came.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TapForm {
    /// Drawn when the form was written: the identity of the first tap.
    id: CommandId,
    wish: String,
    /// How much, as typed.
    value: Option<String>,
    /// A press of − or + where no scripts run: the page comes back with the next number.
    go: Option<Go>,
    /// For how long, milliseconds.
    duration_ms: Option<i64>,
    /// For how long feed drops, milliseconds, if that is the wish.
    portion_ms: Option<i64>,
    /// The command that is asked for again or undone.
    of: Option<CommandId>,
    /// The page that it stands on, and the house in front there.
    page: String,
    house: Option<HouseId>,
}

/// Which way a number goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Go {
    Less,
    More,
}

/// `POST /farms/{farm}/control/{device}`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, device)): Path<(String, String)>,
    visitor: Visitor,
    Fields(form): Fields<TapForm>,
) -> Result<Response, AppError> {
    let device: DeviceId = device.parse().map_err(|_| AppError::NotFound)?;
    let page = OnPage::parse(&form.page, form.house).ok_or(AppError::BadRequest)?;
    let here = Page { state: &state, scope: &scope, visitor: &visitor };
    if let Some(go) = form.go {
        let typed = form.value.as_deref().map(number).unwrap_or_default();
        return here.step(device, (typed, go)).await;
    }
    let asking = Asking {
        id: form.id,
        device,
        wish: &form.wish,
        value: form.value.as_deref().map(number),
        duration_ms: form.duration_ms,
        portion_ms: form.portion_ms,
        of: form.of,
    };
    let became = ask((&state, &scope, &visitor), asking).await?;
    if became == Became::Told {
        return Ok(Redirect::to(&page.address(scope.farm(), device)).into_response());
    }
    let returned = Returned { notes: vec![(device, form.wish.clone(), became)], value: form.value };
    here.come_back(page, device, returned).await
}

/// A number as people type it; what is none is no number, and refused as such.
fn number(typed: &str) -> f64 {
    parse_decimal(typed).unwrap_or(f64::NAN)
}
