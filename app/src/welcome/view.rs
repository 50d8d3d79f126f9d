//! The four steps as people see them.
use super::{
    draft::{Draft, HOUSE_FIELDS, Step},
    steps::{BIRDS_STEP, LONGEST_PLACE, plan, usual_name},
};
use crate::{
    document::{Page, respond},
    forms::{Choices, Faults, Note, Stepper, StepperButton, TextField},
    houses::birds::{self, read_age, read_kind},
    icons::Icon,
    reader::Reader,
    state::AppState,
    visitor::Visitor,
};
use axum::response::Response;
use leptos::prelude::*;

/// A step.
pub(super) fn page(
    state: &AppState,
    visitor: &Visitor,
    draft: Draft,
    step: Step,
    faults: Faults,
) -> Response {
    let reader = visitor.reader;
    let page = Page { title: reader.say("welcome-title"), ..Page::default() };
    respond(state, visitor, page, || view! { <Wizard reader draft step faults/> })
}

#[component]
fn Wizard(reader: Reader, draft: Draft, step: Step, faults: Faults) -> impl IntoView {
    let carried = carried(&draft, step);
    let fields = match step {
        Step::Farm => view! { <FarmStep reader draft faults/> }.into_any(),
        Step::Houses => view! { <HousesStep reader draft faults/> }.into_any(),
        Step::Birds => view! { <BirdsStep reader draft faults/> }.into_any(),
        Step::Look => view! { <LookStep reader draft/> }.into_any(),
    };
    let (word, icon) = match step {
        Step::Look => ("welcome-make", "check"),
        Step::Farm | Step::Houses | Step::Birds => ("next", "next"),
    };
    view! {
        <div class="page__head">
            <Hatching step/>
            <p class="lead">{progress(&reader, step)}</p>
            <h1>{reader.say(&format!("welcome-{}", step.name()))}</h1>
            <p>{reader.say(&format!("welcome-{}-lead", step.name()))}</p>
        </div>
        <form class="form" method="post" action="/welcome">
            // the first button of a form is the one that the Enter key presses
            <button class="vh" name="go" value="next" tabindex="-1" aria-hidden="true"></button>
            <input type="hidden" name="step" value=step.name()/>
            {carried}
            {fields}
            <div class="group">
                <button class="button button--tall" name="go" value="next">
                    <span>{reader.say(word)}</span>
                    <Icon name=icon/>
                </button>
                {step.before().map(|before| view! {
                    <button class="button button--plain" name="go" value=before.name()>
                        <Icon name="back"/>
                        <span>{reader.say("back")}</span>
                    </button>
                })}
            </div>
        </form>
        {(step == Step::Farm).then(|| view! {
            <a class="button button--plain" href="/join">
                <Icon name="key"/>
                <span>{reader.say("farms-code")}</span>
            </a>
        })}
    }
}

fn progress(reader: &Reader, step: Step) -> String {
    let number = |n: usize| reader.whole(i64::try_from(n).unwrap_or_default());
    let done = Step::ALL.into_iter().filter(|other| *other <= step).count();
    let values = [("n", &*number(done)), ("of", &*number(Step::ALL.len()))];
    reader.say_with("welcome-step", &values)
}

/// An egg for each step: hatched, hatching, or still to come.
#[component]
fn Hatching(step: Step) -> impl IntoView {
    let eggs = Step::ALL.into_iter().map(|other| {
        let (class, icon) = match other.cmp(&step) {
            std::cmp::Ordering::Less => (Some("is-done"), "chick"),
            std::cmp::Ordering::Equal => (Some("is-now"), "hatch"),
            std::cmp::Ordering::Greater => (None, "egg"),
        };
        view! { <li class=class><Icon name=icon/></li> }
    });
    view! { <ol class="hatching" aria-hidden="true">{eggs.collect_view()}</ol> }
}

/// What was typed on the other steps.
fn carried(draft: &Draft, step: Step) -> impl IntoView + use<> {
    let shown = shown(draft, step);
    let others = draft.fields().into_iter().filter(move |(name, _)| !shown.contains(name));
    others
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
        .collect_view()
}

/// The fields that a step has on its page.
fn shown(draft: &Draft, step: Step) -> Vec<&'static str> {
    match step {
        Step::Farm => vec!["name", "place"],
        Step::Houses => std::iter::once("houses").chain(house_fields(draft)).collect(),
        Step::Birds => vec!["kind", "birds", "age"],
        Step::Look => Vec::new(),
    }
}

/// A field for each house that there is to be.
fn house_fields(draft: &Draft) -> impl Iterator<Item = &'static str> + use<> {
    let count = usize::try_from(draft.house_count().unwrap_or(1)).unwrap_or(1);
    HOUSE_FIELDS.into_iter().take(count)
}

#[component]
fn FarmStep(reader: Reader, draft: Draft, faults: Faults) -> impl IntoView {
    view! {
        <TextField
            name="name"
            label=reader.say("farm-name")
            value=draft.name
            faults=faults.clone()
            autocomplete="organization"
        />
        <TextField
            name="place"
            label=reader.say("farm-place")
            help=Some(reader.say("farm-place-help"))
            value=draft.place
            faults
            maxlength=u16::try_from(LONGEST_PLACE * 4).unwrap_or(u16::MAX)
        />
    }
}

#[component]
fn HousesStep(reader: Reader, draft: Draft, faults: Faults) -> impl IntoView {
    let one = reader.whole(1);
    let button =
        |go, message| StepperButton { go, label: reader.say_with(message, &[("n", &one)]) };
    let named = (1..).zip(house_fields(&draft).zip(draft.house_names.clone()));
    let names = named.map(|(number, (field, typed))| {
        let usual = usual_name(&reader, number);
        let label = reader.say_with("welcome-house-name", &[("house", &usual)]);
        let value = if typed.is_empty() { usual } else { typed };
        view! { <TextField name=field label value faults=faults.clone()/> }
    });
    let names = names.collect_view();
    view! {
        <Stepper
            name="houses"
            label=reader.say("welcome-houses-count")
            value=draft.houses
            faults
            less=button("fewer-houses", "welcome-fewer-houses")
            more=button("more-houses", "welcome-more-houses")
        />
        {names}
    }
}

#[component]
fn BirdsStep(reader: Reader, draft: Draft, faults: Faults) -> impl IntoView {
    let step = reader.whole(BIRDS_STEP.into());
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
            name="birds"
            label=reader.say(count)
            help=Some(reader.say("birds-count-help"))
            value=draft.birds
            faults=faults.clone()
            less=button("fewer-birds", "welcome-fewer", &step)
            more=button("more-birds", "welcome-more", &step)
        />
        <Stepper
            name="age"
            label=reader.say("welcome-age")
            help=Some(reader.say("welcome-age-help"))
            value=draft.age
            faults
            less=button("younger", "welcome-fewer-days", &one)
            more=button("older", "welcome-more-days", &one)
        />
        {need.map(|text| view! { <Note kind="good" icon="thermometer" text/> })}
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
fn LookStep(reader: Reader, draft: Draft) -> impl IntoView {
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
