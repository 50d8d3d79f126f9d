//! How a person likes their pages, on all their phones. Each setting is one of a few.
use crate::{
    error::AppError,
    forms::{Fields, done},
    language,
    reader::Lang,
    state::AppState,
    visitor::Visitor,
    zones,
};
use axum::{extract::State, response::Response};
use serde::Deserialize;
use store::accounts::{self, Settings};

/// The digits there are.
pub(super) const DIGITS: [&str; 2] = ["latin", "khmer"];
/// The clocks there are.
pub(super) const CLOCKS: [&str; 2] = ["12h", "24h"];
/// The sizes of text there are.
pub(super) const TEXT_SIZES: [&str; 3] = ["normal", "large", "largest"];
/// The themes there are.
pub(super) const THEMES: [&str; 3] = ["auto", "light", "dark"];

/// What was chosen.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Chosen {
    language: String,
    timezone: String,
    digits: String,
    clock: String,
    text_size: String,
    theme: String,
}

impl Chosen {
    /// The settings, if all are among those that the page offers.
    fn read(self, zone_now: &str) -> Option<Settings> {
        let is_offered = Lang::ALL.iter().any(|lang| lang.code() == self.language)
            && (zones::is_offered(&self.timezone) || self.timezone == zone_now)
            && DIGITS.contains(&self.digits.as_str())
            && CLOCKS.contains(&self.clock.as_str())
            && TEXT_SIZES.contains(&self.text_size.as_str())
            && THEMES.contains(&self.theme.as_str());
        let Self { language, timezone, digits, clock, text_size, theme } = self;
        is_offered.then_some(Settings { language, timezone, digits, clock, text_size, theme })
    }
}

/// `POST /account/settings`.
pub(crate) async fn change_settings(
    State(state): State<AppState>,
    visitor: Visitor,
    Fields(chosen): Fields<Chosen>,
) -> Result<Response, AppError> {
    let account = visitor.account()?;
    // only what no page of ours offers is refused
    let settings = chosen.read(&account.timezone).ok_or(AppError::BadRequest)?;
    let origin = visitor.origin(state.clock.now());
    accounts::change_settings(&state.database, account.user, &settings, &origin).await?;
    let mut response = done("/account", "saved");
    if let Some(lang) = Lang::parse(&settings.language) {
        language::remember(lang, &mut response);
    }
    Ok(response)
}
