//! Home of a farm: the answer first, then values, devices, and the other houses; live.

mod facts;
mod model;
mod patch;
mod pieces;
mod scene;
pub(crate) mod stream;
mod tell;
mod tell_devices;
mod tell_values;
mod wire;

pub(crate) use facts::{Facts, Reading};
pub(crate) use model::{DeviceView, Moment, Mood, RowLook, RowView, Sentence, Tag, TileView};
pub(crate) use patch::{Difference, devices_differ, rows_differ, tiles_differ};
pub(crate) use pieces::{DeviceWithRefusal, LostWords, Row, Tile, words};
pub(crate) use scene::{Scene, scene};
pub(crate) use stream::{
    Asked, BETWEEN_LOADS, HEARTBEAT, REFRESH, RETRY, event, is_first, page_event, respond_with,
};
pub(crate) use tell::Teller;
pub(crate) use tell_devices::{
    controller_row, device as tell_device, icon_of_device, last_heard, reach,
};
pub(crate) use tell_values::{labelled, name_id, new_device, sensor_icon, tiles as tell_tiles};
pub(crate) use wire::{PageEvent, all_values};

use crate::{
    access::Farm,
    control::{Switches, with_taps},
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
    let read = visitor.read(&state, &scope, async |conn| {
        let facts = Facts::read(conn, &scope, now).await?.ok_or(AppError::NotFound)?;
        Ok::<_, AppError>((facts, Switches::read(conn, &scope, now).await?))
    });
    let (facts, switches) = read.await?;
    let wanted = match wanted.house {
        Some(house) => {
            let house: HouseId = house.parse().map_err(|_| AppError::NotFound)?;
            Some(facts.house(house).ok_or(AppError::NotFound)?.id)
        }
        None => None,
    };
    visitor.visits(scope.farm(), now).await?;
    let teller = Teller { facts: &facts, reader: visitor.reader, now };
    let home = tell(teller, &switches, wanted).of_role(scope.role(), teller);
    let query = wanted.map(|house| format!("?house={house}")).unwrap_or_default();
    let page = Page {
        title: visitor.reader.say("home-title"),
        farm: Some((scope.farm(), facts.farm.name.clone())),
        class: "page--flush page--wide cols",
        live: Some(with_taps(LiveSource {
            address: format!("/farms/{}/live{query}", scope.farm()),
            fingerprint: home.fingerprint(),
            now: now.as_millis(),
            lost: |reader| view! { <LostWords reader/> }.into_any(),
        })),
        ..Page::default()
    };
    Ok(respond(&state, &visitor, page, move || view! { <Home home/> }))
}
