//! The account page as people see it.
use super::{
    TypedProfile,
    settings::{CLOCKS, DIGITS, TEXT_SIZES, THEMES},
};
use crate::{
    document::{Page, respond},
    error::AppError,
    forms::{Choice, Choices, Faults, PasswordField, SelectField, TextField},
    icons::Icon,
    reader::{Lang, Reader},
    state::AppState,
    visitor::Visitor,
    zones,
};
use axum::response::Response;
use domain::roles::Role;
use leptos::prelude::*;
use store::{accounts::Profile, sessions::Account};

/// The page, with what was typed and what is wrong with it.
pub(super) fn page(
    state: &AppState,
    visitor: &Visitor,
    (profile, typed): (Profile, TypedProfile),
    faults: Faults,
) -> Result<Response, AppError> {
    let (reader, account) = (visitor.reader, visitor.account()?.clone());
    let is_admin = account.memberships.iter().any(|place| place.role == Role::Admin);
    let page = Page { title: reader.say("account-title"), ..Page::default() };
    Ok(respond(state, visitor, page, || {
        let advice = (is_admin && !profile.has_second_factor).then(|| {
            view! {
                <a class="note note--warn" href="/account/second-factor">
                    <Icon name="lock"/>
                    <span>{reader.say("account-advice")}</span>
                </a>
            }
        });
        let has_second_factor = profile.has_second_factor;
        view! {
            <h1>{reader.say("account-title")}</h1>
            {advice}
            <ProfileForm reader username=profile.username typed faults/>
            <Safety reader has_second_factor/>
            <SettingsForm reader account/>
            <Endings reader/>
        }
    }))
}

#[component]
fn ProfileForm(
    reader: Reader,
    username: Option<String>,
    typed: TypedProfile,
    faults: Faults,
) -> impl IntoView {
    let username = username.map(|username| {
        view! {
            <p><b>{reader.say("account-username")}</b> " " <span>{username}</span></p>
        }
    });
    view! {
        <form class="form" method="post" action="/account">
            <TextField
                name="name"
                label=reader.say("person-name")
                value=typed.name
                faults=faults.clone()
                autocomplete="name"
            />
            <TextField
                name="phone"
                label=reader.say("account-phone")
                value=typed.phone
                faults=faults.clone()
                autocomplete="tel"
                inputmode=Some("tel")
            />
            <TextField
                name="email"
                label=reader.say("account-email")
                value=typed.email
                faults=faults.clone()
                autocomplete="email"
                inputmode=Some("email")
            />
            {username}
            <PasswordField
                reader
                name="password"
                label=reader.say("password-current")
                help=Some(reader.say("account-password-why"))
                faults
                autocomplete="current-password"
            />
            <button class="button">{reader.say("save")}</button>
        </form>
    }
}

#[component]
fn Safety(reader: Reader, has_second_factor: bool) -> impl IntoView {
    let factor = reader.say(if has_second_factor { "account-is-on" } else { "account-is-off" });
    view! {
        <section class="group">
            <h2>{reader.say("account-safety")}</h2>
            <ul class="list">
                <Row to="/account/password" icon="key" word=reader.say("account-password")/>
                <Row
                    to="/account/second-factor"
                    icon="lock"
                    word=reader.say("second-factor-title")
                    about=Some(factor)
                />
                <Row to="/account/sessions" icon="phone" word=reader.say("sessions-title")/>
            </ul>
        </section>
    }
}

#[component]
fn Endings(reader: Reader) -> impl IntoView {
    view! {
        <section class="group">
            <h2>{reader.say("account-endings")}</h2>
            <ul class="list">
                <Row
                    to="/account/deactivate"
                    icon="pause"
                    word=reader.say("account-deactivate-title")
                />
                <Row to="/account/delete" icon="trash" word=reader.say("account-delete-title")/>
            </ul>
        </section>
    }
}

#[component]
fn Row(
    to: &'static str,
    icon: &'static str,
    word: String,
    #[prop(default = None)] about: Option<String>,
) -> impl IntoView {
    view! {
        <li>
            <a class="row" href=to>
                <Icon name=icon/>
                <span><b>{word}</b>{about.map(|about| view! { <small>{about}</small> })}</span>
            </a>
        </li>
    }
}

#[component]
fn SettingsForm(reader: Reader, account: Account) -> impl IntoView {
    let choices = |name: &'static str, values: &[&'static str], icon: &'static str, chosen| {
        let choices: Vec<Choice> =
            values.iter().map(|value| choice(&reader, name, value, icon)).collect();
        let legend = reader.say(&format!("account-{}", name.replace('_', "-")));
        view! {
            <Choices name legend choices chosen faults=Faults::default()/>
        }
    };
    let languages = Lang::ALL.map(Lang::code);
    view! {
        <form class="form" method="post" action="/account/settings">
            <h2>{reader.say("account-settings")}</h2>
            {choices("language", &languages, "language", account.language)}
            {choices("text_size", &TEXT_SIZES, "textsize", account.text_size)}
            {choices("theme", &THEMES, "sun", account.theme)}
            {choices("digits", &DIGITS, "table", account.digits)}
            {choices("clock", &CLOCKS, "clock", account.clock)}
            <SelectField
                name="timezone"
                label=reader.say("zone")
                help=Some(reader.say("account-timezone-help"))
                options=zones::all(&reader, &account.timezone)
                chosen=account.timezone
                faults=Faults::default()
            />
            <button class="button">{reader.say("save")}</button>
        </form>
    }
}

fn choice(reader: &Reader, name: &str, value: &'static str, icon: &'static str) -> Choice {
    let label = reader.say(&format!("account-{}-{value}", name.replace('_', "-")));
    let icon = if value == "dark" { "moon" } else { icon };
    Choice { value, label, help: None, icon }
}
