//! One device's page: what it says now, its controller, what it is, what happened with it.
use super::{
    doing::Doing,
    edit::load,
    known::Known,
    tell,
    view::{OneDevice, Told},
};
use crate::{
    access::Farm,
    board::{Followed, Follower, Seen},
    control::with_taps,
    document::{Page, respond},
    error::AppError,
    events::Teller as EventTeller,
    reader::Reader,
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::{DeviceId, Timestamp, permissions::Permission};
use leptos::prelude::*;
use store::{
    AsyncPgConnection, FarmScope, StoreError,
    devices::Device,
    events::{self, EventFilter, Trace},
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
    let now = known.now;
    let look = async |conn: &mut _| happened(conn, &scope, (&device, now)).await;
    let (doing, traces) = visitor.read(&state, &scope, look).await?;
    visitor.visits(scope.farm(), now).await?;
    let reader = visitor.reader;
    // what is out of use says nothing
    let here = format!("/farms/{}/devices/{}", scope.farm(), device.id);
    let own = known.device(device.id);
    let board = own.map(|device| tell::one(&known, reader, (device, &doing), &here));
    let page = Page {
        title: device.name.clone(),
        farm: Some((scope.farm(), known.facts.farm.name.clone())),
        live: board.as_ref().map(|board| with_taps(board.source(format!("{here}/live"), now))),
        ..Page::default()
    };
    let told = Told {
        here,
        may_edit: scope.role().may(Permission::EditDevices),
        events: EventTeller { reader, names: doing.people },
        traces,
        board,
        known,
        device,
    };
    Ok(respond(&state, &visitor, page, || view! { <OneDevice reader told/> }))
}

async fn happened(
    connection: &mut AsyncPgConnection,
    scope: &FarmScope,
    (device, now): (&Device, Timestamp),
) -> Result<(Doing, Vec<Trace>), StoreError> {
    let filter = EventFilter { device: Some(device.id), ..EventFilter::default() };
    let mut page = events::page(connection, scope.farm(), &filter, None).await?;
    page.traces.truncate(NEWEST);
    let doing = Doing::read(connection, scope, (device.id, device.kind, now)).await?;
    Ok((doing, page.traces))
}

/// The page as it is followed.
struct DevicePage(DeviceId);

impl Followed for DevicePage {
    const FOLLOWS_COMMANDS: bool = true;

    async fn see(
        &self,
        state: &AppState,
        scope: &FarmScope,
        reader: Reader,
    ) -> Result<Option<Seen>, AppError> {
        let now = state.clock.now();
        let here = format!("/farms/{}/devices/{}", scope.farm(), self.0);
        let read = async |conn: &mut _| {
            let known = Known::read(conn, scope, now).await?;
            let Some(device) = known.device(self.0) else { return Ok(None) };
            let doing = Doing::read(conn, scope, (device.id, device.kind, now)).await?;
            Ok::<_, AppError>(Some((known, doing)))
        };
        let Some((known, doing)) = scope.read(&state.database, read).await? else {
            return Ok(None);
        };
        let own = known.device(self.0);
        let board = own.map(|device| tell::one(&known, reader, (device, &doing), &here));
        let rest = doing.rest(&known);
        Ok(board.map(|board| Seen { board, nodes: known.node_names(), rest }))
    }
}

/// `GET /farms/{farm}/devices/{device}/live`.
pub(crate) async fn stream(
    Path((_, id)): Path<(String, String)>,
    follower: Follower,
) -> Result<Response, AppError> {
    let id: DeviceId = id.parse().map_err(|_| AppError::NotFound)?;
    follower.follow(DevicePage(id)).await
}
