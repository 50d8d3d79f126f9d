//! One device's page.
use super::{
    super::{
        known::Known,
        retire::may_run,
        words::{kind_name, place},
    },
    To,
};
use crate::{
    board::{Board, Groups},
    events::{Teller as EventTeller, icon_of_event},
    forms::Note,
    icons::Icon,
    reader::{Reader, rfc3339},
};
use leptos::prelude::*;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use store::{devices::Device, events::Trace};

/// What the page is made of.
pub(crate) struct Told {
    pub(crate) here: String,
    pub(crate) may_edit: bool,
    pub(crate) known: Known,
    pub(crate) device: Device,
    /// What it says now; nothing of what is out of use.
    pub(crate) board: Option<Board>,
    pub(crate) events: EventTeller,
    pub(crate) traces: Vec<Trace>,
}

/// The page.
#[component]
pub(crate) fn OneDevice(reader: Reader, told: Told) -> impl IntoView {
    let Told { here, may_edit, known, device, board, events, traces } = told;
    let icon = device.icon.unwrap_or(device.kind.icon()).name();
    let farm = known.facts.farm.id;
    let again = here.clone();
    let standing = standing(&reader, &known, &device);
    let changes = may_edit
        .then(|| view! { <Changes reader here known=known.clone() device=device.clone()/> });
    let board = board.map(|board| {
        view! {
            <Groups board/>
            <To href=again icon="refresh" word=reader.say("home-check-now") class="button--quiet"/>
        }
    });
    let log =
        format!("/farms/{farm}/events?q={}", utf8_percent_encode(&device.name, NON_ALPHANUMERIC));
    view! {
        <div class="page__head person">
            <span class="device__icon"><Icon name=icon/></span>
            <h1>{device.name.clone()}</h1>
        </div>
        {standing}
        {board}
        <Facts reader known=known.clone() device=device/>
        {changes}
        <Happened reader known events traces log/>
        <To
            href=format!("/farms/{farm}/devices")
            icon="back"
            word=reader.say("devices-title")
            class="button--quiet"
        />
    }
}

/// That it is new or out of use.
fn standing(reader: &Reader, known: &Known, device: &Device) -> Option<impl IntoView + use<>> {
    let text = match (device.is_active, device.retired_at) {
        (false, Some(at)) => {
            let when = reader.when(at, known.now, known.facts.zone);
            reader.say_with("device-retired-since", &[("when", &when)])
        }
        (false, None) => reader.say("devices-retired"),
        (true, _) if device.approved_at.is_none() => reader.say("home-new-help"),
        (true, _) => return None,
    };
    let icon = if device.is_active { "sensor" } else { "pause" };
    Some(view! { <Note kind="lost" icon text/> })
}

/// What it is and where it hangs.
#[component]
fn Facts(reader: Reader, known: Known, device: Device) -> impl IntoView {
    let house = device.house.and_then(|house| known.facts.house(house));
    let house = house.map(|house| house.name.as_str());
    let place = device.approved_at.map(|_| place(&reader, house, device.location.as_deref()));
    let since = reader.full_date(device.created_at, known.facts.zone);
    // as its controller tells; nobody has told it of one that was never heard
    let node = device.channel.as_ref().and_then(|(node, _)| known.node(*node));
    let firmware = node.and_then(|node| node.firmware_version.clone());
    let rows = [
        Some(("info", reader.say("device-kind"), kind_name(&reader, device.kind))),
        place.map(|place| ("coop", reader.say("device-place"), place)),
        Some(("settings", reader.say("device-hardware"), device.hardware_name.clone())),
        firmware.map(|version| ("refresh", reader.say("node-firmware"), version)),
        Some(("clock", reader.say("device-known-since"), since)),
    ];
    let rows = rows.into_iter().flatten().map(|(icon, name, value)| {
        view! {
            <li class="row">
                <Icon name=icon/>
                <span><small>{name}</small><b>{value}</b></span>
            </li>
        }
    });
    view! {
        <section class="group">
            <h2>{reader.say("device-about")}</h2>
            <ul class="list">{rows.collect_view()}</ul>
        </section>
    }
}

/// What a manager may do with it.
#[component]
fn Changes(reader: Reader, here: String, known: Known, device: Device) -> impl IntoView {
    let to = |place: &str, icon, word: &str, class| {
        let href = format!("{here}/{place}");
        view! { <To href icon word=reader.say(word) class/> }
    };
    if !device.is_active {
        return view! {
            <form method="post" action=format!("{here}/restore")>
                <button class="button button--tall">
                    <Icon name="undo"/>
                    <span>{reader.say("device-restore")}</span>
                </button>
            </form>
        }
        .into_any();
    }
    let is_new = device.approved_at.is_none();
    let change = match is_new {
        true => to("edit", "check", "device-accept", "button--tall").into_any(),
        false => view! {
            {to("edit", "edit", "device-edit", "")}
            {to("settings", "settings", "configs-open", "")}
            {to("replace", "refresh", "device-replace", "button--plain")}
            <Order reader here=here.clone() known device=device.clone()/>
        }
        .into_any(),
    };
    let retire = if is_new { "device-not-needed" } else { "device-retire" };
    // what runs is asked about on a page of its own
    let retire = match may_run(&device) {
        true => to("retire", "pause", retire, "button--danger-plain").into_any(),
        false => view! {
            <form method="post" action=format!("{here}/retire")>
                <button class="button button--danger-plain">
                    <Icon name="pause"/>
                    <span>{reader.say(retire)}</span>
                </button>
            </form>
        }
        .into_any(),
    };
    view! { <section class="group">{change} {retire}</section> }.into_any()
}

/// One place up or down among those of its house.
#[component]
fn Order(reader: Reader, here: String, known: Known, device: Device) -> impl IntoView {
    let siblings: Vec<_> = known.in_house(device.house).map(|device| device.id).collect();
    let place = siblings.iter().position(|id| *id == device.id);
    let button = |place: usize, icon: &'static str, word: &str| {
        view! {
            <button class="button button--plain" name="place" value=place.to_string()>
                <Icon name=icon/>
                <span>{reader.say(word)}</span>
            </button>
        }
    };
    let earlier = place.and_then(|place| place.checked_sub(1));
    let later = place.map(|place| place + 1).filter(|place| *place < siblings.len());
    (siblings.len() > 1 && place.is_some()).then(|| {
        view! {
            <form class="turns" method="post" action=format!("{here}/order")>
                {earlier.map(|place| button(place, "back", "device-earlier"))}
                {later.map(|place| button(place, "next", "device-later"))}
            </form>
        }
    })
}

/// What happened with it, newest first.
#[component]
fn Happened(
    reader: Reader,
    known: Known,
    events: EventTeller,
    traces: Vec<Trace>,
    log: String,
) -> impl IntoView {
    let rows = traces.iter().map(|trace| {
        let (at, zone) = (trace.event.at, known.facts.zone);
        let when = reader.when(at, known.now, zone);
        view! {
            <li class="row">
                <Icon name=icon_of_event(trace)/>
                <span>
                    <b>{events.what(trace)}</b>
                    <small><time datetime=rfc3339(at)>{when}</time>" · "{events.who(trace)}</small>
                </span>
            </li>
        }
    });
    (!traces.is_empty()).then(|| {
        view! {
            <section class="group">
                <h2>{reader.say("device-events")}</h2>
                <ul class="list">{rows.collect_view()}</ul>
                <To href=log icon="log" word=reader.say("events-title") class="button--quiet"/>
            </section>
        }
    })
}
