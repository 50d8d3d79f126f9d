//! Another box in a controller's place, as people choose it.
use super::super::Found;
use crate::{
    devices::To,
    forms::{Faults, Note, SelectField, consequence},
    icons::Icon,
    reader::Reader,
};
use leptos::prelude::*;
use store::nodes::FarmNode;

/// Another box for all that hangs on this one.
#[component]
pub(crate) fn AskReplacing(
    reader: Reader,
    title: String,
    found: Found,
    faults: Faults,
) -> impl IntoView {
    let here = found.address();
    let options = free(&found);
    let content = if options.is_empty() {
        let claim = format!("/farms/{}/claim", found.known.facts.farm.id);
        // what was chosen from an older page can not be, all the same
        let text = faults.of("with").unwrap_or_else(|| reader.say("node-replace-none"));
        view! {
            <Note kind="warn" icon="question" text/>
            <To href=claim icon="plus" word=reader.say("claim-title") class=""/>
        }
        .into_any()
    } else {
        view! { <NewBoxes reader options faults/> }.into_any()
    };
    view! {
        <div class="page__head"><h1>{title}</h1></div>
        {content}
        <a class="button button--plain" href=here>{reader.say("cancel")}</a>
    }
}

/// The controllers on which no device is in use.
fn free(found: &Found) -> Vec<(String, String)> {
    let is_free = |node: &&FarmNode| {
        let mut devices = found.known.facts.farm.devices.iter().filter(|d| d.is_approved);
        node.id != found.node.id
            && !devices.any(|d| d.place.as_ref().is_some_and(|place| place.id == node.id))
    };
    let free = found.known.nodes.iter().filter(is_free);
    free.map(|node| (node.id.to_string(), node.name.to_string())).collect()
}

/// What replacing means, and the controllers to choose from.
#[component]
fn NewBoxes(reader: Reader, options: Vec<(String, String)>, faults: Faults) -> impl IntoView {
    let none = std::iter::once((String::new(), reader.say("node-replace-choose")));
    view! {
        <ul class="list">
            {consequence(&reader, "check", "node-replace-moves")}
            {consequence(&reader, "lock", "node-replace-out")}
            {consequence(&reader, "warning", "node-replace-final")}
        </ul>
        <form class="form" method="post">
            <SelectField
                name="with"
                label=reader.say("node-replace-with")
                options=none.chain(options).collect()
                chosen=String::new()
                faults
            />
            <button class="button button--danger">
                <Icon name="refresh"/>
                <span>{reader.say("node-replace")}</span>
            </button>
        </form>
    }
}
