//! Devices as people see them.
mod forms;
mod list;
mod one;

pub(super) use forms::{EditDevice, Editing, ReplaceDevice};
pub(super) use list::{List, Retired};
pub(super) use one::{OneDevice, Told};

use crate::icons::Icon;
use leptos::prelude::*;

/// A link with its icon.
#[component]
fn To(href: String, icon: &'static str, word: String, class: &'static str) -> impl IntoView {
    view! {
        <a class=format!("button {class}") href=href>
            <Icon name=icon/>
            <span>{word}</span>
        </a>
    }
}
