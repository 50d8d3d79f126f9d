//! Icons from the one sprite file; always beside a word.
use crate::state::Assets;
use leptos::prelude::*;
use std::sync::Arc;

/// An icon of the sprite, by name.
#[component]
pub(crate) fn Icon(
    /// The symbol's name in `icons.svg`.
    name: &'static str,
    /// Further classes, such as `turning`.
    #[prop(optional)]
    class: &'static str,
) -> impl IntoView {
    let sprite = expect_context::<Arc<Assets>>().address("icons.svg");
    let class = if class.is_empty() { "i".to_owned() } else { format!("i {class}") };
    view! {
        <svg class=class aria-hidden="true">
            <use href=format!("{sprite}#{name}")/>
        </svg>
    }
}
