//! The pages with latches: all of a farm's, or of one house; and one device's with what more can be asked of it.
use super::{
    latch::with_taps,
    loaded::Loaded,
    model::OnPage,
    returned::{Returned, refusals, typed_faults, value},
    view::{Control, OneSwitch, Shown, Typed},
};
use crate::{
    access::Farm,
    board::Board,
    document::{self, respond},
    error::AppError,
    forms::refused,
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use domain::{DeviceId, HouseId};
use leptos::prelude::*;
use serde::Deserialize;
use store::FarmScope;

/// Which house is wanted; all without one.
#[derive(Debug, Deserialize)]
pub(crate) struct Wanted {
    house: Option<String>,
}

/// `GET /farms/{farm}/control`.
pub(crate) async fn page(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Query(wanted): Query<Wanted>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let page = Page { state: &state, scope: &scope, visitor: &visitor };
    let loaded = page.load().await?;
    let house = match &wanted.house {
        Some(house) => Some(loaded.known.house(house).ok_or(AppError::NotFound)?.id),
        None => None,
    };
    visitor.visits(scope.farm(), loaded.known.now).await?;
    Ok(page.all(&loaded, house, Returned::default()))
}

/// `GET /farms/{farm}/control/{device}`.
pub(crate) async fn one(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, device)): Path<(String, String)>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let device = device.parse().map_err(|_| AppError::NotFound)?;
    let page = Page { state: &state, scope: &scope, visitor: &visitor };
    let loaded = page.load().await?;
    let response = page.one(&loaded, device, Returned::default())?;
    visitor.visits(scope.farm(), loaded.known.now).await?;
    Ok(response)
}

/// Where a page is made, and for whom.
#[derive(Clone, Copy)]
pub(super) struct Page<'a> {
    pub(super) state: &'a AppState,
    pub(super) scope: &'a FarmScope,
    pub(super) visitor: &'a Visitor,
}

impl Page<'_> {
    pub(super) async fn load(self) -> Result<Loaded, AppError> {
        let Self { state, scope, visitor } = self;
        visitor.read(state, scope, async |conn| Loaded::read(conn, scope, state).await).await
    }

    /// The page that a form came from, with what could not be done.
    pub(super) async fn come_back(
        self,
        page: OnPage,
        device: DeviceId,
        returned: Returned,
    ) -> Result<Response, AppError> {
        let loaded = self.load().await?;
        let response = match page {
            OnPage::Device | OnPage::About => self.one(&loaded, device, returned)?,
            OnPage::Home(house) | OnPage::Control(house) => {
                let house = house.filter(|house| loaded.known.facts.house(*house).is_some());
                self.all(&loaded, house, returned)
            }
        };
        Ok(refused(response))
    }

    /// All latches.
    pub(super) fn all(
        self,
        loaded: &Loaded,
        house: Option<HouseId>,
        returned: Returned,
    ) -> Response {
        let reader = self.visitor.reader;
        let board = loaded.all(reader, house);
        let query = house.map(|house| format!("?house={house}")).unwrap_or_default();
        let title = reader.say("control-title");
        let page = self.document(loaded, title, (&board, format!("/control/live{query}")));
        let refusals = refusals(loaded, reader, returned.notes);
        let shown = Shown::new(loaded, reader, house);
        respond(self.state, self.visitor, page, || {
            provide_context(refusals);
            view! { <Control reader shown board/> }
        })
    }

    /// One latch and more.
    pub(super) fn one(
        self,
        loaded: &Loaded,
        device: DeviceId,
        returned: Returned,
    ) -> Result<Response, AppError> {
        let reader = self.visitor.reader;
        let told = loaded.board(reader, OnPage::Device);
        let device = loaded.known.device(device).filter(|device| device.is_approved);
        let device = device.ok_or(AppError::NotFound)?;
        let switch = told.switch(device).ok_or(AppError::NotFound)?;
        let board = loaded.one(reader, device);
        let place = format!("/control/{}/live", device.id);
        let page = self.document(loaded, device.name.clone(), (&board, place));
        let (faults, notes) = typed_faults(loaded, reader, returned.notes);
        let typed = Typed { value: value(reader, &switch, returned.value), faults };
        let refusals = refusals(loaded, reader, notes);
        Ok(respond(self.state, self.visitor, page, || {
            provide_context(refusals);
            view! { <OneSwitch told switch typed board/> }
        }))
    }

    fn document(
        self,
        loaded: &Loaded,
        title: String,
        (board, place): (&Board, String),
    ) -> document::Page {
        let farm = &loaded.known.facts.farm;
        let address = format!("/farms/{}{place}", farm.id);
        document::Page {
            title,
            farm: Some((farm.id, farm.name.clone())),
            class: "page--wide",
            live: Some(with_taps(board.source(address, loaded.known.now))),
            ..document::Page::default()
        }
    }
}
