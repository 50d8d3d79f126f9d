//! The wizard's page as people see it, around what each step asks.
use super::{
    draft::{Draft, HOUSE_FIELDS, Step},
    fields::{BirdsStep, FarmStep, HousesStep, LookStep},
};
use crate::{
    document::{Page, respond},
    forms::Faults,
    icons::Icon,
    reader::Reader,
    state::AppState,
    visitor::Visitor,
};
use axum::response::Response;
use leptos::prelude::*;

/// The wizard's address.
pub(super) const HERE: &str = "/welcome";

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
        <form class="form" method="post" action=HERE>
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
    let shown = shown(step);
    let others = draft.fields().into_iter().filter(move |(name, _)| !shown.contains(name));
    others
        .map(|(name, value)| view! { <input type="hidden" name=name value=value/> })
        .collect_view()
}

/// The fields that a step has on its page.
fn shown(step: Step) -> Vec<&'static str> {
    match step {
        Step::Farm => vec!["name", "place"],
        Step::Houses => std::iter::once("houses").chain(HOUSE_FIELDS).collect(),
        Step::Birds => vec!["kind", "birds", "age"],
        Step::Look => Vec::new(),
    }
}
