//! One shape for every failure: a page in the reader's language for people, a problem document
//! (RFC 9457) for programs.
use crate::http::RequestId;
use app::{
    error::AppError,
    errors,
    state::AppState,
    visitor::{IsPage, Seen, Visitor},
};
use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse as _, Redirect, Response},
};
use http::{HeaderValue, Method, StatusCode, header, request::Parts};
use serde_json::json;
use std::any::Any;

/// What no route knows. Who asks is looked at, for the page that says so.
pub(super) async fn not_found(_: Result<Visitor, AppError>) -> AppError {
    AppError::NotFound
}

/// What a panic leaves behind. The process's own hook has logged it already, with its place.
pub(super) fn panicked(_: Box<dyn Any + Send>) -> Response {
    AppError::Unknown.into_response()
}

/// Gives every failure its body; what is a page or a problem document already stays as it is.
pub(super) async fn shape(State(state): State<AppState>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    parts.extensions.insert(Seen::default());
    let mut asked = parts.clone();
    let response = next.run(Request::from_parts(parts, body)).await;
    let status = response.status();
    let is_failure = status.is_client_error() || status.is_server_error();
    if !is_failure || is_finished(&response) {
        return response;
    }
    if let Some(is_page) = response.extensions().get::<IsPage>() {
        asked.extensions.insert(*is_page);
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
    for kept in [header::ALLOW, header::RETRY_AFTER] {
        if let Some(value) = response.headers().get(&kept) {
            shaped.headers_mut().insert(kept, value.clone());
        }
    }
    // a session that was renewed on the way knows its old token for half a minute only
    for cookie in response.headers().get_all(header::SET_COOKIE) {
        shaped.headers_mut().append(header::SET_COOKIE, cookie.clone());
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

fn page(state: &AppState, asked: &Parts, error: AppError, status: StatusCode) -> Response {
    if error == AppError::SignInFirst {
        // back to the page after sign-in; what was written to can not be asked for
        let next = asked.uri.path_and_query().filter(|_| asked.method == Method::GET);
        return Redirect::to(&app::door(next.map_or("/", |next| next.as_str()))).into_response();
    }
    let seen = asked.extensions.get::<Seen>().and_then(Seen::visitor);
    let visitor = seen.unwrap_or_else(|| Visitor::stranger(asked));
    let number = asked.extensions.get::<RequestId>().map(|id| id.number());
    errors::page(state, &visitor, error, status, number)
}

fn problem(asked: &Parts, error: AppError, status: StatusCode) -> Response {
    let mut problem = json!({
        "type": "about:blank",
        "title": error.title(),
        "status": status.as_u16(),
    });
    let id = asked.extensions.get::<RequestId>();
    if let (Some(id), Some(problem)) = (id, problem.as_object_mut()) {
        problem.insert("instance".to_owned(), format!("urn:uuid:{}", id.0).into());
        problem.insert("number".to_owned(), id.number().into());
    }
    let kind = HeaderValue::from_static("application/problem+json");
    (status, [(header::CONTENT_TYPE, kind)], problem.to_string()).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{Router, body::Body, routing::get};
    use std::sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    };
    use tower::ServiceExt as _;
    use tower_http::catch_panic::CatchPanicLayer;
    use tracing_subscriber::{Layer, layer::SubscriberExt as _};

    /// Counts records.
    struct Count(Arc<AtomicUsize>);

    impl<S: tracing::Subscriber> Layer<S> for Count {
        fn on_event(&self, _: &tracing::Event<'_>, _: tracing_subscriber::layer::Context<'_, S>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    #[tokio::test]
    async fn a_panic_is_answered_and_left_to_the_hook_to_log() {
        let records = Arc::new(AtomicUsize::new(0));
        let subscriber = tracing_subscriber::registry().with(Count(Arc::clone(&records)));
        let _guard = tracing::subscriber::set_default(subscriber);
        let bad = get(async || -> &'static str { panic!("a secret") });
        let router = Router::new().route("/", bad).layer(CatchPanicLayer::custom(panicked));
        let answer = router.oneshot(Request::new(Body::empty())).await.unwrap();
        assert_eq!(answer.extensions().get(), Some(&AppError::Unknown));
        assert_eq!(records.load(Ordering::Relaxed), 0);
    }
}
