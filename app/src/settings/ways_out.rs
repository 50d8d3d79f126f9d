//! A page that says what a way out of the farm means, and has the button that takes it.
use crate::{
    back::Back,
    document::{Page, respond},
    icons::Icon,
    reader::Reader,
    state::AppState,
    visitor::Visitor,
};
use axum::response::Response;
use leptos::prelude::*;
use store::FarmScope;

/// What such a page says.
pub(super) struct WayOut {
    /// What will happen: an icon and a sentence each.
    pub(super) what: Vec<(&'static str, String)>,
    /// What asks and acts: the form, or why there is none.
    pub(super) action: AnyView,
}

/// The page, with its question.
pub(super) fn page(
    state: &AppState,
    visitor: &Visitor,
    (scope, name): (&FarmScope, String),
    (title, way): (String, impl FnOnce() -> WayOut),
) -> Response {
    let reader = visitor.reader;
    let page = Page { title: title.clone(), farm: Some((scope.farm(), name)), ..Page::default() };
    let back = format!("/farms/{}/settings", scope.farm());
    respond(state, visitor, page, || view! { <Way reader title way=way() back/> })
}

#[component]
fn Way(reader: Reader, title: String, way: WayOut, back: String) -> impl IntoView {
    let what = way.what.into_iter().map(|(icon, text)| {
        view! { <li><div class="row"><Icon name=icon/><span>{text}</span></div></li> }
    });
    let what = what.collect_view();
    view! {
        <h1>{title}</h1>
        {(!what.is_empty()).then(|| view! { <ul class="list">{what}</ul> })}
        {way.action}
        <Back reader to=back/>
    }
}

/// A form with nothing but its button.
pub(super) fn button(icon: &'static str, word: String) -> AnyView {
    view! {
        <form method="post">
            <button class="button button--danger" name="sure" value="yes">
                <Icon name=icon/>
                <span>{word}</span>
            </button>
        </form>
    }
    .into_any()
}
