//! Taps where scripts run: sent without leaving the page, and answered by the finger at once with where they are,
//! which is on this phone and no further. All else the page's stream tells.
use leptos::prelude::*;

/// Listens to the forms of latches.
#[island]
pub fn Taps() -> impl IntoView {
    #[cfg(feature = "hydrate")]
    super::browser::start();
    view! { <span hidden></span> }
}
