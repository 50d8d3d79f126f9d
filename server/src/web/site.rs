//! What the browser loads: files whose names hold their hash, compressed when they were built. They
//! never change under one name, so a browser may keep them for a year.
use app::error::AppError;
use axum::{
    Router,
    extract::Request,
    handler::HandlerWithoutStateExt as _,
    middleware::{self, Next},
    response::Response,
};
use http::{HeaderValue, header};
use std::path::Path;
use tower_http::services::ServeDir;

/// A year, for everybody, without asking again.
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// The files of the folder `pkg` of a built site.
pub(super) fn files(site: &Path) -> Router {
    let folder = ServeDir::new(site.join("pkg"))
        .precompressed_br()
        .precompressed_gzip()
        .append_index_html_on_directories(false)
        .call_fallback_on_method_not_allowed(true)
        .fallback((async || AppError::NotFound).into_service());
    Router::new().fallback_service(folder).layer(middleware::from_fn(keep))
}

async fn keep(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if response.status().is_success() {
        response.headers_mut().insert(header::CACHE_CONTROL, FOREVER);
    }
    response
}
