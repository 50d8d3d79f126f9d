//! The streams of pages with latches.
use super::loaded::Loaded;
use crate::{
    access::Farm,
    board::{self, Followed, Seen},
    error::AppError,
    home::Asked,
    reader::Reader,
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Path, Query, State},
    response::Response,
};
use domain::{DeviceId, HouseId};
use http::HeaderMap;
use store::FarmScope;

/// The pages as they are followed.
enum Follow {
    All(Option<HouseId>),
    One(DeviceId),
}

impl Followed for Follow {
    const FOLLOWS_COMMANDS: bool = true;

    async fn see(
        &self,
        state: &AppState,
        scope: &FarmScope,
        reader: Reader,
    ) -> Result<Option<Seen>, AppError> {
        let loaded = scope
            .read(&state.database, async |conn| Loaded::read(conn, scope, state).await)
            .await?;
        let board = match self {
            Self::All(house) => {
                let is_gone = house.is_some_and(|house| loaded.known.facts.house(house).is_none());
                (!is_gone).then(|| loaded.all(reader, *house))
            }
            Self::One(device) => {
                let device = loaded.known.device(*device).filter(|device| device.is_approved);
                device.map(|device| loaded.one(reader, device))
            }
        };
        Ok(board.map(|board| loaded.seen(board)))
    }
}

/// `GET /farms/{farm}/control/live`.
pub(crate) async fn stream(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let follow = Follow::All(asked.house);
    board::follow(state, scope, visitor, (follow, asked, headers)).await
}

/// `GET /farms/{farm}/control/{device}/live`.
pub(crate) async fn one_stream(
    State(state): State<AppState>,
    Farm(scope): Farm,
    Path((_, device)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    headers: HeaderMap,
    visitor: Visitor,
) -> Result<Response, AppError> {
    let device: DeviceId = device.parse().map_err(|_| AppError::NotFound)?;
    board::follow(state, scope, visitor, (Follow::One(device), asked, headers)).await
}
