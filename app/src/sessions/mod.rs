//! Where a person is signed in: they name their phones, and end what is not theirs any more.

mod view;

use crate::{
    error::AppError,
    forms::{self, Faults, Fields, Nothing, done, done_times, refused},
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Path, State},
    response::Response,
};
use domain::SessionId;
use serde::Deserialize;
use store::sessions::{self, OwnSession};

/// The address of the list.
const HERE: &str = "/account/sessions";

/// The name of a phone, as typed.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct TypedName {
    #[serde(default)]
    name: String,
}

/// `GET /account/sessions`.
pub(crate) async fn page(
    State(state): State<AppState>,
    visitor: Visitor,
) -> Result<Response, AppError> {
    visitor.visits(None, state.clock.now()).await?;
    let list = all(&state, &visitor).await?;
    Ok(view::list(&state, &visitor, list))
}

/// `GET /account/sessions/{session}`.
pub(crate) async fn name_page(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(session): Path<String>,
) -> Result<Response, AppError> {
    let session = one(&state, &visitor, &session).await?;
    let name = session.device_name.clone().unwrap_or_default();
    Ok(view::name(&state, &visitor, session, name, Faults::default()))
}

/// `POST /account/sessions/{session}`: says what the phone is called; nothing takes its name away.
pub(crate) async fn change_name(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(session): Path<String>,
    Fields(typed): Fields<TypedName>,
) -> Result<Response, AppError> {
    let session = one(&state, &visitor, &session).await?;
    let mut faults = Faults::default();
    let name = if typed.name.trim().is_empty() {
        None
    } else {
        forms::name(&visitor.reader, ("name", &typed.name), &mut faults)
    };
    if !faults.is_empty() {
        return Ok(refused(view::name(&state, &visitor, session, typed.name, faults)));
    }
    let (user, named) = (visitor.account()?.user, (session.id, name.as_deref()));
    let origin = visitor.origin(state.clock.now());
    if sessions::name_device(&state.database, user, named, &origin).await? {
        return Ok(done(HERE, "saved"));
    }
    Err(AppError::NotFound)
}

/// `POST /account/sessions/{session}/end`.
pub(crate) async fn end(
    State(state): State<AppState>,
    visitor: Visitor,
    Path(session): Path<String>,
    Fields(Nothing {}): Fields<Nothing>,
) -> Result<Response, AppError> {
    let session: SessionId = session.parse().map_err(|_| AppError::NotFound)?;
    let (user, origin) = (visitor.account()?.user, visitor.origin(state.clock.now()));
    let ended = sessions::end_one(&state.database, user, session, &origin).await?;
    state.cache.forget_session(&ended.ok_or(AppError::NotFound)?).await;
    Ok(done(HERE, "session-ended"))
}

/// `POST /account/sessions/end-others`.
pub(crate) async fn end_others(
    State(state): State<AppState>,
    visitor: Visitor,
    Fields(Nothing {}): Fields<Nothing>,
) -> Result<Response, AppError> {
    let (user, origin) = (visitor.account()?.user, visitor.origin(state.clock.now()));
    let ended = sessions::end_others(&state.database, user, visitor.token()?, &origin).await?;
    for token in &ended {
        state.cache.forget_session(token).await;
    }
    Ok(done_times(HERE, "sessions-ended", ended.len()))
}

async fn all(state: &AppState, visitor: &Visitor) -> Result<Vec<OwnSession>, AppError> {
    let (user, now) = (visitor.account()?.user, state.clock.now());
    Ok(sessions::list(&state.database, user, visitor.token()?, now).await?)
}

/// One of the person's own; that of another is as good as none.
async fn one(state: &AppState, visitor: &Visitor, id: &str) -> Result<OwnSession, AppError> {
    let id: SessionId = id.parse().map_err(|_| AppError::NotFound)?;
    let mut own = all(state, visitor).await?.into_iter();
    own.find(|session| session.id == id).ok_or(AppError::NotFound)
}
