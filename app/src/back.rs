//! The way back, at the end of a page.
use crate::{icons::Icon, reader::Reader};
use leptos::prelude::*;

/// A link to the page one came from.
#[component]
pub(crate) fn Back(
    /// How the person reads.
    reader: Reader,
    /// The page's address.
    #[prop(into)]
    to: String,
    /// What the link says: `back`, or `cancel` where something was to be done.
    #[prop(default = "back")]
    word: &'static str,
) -> impl IntoView {
    view! {
        <a class="button button--plain" href=to>
            <Icon name="back"/>
            <span>{reader.say(word)}</span>
        </a>
    }
}
