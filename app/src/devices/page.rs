//! One device's page: what it says now, its controller, what it is, what happened with it.
use super::{
    edit::load,
    known::Known,
    tell,
    view::{OneDevice, Slots, Told},
};
use crate::{
    access::Farm,
    board::{self, Followed, Seen},
    document::{Page, respond},
    error::AppError,
    events::Teller as EventTeller,
    home::Asked,
    reader::Reader,
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use domain::{DeviceId, permissions::Permission};
use http::HeaderMap;
use leptos::prelude::*;
use store::{
    AsyncPgConnection, FarmScope, StoreError,
    events::{self, EventFilter, Trace},
    people,
};

/// Events on the page; the log has all.
const NEWEST: usize = 8;

/// `GET /farms/{farm}/devices/{device}`.
pub(crate) async fn page(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let (known, device) = load(&state, &visitor, (&scope, &id)).await?;
    let look = async |conn: &mut _| happened(conn, &scope, device.id).await;
    let happened = visitor.read(&state, &scope, look);
    let (names, traces) = happened.await?;
    let now = known.now;
    visitor.visits(scope.farm(), now).await?;
    let reader = visitor.reader;
    // what is out of use says nothing
    let board = known.device(device.id).map(|device| tell::one(&known, reader, device));
    let here = format!("/farms/{}/devices/{}", scope.farm(), device.id);
    let page = Page {
        title: device.name.clone(),
        farm: Some((scope.farm(), known.facts.farm.name.clone())),
        live: board.as_ref().map(|board| board.source(format!("{here}/live"), now)),
        ..Page::default()
    };
    let told = Told {
        here,
        may_edit: scope.role().may(Permission::EditDevices),
        events: EventTeller { reader, names },
        traces,
        slots: Slots::default(),
        board,
        known,
        device,
    };
    Ok(respond(&state, &visitor, page, || view! { <OneDevice reader told/> }))
}

type Happened = (std::collections::HashMap<domain::UserId, String>, Vec<Trace>);

async fn happened(
    connection: &mut AsyncPgConnection,
    scope: &FarmScope,
    device: DeviceId,
) -> Result<Happened, StoreError> {
    let filter = EventFilter { device: Some(device), ..EventFilter::default() };
    let mut page = events::page(connection, scope.farm(), &filter, None).await?;
    page.traces.truncate(NEWEST);
    Ok((people::names(connection, scope.farm()).await?, page.traces))
}

/// The page as it is followed.
struct DevicePage(DeviceId);

impl Followed for DevicePage {
    async fn see(
        &self,
        state: &AppState,
        scope: &FarmScope,
        reader: Reader,
    ) -> Result<Option<Seen>, AppError> {
        let known = Known::load(state, scope).await?;
        let board = known.device(self.0).map(|device| tell::one(&known, reader, device));
        Ok(board.map(|board| Seen { board, nodes: known.node_names(), rest: known.rest() }))
    }
}

/// `GET /farms/{farm}/devices/{device}/live`.
pub(crate) async fn stream(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, id)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let id: DeviceId = id.parse().map_err(|_| AppError::NotFound)?;
    board::follow(state, scope, visitor, (DevicePage(id), asked, headers)).await
}
