//! The gate before each endpoint: it counts the request, asks who may, and gives a session its new token.
use super::{
    Access, Endpoint, Farm,
    count::{Refused, count},
};
use crate::{
    audit::{self, Refusal},
    error::AppError,
    state::AppState,
    visitor::{IsPage, Visitor},
};
use axum::{
    extract::{FromRequestParts as _, RawPathParams, Request, State},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use domain::{events::EventKind, permissions::Permission};
use http::{StatusCode, request::Parts};
use serde_json::json;

/// What stands before one endpoint.
#[derive(Clone)]
pub(super) struct Gate {
    pub(super) endpoint: Endpoint,
    /// What one person may ask of it in a minute.
    pub(super) most: u32,
    /// Whether the address can be asked for; a form's page is declared before the form.
    pub(super) is_page: bool,
    /// Whether a member of the farm in the address gets the page's transaction with the look at the session.
    pub(super) opens: bool,
    pub(super) state: AppState,
}

/// Lets a request through to its handler if its endpoint says so.
pub(super) async fn pass(State(gate): State<Gate>, mut request: Request, next: Next) -> Response {
    let is_page = gate.is_page;
    if is_page {
        request.extensions_mut().insert(IsPage);
    }
    let mut response = admit(gate, request, next).await.into_response();
    if is_page {
        // for the page that may have to tell of a failure
        response.extensions_mut().insert(IsPage);
    }
    response
}

async fn admit(gate: Gate, request: Request, next: Next) -> Result<Response, Refused> {
    let (mut parts, body) = request.into_parts();
    let named = named(&mut parts, &gate.state).await;
    let farm = named.as_ref().ok().and_then(Option::as_ref).filter(|_| gate.opens);
    let page_of = farm.and_then(|farm| farm.parse().ok());
    let visitor = Visitor::arrive(&parts, &gate.state, page_of).await?;
    // looked at once: a session that is not found forgets its id
    parts.extensions.insert(visitor.clone());
    let scope = match judge(&gate, &visitor, named).await {
        Ok(scope) => scope,
        Err(refused) => {
            visitor.settle().await;
            let mut response = refused.into_response();
            visitor.tell_left(&mut response, gate.state.clock.now());
            return Ok(response);
        }
    };
    if let Some((farm, _)) = scope {
        parts.extensions.insert(farm);
    }
    let may_renew = visitor.may_renew(&parts);
    let mut response = next.run(Request::from_parts(parts, body)).await;
    visitor.settle().await;
    visitor.tell_left(&mut response, gate.state.clock.now());
    if response.status() == StatusCode::NOT_FOUND {
        tell_missing(&gate, &visitor, scope).await;
    }
    // a failure of ours brings no cookie
    if may_renew
        && !response.status().is_server_error()
        && let Err(error) = visitor.renew(&gate.state).await
    {
        tracing::warn!(?error, "A session could not get its new token; it is tried again");
    }
    Ok(response)
}

/// What stands for the farm in the address, if the endpoint has one there.
async fn named(parts: &mut Parts, state: &AppState) -> Result<Option<String>, AppError> {
    let named = RawPathParams::from_request_parts(parts, state).await;
    let named = named.map_err(|_| AppError::NotFound)?;
    let farm = named.iter().find(|(name, _)| *name == "farm");
    Ok(farm.map(|(_, farm)| farm.to_owned()))
}

/// Whether the endpoint is for this visitor, and what they may do there if it is a farm's.
async fn judge(
    gate: &Gate,
    visitor: &Visitor,
    named: Result<Option<String>, AppError>,
) -> Result<Option<(Farm, Permission)>, Refused> {
    count(gate, visitor).await?;
    match gate.endpoint.access {
        Access::Anyone => Ok(None),
        Access::SignedIn => {
            visitor.account()?;
            Ok(None)
        }
        Access::Farm(permission) => {
            let named = named?.ok_or(AppError::Unknown)?;
            let farm = farm(&gate.state, &named, (visitor, permission)).await?;
            Ok(Some((farm, permission)))
        }
    }
}

/// A farm of others and one that does not exist look the same; on one's own farm a missing right is told.
async fn farm(
    state: &AppState,
    named: &str,
    (visitor, permission): (&Visitor, Permission),
) -> Result<Farm, AppError> {
    let scope = visitor.farm(state, named).await?;
    if scope.role().may(permission) {
        return Ok(Farm(scope));
    }
    let data = json!({ "farm": scope.farm(), "permission": format!("{permission:?}") });
    let (kind, user) = (EventKind::AccessRefused, Some(scope.user()));
    audit::record(state, visitor, Refusal { kind, user, data }).await;
    Err(AppError::Forbidden)
}

/// Records that a farm has no such house, member or other thing: it may be another farm's.
async fn tell_missing(gate: &Gate, visitor: &Visitor, scope: Option<(Farm, Permission)>) {
    let Some((Farm(scope), permission)) = scope else { return };
    let Endpoint { path, .. } = gate.endpoint;
    if path.matches('{').count() < 2 {
        return;
    }
    let data = json!({
        "farm": scope.farm(),
        "permission": format!("{permission:?}"),
        "path": path,
    });
    let (kind, user) = (EventKind::AccessRefused, Some(scope.user()));
    audit::record(&gate.state, visitor, Refusal { kind, user, data }).await;
}
