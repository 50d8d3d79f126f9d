//! Controllers as people see them.
mod giving;
mod one;
mod replacing;
mod rotating;

pub(super) use giving::{AskGiving, GivenAway};
pub(super) use one::OneNode;
pub(super) use replacing::AskReplacing;
pub(super) use rotating::{AskRotating, Password};

use crate::{icons::Icon, reader::Reader};
use leptos::prelude::*;

/// A line of what follows.
fn consequence(reader: &Reader, icon: &'static str, text: &str) -> impl IntoView + use<> {
    view! { <li class="row"><Icon name=icon/><span>{reader.say(text)}</span></li> }
}
