//! The page of a device's settings.
use super::{
    super::{
        Found,
        form::{SettingsForm, has_counterpart},
        span::units,
    },
    sensor_name, value,
};
use crate::{
    board::{Board, Groups},
    forms::{Choice, Choices, Faults, TextField},
    home::sensor_icon,
    icons::Icon,
    reader::Reader,
};
use domain::{commands::LinkLoss, devices::DeviceKind, readings::SensorKind};
use leptos::prelude::*;

/// All that is set of a device.
#[component]
pub(crate) fn SettingsPage(
    reader: Reader,
    found: Found,
    board: Board,
    form: SettingsForm,
    faults: Faults,
) -> impl IntoView {
    let title = reader.say_with("configs-title", &[("device", &found.device.name)]);
    let (back, again) = (found.device_address(), found.address());
    let polls = found.has_sensors();
    let range = found.range();
    let kind = found.settings.kind;
    let sensing = polls.then(|| {
        view! {
            <SpanField
                reader
                name="polling"
                unit_name="polling_unit"
                label=reader.say("configs-polling")
                help=reader.say("configs-polling-help")
                number=form.polling.clone()
                unit=form.polling_unit.clone()
                faults=faults.clone()
            />
        }
    });
    let bounds = range.map(|(_, unit)| {
        view! { <Bounds reader unit form=form.clone() faults=faults.clone()/> }
    });
    let locks = (!kind.is_sensor())
        .then(|| view! { <Locks reader kind form=form.clone() faults=faults.clone()/> });
    view! {
        <div class="page__head"><h1>{title}</h1></div>
        <Groups board/>
        <a class="button button--quiet" href=again>
            <Icon name="refresh"/>
            <span>{reader.say("home-check-now")}</span>
        </a>
        <Calibrations reader found=found.clone()/>
        <form class="form" method="post">
            {sensing}
            {bounds}
            {locks}
            <div class="group">
                <button class="button button--tall">{reader.say("save")}</button>
                <a class="button button--plain" href=back>{reader.say("back")}</a>
            </div>
        </form>
    }
}

/// A whole number and its unit.
#[component]
fn SpanField(
    reader: Reader,
    name: &'static str,
    unit_name: &'static str,
    label: String,
    help: String,
    number: String,
    unit: String,
    faults: Faults,
) -> impl IntoView {
    let unit_label = reader.say_with("configs-unit-of", &[("what", &label)]);
    let options = units(&reader).into_iter().map(|(key, word)| {
        let is_chosen = key == unit;
        view! { <option value=key selected=is_chosen>{word}</option> }
    });
    view! {
        <div class="field-pair">
            <TextField
                name
                label
                help=Some(help)
                value=number
                faults
                inputmode=Some("numeric")
                maxlength=20
            />
            <select class="input" name=unit_name aria-label=unit_label>{options.collect_view()}</select>
        </div>
    }
}

/// What values it may take.
#[component]
fn Bounds(reader: Reader, unit: &'static str, form: SettingsForm, faults: Faults) -> impl IntoView {
    let label = |id: &str| reader.say_with(id, &[("unit", unit)]);
    view! {
        <TextField
            name="least"
            label=label("configs-least")
            help=Some(reader.say("configs-bounds-help"))
            value=form.least
            faults=faults.clone()
            inputmode=Some("numeric")
            maxlength=20
        />
        <TextField
            name="most"
            label=label("configs-most")
            value=form.most
            faults
            inputmode=Some("numeric")
            maxlength=20
        />
    }
}

/// What a switch must keep to.
#[component]
fn Locks(reader: Reader, kind: DeviceKind, form: SettingsForm, faults: Faults) -> impl IntoView {
    let span = |name, unit_name, id: &str, number: &str, unit: &str| {
        view! {
            <SpanField
                reader
                name
                unit_name
                label=reader.say(&format!("configs-{id}"))
                help=reader.say(&format!("configs-{id}-help"))
                number=number.to_owned()
                unit=unit.to_owned()
                faults=faults.clone()
            />
        }
    };
    let choice = |value: &'static str, icon: &'static str, id: &str| Choice {
        value,
        label: reader.say(id),
        help: reader.find(&format!("{id}-help")),
        icon,
    };
    let losses = vec![
        choice(LinkLoss::Off.name(), "off", "configs-loss-off"),
        choice(LinkLoss::Hold.name(), "pause", "configs-loss-hold"),
        choice(LinkLoss::On.name(), "on", "configs-loss-on"),
    ];
    let apart = has_counterpart(kind).then(|| {
        let id =
            if kind == DeviceKind::Heater { "configs-apart-fan" } else { "configs-apart-heater" };
        let choices = vec![
            choice("yes", "check", "configs-apart-yes"),
            choice("no", "cross", "configs-apart-no"),
        ];
        view! {
            <Choices
                name="apart"
                legend=reader.say(id)
                choices
                chosen=form.apart.clone()
                faults=faults.clone()
            />
        }
    });
    view! {
        <Choices
            name="link_loss"
            legend=reader.say("configs-link-loss")
            choices=losses
            chosen=form.link_loss.clone()
            faults=faults.clone()
        />
        {apart}
        <h2>{reader.say("configs-rules")}</h2>
        {span("max_on", "max_on_unit", "max-on", &form.max_on, &form.max_on_unit)}
        {span("min_on", "min_on_unit", "min-on", &form.min_on, &form.min_on_unit)}
        {span("min_off", "min_off_unit", "min-off", &form.min_off, &form.min_off_unit)}
        <TextField
            name="starts"
            label=reader.say("configs-starts")
            help=Some(reader.say("configs-starts-help"))
            value=form.starts
            faults=faults.clone()
            inputmode=Some("numeric")
            maxlength=20
        />
        <TextField
            name="group"
            label=reader.say("configs-group")
            help=Some(reader.say("configs-group-help"))
            value=form.group
            faults
            maxlength=200
        />
    }
}

/// How each of its quantities is corrected.
#[component]
fn Calibrations(reader: Reader, found: Found) -> impl IntoView {
    let here = found.device_address();
    let rows = found.sensors.iter().map(|facts| {
        let name = sensor_name(&reader, facts);
        let about = match facts.calibration {
            None => reader.say("calibration-none"),
            Some(dated) if dated.value.a == 1.0 => {
                let by = value(&reader, facts, dated.value.b);
                reader.say_with("calibration-by", &[("by", &by)])
            }
            Some(_) => reader.say("calibration-by-two"),
        };
        let icon = sensor_icon(SensorKind::parse(&facts.sensor));
        view! {
            <li>
                <a class="row row--to" href=format!("{here}/calibration/{}", facts.sensor)>
                    <Icon name=icon/>
                    <span><b>{name}</b><small>{about}</small></span>
                    <Icon name="next"/>
                </a>
            </li>
        }
    });
    let rows = rows.collect_view();
    (!found.sensors.is_empty()).then(|| {
        view! {
            <section class="group">
                <h2>{reader.say("calibration-sensors")}</h2>
                <ul class="list">{rows}</ul>
            </section>
        }
    })
}
