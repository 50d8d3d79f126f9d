//! The pages with latches as HTML. What people type into stands beside the latches: news replace those.
use super::{
    model::OnPage,
    page::Loaded,
    tell::{Switch, Switchboard},
};
use crate::{
    back::Back,
    board::{Board, Groups},
    forms::{Faults, Note, Stepper, StepperButton, Steps},
    houses::{HousePick, Picked},
    icons::Icon,
    reader::Reader,
};
use domain::{
    DeviceId, FarmId, HouseId,
    commands::{Bounds, Unit, times},
    devices::DeviceKind,
};
use leptos::prelude::*;
use std::time::Duration;

/// A press of − or +.
pub(super) const STEP: u32 = 5;
/// What is switched all at once: of these kinds nobody minds that some were missed.
const TOGETHER: [DeviceKind; 5] =
    [DeviceKind::Fan, DeviceKind::Light, DeviceKind::Lamp, DeviceKind::Heater, DeviceKind::Pump];

/// What the page of all latches shows beside them.
pub(super) struct Shown {
    farm: FarmId,
    picked: Picked,
    may_control: bool,
    several: Vec<Several>,
}

/// Several devices of a kind that hang together.
struct Several {
    house: Option<HouseId>,
    kind: DeviceKind,
    title: String,
    turn_on: String,
    turn_off: String,
}

impl Shown {
    pub(super) fn new(loaded: &Loaded, reader: Reader, house: Option<HouseId>) -> Self {
        let farm = &loaded.known.facts.farm;
        let places = farm.houses.iter().map(|one| (Some(one.id), one.name.clone()));
        let whole = (None, reader.say("devices-whole-farm"));
        let places = places.chain([whole]).filter(|(place, _)| house.is_none() || *place == house);
        let several = places.flat_map(|(place, name)| {
            TOGETHER.into_iter().filter_map(move |kind| {
                let n = loaded.in_place(place).filter(|device| device.kind == kind).count();
                (n > 1).then(|| Several::new(reader, (place, &name), kind))
            })
        });
        Self {
            farm: farm.id,
            picked: Picked { farm: farm.id, place: "control", house, houses: farm.houses.clone() },
            may_control: loaded.switches.may_control,
            several: several.collect(),
        }
    }
}

impl Several {
    fn new(reader: Reader, (house, name): (Option<HouseId>, &str), kind: DeviceKind) -> Self {
        let things = reader.say(&format!("things-{}", kind.name()));
        let say = |id| reader.say_with(id, &[("things", &things), ("place", name)]);
        Self {
            house,
            kind,
            title: say("control-all-of"),
            turn_on: say("control-all-on"),
            turn_off: say("control-all-off"),
        }
    }
}

/// All latches, house by house.
#[component]
pub(super) fn Control(reader: Reader, shown: Shown, board: Board) -> impl IntoView {
    let Shown { farm, picked, may_control, several } = shown;
    let is_empty = board.groups.is_empty();
    let title = reader.say(if is_empty { "control-none" } else { "control-title" });
    let lead = is_empty.then(|| view! { <p class="lead">{reader.say("control-none-help")}</p> });
    let view_only = (!may_control && !is_empty).then(|| {
        view! { <Note icon="eye" text=reader.say("control-view-only")/> }
    });
    let again = picked.address();
    let house = picked.houses.iter().find(|one| picked.house == Some(one.id));
    let house = house.map(|one| (one.id, one.name.clone()));
    let danger = (may_control && !is_empty).then(|| view! { <Danger reader farm house/> });
    let several = (may_control && !several.is_empty()).then(|| {
        let forms = several.into_iter().map(|several| view! { <Together farm several/> });
        view! {
            <section class="group">
                <h2>{reader.say("control-several")}</h2>
                {forms.collect_view()}
            </section>
        }
    });
    view! {
        <div class="page__head">
            <h1>{title}</h1>
            {lead}
            <HousePick reader picked/>
        </div>
        {view_only}
        <Groups board/>
        <a class="button button--quiet" href=again>
            <Icon name="refresh"/>
            <span>{reader.say("home-check-now")}</span>
        </a>
        {several}
        {danger}
    }
}

/// The way to the emergency stop: it asks once more before anything stops.
#[component]
fn Danger(reader: Reader, farm: FarmId, house: Option<(HouseId, String)>) -> impl IntoView {
    let (query, word) = match house {
        Some((house, name)) => {
            (format!("?house={house}"), reader.say_with("stop-press-house", &[("house", &name)]))
        }
        None => (String::new(), reader.say("stop-press-farm")),
    };
    view! {
        <section class="group">
            <h2>{reader.say("stop-danger")}</h2>
            <a
                class="button button--danger button--tall"
                href=format!("/farms/{farm}/stop/press{query}")
            >
                <Icon name="hand" class="i--l"/>
                <span>{word}</span>
            </a>
            <p class="lead">{reader.say("stop-asks")}</p>
        </section>
    }
}

#[component]
fn Together(farm: FarmId, several: Several) -> impl IntoView {
    let Several { house, kind, title, turn_on, turn_off } = several;
    let house = house.map(|house| house.to_string());
    view! {
        <form class="card" method="post" action=format!("/farms/{farm}/control") data-fresh>
            <h3>{title}</h3>
            <input type="hidden" name="id" value=store::commands::new_id().to_string()/>
            <input type="hidden" name="kind" value=kind.name()/>
            {house.map(|house| view! { <input type="hidden" name="house" value=house/> })}
            <div class="halves">
                <button class="button button--plain button--tall" name="wish" value="on">
                    <Icon name="on"/>
                    <span>{turn_on}</span>
                </button>
                <button class="button button--plain button--tall" name="wish" value="off">
                    <Icon name="off"/>
                    <span>{turn_off}</span>
                </button>
            </div>
        </form>
    }
}

/// What was typed on a device's page, and what is wrong with it.
pub(super) struct Typed {
    pub(super) value: String,
    pub(super) faults: Faults,
}

/// One latch, and what more can be asked of its device.
#[component]
pub(super) fn OneSwitch<'s>(
    told: Switchboard<'s>,
    switch: Switch<'s>,
    typed: Typed,
    board: Board,
) -> impl IntoView + use<> {
    let reader = told.teller.reader;
    let (farm, device) = (told.switches.farm, switch.device);
    let here = format!("/farms/{farm}/control/{}", device.id);
    let may_control = told.switches.may_control && !switch.is_stopped();
    let has_times = device.kind != DeviceKind::Feeder;
    let times = if has_times { times(switch.stance.max_on) } else { Vec::new() };
    let times = (may_control && !times.is_empty()).then(|| {
        view! { <Times reader action=here.clone() device=device.id times/> }
    });
    let values = switch.stance.bounds.filter(|_| may_control).map(|(unit, bounds)| {
        view! { <Values reader action=here.clone() unit bounds typed/> }
    });
    let back = device.house.map(|house| format!("?house={house}")).unwrap_or_default();
    view! {
        <div class="page__head"><h1>{device.name.clone()}</h1></div>
        <Groups board/>
        <a class="button button--quiet" href=here>
            <Icon name="refresh"/>
            <span>{reader.say("home-check-now")}</span>
        </a>
        {values}
        {times}
        <a class="button button--plain" href=format!("/farms/{farm}/devices/{}", device.id)>
            <Icon name="info"/>
            <span>{reader.say("device-about")}</span>
        </a>
        <Back reader to=format!("/farms/{farm}/control{back}")/>
    }
}

/// On for a while: the device ends it by itself.
#[component]
fn Times(reader: Reader, action: String, device: DeviceId, times: Vec<Duration>) -> impl IntoView {
    let choices = times.into_iter().map(|time| {
        view! {
            <button
                class="button button--plain"
                name="duration_ms"
                value=time.as_millis().to_string()
            >
                <Icon name="clock"/>
                <span>{reader.span(time)}</span>
            </button>
        }
    });
    view! {
        <section class="group">
            <h2>{reader.say("control-for")}</h2>
            <p class="lead">{reader.say("control-for-help")}</p>
            <form class="halves" method="post" action=format!("{action}#d-{device}") data-fresh>
                <Hidden wish="on"/>
                {choices.collect_view()}
            </form>
        </section>
    }
}

/// How strong, or at which angle.
#[component]
fn Values(
    reader: Reader,
    action: String,
    unit: Unit,
    bounds: Bounds,
    typed: Typed,
) -> impl IntoView {
    let (wish, label) = match unit {
        Unit::Percent => ("set_value", "control-value"),
        Unit::Degree => ("set_angle", "control-angle"),
    };
    let whole = |value: f64| format!("{value:.0}").parse().unwrap_or_default();
    let steps =
        Steps { least: whole(bounds.least.ceil()), most: whole(bounds.most.floor()), by: STEP };
    let (least, most) = (reader.whole(steps.least.into()), reader.whole(steps.most.into()));
    let help = reader.say_with("control-bounds", &[("least", &least), ("most", &most)]);
    let button = |go, id| StepperButton { go, label: reader.say(id) };
    view! {
        <form class="form card" method="post" action=action.clone() data-fresh>
            // the Enter key presses the first one: not a step
            <button class="vh" tabindex="-1" aria-hidden="true"></button>
            <Hidden wish/>
            <Stepper
                reader
                action=action.clone()
                name="value"
                label=reader.say(label)
                help=Some(help)
                value=typed.value
                faults=typed.faults
                steps
                less=button("less", "control-less")
                more=button("more", "control-more-of")
            />
            <button class="button button--tall">
                <Icon name="check"/>
                <span>{reader.say("control-set")}</span>
            </button>
        </form>
    }
}

/// What each form on a device's own page has.
#[component]
fn Hidden(wish: &'static str) -> impl IntoView {
    view! {
        <input type="hidden" name="id" value=store::commands::new_id().to_string()/>
        <input type="hidden" name="page" value=OnPage::Device.name()/>
        <input type="hidden" name="wish" value=wish/>
    }
}
