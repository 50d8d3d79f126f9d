//! What the island shows: nothing while the page is live, and that it is not when it is not.
use super::LiveWords;
use leptos::prelude::*;

/// Whether the stream is heard, and when it last was.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Connection {
    /// Since when the page stands still, as a finished time of day; empty while it is live.
    pub(super) lost_since: Option<String>,
    /// A change worth telling people who listen to the page.
    pub(super) announcement: String,
}

/// The island. Its words come by context on the server and stand in the page for the browser: as
/// properties they would bring a JSON parser along.
#[island]
pub fn Live() -> impl IntoView {
    let connection = RwSignal::new(Connection::default());
    #[cfg(feature = "hydrate")]
    let words = super::browser::start(connection);
    #[cfg(not(feature = "hydrate"))]
    let words = use_context::<LiveWords>().unwrap_or_default();
    let LiveWords { address, fingerprint, now, lost, lost_since, ago, digits } = words;
    let since = lost_since.clone();
    let is_live = move || connection.with(|c| c.lost_since.is_none());
    let shown_since = move || {
        connection.with(|c| match c.lost_since.as_deref() {
            Some(time) if !time.is_empty() => since.replace("{time}", time),
            _ => String::new(),
        })
    };
    view! {
        <div
            id="live"
            class="banner"
            role="status"
            hidden=is_live
            data-address=address
            data-page=fingerprint
            data-now=now.to_string()
            data-since=lost_since
            data-ago=ago
            data-digits=digits
        >
            <svg class="i i--l" viewBox="0 0 24 24" aria-hidden="true">
                <path d="M9 6.2a5.5 5.5 0 0 1 8.3 4.2 4.4 4.4 0 0 1 3.2 7.2M17 19H7.2a4.7 4.7 0 0 1-1.4-9.2M3.5 3l18 18"/>
            </svg>
            <p>
                <b>{lost}</b>
                <span>{shown_since}</span>
            </p>
        </div>
        <p class="vh" role="status">{move || connection.with(|c| c.announcement.clone())}</p>
    }
}
