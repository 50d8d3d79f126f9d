//! Another password for a controller, as people see it.
use crate::{
    forms::{Note, consequence},
    icons::Icon,
    once::OnceField,
    reader::Reader,
};
use leptos::prelude::*;
use store::nodes::FarmNode;

/// What another password means, and the button that makes one.
#[component]
pub(crate) fn AskRotating(reader: Reader, title: String, back: String) -> impl IntoView {
    view! {
        <div class="page__head"><h1>{title}</h1></div>
        <ul class="list">
            {consequence(&reader, "offline", "node-rotate-out")}
            {consequence(&reader, "key", "node-rotate-once")}
            {consequence(&reader, "check", "node-rotate-stays")}
        </ul>
        <form method="post" class="group">
            <OnceField/>
            <button class="button button--danger" name="sure" value="yes">
                <Icon name="key"/>
                <span>{reader.say("node-rotate")}</span>
            </button>
            <a class="button button--plain" href=back>{reader.say("cancel")}</a>
        </form>
    }
}

/// The password, while it is shown.
#[component]
pub(crate) fn Password(
    reader: Reader,
    title: String,
    node: FarmNode,
    password: String,
    back: String,
) -> impl IntoView {
    view! {
        <div class="page__head"><h1>{title}</h1></div>
        <div class="ticket">
            <p>{reader.say("node-username")}</p>
            <p class="address">{node.name.to_string()}</p>
            <p>{reader.say("node-password")}</p>
            <p class="address" data-password="">{password}</p>
        </div>
        <Note kind="warn" icon="warning" text=reader.say("node-rotate-shown")/>
        <a class="button" href=back>{reader.say("node-rotate-done")}</a>
    }
}
