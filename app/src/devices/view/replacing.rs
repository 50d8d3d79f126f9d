//! New hardware for a device, as people choose it.
use super::{super::replace::Found, To};
use crate::{
    forms::{Faults, Note, SelectField},
    home::labelled,
    icons::Icon,
    reader::Reader,
};
use leptos::prelude::*;

/// New hardware for a device: which of the new channels it goes on with.
#[component]
pub(crate) fn ReplaceDevice(
    reader: Reader,
    title: String,
    found: Found,
    faults: Faults,
) -> impl IntoView {
    let farm = found.known.facts.farm.id;
    let (back, options) = (found.device.id, options(&reader, &found));
    view! {
        <div class="page__head">
            <h1>{title}</h1>
            <p class="lead">{reader.say("device-replace-help")}</p>
        </div>
        <NewParts reader options faults/>
        <To
            href=format!("/farms/{farm}/devices/{back}")
            icon="back"
            word=reader.say("cancel")
            class="button--plain"
        />
    }
}

/// The new channels to choose from, or that there are none.
#[component]
fn NewParts(reader: Reader, options: Vec<(String, String)>, faults: Faults) -> impl IntoView {
    if options.is_empty() {
        // what was chosen from an older page can not be, all the same
        let text = faults.of("with").unwrap_or_else(|| reader.say("device-replace-none"));
        return view! { <Note kind="warn" icon="question" text/> }.into_any();
    }
    let none = std::iter::once((String::new(), reader.say("device-replace-choose")));
    view! {
        <form class="form" method="post">
            <SelectField
                name="with"
                label=reader.say("device-replace-with")
                options=none.chain(options).collect()
                chosen=String::new()
                faults
            />
            <button class="button button--tall">
                <Icon name="refresh"/>
                <span>{reader.say("device-replace")}</span>
            </button>
        </form>
    }
    .into_any()
}

/// The new channels, each with its controller and what it says now.
fn options(reader: &Reader, found: &Found) -> Vec<(String, String)> {
    let teller = found.known.teller(*reader);
    let new = found.stand_ins.iter().filter_map(|id| found.known.device(*id));
    let option = |device: &store::home::Device| {
        let node = device.place.as_ref().map(|place| place.node.to_string());
        let node = node.map(|node| reader.say_with("controller", &[("node", &node)]));
        let says = labelled(teller, &teller.facts.readings_of(device));
        let says = says.into_iter().map(|value| {
            let label = value.look.label.unwrap_or_default();
            format!("{label} {}\u{a0}{}", value.shown.text, value.look.unit)
        });
        let name: Vec<String> =
            std::iter::once(device.name.clone()).chain(node).chain(says).collect();
        (device.id.to_string(), name.join(" · "))
    };
    new.map(option).collect()
}
