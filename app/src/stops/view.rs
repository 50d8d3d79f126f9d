//! The emergency stop as people see it.
use super::{
    Found,
    press::{ALL, Question},
};
use crate::{
    back::Back,
    board::{Board, Groups},
    devices::kind_name,
    forms::Note,
    home::{Scene, scene},
    icons::Icon,
    reader::Reader,
};
use domain::devices::DeviceKind;
use leptos::prelude::*;
use store::stops::Standing;

/// What stands still, and what can be stopped.
#[component]
pub(super) fn Overview(
    reader: Reader,
    found: Found,
    board: Board,
    /// Whether the reader may press it.
    may_press: bool,
) -> impl IntoView {
    let farm = found.farm();
    let (here, again) = (found.address(), found.address());
    let title = if found.standing.is_empty() { "stop-title" } else { "stop-stands" };
    let press = may_press.then(|| view! { <Places reader found here/> });
    view! {
        <div class="door">{scene(&Scene::stopped())}</div>
        <div class="page__head"><h1>{reader.say(title)}</h1></div>
        <Groups board/>
        <a class="button button--quiet" href=again>
            <Icon name="refresh"/>
            <span>{reader.say("home-check-now")}</span>
        </a>
        {press}
        <Back reader to=format!("/farms/{farm}")/>
    }
}

/// What can be stopped: the whole farm, and each house.
#[component]
fn Places(reader: Reader, found: Found, here: String) -> impl IntoView {
    let to = |place: String, class: &'static str, word: String| {
        view! {
            <a class=format!("button button--tall {class}") href=format!("{here}/press?house={place}")>
                <Icon name="hand" class="i--l"/>
                <span>{word}</span>
            </a>
        }
    };
    let houses = found.known.facts.farm.houses;
    // the one house of a farm is the farm
    let houses = if houses.len() > 1 { houses } else { Vec::new() };
    let houses = houses.into_iter().map(|house| {
        let word = reader.say_with("stop-press-house", &[("house", &house.name)]);
        to(house.id.to_string(), "button--danger-plain", word)
    });
    view! {
        <section class="group">
            <h2>{reader.say("stop-danger")}</h2>
            {to(ALL.to_owned(), "button--danger", reader.say("stop-press-farm"))}
            {houses.collect_view()}
            <p class="lead">{reader.say("stop-asks")}</p>
        </section>
    }
}

/// The question before it is pressed.
#[component]
pub(super) fn AskPressing(reader: Reader, question: Question, back: String) -> impl IntoView {
    let title = match &question.house {
        Some(house) => reader.say_with("stop-ask-house", &[("house", house)]),
        None => reader.say("stop-ask-farm"),
    };
    let kinds = question.stops.into_values().map(|(kind, n)| {
        let name = kind_name(&reader, kind);
        let text = match n {
            1 => name,
            n => reader.say_with("stop-kind-number", &[("kind", &name), ("n", &reader.count(n))]),
        };
        view! { <li><Icon name=kind.icon().name() class="i--l"/><span>{text}</span></li> }
    });
    let programs = view! {
        <li><Icon name="schedule" class="i--l"/><span>{reader.say("stop-programs")}</span></li>
    };
    let fans = (question.fans > 0).then(|| view! { <Fans reader/> });
    view! {
        <div class="door">{scene(&Scene::stopped())}</div>
        <div class="page__head"><h1>{title}</h1></div>
        <section class="card">
            <h2>{reader.say("stop-will-stop")}</h2>
            <ul class="todo">{kinds.collect_view()}{programs}</ul>
        </section>
        <form class="group" method="post">
            <input type="hidden" name="id" value=question.id.to_string()/>
            <input type="hidden" name="house" value=question.place/>
            {fans}
            <Note kind="warn" icon="key" text=reader.say("stop-manager-only")/>
            <button class="button button--danger button--tall" name="sure" value="yes">
                <Icon name="hand" class="i--l"/>
                <span>{reader.say("stop-press")}</span>
            </button>
            <a class="button button--plain" href=back>{reader.say("cancel")}</a>
        </form>
    }
}

/// That fans go on, and the choice that they do not.
#[component]
fn Fans(reader: Reader) -> impl IntoView {
    view! {
        <Note kind="good" icon="fan" text=reader.say("stop-fans-help")/>
        <label class="choice">
            <input type="checkbox" name="fans" value="yes"/>
            <span class="choice__box">
                <Icon name=DeviceKind::Fan.icon().name() class="i--l"/>
                <span>
                    <b>{reader.say("stop-fans")}</b>
                    <small>{reader.say("stop-fans-danger")}</small>
                </span>
                <Icon name="check" class="choice__tick"/>
            </span>
        </label>
    }
}

/// The question before it is released.
#[component]
pub(super) fn AskReleasing(
    reader: Reader,
    title: String,
    found: Found,
    standing: Standing,
) -> impl IntoView {
    let person = found.words(reader).person(Some(standing.by));
    let when = reader.when(standing.stop.since, found.known.now, found.known.facts.zone);
    let pressed = reader.say_with("stop-pressed-by", &[("person", &person), ("when", &when)]);
    let consequence = |icon: &'static str, text: String| {
        view! { <li><div class="row"><Icon name=icon/><span>{text}</span></div></li> }
    };
    view! {
        <div class="page__head"><h1>{title}</h1></div>
        <ul class="list">
            {consequence("hand", pressed)}
            {consequence("schedule", reader.say("stop-release-automation"))}
            {consequence("off", reader.say("stop-release-off"))}
            {consequence("people", reader.say("stop-release-look"))}
        </ul>
        <form class="group" method="post">
            <button class="button button--tall" name="sure" value="yes">
                <Icon name="key" class="i--l"/>
                <span>{reader.say("stop-release")}</span>
            </button>
            <a class="button button--plain" href=found.address()>{reader.say("cancel")}</a>
        </form>
    }
}
