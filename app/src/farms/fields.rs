//! What is asked about any farm, a first one and one that is there: its name and its place.
use crate::{
    forms::{self, Faults, PlaceField, TextField, read_place},
    reader::Reader,
};
use leptos::prelude::*;

/// The fields `name` and `place`.
#[component]
pub(crate) fn FarmFields(
    /// How the person reads.
    reader: Reader,
    /// The name as it was typed.
    name: String,
    /// The place as it was typed.
    place: String,
    /// What is wrong with the form.
    faults: Faults,
) -> impl IntoView {
    view! {
        <TextField
            name="name"
            label=reader.say("farm-name")
            value=name
            faults=faults.clone()
            autocomplete="organization"
        />
        <PlaceField
            label=reader.say("farm-place")
            help=reader.say("farm-place-help")
            value=place
            faults
        />
    }
}

/// Name and place as they are kept. What can not be kept is empty, with the reason beside its field.
pub(crate) fn read_farm(
    reader: &Reader,
    (name, place): (&str, &str),
    faults: &mut Faults,
) -> (String, Option<String>) {
    let name = forms::name(reader, ("name", name), faults).unwrap_or_default();
    (name, read_place(reader, place, faults))
}
