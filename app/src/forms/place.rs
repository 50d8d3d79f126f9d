//! A place in words: where a farm is, or something on it.
use super::{Faults, TextField, bad_name};
use crate::reader::Reader;
use domain::names::{BadName, clean_line};
use leptos::prelude::*;

/// Characters of a place.
const LONGEST: usize = 120;

/// What is typed into the field `place`.
#[component]
pub(crate) fn PlaceField(
    /// Whose place it is.
    label: String,
    /// How to fill it in.
    help: String,
    /// What was typed.
    value: String,
    /// What is wrong with the form.
    faults: Faults,
) -> impl IntoView {
    view! {
        <TextField
            name="place"
            label
            help=Some(help)
            value
            faults
            maxlength=u16::try_from(LONGEST * 4).unwrap_or(u16::MAX)
        />
    }
}

/// A place as it is kept; nothing if nothing was typed, or if it is none: then the reason stands beside the
/// field.
pub(crate) fn read_place(reader: &Reader, typed: &str, faults: &mut Faults) -> Option<String> {
    match clean_line(typed, LONGEST) {
        Ok(place) => Some(place),
        Err(BadName::Empty) => None,
        Err(bad) => {
            faults.add("place", bad_name(reader, bad, LONGEST));
            None
        }
    }
}
