//! Home of a farm: the answer first, then values, devices, and the other houses; live.

mod facts;
mod model;
mod patch;
mod pieces;
pub(crate) mod scene;
pub(crate) mod stream;
mod tell;
mod tell_devices;
mod tell_values;
mod wire;

pub(crate) use facts::{Facts, Reading};
pub(crate) use model::{DeviceView, Mood, RowLook, RowView, Sentence, Tag, TileView};
pub(crate) use patch::{Difference, devices_differ, rows_differ, tiles_differ};
pub(crate) use pieces::{Device as DeviceCard, LostWords, Row, Tile};
pub(crate) use stream::{
    Asked, BETWEEN_LOADS, HEARTBEAT, REFRESH, RETRY, event, is_first, page_event, respond_with,
};
pub(crate) use tell::Teller;
pub(crate) use tell_devices::{device as tell_device, icon_of_device};
pub(crate) use tell_values::{labelled, name_id, new_device, sensor_icon, tiles as tell_tiles};
pub(crate) use wire::{PageEvent, all_values};

use crate::{
    access::Farm,
    document::{LiveSource, Page, respond},
    error::AppError,
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::HouseId;
use leptos::prelude::*;
use pieces::Home;
use serde::Deserialize;
use tell::tell;

/// Which house stands in front; without one, the farm's first.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    house: Option<String>,
}

/// `GET /farms/{farm}`.
pub(crate) async fn page(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Query(wanted): Query<Wanted>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let now = state.clock.now();
    let read = visitor.read(&state, &scope, async |conn| Facts::read(conn, &scope, now).await);
    let facts = read.await?.ok_or(AppError::NotFound)?;
    let wanted = match wanted.house {
        Some(house) => {
            let house: HouseId = house.parse().map_err(|_| AppError::NotFound)?;
            Some(facts.house(house).ok_or(AppError::NotFound)?.id)
        }
        None => None,
    };
    visitor.visits(scope.farm(), now).await?;
    let home = tell(Teller { facts: &facts, reader: visitor.reader, now }, wanted);
    let query = wanted.map(|house| format!("?house={house}")).unwrap_or_default();
    let page = Page {
        title: visitor.reader.say("home-title"),
        farm: Some((scope.farm(), facts.farm.name.clone())),
        class: "page--flush page--wide cols",
        live: Some(LiveSource {
            address: format!("/farms/{}/live{query}", scope.farm()),
            fingerprint: home.fingerprint(),
            now: now.as_millis(),
            lost: |reader| view! { <LostWords reader/> }.into_any(),
        }),
    };
    Ok(respond(&state, &visitor, page, move || view! { <Home home/> }))
}
