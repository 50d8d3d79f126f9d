//! The server's side of the server function. It passes the same gate as any form, and does what a form does.
use super::{
    api::{Answer, Failed, SendTap},
    latch::Note,
    page::Page,
    refusal::note,
    tap::{Asking, Became, ask},
};
use crate::{
    access::Farm,
    audit::{self, Refusal},
    document::render,
    error::AppError,
    state::AppState,
    visitor::Visitor,
};
use axum::{
    extract::{Request, State},
    response::{IntoResponse as _, Response},
};
use domain::events::EventKind;
use http::{StatusCode, Uri};
use leptos::prelude::*;
use serde_json::json;
use std::{
    str::FromStr,
    sync::{Arc, OnceLock},
};
use store::FarmScope;

/// Who calls, and what it failed with.
#[derive(Clone)]
struct Caller {
    state: AppState,
    scope: FarmScope,
    visitor: Visitor,
    failed: Arc<OnceLock<AppError>>,
}

/// `POST /farms/{farm}/api/tap`.
pub(crate) async fn serve(
    State(state): State<AppState>,
    Farm(scope): Farm,
    visitor: Visitor,
    mut request: Request,
) -> Result<Response, AppError> {
    // server functions are registered by what follows the farm
    *request.uri_mut() = below_farm(request.uri()).ok_or(AppError::NotFound)?;
    let failed = Arc::new(OnceLock::new());
    let caller = Caller { state, scope, visitor, failed: Arc::clone(&failed) };
    let provide = move || provide_context(caller.clone());
    let answer = leptos_axum::handle_server_fns_with_context(provide, request).await;
    let response = answer.into_response();
    if response.status() == StatusCode::INTERNAL_SERVER_ERROR {
        // what did not come as far as the function was not to be read
        return Err(failed.get().copied().unwrap_or(AppError::BadRequest));
    }
    Ok(response)
}

fn below_farm(uri: &Uri) -> Option<Uri> {
    let rest = uri.path().strip_prefix("/farms/")?;
    let (_, rest) = rest.split_once('/')?;
    format!("/{rest}").parse().ok()
}

/// What the function does.
pub(super) async fn answer(tap: &SendTap) -> Result<Answer, Failed> {
    let caller = use_context::<Caller>().ok_or(Failed::NotDone)?;
    caller.answer(tap).await.map_err(|error| {
        // it fails once
        _ = caller.failed.set(error);
        Failed::NotDone
    })
}

/// A field that may be empty.
fn optional<T: FromStr>(text: &str) -> Result<Option<T>, AppError> {
    match text {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| AppError::BadRequest),
    }
}

impl Caller {
    async fn answer(&self, tap: &SendTap) -> Result<Answer, AppError> {
        let asking = Asking {
            id: tap.id.parse().map_err(|_| AppError::BadRequest)?,
            device: tap.device.parse().map_err(|_| AppError::NotFound)?,
            wish: &tap.wish,
            value: None,
            duration_ms: None,
            portion_ms: optional(&tap.portion)?,
            of: optional(&tap.of)?,
        };
        let page = Page { state: &self.state, scope: &self.scope, visitor: &self.visitor };
        let became = match ask((&self.state, &self.scope, &self.visitor), asking).await {
            Ok(Became::Told) => return Ok(Answer::default()),
            Err(AppError::NotFound) => {
                self.tell_missing(tap).await;
                return Err(AppError::NotFound);
            }
            other => other?,
        };
        let loaded = page.load().await?;
        let teller = loaded.known.teller(self.visitor.reader);
        let note = note((teller, &loaded.switches), &tap.wish, became);
        let refusal = note.map(|note| render(&self.state.assets, || view! { <Note note/> }));
        Ok(Answer { refusal: refusal.unwrap_or_default() })
    }

    /// The farm has no such device: it may be another farm's.
    async fn tell_missing(&self, tap: &SendTap) {
        let device: String = tap.device.chars().take(36).collect();
        let data = json!({ "farm": self.scope.farm(), "device": device });
        let (kind, user) = (EventKind::AccessRefused, Some(self.scope.user()));
        audit::record(&self.state, &self.visitor, Refusal { kind, user, data }).await;
    }
}
