//! One latch, and what more can be asked of its device.
use super::super::{
    model::OnPage,
    tell::{Switch, Switchboard},
};
use crate::{
    back::Back,
    board::{Board, Groups},
    forms::{Faults, Stepper, StepperButton, Steps},
    icons::Icon,
    reader::Reader,
};
use domain::{
    DeviceId,
    commands::{Bounds, Unit, portions, times},
    devices::DeviceKind,
};
use leptos::prelude::*;
use std::time::Duration;

/// A press of − or +.
pub(crate) const STEP: u32 = 5;

/// What was typed on a device's page, and what is wrong with it.
pub(crate) struct Typed {
    pub(crate) value: String,
    pub(crate) faults: Faults,
}

/// One latch, and what more can be asked of its device.
#[component]
pub(crate) fn OneSwitch<'s>(
    told: Switchboard<'s>,
    switch: Switch<'s>,
    typed: Typed,
    board: Board,
) -> impl IntoView + use<> {
    let reader = told.teller.reader;
    let (farm, device) = (told.switches.farm, switch.device);
    let here = format!("/farms/{farm}/control/{}", device.id);
    let may_control = told.switches.may_control && !switch.is_stopped();
    let max_on = switch.stance.max_on;
    let (times, words) = match device.kind {
        DeviceKind::Feeder => (portions(max_on), ("control-feed-for", "control-feed-help")),
        _ => (times(max_on), ("control-for", "control-for-help")),
    };
    let times = (may_control && !times.is_empty()).then(|| {
        view! { <Times reader words action=here.clone() device=device.id times/> }
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
fn Times(
    reader: Reader,
    /// The question, and what follows from an answer.
    words: (&'static str, &'static str),
    action: String,
    device: DeviceId,
    times: Vec<Duration>,
) -> impl IntoView {
    let (title, help) = words;
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
            <h2>{reader.say(title)}</h2>
            <p class="lead">{reader.say(help)}</p>
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
