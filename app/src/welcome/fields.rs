//! What each step asks, and the last one that only shows.
use super::{
    draft::{Draft, HOUSE_FIELDS, Step},
    plan::{plan, usual_name},
    steps::{BIRDS, DAYS, HOUSES},
    view::HERE,
};
use crate::{
    farms::FarmFields,
    forms::{Choices, Faults, Note, Stepper, StepperButton, TextField},
    houses::birds::{self, read_age, read_kind},
    icons::Icon,
    reader::Reader,
};
use leptos::prelude::*;

/// Its name and place.
#[component]
pub(super) fn FarmStep(reader: Reader, draft: Draft, faults: Faults) -> impl IntoView {
    view! { <FarmFields reader name=draft.name place=draft.place faults/> }
}

/// How many, and a name for each; the usual ones stand there already.
#[component]
pub(super) fn HousesStep(reader: Reader, draft: Draft, faults: Faults) -> impl IntoView {
    let one = reader.whole(1);
    let button =
        |go, message| StepperButton { go, label: reader.say_with(message, &[("n", &one)]) };
    // where scripts run the names come and go with the number, so that all are there
    let count = draft.house_count().unwrap_or(1);
    let named = (1..).zip(HOUSE_FIELDS.into_iter().zip(draft.house_names.clone()));
    let names = named.map(|(number, (field, typed))| {
        let usual = usual_name(&reader, number);
        let label = reader.say_with("welcome-house-name", &[("house", &usual)]);
        let value = if typed.is_empty() { usual } else { typed };
        view! {
            <div data-of="houses" data-nth=number.to_string() hidden={number > count}>
                <TextField name=field label value faults=faults.clone()/>
            </div>
        }
    });
    let names = names.collect_view();
    view! {
        <Stepper
            reader
            action=HERE
            name="houses"
            label=reader.say("welcome-houses-count")
            value=draft.houses
            faults
            steps=HOUSES
            less=button("fewer-houses", "welcome-fewer-houses")
            more=button("more-houses", "welcome-more-houses")
        />
        {names}
    }
}

/// Their kind, how many, how old.
#[component]
pub(super) fn BirdsStep(reader: Reader, draft: Draft, faults: Faults) -> impl IntoView {
    let step = reader.whole(BIRDS.by.into());
    let one = reader.whole(1);
    let button =
        |go, message, n: &str| StepperButton { go, label: reader.say_with(message, &[("n", n)]) };
    let has_one_house = draft.house_count() == Some(1);
    let count = if has_one_house { "birds-count" } else { "welcome-count-each" };
    let need = need(&reader, &draft);
    view! {
        <Choices
            name="kind"
            legend=reader.say("birds-kind")
            choices=birds::kinds(&reader)
            chosen=draft.kind
            faults=faults.clone()
        />
        <Stepper
            reader
            action=HERE
            name="birds"
            label=reader.say(count)
            help=Some(reader.say("birds-count-help"))
            value=draft.birds
            faults=faults.clone()
            steps=BIRDS
            less=button("fewer-birds", "welcome-fewer", &step)
            more=button("more-birds", "welcome-more", &step)
        />
        <Stepper
            reader
            action=HERE
            name="age"
            label=reader.say("welcome-age")
            help=Some(reader.say("welcome-age-help"))
            value=draft.age
            faults
            steps=DAYS
            less=button("younger", "welcome-fewer-days", &one)
            more=button("older", "welcome-more-days", &one)
        />
        // true of this kind and age alone
        {need.map(|text| view! {
            <div data-of="kind age"><Note kind="good" icon="thermometer" text/></div>
        })}
    }
}

/// How warm birds of this age need it, once both are known.
fn need(reader: &Reader, draft: &Draft) -> Option<String> {
    let (kind, age) = (read_kind(&draft.kind)?, read_age(reader, &draft.age).ok()??);
    let target = kind.target_c(i32::try_from(age).ok());
    let value = format!("{}\u{a0}°C", reader.decimal(target, 0));
    let n = reader.whole(age.into());
    Some(reader.say_with("welcome-need", &[("n", &n), ("value", &value)]))
}

/// All of it once more, each part with the way back to it.
#[component]
pub(super) fn LookStep(reader: Reader, draft: Draft) -> impl IntoView {
    let need = need(&reader, &draft);
    let plan = plan(&reader, &draft);
    let place = plan.place.map(|place| view! { <small>{place}</small> });
    let part = |step: Step, icon, about: AnyView| {
        let change = reader.say(&format!("welcome-{}-change", step.name()));
        view! {
            <li>
                <div class="row"><Icon name=icon/><span>{about}</span></div>
                <button class="button button--quiet" name="go" value=step.name()>
                    <Icon name="edit"/>
                    <span>{change}</span>
                </button>
            </li>
        }
    };
    let kind = plan.kind.name();
    let flock = match (plan.birds, plan.age) {
        (Some(n), Some(age)) => {
            let birds =
                reader.say_with(&format!("birds-{kind}"), &[("n", &reader.whole(n.into()))]);
            let day = reader.say_with("home-day", &[("n", &reader.whole(age.into()))]);
            format!("{birds} · {day}")
        }
        _ => reader.say("houses-empty"),
    };
    let has_one_house = plan.houses.len() == 1;
    let each = (!has_one_house).then(|| view! { <small>{reader.say("welcome-in-each")}</small> });
    let need = need.filter(|_| plan.birds.is_some());
    // one below the other
    let houses = plan.houses.into_iter().map(|name| view! { <b>{name}</b><br/> }).collect_view();
    view! {
        <ul class="list">
            {part(Step::Farm, "home", view! { <b>{plan.name}</b>{place} }.into_any())}
            {part(Step::Houses, "coop", houses.into_any())}
            {part(Step::Birds, "chick", view! { <b>{flock}</b>{each} }.into_any())}
        </ul>
        {need.map(|text| view! { <Note kind="good" icon="thermometer" text/> })}
    }
}
