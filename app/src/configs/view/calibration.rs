//! The page on which a sensor is corrected.
use super::{
    super::{Found, points::PointsForm},
    sensor_name, value,
};
use crate::{
    forms::{Faults, Note, TextField},
    icons::Icon,
    reader::Reader,
};
use domain::readings::Calibration;
use leptos::prelude::*;
use store::configs::{SensorFacts, Undo};

/// A sensor while it is corrected.
pub(crate) struct Correcting {
    pub(crate) title: String,
    pub(crate) found: Found,
    pub(crate) facts: SensorFacts,
    pub(crate) form: PointsForm,
    pub(crate) faults: Faults,
    /// What follows from what was typed.
    pub(crate) line: Option<Calibration>,
}

/// What the sensor says, what is true, what follows; and the way back.
#[component]
pub(crate) fn CalibrationPage(reader: Reader, correcting: Correcting) -> impl IntoView {
    let Correcting { title, found, facts, form, faults, line } = correcting;
    let back = found.address();
    let name = sensor_name(&reader, &facts);
    let says = says(&reader, &found, &facts);
    let preview = line.map(|line| preview(&reader, &facts, line));
    let has_two = form.has_two();
    let form =
        view! { <Points reader facts=facts.clone() form faults has_two can_save=line.is_some()/> };
    view! {
        <div class="page__head">
            <h1>{title}</h1>
            <p class="lead">{name}" \u{b7} "{reader.say("calibration-help")}</p>
        </div>
        <ul class="list">{says}</ul>
        <form class="form" method="post">{preview}{form}</form>
        <TakeBack reader found facts/>
        <a class="button button--plain" href=back>{reader.say("cancel")}</a>
    }
}

/// What the sensor itself says now, and how it is corrected.
fn says(reader: &Reader, found: &Found, facts: &SensorFacts) -> impl IntoView + use<> {
    let (now, zone) = (found.known.now, found.known.facts.zone);
    let (says, when) = match facts.raw {
        Some((raw, at, _)) => (value(reader, facts, raw), Some(reader.when(at, now, zone))),
        None => (reader.say("value-none"), None),
    };
    let shown = facts.raw.zip(facts.calibration).map(|((raw, ..), dated)| {
        let shown = value(reader, facts, dated.value.apply(raw));
        reader.say_with("calibration-shown", &[("value", &shown)])
    });
    let holds = match facts.calibration {
        Some(dated) => {
            let since = reader.when(dated.from, now, zone);
            let line = line_of(reader, facts, dated.value);
            reader.say_with("calibration-holds", &[("line", &line), ("when", &since)])
        }
        None => reader.say("calibration-none"),
    };
    view! {
        <li class="row">
            <Icon name="sensor"/>
            <span>
                <small>{reader.say("calibration-says")}</small>
                <b data-raw="">{says}</b>
                {when.map(|when| view! { <small>{when}</small> })}
            </span>
        </li>
        <li class="row">
            <Icon name="settings"/>
            <span>
                <small>{reader.say("calibration-now")}</small>
                <b data-calibration="">{holds}</b>
                {shown.map(|shown| view! { <small>{shown}</small> })}
            </span>
        </li>
    }
}

/// What would be shown, before it is kept.
fn preview(reader: &Reader, facts: &SensorFacts, line: Calibration) -> impl IntoView + use<> {
    let says = facts.raw.map(|(raw, ..)| {
        let (raw, shown) = (value(reader, facts, raw), value(reader, facts, line.apply(raw)));
        reader.say_with("calibration-would", &[("raw", &raw), ("shown", &shown)])
    });
    let line = line_of(reader, facts, line);
    let line = reader.say_with("calibration-line", &[("line", &line)]);
    let text = [says, Some(line)].into_iter().flatten().collect::<Vec<_>>().join(" ");
    view! { <div role="status" data-preview=""><Note kind="good" icon="eye" text/></div> }
}

/// A correction in numbers: `× 1.025 − 0.51 °C`.
fn line_of(reader: &Reader, facts: &SensorFacts, line: Calibration) -> String {
    let sign = if line.b < 0.0 { "\u{2212}" } else { "+" };
    let by = format!("{sign}\u{a0}{}\u{a0}{}", reader.decimal(line.b.abs(), 2), facts.unit);
    if line.a == 1.0 {
        return by;
    }
    format!("\u{d7}\u{a0}{} {by}", reader.decimal(line.a, 3))
}

#[component]
fn Points(
    reader: Reader,
    facts: SensorFacts,
    form: PointsForm,
    faults: Faults,
    has_two: bool,
    can_save: bool,
) -> impl IntoView {
    let unit = facts.unit.clone();
    let field = |name: &'static str, id: &str, typed: &str| {
        let label = reader.say_with(id, &[("unit", &unit)]);
        view! {
            <TextField
                name
                label
                value=typed.to_owned()
                faults=faults.clone()
                inputmode=Some("decimal")
                maxlength=20
            />
        }
    };
    let save = can_save.then(|| {
        view! {
            <button class="button button--tall" name="go" value="save">
                <Icon name="check"/>
                <span>{reader.say("calibration-save")}</span>
            </button>
        }
    });
    let class = if can_save { "button button--plain" } else { "button button--tall" };
    view! {
        {field("raw_1", "calibration-raw", &form.raw_1)}
        {field("truth_1", "calibration-truth", &form.truth_1)}
        <details class="more" open=has_two>
            <summary><Icon name="plus"/><span>{reader.say("calibration-second")}</span></summary>
            <p class="field__help">{reader.say("calibration-second-help")}</p>
            {field("raw_2", "calibration-raw", &form.raw_2)}
            {field("truth_2", "calibration-truth", &form.truth_2)}
        </details>
        <div class="group">
            {save}
            <button class=class name="go" value="preview">
                <Icon name="eye"/>
                <span>{reader.say("calibration-preview")}</span>
            </button>
        </div>
    }
}

/// The way back: to what held before, or to none.
#[component]
fn TakeBack(reader: Reader, found: Found, facts: SensorFacts) -> impl IntoView {
    let here = format!("{}/calibration/{}", found.device_address(), facts.sensor);
    let undo = facts.undo.zip(facts.changed_at).map(|(undo, changed_at)| {
        let to = match undo {
            Undo::To(line) => {
                let line = line_of(&reader, &facts, line);
                reader.say_with("calibration-undo-to", &[("line", &line)])
            }
            Undo::ToNone => reader.say("calibration-undo"),
        };
        view! {
            <form method="post" action=format!("{here}/undo")>
                <input type="hidden" name="of" value=changed_at.as_micros().to_string()/>
                <button class="button button--plain"><Icon name="undo"/><span>{to}</span></button>
            </form>
        }
    });
    // to none leads the undo already
    let clears = facts.calibration.is_some() && matches!(facts.undo, Some(Undo::To(_)));
    let clear = clears.then(|| {
        view! {
            <form method="post" action=format!("{here}/remove")>
                <button class="button button--plain">
                    <Icon name="cross"/>
                    <span>{reader.say("calibration-remove")}</span>
                </button>
            </form>
        }
    });
    view! { <div class="group">{undo}{clear}</div> }
}
