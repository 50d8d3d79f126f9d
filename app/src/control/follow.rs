//! The streams of pages with latches.
use super::loaded::Loaded;
use crate::{
    board::{Followed, Follower, Seen},
    error::AppError,
    reader::Reader,
    state::AppState,
};
use axum::{extract::Path, response::Response};
use domain::{DeviceId, HouseId};
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
pub(crate) async fn stream(follower: Follower) -> Result<Response, AppError> {
    let follow = Follow::All(follower.asked.house);
    follower.follow(follow).await
}

/// `GET /farms/{farm}/control/{device}/live`.
pub(crate) async fn one_stream(
    Path((_, device)): Path<(String, String)>,
    follower: Follower,
) -> Result<Response, AppError> {
    let device: DeviceId = device.parse().map_err(|_| AppError::NotFound)?;
    follower.follow(Follow::One(device)).await
}
