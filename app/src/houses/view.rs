//! The pages of houses as people see them.
use super::{Houses, birds, form::HouseForm};
use crate::{
    back::Back,
    document::{Page, respond},
    forms::{Choices, DateField, Faults, Note, TextField},
    icons::Icon,
    reader::Reader,
    state::AppState,
    visitor::Visitor,
};
use axum::response::Response;
use domain::permissions::Permission;
use leptos::prelude::*;
use store::houses::House;

fn page_of(houses: &Houses, title: String) -> Page {
    let farm = Some((houses.scope.farm(), houses.facts.name.clone()));
    Page { title, farm, ..Page::default() }
}

/// The list.
pub(super) fn list(state: &AppState, visitor: &Visitor, houses: &Houses) -> Response {
    let reader = visitor.reader;
    let page = page_of(houses, reader.say("houses-title"));
    let houses = houses.clone();
    respond(state, visitor, page, || view! { <List reader houses/> })
}

#[component]
fn List(reader: Reader, houses: Houses) -> impl IntoView {
    let may_edit = houses.scope.role().may(Permission::EditHouses);
    let address = houses.address();
    let is_empty = houses.list.is_empty();
    let today = houses.today;
    let edit_address = address.clone();
    let rows = houses.list.into_iter().map(move |house| {
        let to = may_edit.then(|| format!("{edit_address}/{}", house.id));
        view! { <li><HouseRow reader house=house to today/></li> }
    });
    view! {
        <div class="page__head">
            <h1>{reader.say(if is_empty { "houses-none" } else { "houses-title" })}</h1>
            {is_empty.then(|| view! { <p class="lead">{reader.say("houses-none-help")}</p> })}
        </div>
        {(!is_empty).then(|| view! { <ul class="list">{rows.collect_view()}</ul> })}
        {may_edit.then(|| view! {
            <a class="button" href=format!("{address}/new")>
                <Icon name="plus"/>
                <span>{reader.say("houses-add")}</span>
            </a>
        })}
    }
}

/// A house, which leads to its form for those who may change it.
#[component]
fn HouseRow(
    reader: Reader,
    house: House,
    to: Option<String>,
    today: chrono::NaiveDate,
) -> impl IntoView {
    let devices = reader.say_with("houses-devices", &[("n", &reader.whole(house.devices))]);
    let about = view! {
        <Icon name="coop"/>
        <span>
            <b>{house.facts.name.clone()}</b>
            <small>{birds::about(&reader, &house.facts, today)}</small>
            <small>{devices}</small>
        </span>
    };
    match to {
        Some(to) => {
            view! { <a class="row row--to" href=to>{about}<Icon name="edit"/></a> }.into_any()
        }
        None => view! { <div class="row">{about}</div> }.into_any(),
    }
}

/// The form of a house, or of a new one.
pub(super) fn form(
    state: &AppState,
    visitor: &Visitor,
    houses: &Houses,
    (house, form): (Option<&House>, HouseForm),
    faults: Faults,
) -> Response {
    let reader = visitor.reader;
    let title = house.map_or_else(|| reader.say("houses-add"), |house| house.facts.name.clone());
    let page = page_of(houses, title.clone());
    let (back, max) = (houses.address(), houses.today.to_string());
    let removal = house.map(|house| format!("{back}/{}/remove", house.id));
    respond(state, visitor, page, || view! { <Form reader title form faults back max removal/> })
}

#[component]
fn Form(
    reader: Reader,
    title: String,
    form: HouseForm,
    faults: Faults,
    /// The list's address.
    back: String,
    /// Today.
    max: String,
    /// Where the house is removed; nothing for a new one.
    removal: Option<String>,
) -> impl IntoView {
    view! {
        <h1>{title}</h1>
        <form class="form" method="post">
            {form.id.map(|id| view! { <input type="hidden" name="id" value=id.to_string()/> })}
            <TextField name="name" label=reader.say("houses-name") value=form.name faults=faults.clone()/>
            <Choices
                name="kind"
                legend=reader.say("birds-kind")
                choices=birds::kinds(&reader)
                chosen=form.kind
                faults=faults.clone()
            />
            <TextField
                name="birds"
                label=reader.say("birds-count")
                help=Some(reader.say("birds-count-help"))
                value=form.birds
                faults=faults.clone()
                inputmode=Some("numeric")
                maxlength=20
            />
            <TextField
                name="age"
                label=reader.say("houses-age")
                help=Some(reader.say("houses-age-help"))
                value=form.age
                faults=faults.clone()
                inputmode=Some("numeric")
                maxlength=20
            />
            <DateField name="placed_on" label=reader.say("houses-placed-on") value=form.placed_on max faults/>
            <div class="group">
                <button class="button button--tall">{reader.say("save")}</button>
                <a class="button button--plain" href=back>{reader.say("cancel")}</a>
            </div>
        </form>
        {removal.map(|to| view! {
            <a class="button button--danger-plain" href=to>
                <Icon name="trash"/>
                <span>{reader.say("houses-remove")}</span>
            </a>
        })}
    }
}

/// The page that asks before a house is removed, or says why it is not.
pub(super) fn removal(
    state: &AppState,
    visitor: &Visitor,
    houses: &Houses,
    house: &House,
) -> Response {
    let reader = visitor.reader;
    let name = house.facts.name.clone();
    let title = reader.say_with("houses-remove-title", &[("house", &name)]);
    let page = page_of(houses, title.clone());
    let back = houses.address();
    let devices = house.devices;
    respond(state, visitor, page, move || {
        let n = reader.whole(devices);
        view! {
            <h1>{title}</h1>
            {if devices > 0 {
                let text = reader.say_with("houses-has-devices", &[("n", &n)]);
                view! { <Note kind="warn" icon="lock" text/> }.into_any()
            } else {
                view! {
                    <p>{reader.say("houses-remove-help")}</p>
                    <form method="post">
                        <button class="button button--danger" name="sure" value="yes">
                            <Icon name="trash"/>
                            <span>{reader.say("houses-remove")}</span>
                        </button>
                    </form>
                }
                .into_any()
            }}
            <Back reader to=back/>
        }
    })
}
