//! The fields of forms, each with its label, its help and what is wrong with it.
use super::Faults;
use crate::{icons::Icon, reader::Reader};
use leptos::prelude::*;

/// A line of text.
#[component]
pub(crate) fn TextField(
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
    /// The standard token, such as `tel`.
    #[prop(default = "off")]
    autocomplete: &'static str,
    /// The input's type.
    #[prop(default = "text")]
    kind: &'static str,
    /// Which keyboard a phone shows.
    #[prop(default = None)]
    inputmode: Option<&'static str>,
    /// Characters at most; the server decides, this is for the hand.
    #[prop(default = 254)]
    maxlength: u16,
) -> impl IntoView {
    let error = faults.of(name);
    // no browser can show them, and NUL is no HTML
    let value: String = value.chars().filter(|c| !c.is_control()).collect();
    // browsers capitalise the first letter of what they take for a sentence
    let is_name = matches!(autocomplete, "name" | "off" | "organization");
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <Help name help=help.clone()/>
            <FieldError name text=error.clone()/>
            <input
                class=input_class(error.is_some())
                id=name
                name=name
                type=kind
                value=value
                autocomplete=autocomplete
                autocapitalize=(!is_name).then_some("none")
                inputmode=inputmode
                maxlength=maxlength.to_string()
                aria-invalid=error.is_some().then_some("true")
                aria-describedby=described_by(name, help.is_some(), error.is_some())
                autofocus=faults.is_first(name)
            />
        </div>
    }
}

/// A password, with a button that shows it where scripts run. What was typed never comes back.
#[component]
pub(crate) fn PasswordField(
    /// How the person reads.
    reader: Reader,
    /// The field's name in the form, and its id on the page.
    name: &'static str,
    /// What it is for.
    label: String,
    /// How to fill it in.
    #[prop(default = None)]
    help: Option<String>,
    /// What is wrong with the form.
    faults: Faults,
    /// `current-password` or `new-password`.
    autocomplete: &'static str,
) -> impl IntoView {
    let error = faults.of(name);
    view! {
        <div class="field">
            <label for=name>{label}</label>
            <Help name help=help.clone()/>
            <FieldError name text=error.clone()/>
            <div class="reveal">
                <input
                    class=input_class(error.is_some())
                    id=name
                    name=name
                    type="password"
                    autocomplete=autocomplete
                    aria-invalid=error.is_some().then_some("true")
                    aria-describedby=described_by(name, help.is_some(), error.is_some())
                    autofocus=faults.is_first(name)
                />
                <button
                    class="button button--plain"
                    type="button"
                    hidden
                    data-shows=name
                    data-hide=reader.say("field-hide")
                    aria-pressed="false"
                >
                    <Icon name="eye"/>
                    <span>{reader.say("field-show")}</span>
                </button>
            </div>
        </div>
    }
}

/// One of several that one may choose.
#[derive(Debug, Clone)]
pub(crate) struct Choice {
    /// What the form says.
    pub(crate) value: &'static str,
    /// What it is called.
    pub(crate) label: String,
    /// What that means.
    pub(crate) help: Option<String>,
    /// Its picture.
    pub(crate) icon: &'static str,
}

/// Choose one: full-width radio buttons, each with icon, word and tick.
#[component]
pub(crate) fn Choices(
    /// The field's name in the form.
    name: &'static str,
    /// What is chosen.
    legend: String,
    /// All there are.
    choices: Vec<Choice>,
    /// The one that is chosen; nothing if none is yet.
    chosen: String,
    /// What is wrong with the form.
    faults: Faults,
    /// Side by side where there is room.
    #[prop(default = false)]
    is_short: bool,
) -> impl IntoView {
    let error = faults.of(name);
    // the one that the keyboard comes to first
    let first = choices.iter().position(|choice| choice.value == chosen).unwrap_or_default();
    let is_first = faults.is_first(name);
    let boxes = choices.into_iter().enumerate().map(|(place, choice)| {
        let is_chosen = choice.value == chosen;
        let focus = is_first && place == first;
        view! {
            <label class="choice">
                <input
                    type="radio"
                    name=name
                    value=choice.value
                    checked=is_chosen
                    autofocus=focus
                />
                <span class="choice__box">
                    <Icon name=choice.icon class="i--l"/>
                    <span><b>{choice.label}</b>{choice.help.map(|help| view! { <small>{help}</small> })}</span>
                    <Icon name="check" class="choice__tick"/>
                </span>
            </label>
        }
    });
    let class = if is_short { "choices" } else { "choices choices--one" };
    view! {
        <fieldset
            role="radiogroup"
            aria-invalid=error.is_some().then_some("true")
            aria-describedby=described_by(name, false, error.is_some())
        >
            <legend>{legend}</legend>
            <FieldError name text=error.clone()/>
            <div class=class>{boxes.collect_view()}</div>
        </fieldset>
    }
}

/// An icon and a sentence in one tint.
#[component]
pub(crate) fn Note(
    /// `good`, `warn`, `bad`, `lost` or nothing.
    #[prop(default = "")]
    kind: &'static str,
    /// The icon.
    icon: &'static str,
    /// The sentence.
    text: String,
) -> impl IntoView {
    let class = if kind.is_empty() { "note".to_owned() } else { format!("note note--{kind}") };
    view! { <p class=class><Icon name=icon/><span>{text}</span></p> }
}

#[component]
pub(super) fn Help(name: &'static str, help: Option<String>) -> impl IntoView {
    help.map(|help| view! { <p class="field__help" id=format!("{name}-help")>{help}</p> })
}

#[component]
pub(super) fn FieldError(name: &'static str, text: Option<String>) -> impl IntoView {
    text.map(|text| {
        view! {
            <p class="error" id=format!("{name}-error")><Icon name="critical"/><span>{text}</span></p>
        }
    })
}

pub(super) fn described_by(name: &str, has_help: bool, has_error: bool) -> Option<String> {
    match (has_help, has_error) {
        (true, true) => Some(format!("{name}-help {name}-error")),
        (true, false) => Some(format!("{name}-help")),
        (false, true) => Some(format!("{name}-error")),
        (false, false) => None,
    }
}

pub(super) const fn input_class(has_error: bool) -> &'static str {
    if has_error { "input input--error" } else { "input" }
}
