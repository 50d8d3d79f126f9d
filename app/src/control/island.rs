//! Taps where scripts run.
use leptos::prelude::*;

/// Sends taps without leaving the page, and says at once that they are under way.
#[island]
pub fn Taps() -> impl IntoView {
    view! { <p class="vh" role="status"></p> }
}
