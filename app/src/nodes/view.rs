//! Controllers as people see them.
use super::Found;
use crate::{
    board::{Board, Groups},
    devices::To,
    forms::{Faults, Note, SelectField},
    icons::Icon,
    once::OnceField,
    reader::Reader,
};
use leptos::prelude::*;
use store::nodes::FarmNode;

/// One controller.
#[component]
pub(super) fn OneNode(reader: Reader, found: Found, board: Board, may_edit: bool) -> impl IntoView {
    let (farm, here) = (found.known.facts.farm.id, found.address());
    let name = reader.say_with("controller", &[("node", found.node.name.as_str())]);
    let replaced = found.node.replaced_by.map(|by| {
        let text = reader.say("node-replaced-by");
        view! {
            <a class="note note--lost" href=format!("/farms/{farm}/nodes/{by}")>
                <Icon name="next"/>
                <span>{text}</span>
            </a>
        }
    });
    let may_change = may_edit && found.node.revoked_at.is_none();
    let again = here.clone();
    let changes = may_change.then(|| {
        view! {
            <section class="group">
                <h2>{reader.say("node-changes")}</h2>
                <To
                    href=format!("{here}/replace")
                    icon="refresh"
                    word=reader.say("node-replace")
                    class="button--plain"
                />
                <To
                    href=format!("{here}/rotate")
                    icon="key"
                    word=reader.say("node-rotate")
                    class="button--plain"
                />
            </section>
        }
    });
    view! {
        <div class="page__head"><h1>{name}</h1></div>
        {replaced}
        <Groups board/>
        <To href=again icon="refresh" word=reader.say("home-check-now") class="button--quiet"/>
        {changes}
        <To
            href=format!("/farms/{farm}/devices")
            icon="back"
            word=reader.say("devices-title")
            class="button--quiet"
        />
    }
}

/// What another password means, and the button that makes one.
#[component]
pub(super) fn AskRotating(reader: Reader, title: String, back: String) -> impl IntoView {
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
pub(super) fn Password(
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

/// Another box for all that hangs on this one.
#[component]
pub(super) fn AskReplacing(
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

fn consequence(reader: &Reader, icon: &'static str, text: &str) -> impl IntoView + use<> {
    view! { <li class="row"><Icon name=icon/><span>{reader.say(text)}</span></li> }
}
