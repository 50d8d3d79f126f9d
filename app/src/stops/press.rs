//! Pressing it: asked on a page that says what will stand still and what will not. The stop's identity is drawn
//! with the form, so that a second tap is the same stop.
use super::{Found, address, view::AskPressing};
use crate::{
    access::Farm,
    document::{Page, respond},
    error::AppError,
    forms::{Fields, Yes, done},
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Query, State},
    response::{IntoResponse as _, Redirect, Response},
};
use domain::{HouseId, StopId, commands::Stop, devices::DeviceKind};
use leptos::prelude::*;
use serde::Deserialize;
use std::collections::BTreeMap;
use store::{
    home::Device,
    stops::{self, NewStop, Pressed},
};

/// What stands for the whole farm in addresses and forms.
pub(super) const ALL: &str = "all";

/// What somebody is asked about.
#[derive(Debug, Clone)]
pub(super) struct Question {
    /// The identity of the stop to be.
    pub(super) id: StopId,
    /// The house, or `all`.
    pub(super) place: String,
    /// What the house is called; nothing for the whole farm.
    pub(super) house: Option<String>,
    /// What will stand still: how many of each kind.
    pub(super) stops: BTreeMap<&'static str, (DeviceKind, usize)>,
    /// How many fans go on unless it is said otherwise.
    pub(super) fans: usize,
}

impl Question {
    fn new(found: &Found, id: StopId, (place, house): (&str, Option<HouseId>)) -> Self {
        let stop = Stop { id, house, includes_fans: true, since: found.known.now };
        let held = |device: &&Device| stop.holds((device.kind, device.device_type), device.house);
        // new ones too: they may be running
        let devices = found.known.facts.farm.devices.iter();
        let mut stops = BTreeMap::new();
        let mut fans = 0;
        for device in devices.filter(held) {
            if device.kind == DeviceKind::Fan {
                fans += 1;
                continue;
            }
            stops.entry(device.kind.name()).or_insert((device.kind, 0)).1 += 1;
        }
        let house = found.house(house).map(str::to_owned);
        Self { id, place: place.to_owned(), house, stops, fans }
    }
}

/// The house of an address or a form; none for the whole farm. Another farm's is as none.
fn house_of(found: &Found, place: &str) -> Result<Option<HouseId>, AppError> {
    if place == ALL {
        return Ok(None);
    }
    let house = found.known.house(place).ok_or(AppError::NotFound)?;
    Ok(Some(house.id))
}

/// What is to be stopped, as the address says it: a house, or the whole farm.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    house: Option<String>,
}

/// `GET /farms/{farm}/stop/press`.
pub(crate) async fn page(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Query(wanted): Query<Wanted>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let found = Found::load(&state, &visitor, &scope).await?;
    let place = wanted.house.as_deref().unwrap_or(ALL);
    let house = house_of(&found, place)?;
    let reader = visitor.reader;
    let question = Question::new(&found, stops::new_id(), (place, house));
    let page = Page { class: "page--flush", ..found.page(reader.say("stop-press")) };
    let back = found.address();
    Ok(respond(&state, &visitor, page, || view! { <AskPressing reader question back/> }))
}

/// The form. Without the fields that the page has it is refused, so that nobody stops a farm by chance.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PressForm {
    id: StopId,
    house: String,
    fans: Option<Yes>,
    #[serde(rename = "sure")]
    _sure: Yes,
}

/// `POST /farms/{farm}/stop/press`.
pub(crate) async fn submit(
    State(state): State<AppState>,
    Farm(scope): Farm,
    visitor: Visitor,
    Fields(form): Fields<PressForm>,
) -> Result<Response, AppError> {
    let house = match form.house.as_str() {
        ALL => None,
        house => Some(house.parse().map_err(|_| AppError::NotFound)?),
    };
    let new = NewStop { id: form.id, house, includes_fans: form.fans.is_some() };
    let now = state.clock.now();
    let to = address(scope.farm());
    let pressed = stops::press(&state.database, &scope, &new, &visitor.origin(now)).await?;
    match pressed.tell(&state.bus) {
        Pressed::Stopped(_) => {
            state.bus.farm_changed(scope.farm(), now);
            Ok(done(&to, "stop-pressed"))
        }
        // the page says how it stands
        Pressed::Again => Ok(Redirect::to(&to).into_response()),
        // an old page: what was let go on is not stopped by chance
        Pressed::Released => Ok(done(&format!("{to}/press?house={}", form.house), "stop-again")),
        Pressed::NotFound => Err(AppError::NotFound),
    }
}
