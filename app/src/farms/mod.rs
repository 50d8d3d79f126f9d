//! The list of a person's farms: to change over, to bring back what was deleted, to take up what was
//! paused.

mod fields;
mod view;

pub(crate) use fields::{FarmFields, read_farm};

use crate::{
    claim::WantedBox,
    error::AppError,
    forms::{Fields, Nothing, done, refused},
    reader::zone,
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use chrono_tz::Tz;
use domain::FarmId;
use http::HeaderMap;
use store::farms::{self, DeletedFarm, MyFarm, PausedFarm};

/// All farms of a person.
#[derive(Debug, Clone)]
struct Farms {
    mine: Vec<MyFarm>,
    /// Theirs to take up again.
    paused: Vec<PausedFarm>,
    /// Theirs to bring back.
    deleted: Vec<DeletedFarm>,
    /// The box that they came with, and have no farm for.
    wanted: Option<WantedBox>,
    /// The one last looked at.
    last: Option<FarmId>,
    /// The person's own.
    zone: Tz,
}

impl Farms {
    async fn load(state: &AppState, visitor: &Visitor) -> Result<Self, AppError> {
        let account = visitor.account()?;
        let mut conn = account.begin(&state.database).await?;
        let mine = farms::of_user(&mut conn, account.user).await?;
        conn.commit().await?;
        let paused = farms::paused(&state.database, account.user).await?;
        let now = state.clock.now();
        let deleted = farms::deleted(&state.database, account.user, now).await?;
        let zone = zone(&account.timezone);
        Ok(Self { mine, paused, deleted, wanted: None, last: account.last_farm, zone })
    }

    fn is_empty(&self) -> bool {
        self.mine.is_empty() && self.paused.is_empty() && self.deleted.is_empty()
    }
}

/// `GET /farms`.
pub(crate) async fn page(
    State(state): State<AppState>,
    visitor: Visitor,
    headers: HeaderMap,
) -> Result<Response, AppError> {
    let mut farms = Farms::load(&state, &visitor).await?;
    farms.wanted = WantedBox::read(&headers, visitor.is_encrypted);
    visitor.visits(None, state.clock.now()).await?;
    Ok(view::page(&state, &visitor, farms, false))
}

/// `POST /farms/{farm}/restore`: brings a deleted farm back. It is no membership while it is deleted; who
/// may, the database decides.
pub(crate) async fn restore(
    State(state): State<AppState>,
    Path(farm): Path<String>,
    visitor: Visitor,
    Fields(Nothing {}): Fields<Nothing>,
) -> Result<Response, AppError> {
    let (now, user) = (state.clock.now(), visitor.account()?.user);
    let id = farm.parse().map_err(|_| AppError::NotFound)?;
    if farms::restore(&state.database, user, id, &visitor.origin(now)).await? {
        return Ok(done("/farms", "farm-restored"));
    }
    not_back(&state, visitor, &farm).await
}

/// `POST /farms/{farm}/resume`: takes a paused farm up again, as with a deleted one.
pub(crate) async fn resume(
    State(state): State<AppState>,
    Path(farm): Path<String>,
    visitor: Visitor,
    Fields(Nothing {}): Fields<Nothing>,
) -> Result<Response, AppError> {
    let (now, user) = (state.clock.now(), visitor.account()?.user);
    let id = farm.parse().map_err(|_| AppError::NotFound)?;
    if farms::resume(&state.database, user, id, &visitor.origin(now)).await? {
        return Ok(done("/farms", "farm-resumed"));
    }
    not_back(&state, visitor, &farm).await
}

/// The list, with the word that a farm is there already. One that is another's, or not theirs to bring back,
/// and one that does not exist look the same, and are recorded the same.
async fn not_back(
    state: &AppState,
    mut visitor: Visitor,
    farm: &str,
) -> Result<Response, AppError> {
    visitor.farm(state, farm).await?;
    "/farms".clone_into(&mut visitor.address);
    let farms = Farms::load(state, &visitor).await?;
    Ok(refused(view::page(state, &visitor, farms, true)))
}
