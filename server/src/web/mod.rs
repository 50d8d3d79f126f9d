//! The pages over HTTP: one router from one state, so that tests may have as many as they like.
mod errors;
mod guard;
mod proxies;
mod sessions;
mod site;

pub use proxies::Proxies;

use app::state::AppState;
use axum::{Router, extract::DefaultBodyLimit, middleware};
use http::StatusCode;
use std::{path::PathBuf, time::Duration};
use tower_http::{
    catch_panic::CatchPanicLayer,
    compression::{CompressionLayer, CompressionLevel},
    limit::RequestBodyLimitLayer,
    timeout::TimeoutLayer,
};

/// Forms are small; but who pastes 10,000 Khmer letters (nine bytes each in a form) is told by the page.
const LARGEST_BODY: usize = 128 * 1024;
/// A page that is not there by then is answered with 503, within the five seconds we promise.
const PATIENCE: Duration = Duration::from_millis(4500);
/// Beyond this brotli costs more than it saves (pages are 1.5 KB at 5, 1.4 KB at 11).
const BROTLI: i32 = 5;

/// What the web stands on.
#[derive(Debug, Clone)]
pub struct Web {
    /// What the pages stand on.
    pub app: AppState,
    /// The folder of the built browser files.
    pub site: PathBuf,
    /// Who may say where a request comes from.
    pub proxies: Proxies,
}

impl Web {
    /// Whether people reach it by HTTPS: decides how cookies are made.
    fn is_secure(&self) -> bool {
        self.app.origin.starts_with("https://")
    }
}

/// All pages, their forms and streams, and the files they load.
pub fn router(web: Web) -> Router {
    let pages = app::endpoints(&web.app)
        .into_router()
        .nest_service("/pkg", site::files(&web.site))
        .fallback(errors::not_found)
        .with_state(web.app.clone())
        .layer(sessions::layer(&web))
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(LARGEST_BODY))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, PATIENCE))
        .layer(middleware::from_fn_with_state(web.clone(), guard::same_site))
        .layer(CatchPanicLayer::custom(errors::panicked))
        .layer(middleware::from_fn_with_state(web.app.clone(), errors::shape))
        .layer(CompressionLayer::new().quality(CompressionLevel::Precise(BROTLI)));
    pages.layer(middleware::from_fn_with_state(web, guard::headers))
}
