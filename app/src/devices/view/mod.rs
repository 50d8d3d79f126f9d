//! Devices as people see them.
mod forms;
mod list;
mod one;
mod replacing;
mod retiring;

pub(super) use forms::{EditDevice, Editing};
pub(super) use list::{List, Retired};
pub(super) use one::{OneDevice, Told};
pub(super) use replacing::ReplaceDevice;
pub(super) use retiring::AskRetiring;

use crate::icons::Icon;
use leptos::prelude::*;

/// A link with its icon.
#[component]
pub(crate) fn To(
    href: String,
    icon: &'static str,
    word: String,
    class: &'static str,
) -> impl IntoView {
    view! {
        <a class=format!("button {class}") href=href>
            <Icon name=icon/>
            <span>{word}</span>
        </a>
    }
}
