//! Whoever asks for the stream of a farm's page.
use super::stream::{Followed, follow};
use crate::{access::Farm, error::AppError, home::Asked, state::AppState, visitor::Visitor};
use axum::{
    extract::{FromRequestParts, Query},
    response::{IntoResponse as _, Response},
};
use http::{HeaderMap, request::Parts};
use store::FarmScope;

/// Who asks, and what their page says of itself.
pub(crate) struct Follower {
    pub(crate) state: AppState,
    pub(crate) scope: FarmScope,
    pub(crate) asked: Asked,
    pub(crate) headers: HeaderMap,
    pub(crate) visitor: Visitor,
}

impl FromRequestParts<AppState> for Follower {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Response> {
        let Farm(scope) =
            Farm::from_request_parts(parts, state).await.map_err(AppError::into_response)?;
        let Query(asked) =
            Query::from_request_parts(parts, state).await.map_err(|bad| bad.into_response())?;
        let visitor =
            Visitor::from_request_parts(parts, state).await.map_err(AppError::into_response)?;
        let (state, headers) = (state.clone(), parts.headers.clone());
        Ok(Self { state, scope, asked, headers, visitor })
    }
}

impl Follower {
    /// Opens the stream.
    pub(crate) async fn follow(self, page: impl Followed) -> Result<Response, AppError> {
        let Self { state, scope, asked, headers, visitor } = self;
        follow(state, scope, visitor, (page, asked, headers)).await
    }
}
