//! The pages of the second step as people see them.
use crate::{
    back::Back,
    document::{Page, respond},
    forms::{Faults, Note, PasswordField, TextField},
    icons::Icon,
    once::OnceField,
    qr::Qr,
    reader::Reader,
    state::AppState,
    visitor::Visitor,
};
use axum::response::Response;
use domain::codes::Code;
use leptos::prelude::*;

/// What pairs an app on the phone.
#[derive(Debug, Clone)]
pub(super) struct Pairing {
    /// What the QR code and the link say.
    pub(super) uri: String,
    /// The secret, to be typed.
    pub(super) secret: String,
}

/// What is done only by who shows that it is them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Act {
    /// Other recovery codes.
    NewCodes,
    /// No second step any more.
    TurnOff,
}

impl Act {
    const fn name(self) -> &'static str {
        match self {
            Self::NewCodes => "codes",
            Self::TurnOff => "off",
        }
    }

    fn say(self, reader: &Reader, what: &str) -> String {
        reader.say(&format!("second-factor-{}-{what}", self.name()))
    }
}

/// There is none yet.
pub(super) fn off(state: &AppState, visitor: &Visitor, faults: Faults) -> Response {
    let reader = visitor.reader;
    whole(state, visitor, move || {
        view! {
            <p>{reader.say("second-factor-why")}</p>
            <p>{reader.say("second-factor-app")}</p>
            <Begin reader faults/>
            <Back reader to="/account"/>
        }
    })
}

/// The app is to be paired, and to prove it. Who comes back to this page later types the digits, or begins
/// again.
pub(super) fn begun(
    state: &AppState,
    visitor: &Visitor,
    pairing: Option<Pairing>,
    faults: Faults,
) -> Response {
    let reader = visitor.reader;
    whole(state, visitor, move || {
        let is_back = pairing.is_none();
        let again = faults.clone();
        view! {
            {pairing.map(|pairing| view! { <Paired reader pairing/> })}
            <form class="form" method="post" action="/account/second-factor">
                <OnceField/>
                <TextField
                    name="code"
                    label=reader.say("second-factor-code")
                    help=Some(reader.say("second-factor-code-help"))
                    value=String::new()
                    faults
                    autocomplete="one-time-code"
                    inputmode=Some("numeric")
                    maxlength=20
                />
                <button class="button button--tall">{reader.say("second-factor-turn-on")}</button>
            </form>
            {is_back.then(|| view! {
                <p>{reader.say("second-factor-again")}</p>
                <Begin reader faults=again/>
            })}
            <Back reader to="/account"/>
        }
    })
}

/// It is on.
pub(super) fn on(state: &AppState, visitor: &Visitor, left: i64) -> Response {
    let reader = visitor.reader;
    let few = left <= 3;
    let left = reader.say_with("second-factor-left", &[("n", &reader.whole(left))]);
    whole(state, visitor, move || {
        view! {
            <Note kind="good" icon="check" text=reader.say("second-factor-on")/>
            <Note kind=if few { "warn" } else { "" } icon="key" text=left/>
            <div class="group">
                <a class="button" href="/account/second-factor/codes">
                    <Icon name="key"/>
                    <span>{Act::NewCodes.say(&reader, "title")}</span>
                </a>
                <a class="button button--danger-plain" href="/account/second-factor/off">
                    <Icon name="cross"/>
                    <span>{Act::TurnOff.say(&reader, "title")}</span>
                </a>
            </div>
            <Back reader to="/account"/>
        }
    })
}

/// The recovery codes, which nobody sees again who has left this page.
pub(super) fn codes(state: &AppState, visitor: &Visitor, codes: &[Code]) -> Response {
    let reader = visitor.reader;
    let texts: Vec<String> = codes.iter().map(Code::to_string).collect();
    // a file without a server: the lines stand in the link itself
    let lines = texts.join("%0A").replace(' ', "%20");
    let file = format!("data:text/plain;charset=utf-8,{lines}%0A");
    whole(state, visitor, move || {
        let rows = texts.into_iter().map(|code| view! { <li class="code">{code}</li> });
        view! {
            <Note kind="good" icon="check" text=reader.say("second-factor-on")/>
            <section class="ticket">
                <h2>{reader.say("second-factor-keep")}</h2>
                <p>{reader.say("second-factor-keep-help")}</p>
                <ol>{rows.collect_view()}</ol>
                <p><b>{reader.say("second-factor-once")}</b></p>
            </section>
            <div class="group">
                <a class="button" download="tokkatot.txt" href=file>
                    <Icon name="download"/>
                    <span>{reader.say("second-factor-download")}</span>
                </a>
                <a class="button button--plain" href="/account">
                    <Icon name="check"/>
                    <span>{reader.say("second-factor-kept")}</span>
                </a>
            </div>
        }
    })
}

/// The page of an act, which asks who it is.
pub(super) fn act(state: &AppState, visitor: &Visitor, act: Act, faults: Faults) -> Response {
    let reader = visitor.reader;
    let page = Page { title: act.say(&reader, "title"), ..Page::default() };
    let class = match act {
        Act::NewCodes => "button button--tall",
        Act::TurnOff => "button button--tall button--danger",
    };
    respond(state, visitor, page, || {
        view! {
            <div class="page__head">
                <h1>{act.say(&reader, "title")}</h1>
                <p class="lead">{act.say(&reader, "what")}</p>
            </div>
            <form class="form" method="post" action=format!("/account/second-factor/{}", act.name())>
                {(act == Act::NewCodes).then(|| view! { <OnceField/> })}
                <PasswordField
                    reader
                    name="proof"
                    label=reader.say("second-factor-proof")
                    help=Some(reader.say("second-factor-proof-help"))
                    faults
                    autocomplete="current-password"
                />
                <button class=class>{act.say(&reader, "title")}</button>
            </form>
            <Back reader to="/account"/>
        }
    })
}

fn whole<V: IntoView + 'static>(
    state: &AppState,
    visitor: &Visitor,
    content: impl FnOnce() -> V,
) -> Response {
    let reader = visitor.reader;
    let page = Page { title: reader.say("second-factor-title"), ..Page::default() };
    respond(state, visitor, page, || {
        view! { <h1>{reader.say("second-factor-title")}</h1> {content()} }
    })
}

/// What the app scans or is told.
#[component]
fn Paired(reader: Reader, pairing: Pairing) -> impl IntoView {
    view! {
        <section class="ticket">
            <p><b>{reader.say("second-factor-scan")}</b></p>
            <Qr text=pairing.uri.clone() label=reader.say("second-factor-qr")/>
            <p>{reader.say("second-factor-type")}</p>
            <p class="code">{in_fours(&pairing.secret)}</p>
            <a class="button button--plain" href=pairing.uri>
                <Icon name="phone"/>
                <span>{reader.say("second-factor-here")}</span>
            </a>
        </section>
    }
}

/// The password makes a new secret.
#[component]
fn Begin(reader: Reader, faults: Faults) -> impl IntoView {
    view! {
        <form class="form" method="post" action="/account/second-factor/begin">
            <PasswordField
                reader
                name="password"
                label=reader.say("password")
                help=Some(reader.say("password-again"))
                faults
                autocomplete="current-password"
            />
            <button class="button button--tall">{reader.say("second-factor-begin")}</button>
        </form>
    }
}

/// In groups of four, which can be read out and break over lines.
fn in_fours(secret: &str) -> String {
    let letters: Vec<char> = secret.chars().collect();
    letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}
