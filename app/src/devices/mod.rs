//! Devices: what hangs in the houses and is measured or switched. A list, a page for each, and what managers do
//! with them. A device is one channel of a controller; the controllers have pages of their own (`nodes`).

mod commands;
mod doing;
mod edit;
mod form;
mod known;
mod order;
mod page;
mod replace;
mod retire;
mod tell;
mod view;
mod words;

pub(crate) use commands::page as commands;
pub(crate) use edit::{not_tried, page as edit, submit as save};
pub(crate) use known::Known;
pub(crate) use order::submit as order;
pub(crate) use page::{page as one, stream as one_stream};
pub(crate) use replace::{page as ask_replacing, submit as replace};
pub(crate) use retire::{ask as ask_retiring, restore, retire};
pub(crate) use tell::{new_devices, rows};
pub(crate) use view::To;
pub(crate) use words::{kind_name, thing};

use crate::{
    access::Farm,
    board::{Followed, Follower, Seen},
    document::{Page, respond},
    error::AppError,
    reader::Reader,
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Query, State},
    response::Response,
};
use domain::{HouseId, permissions::Permission};
use leptos::prelude::*;
use serde::Deserialize;
use store::{
    FarmScope,
    devices::{self, DeviceFilter},
};
use tell::Chosen;
use view::{List, Retired};

/// What of the list is wanted.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    house: Option<String>,
    list: Option<Which>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Which {
    Retired,
}

/// `GET /farms/{farm}/devices`.
pub(crate) async fn page(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Query(wanted): Query<Wanted>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let now = state.clock.now();
    let retired = DeviceFilter { is_active: Some(false) };
    if wanted.list == Some(Which::Retired) {
        return out_of_use(&state, &visitor, &scope, &retired).await;
    }
    let found = visitor.read(&state, &scope, async |conn| {
        let known = Known::read(conn, &scope, now).await?;
        let retired = devices::count(conn, scope.farm(), &retired).await?;
        Ok::<_, AppError>((known, retired))
    });
    let (known, retired) = found.await?;
    visitor.visits(scope.farm(), now).await?;
    let reader = visitor.reader;
    let mut page = Page::of_farm(reader.say("devices-title"), &known.facts.farm);
    let chosen = Chosen {
        house: match &wanted.house {
            Some(house) => Some(known.house(house).ok_or(AppError::NotFound)?.id),
            None => None,
        },
        may_edit: scope.role().may(Permission::EditDevices),
    };
    let board = tell::list(&known, reader, chosen);
    let query = chosen.house.map(|house| format!("?house={house}")).unwrap_or_default();
    let address = format!("/farms/{}/devices/live{query}", scope.farm());
    page.live = Some(board.source(address, now));
    Ok(respond(&state, &visitor, page, || view! { <List reader known chosen board retired/> }))
}

/// The list of those that are out of use.
async fn out_of_use(
    state: &AppState,
    visitor: &Visitor,
    scope: &FarmScope,
    retired: &DeviceFilter,
) -> Result<Response, AppError> {
    let now = state.clock.now();
    let found = visitor.read(state, scope, async |conn| {
        let known = Known::read(conn, scope, now).await?;
        Ok::<_, AppError>((known, devices::list(conn, scope.farm(), retired).await?))
    });
    let (known, retired) = found.await?;
    visitor.visits(scope.farm(), now).await?;
    let (reader, farm, zone) = (visitor.reader, scope.farm(), known.facts.zone);
    let page = Page::of_farm(reader.say("devices-title"), &known.facts.farm);
    Ok(respond(state, visitor, page, || view! { <Retired reader farm retired now zone/> }))
}

/// The list as it is followed.
struct ListPage(Chosen);

impl Followed for ListPage {
    async fn see(
        &self,
        state: &AppState,
        scope: &FarmScope,
        reader: Reader,
    ) -> Result<Option<Seen>, AppError> {
        let known = Known::load(state, scope).await?;
        let board = tell::list(&known, reader, self.0);
        Ok(Some(Seen { board, nodes: known.node_names(), rest: known.rest() }))
    }
}

/// `GET /farms/{farm}/devices/live`.
pub(crate) async fn stream(follower: Follower) -> Result<Response, AppError> {
    let house: Option<HouseId> = follower.asked.house;
    if let Some(house) = house {
        let known = Known::load(&follower.state, &follower.scope).await?;
        known.facts.house(house).ok_or(AppError::NotFound)?;
    }
    let chosen = Chosen { house, may_edit: follower.scope.role().may(Permission::EditDevices) };
    follower.follow(ListPage(chosen)).await
}
