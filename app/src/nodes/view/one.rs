//! One controller.
use super::super::Found;
use crate::{
    board::{Board, Groups},
    devices::To,
    icons::Icon,
    reader::Reader,
};
use leptos::prelude::*;

/// One controller.
#[component]
pub(crate) fn OneNode(reader: Reader, found: Found, board: Board, may_edit: bool) -> impl IntoView {
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
    let silent = (may_change && found.node.password_ended_at.is_some()).then(|| {
        view! {
            <a class="note note--warn" href=format!("{here}/rotate")>
                <Icon name="key"/>
                <span>{reader.say("node-no-password")}</span>
            </a>
        }
    });
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
                <To
                    href=format!("{here}/give")
                    icon="leave"
                    word=reader.say("node-give")
                    class="button--danger-plain"
                />
            </section>
        }
    });
    view! {
        <div class="page__head"><h1>{name}</h1></div>
        {replaced}
        {silent}
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
