//! A controller that is given away, as people see it.
use super::super::Found;
use crate::{
    devices::To,
    forms::{Note, consequence},
    icons::Icon,
    once::OnceField,
    reader::Reader,
    ticket::{Handover, Ticket},
};
use domain::{DeviceId, FarmId};
use leptos::prelude::*;

/// What it means, and the button that does it; or what has to be switched off before.
#[component]
pub(crate) fn AskGiving(
    reader: Reader,
    title: String,
    found: Found,
    /// Its devices that run.
    running: Vec<(DeviceId, String)>,
) -> impl IntoView {
    let (farm, back) = (found.known.facts.farm.id, found.address());
    let content = if running.is_empty() {
        let unheard = (!found.node.is_online)
            .then(|| consequence(&reader, "offline", "node-give-unheard").into_any());
        view! {
            <ul class="list">
                {consequence(&reader, "leave", "node-give-leaves")}
                {consequence(&reader, "lock", "node-give-out")}
                {consequence(&reader, "qr", "node-give-code")}
                {consequence(&reader, "undo", "node-give-back")}
                {unheard}
            </ul>
            <form method="post" class="group">
                <OnceField/>
                <button class="button button--danger" name="sure" value="yes">
                    <Icon name="leave"/>
                    <span>{reader.say("node-give-verb")}</span>
                </button>
                <a class="button button--plain" href=back>{reader.say("cancel")}</a>
            </form>
        }
        .into_any()
    } else {
        view! {
            <Running reader farm running/>
            <a class="button button--plain" href=back>{reader.say("cancel")}</a>
        }
        .into_any()
    };
    view! {
        <div class="page__head"><h1>{title}</h1></div>
        {content}
    }
}

/// What runs, each with the way to its switch.
#[component]
fn Running(reader: Reader, farm: FarmId, running: Vec<(DeviceId, String)>) -> impl IntoView {
    let rows = running.into_iter().map(|(device, name)| {
        view! {
            <li>
                <a class="row row--to" href=format!("/farms/{farm}/devices/{device}")>
                    <Icon name="on"/>
                    <span><b>{name}</b></span>
                    <Icon name="next"/>
                </a>
            </li>
        }
    });
    view! {
        <Note kind="warn" icon="power" text=reader.say("node-give-running")/>
        <ul class="list">{rows.collect_view()}</ul>
    }
}

/// The code for its next farm, while it is shown.
#[component]
pub(crate) fn GivenAway(
    reader: Reader,
    farm: FarmId,
    title: String,
    node: String,
    handover: Handover,
    until: String,
) -> impl IntoView {
    let until = reader.say_with("ticket-until", &[("when", &until)]);
    view! {
        <div class="page__head">
            <h1>{title}</h1>
            <p class="lead">{reader.say("node-given-next")}</p>
        </div>
        <Ticket
            reader
            handover
            about=reader.say_with("node-given-about", &[("node", &node)])
            label=reader.say("node-given-qr")
            until
        />
        <Note kind="warn" icon="warning" text=reader.say("node-given-once")/>
        <To
            href=format!("/farms/{farm}/devices")
            icon="back"
            word=reader.say("devices-title")
            class="button--plain"
        />
    }
}
