//! The forms of devices: what one is, and which hardware it has.
use super::{
    super::{
        form::DeviceForm,
        known::Known,
        replace::Found,
        retire::may_run,
        words::{drives, icons, kinds, places},
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
    let here = format!("/farms/{}/devices/{}", known.facts.farm.id, device.id);
    let action = format!("{here}/edit");
    // what it says now tells which one it is
    let says = is_new.then(|| says(&known, reader, &device));
    let save = match (is_new, device.is_active) {
        (true, _) => "device-accept",
        (false, true) => "save",
        (false, false) => "device-restore",
    };
    view! {
        <h1>{title}</h1>
        {says}
        <form class="form" method="post" action=action>
            <TextField
                name="name"
                label=reader.say("device-name")
                value=form.name.clone()
                faults=faults.clone()
            />
            <SelectField
                name="house"
                label=reader.say("device-house")
                options=places(&reader, &known.facts.farm)
                chosen=form.house.clone()
                faults=faults.clone()
            />
            <PlaceField
                label=reader.say("device-location")
                help=reader.say("device-location-help")
                value=form.place.clone()
                faults=faults.clone()
            />
            <WhatItIs reader device form faults/>
            <div class="group">
                <button class="button button--tall">{reader.say(save)}</button>
                <a class="button button--plain" href=here>{reader.say("cancel")}</a>
            </div>
        </form>
    }
}

/// A new device's line, as the list has it.
fn says(known: &Known, reader: Reader, device: &Device) -> impl IntoView + use<> {
    known.device(device.id).map(|device| {
        let mut row = new_device(known.teller(reader), device);
        row.look.href = None;
        let board = Board::new(vec![Group::rows(String::new(), vec![row])]);
        view! { <Groups board/> }
    })
}

/// Its kind, how it is driven where it switches, and its picture.
#[component]
fn WhatItIs(reader: Reader, device: Device, form: DeviceForm, faults: Faults) -> impl IntoView {
    let is_icon_wrong = faults.of("icon").is_some() || !form.icon.is_empty();
    let drive = (!device.device_type.is_input()).then(|| {
        view! {
            <Choices
                name="drive"
                legend=reader.say("device-drive")
                choices=drives(&reader)
                chosen=form.drive
                faults=faults.clone()
            />
        }
    });
    view! {
        <Choices
            name="kind"
            legend=reader.say("device-kind")
            choices=kinds(&reader, device.device_type)
            chosen=form.kind
            faults=faults.clone()
            is_short=true
        />
        {drive}
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
    }
}

/// Whether a device that runs is to go out of use.
#[component]
pub(crate) fn AskRetiring(
    reader: Reader,
    title: String,
    device: Device,
    back: String,
) -> impl IntoView {
    let unheard = (!device.is_online).then_some(("offline", "device-retire-unheard"));
    let first = may_run(&device).then_some(("off", "device-retire-off"));
    let all = [first, unheard, Some(("undo", "device-retire-back"))].into_iter().flatten();
    let all = all.map(|(icon, text)| {
        view! { <li class="row"><Icon name=icon/><span>{reader.say(text)}</span></li> }
    });
    view! {
        <div class="page__head"><h1>{title}</h1></div>
        <ul class="list">{all.collect_view()}</ul>
        <form method="post" class="group">
            <button class="button button--danger" name="sure" value="yes">
                <Icon name="pause"/>
                <span>{reader.say("device-retire")}</span>
            </button>
            <a class="button button--plain" href=back>{reader.say("cancel")}</a>
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
