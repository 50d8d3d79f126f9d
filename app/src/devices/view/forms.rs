//! The form of a device: what it is and where it hangs.
use super::super::{
    form::DeviceForm,
    known::Known,
    words::{drives, icons, kinds, places},
};
use crate::{
    board::{Board, Group, Groups},
    control::Refusal,
    forms::{Choices, Faults, PlaceField, SelectField, TextField},
    home::new_device,
    icons::Icon,
    reader::Reader,
};
use domain::{commands::TRIAL, devices::DeviceState};
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
    let trial = is_new.then(|| view! { <Trial reader here=here.clone() device=device.clone()/> });
    let save = match (is_new, device.is_active) {
        (true, _) => "device-accept",
        (false, true) => "save",
        (false, false) => "device-restore",
    };
    view! {
        <h1>{title}</h1>
        {says}
        {trial}
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

/// Lets a new switch run for a moment, while it can be reached and says that it is off, and switches it off; and why it
/// did not.
#[component]
fn Trial(reader: Reader, here: String, device: Device) -> impl IntoView {
    let can_be = device.is_online && device.is_active && !device.device_type.is_input();
    let action = format!("{here}/try");
    let is_off = device.reported_state.as_deref() == Some(DeviceState::Off.name());
    let on = (can_be && is_off).then(|| {
        let verb = reader.say_with("device-try", &[("span", &reader.span(TRIAL))]);
        view! {
            <form class="card" method="post" action=action.clone() data-fresh>
                <p>{reader.say("device-try-help")}</p>
                <input type="hidden" name="id" value=store::commands::new_id().to_string()/>
                <button class="button button--plain button--tall">
                    <Icon name="on"/>
                    <span>{verb}</span>
                </button>
            </form>
        }
    });
    // it may be running before its page says so
    let off = can_be.then(|| {
        view! {
            <form class="card" method="post" action=action data-fresh>
                <input type="hidden" name="id" value=store::commands::new_id().to_string()/>
                <input type="hidden" name="wish" value="off"/>
                <button class="button button--plain button--tall">
                    <Icon name="off"/>
                    <span>{reader.say("device-try-off")}</span>
                </button>
            </form>
        }
    });
    view! {
        {on}
        {off}
        <Refusal id=device.id.to_string()/>
    }
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
