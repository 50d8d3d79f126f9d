//! Every address of the pages, in one table.
use crate::{farms, home, language, manifest, sign_in, sign_out, start, state::AppState};
use axum::{
    Router,
    routing::{get, post},
};

/// The pages, their forms and their streams.
pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/", get(start::page))
        .route("/sign-in", get(sign_in::page).post(sign_in::submit))
        .route("/sign-out", post(sign_out::submit))
        .route("/language", post(language::switch))
        .route("/manifest/{lang}", get(manifest::manifest))
        .route("/farms", get(farms::page))
        .route("/farms/{farm}", get(home::page))
        .route("/farms/{farm}/live", get(home::stream::stream))
}
