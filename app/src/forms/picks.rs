//! Fields that need no or little typing: numbers with − and +, days, one of many.
use super::{
    Faults,
    fields::{FieldError, Help, described_by, input_class},
};
use crate::{icons::Icon, reader::Reader};
use leptos::prelude::*;

/// A button of a stepper. Without scripts it sends the form, and the page comes back with the new number and
/// with this button in sight and in focus; with scripts the number changes on the page.
#[derive(Debug, Clone)]
pub(crate) struct StepperButton {
    /// What the form says as `go`.
    pub(crate) go: &'static str,
    /// What it does, for people who listen.
    pub(crate) label: String,
}

/// The numbers of a stepper.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Steps {
    /// The lowest.
    pub(crate) least: u32,
    /// The highest.
    pub(crate) most: u32,
    /// How much a press is.
    pub(crate) by: u32,
}

/// A number between − and +.
#[component]
pub(crate) fn Stepper(
    /// How the person reads.
    reader: Reader,
    /// Where its form is sent to.
    #[prop(into)]
    action: String,
    /// The field's name in the form, and its id on the page.
    name: &'static str,
    /// What it is for.
    label: String,
    /// How to fill it in.
    #[prop(default = None)]
    help: Option<String>,
    /// What was typed.
    value: String,
    /// What is wrong with the form.
    faults: Faults,
    /// Its bounds and its step.
    steps: Steps,
    /// The button −.
    less: StepperButton,
    /// The button +.
    more: StepperButton,
) -> impl IntoView {
    let Steps { least, most, by } = steps;
    let error = faults.of(name);
    let button = |StepperButton { go, label }, icon, by: i64| {
        let id = format!("{name}-{icon}");
        view! {
            <button
                name="go"
                value=go
                id=id.clone()
                formaction=format!("{action}#{id}")
                aria-label=label
                data-by=by.to_string()
            >
                <Icon name=icon class="i--l"/>
            </button>
        }
    };
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <Help name help=help.clone()/>
            <FieldError name text=error.clone()/>
            <div
                class="stepper"
                data-least=least.to_string()
                data-most=most.to_string()
                data-digits=reader.digits.all()
            >
                {button(less, "minus", -i64::from(by))}
                <input
                    class=input_class(error.is_some())
                    id=name
                    name=name
                    value=value
                    inputmode="numeric"
                    autocomplete="off"
                    maxlength="20"
                    aria-invalid=error.is_some().then_some("true")
                    aria-describedby=described_by(name, help.is_some(), error.is_some())
                    autofocus=faults.is_first(name)
                />
                {button(more, "plus", by.into())}
                <output class="vh" for=name></output>
            </div>
        </div>
    }
}

/// A day.
#[component]
pub(crate) fn DateField(
    /// The field's name in the form, and its id on the page.
    name: &'static str,
    /// What it is for.
    label: String,
    /// What was typed, or a day as `2026-02-12`.
    value: String,
    /// The last day to choose from, in the same form; the server decides.
    max: String,
    /// What is wrong with the form.
    faults: Faults,
) -> impl IntoView {
    let error = faults.of(name);
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <FieldError name text=error.clone()/>
            <input
                class=input_class(error.is_some())
                id=name
                name=name
                type="date"
                value=value
                max=max
                autocomplete="off"
                aria-invalid=error.is_some().then_some("true")
                aria-describedby=described_by(name, false, error.is_some())
                autofocus=faults.is_first(name)
            />
        </div>
    }
}

/// One of many, by the phone's own list.
#[component]
pub(crate) fn SelectField(
    /// The field's name in the form, and its id on the page.
    name: &'static str,
    /// What it is for.
    label: String,
    /// How to fill it in.
    #[prop(default = None)]
    help: Option<String>,
    /// All there are: (value, label).
    options: Vec<(String, String)>,
    /// The value that is chosen.
    chosen: String,
    /// What is wrong with the form.
    faults: Faults,
) -> impl IntoView {
    let error = faults.of(name);
    let options = options.into_iter().map(|(value, label)| {
        let is_chosen = value == chosen;
        view! { <option value=value selected=is_chosen>{label}</option> }
    });
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <Help name help=help.clone()/>
            <FieldError name text=error.clone()/>
            <select
                class=input_class(error.is_some())
                id=name
                name=name
                aria-invalid=error.is_some().then_some("true")
                aria-describedby=described_by(name, help.is_some(), error.is_some())
                autofocus=faults.is_first(name)
            >
                {options.collect_view()}
            </select>
        </div>
    }
}
