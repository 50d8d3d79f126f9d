//! The web app manifest, in one language each: what the phone's home screen shows.
use crate::{
    error::AppError,
    reader::{Lang, Reader},
    state::AppState,
};
use axum::{
    extract::{Path, State},
    response::{IntoResponse, Response},
};
use http::{HeaderValue, header};
use serde_json::json;

/// `GET /manifest/{lang}`.
pub(crate) async fn manifest(
    State(state): State<AppState>,
    Path(lang): Path<String>,
) -> Result<Response, AppError> {
    let lang = Lang::parse(&lang).filter(|known| known.code() == lang).ok_or(AppError::NotFound)?;
    let reader = Reader::new(lang);
    let icon = |name: &str, purpose: &str| json!({ "src": state.assets.address(name), "sizes": "any", "type": "image/svg+xml", "purpose": purpose });
    let manifest = json!({
        "id": "/",
        "name": reader.say("app-name"),
        "short_name": reader.say("brand"),
        "description": reader.say("app-description"),
        "lang": lang.code(),
        "start_url": "/",
        "scope": "/",
        "display": "standalone",
        "background_color": "#FBF4E6",
        "theme_color": "#FFFDF8",
        "icons": [icon("logo.svg", "any"), icon("logo-maskable.svg", "maskable")],
    });
    let kind = HeaderValue::from_static("application/manifest+json");
    let kept = HeaderValue::from_static("public, max-age=3600");
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, kept)];
    Ok((headers, manifest.to_string()).into_response())
}
