//! From a page's content to the whole HTML document: head, top, and the page itself. Pages are plain
//! functions of their data; nothing is awaited while they are written.
use crate::{
    forms::{Done, Note},
    icons::Icon,
    live::{Live, LiveWords},
    once::Once,
    reader::{Digits, Lang, Reader},
    state::{AppState, Assets},
    stops::{Banner, Stops},
    visitor::Visitor,
};
use axum::response::{Html, IntoResponse, Response};
use domain::{FarmId, Timestamp};
use http::{HeaderValue, header};
use hydration_context::SsrSharedContext;
use leptos::prelude::*;
use std::sync::Arc;

/// What a page is, apart from its content.
#[derive(Debug, Clone, Default)]
pub(crate) struct Page {
    /// The title of the browser's tab, before the product's name.
    pub(crate) title: String,
    /// The farm whose page it is.
    pub(crate) farm: Option<(FarmId, String)>,
    /// The classes of `<main>`.
    pub(crate) class: &'static str,
    /// The live stream of a page that has one.
    pub(crate) live: Option<LiveSource>,
    /// Whether its content tells of emergency stops itself.
    pub(crate) tells_stops: bool,
}

/// Where a page's live stream is, and what the page was made of.
#[derive(Debug, Clone)]
pub(crate) struct LiveSource {
    /// The stream's address.
    pub(crate) address: String,
    /// The content's fingerprint: the stream sends only what differs.
    pub(crate) fingerprint: String,
    /// The time the page was made for, milliseconds.
    pub(crate) now: i64,
    /// The words for while the connection is lost. They stand beside the content, never within it: the
    /// stream replaces that, and could not bring them again.
    pub(crate) lost: fn(Reader) -> AnyView,
}

/// Writes a view as HTML, outside of any request.
pub(crate) fn render<V: IntoView + 'static>(
    assets: &Arc<Assets>,
    view: impl FnOnce() -> V,
) -> String {
    let owner = Owner::new_root(Some(Arc::new(SsrSharedContext::new())));
    let html = owner.with(|| {
        provide_context(Arc::clone(assets));
        view().to_html()
    });
    owner.unset_with_forced_cleanup();
    html
}

/// A whole document as an answer.
pub(crate) fn respond<V: IntoView + 'static>(
    state: &AppState,
    visitor: &Visitor,
    page: Page,
    content: impl FnOnce() -> V,
) -> Response {
    let now = state.clock.now();
    let html = render(&state.assets, || {
        view! { <Document visitor=visitor.clone() page content=content().into_any() now/> }
    });
    let mut response = Html(html).into_response();
    if visitor.done.is_some() {
        Done::forget(&mut response);
    }
    if visitor.has_left() {
        Once::forget(&mut response, visitor);
    }
    response
}

/// Marks a page that shows a secret (a password's code, a second factor): no browser keeps it, not even to
/// go back to.
pub(crate) fn secret(mut response: Response) -> Response {
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[component]
fn Document(visitor: Visitor, page: Page, content: AnyView, now: Timestamp) -> impl IntoView {
    let reader = visitor.reader;
    let account = visitor.account.as_ref();
    let text_size = account.map(|a| a.text_size.clone()).filter(|size| size != "normal");
    let theme = account.map(|a| a.theme.clone()).filter(|theme| theme != "auto");
    let main_class = format!("page {}", page.class);
    let title = format!("{} · {}", page.title, reader.say("brand"));
    let done = visitor.done.as_ref().and_then(|done| done.say(&reader));
    let done = done.map(|text| {
        view! { <div class="done" role="status"><Note kind="good" icon="check" text/></div> }
    });
    let stops = page.farm.as_ref().filter(|_| !page.tells_stops).map(|(farm, _)| {
        view! { <Stops banner=Banner::of(&visitor, *farm) now/> }
    });
    let live = page.live.clone().map(|source| {
        let lost = (source.lost)(reader);
        provide_context(live_words(&reader, source));
        view! { <Live/> {lost} }
    });
    view! {
        <!DOCTYPE html>
        <html lang=reader.lang.code() data-text=text_size data-theme=theme>
            <Head lang=reader.lang nonce=visitor.nonce.clone() title/>
            <body>
                <a class="skip" href="#main">{reader.say("skip")}</a>
                <Top visitor farm=page.farm/>
                <div class="krama"></div>
                {stops}
                {done}
                {live}
                <main class=main_class id="main" tabindex="-1">{content}</main>
            </body>
        </html>
    }
}

#[component]
fn Head(lang: Lang, nonce: String, title: String) -> impl IntoView {
    let assets = expect_context::<Arc<Assets>>();
    let font = match lang {
        Lang::Km => "fonts/kantumruy-khmer-400.woff2",
        Lang::En => "fonts/kantumruy-latin-400.woff2",
    };
    // Links are fetched when they are pointed at. No page has an effect when it is only looked at.
    let prefetch = r#"{"prefetch":[{"where":{"and":[{"href_matches":"/*"},{"not":{"selector_matches":"[download]"}}]},"eagerness":"moderate"}]}"#;
    view! {
        <head>
            <meta charset="utf-8"/>
            <meta name="viewport" content="width=device-width, initial-scale=1"/>
            <title>{title}</title>
            <link rel="preload" href=assets.address(font) r#as="font" r#type="font/woff2" crossorigin="anonymous"/>
            <link rel="stylesheet" href=assets.address("css")/>
            <link rel="icon" href=assets.address("logo.svg") r#type="image/svg+xml"/>
            <link rel="manifest" href=format!("/manifest/{}", lang.code())/>
            <meta name="theme-color" media="(prefers-color-scheme: light)" content="#FFFDF8"/>
            <meta name="theme-color" media="(prefers-color-scheme: dark)" content="#1D211A"/>
            <script
                r#type="module"
                nonce=nonce.clone()
                src=assets.address("boot")
                data-js=assets.address("js")
                data-wasm=assets.address("wasm")
            ></script>
            <script r#type="speculationrules" nonce=nonce inner_html=prefetch></script>
        </head>
    }
}

#[component]
fn Top(visitor: Visitor, farm: Option<(FarmId, String)>) -> impl IntoView {
    let assets = expect_context::<Arc<Assets>>();
    let reader = visitor.reader;
    let of = farm.as_ref().map(|(id, _)| *id);
    let (home, name) = match farm {
        Some((id, name)) => (format!("/farms/{id}"), view! { <span>{name}</span> }.into_any()),
        None => ("/".to_owned(), wordmark(reader.say("brand")).into_any()),
    };
    view! {
        <header class="top">
            <a class="top__farm" href=home>
                <img src=assets.address("logo.svg") alt="" width="40" height="40"/>
                {name}
            </a>
            <LanguageSwitch visitor=visitor.clone()/>
            {visitor.account.is_some().then(|| view! { <Who visitor farm=of/> })}
        </header>
    }
}

/// The product's name, drawn.
pub(crate) fn wordmark(name: String) -> impl IntoView {
    let sprite = expect_context::<Arc<Assets>>().address("icons.svg");
    view! {
        <svg class="wordmark" role="img" aria-label=name>
            <use href=format!("{sprite}#wordmark")/>
        </svg>
    }
}

/// The other language, under its own name.
#[component]
fn LanguageSwitch(visitor: Visitor) -> impl IntoView {
    let reader = visitor.reader;
    let other = reader.lang.other();
    let (word, name) = (reader.say("language-other"), reader.say("language-other-name"));
    view! {
        <form class="top__form" method="post" action="/language">
            <input type="hidden" name="back" value=visitor.address/>
            <button class="top__lang" name="to" value=other.code() lang=other.code() aria-label=name>
                <Icon name="language"/>
                <span>{word}</span>
            </button>
        </form>
    }
}

/// The menu behind the person's name: what belongs to the farm, then what belongs to the person.
#[component]
fn Who(visitor: Visitor, farm: Option<FarmId>) -> impl IntoView {
    let reader = visitor.reader;
    let Some(account) = visitor.account else { return ().into_any() };
    let entry = move |to: String, icon: &'static str, word: &str| {
        view! { <a href=to><Icon name=icon/><span>{reader.say(word)}</span></a> }
    };
    let of_farm = farm.map(|farm| {
        FARM_MENU
            .map(|(place, icon, word)| entry(format!("/farms/{farm}/{place}"), icon, word))
            .collect_view()
    });
    view! {
        <details class="who">
            <summary>
                <Icon name="person"/>
                <span>{account.name}</span>
            </summary>
            <nav class="who__menu" aria-label=reader.say("account")>
                {of_farm}
                {entry("/farms".to_owned(), "home", "farms-title")}
                {entry("/account".to_owned(), "person", "account-title")}
                <form method="post" action="/sign-out">
                    <button>
                        <Icon name="leave"/>
                        <span>{reader.say("sign-out")}</span>
                    </button>
                </form>
            </nav>
        </details>
    }
    .into_any()
}

/// Pages of a farm that its members reach from the menu: place, icon, word.
const FARM_MENU: [(&str, &str, &str); 6] = [
    ("stop", "hand", "stop-title"),
    ("devices", "sensor", "devices-title"),
    ("members", "people", "members-title"),
    ("houses", "coop", "houses-title"),
    ("events", "log", "events-title"),
    ("settings", "settings", "settings-title"),
];

/// The island's words.
fn live_words(reader: &Reader, source: LiveSource) -> LiveWords {
    LiveWords {
        address: source.address,
        fingerprint: source.fingerprint,
        now: source.now,
        lost: reader.say("live-lost"),
        lost_since: reader.say_with("live-lost-since", &[("time", "{time}")]),
        ago: reader.ago_patterns().join("|"),
        digits: match reader.digits {
            Digits::Latin => String::new(),
            Digits::Khmer => Digits::Khmer.all().to_owned(),
        },
    }
}
