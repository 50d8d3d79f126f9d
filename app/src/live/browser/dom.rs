//! The few things we ask of the browser.
use leptos::prelude::{document, set_interval, window};
use std::time::Duration;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};
use web_sys::{Document, Element, Event, EventTarget, NodeList};

pub(crate) fn on_window(name: &str, work: impl Fn(Event) + 'static) {
    listen(&window(), name, work);
}

pub(crate) fn on_document(name: &str, work: impl Fn(Event) + 'static) {
    listen(&document(), name, work);
}

/// For as long as the page lives.
pub(crate) fn listen(target: &EventTarget, name: &str, work: impl Fn(Event) + 'static) {
    let work = Closure::<dyn Fn(Event)>::new(work).into_js_value();
    // the names are right, so it does not fail
    _ = target.add_event_listener_with_callback(name, work.unchecked_ref());
}

pub(crate) fn every_second(work: fn()) {
    set_interval(work, Duration::from_secs(1));
}

pub(crate) fn is_hidden() -> bool {
    document().hidden()
}

/// The phone's clock, milliseconds. It may be wrong; only differences of it are used.
pub(crate) fn phone_clock() -> i64 {
    #[expect(clippy::as_conversions, reason = "milliseconds since 1970 fit an i64 by far")]
    let millis = js_sys::Date::now() as i64;
    millis
}

pub(crate) fn by_id(id: &str) -> Option<Element> {
    page().get_element_by_id(id)
}

pub(crate) fn all(selector: &str) -> impl Iterator<Item = Element> {
    elements(page().query_selector_all(selector))
}

pub(crate) fn within(element: &Element, selector: &str) -> Option<Element> {
    element.query_selector(selector).ok().flatten()
}

/// The `<time>` that tells an age.
pub(crate) fn time_of(clock: &Element) -> Option<Element> {
    if clock.tag_name() == "TIME" { Some(clock.clone()) } else { within(clock, "time") }
}

/// A copy of what a `<template>` of the page holds.
pub(crate) fn template(id: &str) -> Option<web_sys::Node> {
    let template = by_id(id)?.dyn_into::<web_sys::HtmlTemplateElement>().ok()?;
    template.content().clone_node_with_deep(true).ok()
}

/// What a `<template>` of the page holds, as text that can be put elsewhere.
pub(crate) fn template_html(id: &str) -> String {
    by_id(id).map(|template| template.inner_html()).unwrap_or_default()
}

/// The text of what a `<template>` of the page holds.
pub(crate) fn template_text(id: &str) -> String {
    template(id).and_then(|content| content.text_content()).unwrap_or_default()
}

pub(crate) fn set(element: &Element, name: &str, value: &str) {
    if element.get_attribute(name).as_deref() != Some(value) {
        // the names are right, so it does not fail
        _ = element.set_attribute(name, value);
    }
}

/// Gives a class to the element of that id, or takes it.
pub(crate) fn set_class(id: &str, class: &str, is_set: bool) {
    if let Some(element) = by_id(id) {
        // the class is a word, so it does not fail
        _ = element.class_list().toggle_with_force(class, is_set);
    }
}

/// Replaces text only where it differs: nothing flickers, and a selection stays.
pub(crate) fn set_text(element: &Element, text: &str) {
    if element.text_content().as_deref() != Some(text) {
        element.set_text_content(Some(text));
    }
}

pub(crate) fn number(element: &Element, name: &str) -> Option<i64> {
    element.get_attribute(name)?.parse().ok()
}

fn page() -> Document {
    document()
}

fn elements(list: Result<NodeList, JsValue>) -> impl Iterator<Item = Element> {
    let list = list.ok();
    let length = list.as_ref().map_or(0, NodeList::length);
    (0..length).filter_map(move |i| list.as_ref()?.item(i)?.dyn_into().ok())
}

pub(crate) fn within_id(id: &str, selector: &str) -> Option<Element> {
    within(&by_id(id)?, selector)
}

pub(crate) fn focus(element: &Element) {
    if let Some(element) = element.dyn_ref::<web_sys::HtmlElement>() {
        // an element that can not be focused simply is not
        _ = element.focus();
    }
}

/// The page as the server would make it now.
pub(crate) fn reload() {
    // a page that can not be loaded again stays as it is
    _ = window().location().reload();
}

/// Asks for the page itself: if that leads elsewhere now (signed out, no longer a member), goes there.
pub(crate) fn leave_if_refused() {
    let answered = Closure::once_into_js(|answer: JsValue| {
        let Ok(answer) = answer.dyn_into::<web_sys::Response>() else { return };
        if answer.redirected() || answer.status() == 404 {
            reload();
        }
    });
    let failed = Closure::once_into_js(|_: JsValue| {});
    if let Ok(address) = window().location().href() {
        let answer = window().fetch_with_str(&address);
        let then = answer.unchecked_ref::<JsPromise>();
        then.then_or(answered.unchecked_ref(), failed.unchecked_ref());
    }
}

#[wasm_bindgen::prelude::wasm_bindgen]
extern "C" {
    /// A promise, as far as we need it: without a runtime for futures.
    type JsPromise;
    #[wasm_bindgen(method, js_name = then)]
    fn then_or(this: &JsPromise, work: &js_sys::Function, failed: &js_sys::Function) -> JsValue;
}
