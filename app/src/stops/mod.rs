//! The emergency stop: its page, which tells what stands still and who has not answered, the page that asks before
//! it is pressed, and the one that asks before it is released. A banner says on every page that one stands.

mod banner;
mod press;
mod release;
mod tell;
mod view;

pub(crate) use banner::{Banner, Stops};
pub(crate) use press::{page as ask_pressing, submit as press};
pub(crate) use release::{page as ask_releasing, submit as release};

use crate::{
    access::Farm,
    board::{Followed, Follower, Seen},
    commands::Words,
    devices::Known,
    document::{Page, respond},
    error::AppError,
    reader::Reader,
    state::AppState,
    visitor::Visitor,
};
use axum::{extract::State, response::Response};
use domain::{FarmId, HouseId, StopId, Timestamp, UserId, permissions::Permission};
use leptos::prelude::*;
use std::collections::HashMap;
use store::{
    AsyncPgConnection, FarmScope, people,
    stops::{self, Standing, Told},
};
use view::Overview;

/// A farm with what stands still on it.
#[derive(Debug, Clone)]
struct Found {
    known: Known,
    standing: Vec<Standing>,
    told: Vec<Told>,
    people: HashMap<UserId, String>,
}

impl Found {
    async fn load(
        state: &AppState,
        visitor: &Visitor,
        scope: &FarmScope,
    ) -> Result<Self, AppError> {
        let now = state.clock.now();
        visitor.read(state, scope, async |conn| Self::read(conn, scope, now).await).await
    }

    async fn read(
        conn: &mut AsyncPgConnection,
        scope: &FarmScope,
        now: Timestamp,
    ) -> Result<Self, AppError> {
        let known = Known::read(conn, scope, now).await?;
        let standing = stops::standing(conn, scope.farm()).await?;
        let told = stops::told(conn, scope.farm()).await?;
        let people = people::names(conn, scope.farm()).await?;
        Ok(Self { known, standing, told, people })
    }

    fn farm(&self) -> FarmId {
        self.known.facts.farm.id
    }

    fn address(&self) -> String {
        address(self.farm())
    }

    fn words(&self, reader: Reader) -> Words<'_> {
        Words { reader, now: self.known.now, zone: self.known.facts.zone, people: &self.people }
    }

    fn page(&self, title: String) -> Page {
        let farm = Some((self.farm(), self.known.facts.farm.name.clone()));
        Page { title, farm, ..Page::default() }
    }

    /// One of the stops that stand.
    fn stop(&self, id: StopId) -> Option<&Standing> {
        self.standing.iter().find(|standing| standing.stop.id == id)
    }

    /// What a house is called; nothing for the whole farm.
    fn house(&self, house: Option<HouseId>) -> Option<&str> {
        self.known.facts.house(house?).map(|house| house.name.as_str())
    }
}

fn address(farm: FarmId) -> String {
    format!("/farms/{farm}/stop")
}

/// `GET /farms/{farm}/stop`: what stands still, and what can be stopped.
pub(crate) async fn page(
    State(state): State<AppState>,
    Farm(scope): Farm,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let found = Found::load(&state, &visitor, &scope).await?;
    let now = found.known.now;
    visitor.visits(scope.farm(), now).await?;
    let reader = visitor.reader;
    let role = scope.role();
    let board = tell::board(&found, reader, role.may(Permission::ReleaseStop));
    let page = Page {
        class: "page--flush",
        live: Some(board.source(format!("{}/live", found.address()), now)),
        tells_stops: true,
        ..found.page(reader.say("stop-title"))
    };
    let may_press = role.may(Permission::ControlDevices);
    Ok(respond(&state, &visitor, page, || view! { <Overview reader found board may_press/> }))
}

/// The page as it is followed.
struct StopPage {
    may_release: bool,
}

impl Followed for StopPage {
    const FOLLOWS_COMMANDS: bool = true;

    async fn see(
        &self,
        state: &AppState,
        scope: &FarmScope,
        reader: Reader,
    ) -> Result<Option<Seen>, AppError> {
        let now = state.clock.now();
        let read = async |conn: &mut _| Found::read(conn, scope, now).await;
        let found = scope.read(&state.database, read).await?;
        let board = tell::board(&found, reader, self.may_release);
        let (nodes, rest) = (found.known.node_names(), found.known.rest());
        Ok(Some(Seen { board, nodes, rest }))
    }
}

/// `GET /farms/{farm}/stop/live`.
pub(crate) async fn stream(follower: Follower) -> Result<Response, AppError> {
    let may_release = follower.scope.role().may(Permission::ReleaseStop);
    follower.follow(StopPage { may_release }).await
}
