//! What every request gets: a number that log and response share, a log record, and its count.
use axum::{
    Router,
    extract::{MatchedPath, Request},
    middleware::{self, Next},
    response::Response,
};
use http::{HeaderName, HeaderValue, Method, StatusCode};
use std::time::{Duration, Instant};
use tracing::Instrument as _;
use uuid::Uuid;

/// The header that carries a request's number back.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// A request's identity, in its extensions; every log record has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RequestId(pub Uuid);

/// Digits and letters that are not mistaken for each other when they are read out (Crockford's).
const SPOKEN: [u8; 32] = *b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

impl RequestId {
    /// What error pages show for people to read out, such as `7F3K-20`: a part of the whole, short
    /// enough for a telephone and rare enough to be found in the log.
    pub fn number(self) -> String {
        let bits = self.0.as_u128();
        let spoken = |place: u32| {
            let index = usize::try_from((bits >> (5 * place)) & 31).unwrap_or_default();
            SPOKEN.get(index).copied().map_or('0', char::from)
        };
        let (first, last): (String, String) =
            ((0..4).map(spoken).collect(), (4..6).map(spoken).collect());
        format!("{first}-{last}")
    }
}

/// Numbers, logs and counts the requests of `router`. The outermost layer.
pub fn observed(router: Router) -> Router {
    router.layer(middleware::from_fn(observe))
}

async fn observe(mut request: Request, next: Next) -> Response {
    // never the client's own number: it could forge log records of others
    let id = RequestId(Uuid::new_v4());
    request.extensions_mut().insert(id);
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let route = route.unwrap_or_else(|| "unmatched".to_owned());
    let method = request.method().clone();
    let span = tracing::info_span!(
        "request",
        request.id = %id.0,
        request.number = id.number(),
        http.method = method_name(&method),
        http.route = route,
    );
    async move {
        let began = Instant::now();
        let mut response = next.run(request).await;
        if let Ok(value) = HeaderValue::try_from(id.0.to_string()) {
            response.headers_mut().insert(REQUEST_ID, value);
        }
        count(&method, route, response.status(), began.elapsed());
        response
    }
    .instrument(span)
    .await
}

/// Routes, not paths: ids of farms are neither logged nor labels without end.
fn count(method: &Method, route: String, status: StatusCode, took: Duration) {
    let method = method_name(method);
    let seconds = took.as_secs_f64();
    if status.is_server_error() {
        tracing::warn!(http.status = status.as_u16(), seconds, "A request was not answered well");
    } else {
        tracing::debug!(http.status = status.as_u16(), seconds, "Answered a request");
    }
    metrics::counter!(
        "tokkatot_http_requests_total",
        "method" => method, "route" => route.clone(), "status" => status.as_str().to_owned()
    )
    .increment(1);
    metrics::histogram!("tokkatot_http_request_seconds", "method" => method, "route" => route)
        .record(seconds);
}

/// Clients may invent methods; labels may not.
fn method_name(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::PATCH => "PATCH",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::{body::Body, routing::get};
    use tower::ServiceExt as _;

    #[test]
    fn a_number_is_short_and_follows_from_the_whole() {
        let id = RequestId(Uuid::from_u128(0b00000_00010_10011_00011_01111_00111));
        assert_eq!(id.number(), "7F3K-20");
        let whole = RequestId(Uuid::from_u128(u128::MAX));
        assert_eq!(whole.number(), "ZZZZ-ZZ");
    }

    #[tokio::test]
    async fn handler_and_client_see_the_same_number_and_not_the_clients_own() {
        let router = Router::new().route(
            "/",
            get(|request: Request| async move {
                request.extensions().get::<RequestId>().unwrap().0.to_string()
            }),
        );
        let request =
            Request::builder().uri("/").header(REQUEST_ID, "forged").body(Body::empty()).unwrap();
        let response = observed(router).oneshot(request).await.unwrap();
        let header = response.headers()[REQUEST_ID].to_str().unwrap().to_owned();
        let body = axum::body::to_bytes(response.into_body(), 100).await.unwrap();
        assert_eq!(header.as_bytes(), body);
        assert_ne!(header, "forged");
    }
}
