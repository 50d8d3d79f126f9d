//! How many requests a minute the gate lets through, and what it answers otherwise.
use super::{Endpoint, gate::Gate};
use crate::{
    error::AppError,
    limits::{Subject, Wait},
    visitor::Visitor,
};
use axum::response::{IntoResponse, Response};
use futures::future::join;
use http::{HeaderValue, Method, header};
use std::{pin::pin, time::Duration};
use tokio::time::timeout;

/// What strangers of one address may send to one endpoint: whole villages share one.
const FORMS_OF_STRANGERS_A_MINUTE: u32 = 60;

/// A page's transaction waits no longer than this for a slow Redis.
const MOST_IDLE: Duration = Duration::from_millis(10);

/// Counts a request, and settles the page's transaction if that takes long: the page then opens one of its
/// own, and while Redis is slow no connection lies idle for it.
pub(super) async fn count(gate: &Gate, visitor: &Visitor) -> Result<(), Wait> {
    let mut counting = pin!(count_one(gate, visitor));
    match timeout(MOST_IDLE, counting.as_mut()).await {
        Ok(counted) => counted,
        Err(_) => join(counting, visitor.settle()).await.0,
    }
}

/// Counts a request by who makes it. Strangers only read what anybody may, and many of them share an
/// address: of theirs what is written counts.
async fn count_one(gate: &Gate, visitor: &Visitor) -> Result<(), Wait> {
    let Endpoint { method, path, .. } = &gate.endpoint;
    let (who, most) = match &visitor.account {
        Some(account) => (account.user.to_string(), gate.most),
        None if method == Method::GET => return Ok(()),
        None => {
            let address = Subject::address(visitor.came.address);
            (address.to_string(), FORMS_OF_STRANGERS_A_MINUTE)
        }
    };
    let (endpoint, now) = (format!("{method} {path}"), gate.state.clock.now());
    gate.state.limits.requests.count((&who, &endpoint), most, now).await
}

/// Why a request does not reach its handler.
#[derive(Debug)]
pub(super) enum Refused {
    /// It is not for this visitor, or can not be looked at.
    Error(AppError),
    /// It is one too many.
    TooMany(Wait),
}

impl From<AppError> for Refused {
    fn from(error: AppError) -> Self {
        Self::Error(error)
    }
}

impl From<Wait> for Refused {
    fn from(wait: Wait) -> Self {
        Self::TooMany(wait)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        match self {
            Self::Error(error) => error.into_response(),
            Self::TooMany(Wait(wait)) => {
                let seconds = wait.as_millis().div_ceil(1000).max(1);
                let mut response = AppError::Busy.into_response();
                if let Ok(seconds) = HeaderValue::try_from(seconds.to_string()) {
                    response.headers_mut().insert(header::RETRY_AFTER, seconds);
                }
                response
            }
        }
    }
}
