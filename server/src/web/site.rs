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
use http::{HeaderValue, StatusCode, header};
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
    // a 304 renews what the browser has, with these headers
    if response.status().is_success() || response.status() == StatusCode::NOT_MODIFIED {
        response.headers_mut().insert(header::CACHE_CONTROL, FOREVER);
    }
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::body::Body;
    use tower::ServiceExt as _;

    #[tokio::test]
    async fn what_never_changes_is_kept_for_a_year_also_when_it_was_asked_for_again() {
        let site = std::env::temp_dir().join(format!("tokkatot-{}", uuid::Uuid::new_v4()));
        std::fs::create_dir_all(site.join("pkg")).unwrap();
        std::fs::write(site.join("pkg/main.1.css"), "").unwrap();
        let ask = async |since: &'static str| {
            let request = Request::get("/main.1.css").header(header::IF_MODIFIED_SINCE, since);
            files(&site).oneshot(request.body(Body::empty()).unwrap()).await.unwrap()
        };
        for (since, status) in [
            ("Sat, 01 Jan 2000 00:00:00 GMT", StatusCode::OK),
            ("Fri, 01 Jan 2100 00:00:00 GMT", StatusCode::NOT_MODIFIED),
        ] {
            let answer = ask(since).await;
            assert_eq!(answer.status(), status);
            assert_eq!(answer.headers()[header::CACHE_CONTROL], FOREVER, "{status}");
        }
        std::fs::remove_dir_all(site).unwrap();
    }
}
