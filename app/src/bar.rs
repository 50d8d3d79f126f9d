//! The bar at the foot of a farm's pages: the few places that everything is reached from.
use crate::{icons::Icon, reader::Reader};
use domain::FarmId;
use leptos::prelude::*;

/// The farm's main pages: the end of the address, icon, word.
const PLACES: [(&str, &str, &str); 2] =
    [("", "home", "home-title"), ("/control", "control", "bar-control")];

/// The bar.
#[component]
pub(crate) fn Bar(
    reader: Reader,
    farm: FarmId,
    /// The page that it stands on.
    address: String,
) -> impl IntoView {
    let path = address.split(['?', '#']).next().unwrap_or_default().to_owned();
    let entry = |(place, icon, word): (&str, &'static str, &str)| {
        let href = format!("/farms/{farm}{place}");
        let is_within = !place.is_empty() && path.starts_with(&format!("{href}/"));
        let current = (path == href || is_within).then_some("page");
        let roof = current.map(|_| view! { <Roof/> });
        view! {
            <li>
                <a href=href aria-current=current>
                    {roof}
                    <Icon name=icon/>
                    <span>{reader.say(word)}</span>
                </a>
            </li>
        }
    };
    view! {
        <nav class="bar" aria-label=reader.say("bar")>
            <ul>{PLACES.map(entry).collect_view()}</ul>
        </nav>
    }
}

#[component]
fn Roof() -> impl IntoView {
    view! {
        <svg class="bar__roof" viewBox="0 0 68 12" preserveAspectRatio="none" aria-hidden="true">
            <path
                stroke-width="4"
                stroke-linecap="round"
                stroke-linejoin="round"
                d="M3 11q18-2 31-9 13 7 31 9"
            />
        </svg>
    }
}
