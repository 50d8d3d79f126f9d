//! The forms of devices: what one is, and which hardware it has.
use super::{
    super::{
        form::DeviceForm,
        known::Known,
        replace::Found,
        words::{icons, kinds, places},
    },
    To,
};
use crate::{
    board::{Board, Group, Groups},
    forms::{Choices, Faults, Note, PlaceField, SelectField, TextField},
    home::{labelled, new_device},
    icons::Icon,
    reader::Reader,
};
use leptos::prelude::*;
use store::devices::Device;

/// A device while it is edited or accepted.
pub(crate) struct Editing {
    pub(crate) title: String,
    pub(crate) is_new: bool,
    pub(crate) device: Device,
    pub(crate) form: DeviceForm,
    pub(crate) faults: Faults,
}

/// What a device is and where it hangs.
#[component]
pub(crate) fn EditDevice(reader: Reader, known: Known, editing: Editing) -> impl IntoView {
    let Editing { title, is_new, device, form, faults } = editing;
    let farm = known.facts.farm.id;
    // what it says now tells which one it is
    let says = is_new.then(|| known.device(device.id)).flatten().map(|device| {
        let mut row = new_device(known.teller(reader), device);
        row.look.href = None;
        let board = Board::new(vec![Group::rows(String::new(), vec![row])]);
        view! { <Groups board/> }
    });
    let save = reader.say(if is_new { "device-accept" } else { "save" });
    let is_icon_wrong = faults.of("icon").is_some() || !form.icon.is_empty();
    view! {
        <h1>{title}</h1>
        {says}
        <form class="form" method="post">
            <TextField name="name" label=reader.say("device-name") value=form.name faults=faults.clone()/>
            <SelectField
                name="house"
                label=reader.say("device-house")
                options=places(&reader, &known.facts.farm)
                chosen=form.house
                faults=faults.clone()
            />
            <PlaceField
                label=reader.say("device-location")
                help=reader.say("device-location-help")
                value=form.place
                faults=faults.clone()
            />
            <Choices
                name="kind"
                legend=reader.say("device-kind")
                choices=kinds(&reader)
                chosen=form.kind
                faults=faults.clone()
                is_short=true
            />
            <details class="more" open=is_icon_wrong>
                <summary><Icon name="eye"/><span>{reader.say("device-icon")}</span></summary>
                <Choices
                    name="icon"
                    legend=reader.say("device-icon")
                    choices=icons(&reader)
                    chosen=form.icon
                    faults
                    is_short=true
                />
            </details>
            <div class="group">
                <button class="button button--tall">{save}</button>
                <a class="button button--plain" href=format!("/farms/{farm}/devices/{}", device.id)>
                    {reader.say("cancel")}
                </a>
            </div>
        </form>
    }
}

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
    let content = if options.is_empty() {
        // what was chosen from an older page can not be, all the same
        let text = faults.of("with").unwrap_or_else(|| reader.say("device-replace-none"));
        view! { <Note kind="warn" icon="question" text/> }.into_any()
    } else {
        let none = std::iter::once((String::new(), reader.say("device-replace-choose")));
        let options = none.chain(options).collect();
        view! {
            <form class="form" method="post">
                <SelectField
                    name="with"
                    label=reader.say("device-replace-with")
                    options
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
    };
    view! {
        <div class="page__head">
            <h1>{title}</h1>
            <p class="lead">{reader.say("device-replace-help")}</p>
        </div>
        {content}
        <To
            href=format!("/farms/{farm}/devices/{back}")
            icon="back"
            word=reader.say("cancel")
            class="button--plain"
        />
    }
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
