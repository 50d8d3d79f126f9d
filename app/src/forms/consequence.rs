//! What follows, before one presses a button: a list with a picture for each line.
use crate::{icons::Icon, reader::Reader};
use leptos::prelude::*;

/// One line of it.
pub(crate) fn consequence(
    reader: &Reader,
    icon: &'static str,
    text: &str,
) -> impl IntoView + use<> {
    view! { <li class="row"><Icon name=icon/><span>{reader.say(text)}</span></li> }
}
