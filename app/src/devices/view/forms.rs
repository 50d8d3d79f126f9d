//! The forms of devices: what one is, and which hardware it has.
use super::{
    super::{
        form::DeviceForm,
        known::Known,
        words::{icons, kinds, places},
    },
    To,
};
use crate::{
    board::{Board, Group, Groups},
    forms::{Choices, Faults, Note, SelectField, TextField},
    home::{labelled, new_device},
    icons::Icon,
    reader::Reader,
    welcome::LONGEST_PLACE,
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
            <TextField
                name="place"
                label=reader.say("device-location")
                help=Some(reader.say("device-location-help"))
                value=form.place
                faults=faults.clone()
                maxlength=u16::try_from(LONGEST_PLACE * 4).unwrap_or(u16::MAX)
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
    known: Known,
    device: Device,
    faults: Faults,
) -> impl IntoView {
    let farm = known.facts.farm.id;
    let teller = known.teller(reader);
    // a sensor stands in for a sensor, a switch for a switch
    let is_like = |other: &store::home::Device| other.kind.is_sensor() == device.kind.is_sensor();
    let options: Vec<(String, String)> = known
        .new_devices()
        .filter(|other| is_like(other))
        .map(|other| {
            let node = other.place.as_ref().map(|place| place.node.to_string());
            let node = node.map(|node| reader.say_with("controller", &[("node", &node)]));
            let says = labelled(teller, &teller.facts.readings_of(other));
            let says = says.into_iter().map(|value| {
                format!(
                    "{} {}\u{a0}{}",
                    value.look.label.unwrap_or_default(),
                    value.shown.text,
                    value.look.unit
                )
            });
            let name = std::iter::once(other.name.clone()).chain(node).chain(says);
            (other.id.to_string(), name.collect::<Vec<_>>().join(" · "))
        })
        .collect();
    let content = if options.is_empty() {
        view! { <Note kind="warn" icon="question" text=reader.say("device-replace-none")/> }
            .into_any()
    } else {
        let all = std::iter::once((String::new(), reader.say("device-replace-choose")));
        let options = all.chain(options).collect();
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
            href=format!("/farms/{farm}/devices/{}", device.id)
            icon="back"
            word=reader.say("cancel")
            class="button--plain"
        />
    }
}
