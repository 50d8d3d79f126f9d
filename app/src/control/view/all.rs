//! All latches, and what is switched several at once.
use super::super::loaded::Loaded;
use crate::{
    board::{Board, Groups},
    forms::Note,
    houses::{HousePick, Picked},
    icons::Icon,
    reader::Reader,
};
use domain::{FarmId, HouseId, devices::DeviceKind};
use leptos::prelude::*;

/// What is switched all at once: of these kinds nobody minds that some were missed.
const TOGETHER: [DeviceKind; 5] =
    [DeviceKind::Fan, DeviceKind::Light, DeviceKind::Lamp, DeviceKind::Heater, DeviceKind::Pump];

/// What the page of all latches shows beside them.
pub(crate) struct Shown {
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
    /// Of a house, or of all.
    pub(crate) fn new(loaded: &Loaded, reader: Reader, house: Option<HouseId>) -> Self {
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
pub(crate) fn Control(reader: Reader, shown: Shown, board: Board) -> impl IntoView {
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
