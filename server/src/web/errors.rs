//! One shape for every failure: a page in the reader's language for people, a problem document
//! (RFC 9457) for programs.
use crate::http::RequestId;
use app::{
    error::AppError,
    errors,
    state::AppState,
    visitor::{Seen, Visitor},
};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use http::{HeaderValue, StatusCode, header, request::Parts};
use serde_json::json;
use std::any::Any;

/// What no route knows. Who asks is looked at, for the page that says so.
pub(super) async fn not_found(_: Result<Visitor, AppError>) -> AppError {
    AppError::NotFound
}

/// What a panic leaves behind; its words are for the log alone.
pub(super) fn panicked(cause: Box<dyn Any + Send>) -> Response {
    let words = cause
        .downcast_ref::<&str>()
        .map(|words| (*words).to_owned())
        .or_else(|| cause.downcast_ref::<String>().cloned());
    tracing::error!(panic = words.unwrap_or_default(), "A handler panicked");
    AppError::Unknown.into_response()
}

/// Gives every failure its body; what is a page or a problem document already stays as it is.
pub(super) async fn shape(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(Seen::default());
    let asked = parts.clone();
    let response = next.run(Request::from_parts(parts, body)).await;
    let status = response.status();
    let is_failure = status.is_client_error() || status.is_server_error();
    if !is_failure || is_finished(&response) {
        return response;
    }
    let error = response.extensions().get::<AppError>().copied();
    let error = error.unwrap_or_else(|| AppError::of(status));
    // a bare 405 or 415 keeps its number; everything else has the error's
    let status = if error == AppError::BadRequest { status } else { error.status() };
    let mut shaped = if wants_html(&asked) {
        page(&state, &asked, error, status)
    } else {
        problem(&asked, error, status)
    };
    if let Some(seconds) = error.retry_after_s() {
        shaped.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
    }
    if let Some(allowed) = response.headers().get(header::ALLOW) {
        shaped.headers_mut().insert(header::ALLOW, allowed.clone());
    }
    shaped
}

fn is_finished(response: &Response) -> bool {
    let kind = response.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/html"))
}

fn wants_html(asked: &Parts) -> bool {
    let accept = asked.headers.get(header::ACCEPT).and_then(|value| value.to_str().ok());
    accept.is_some_and(|accept| accept.contains("text/html"))
}

fn number(asked: &Parts) -> Option<String> {
    asked.extensions.get::<RequestId>().map(|id| id.0.to_string())
}

fn page(state: &AppState, asked: &Parts, error: AppError, status: StatusCode) -> Response {
    if error == AppError::SignInFirst {
        return Redirect::to("/sign-in").into_response();
    }
    let seen = asked.extensions.get::<Seen>().and_then(Seen::visitor);
    let visitor = seen.unwrap_or_else(|| Visitor::stranger(asked));
    errors::page(state, &visitor, error, status, number(asked))
}

fn problem(asked: &Parts, error: AppError, status: StatusCode) -> Response {
    let mut problem = json!({
        "type": "about:blank",
        "title": error.title(),
        "status": status.as_u16(),
    });
    if let (Some(number), Some(problem)) = (number(asked), problem.as_object_mut()) {
        problem.insert("instance".to_owned(), format!("urn:uuid:{number}").into());
    }
    let kind = HeaderValue::from_static("application/problem+json");
    (status, [(header::CONTENT_TYPE, kind)], problem.to_string()).into_response()
}
