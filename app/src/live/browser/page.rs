//! Puts what the stream brings where it belongs. The server wrote the page and writes its pieces.
use super::dom;
use crate::live::{PagePatch, ValuePatch};
use web_sys::Element;

/// Makes the page what the server says it is.
pub(super) fn apply(patch: &PagePatch) {
    if let Some(html) = &patch.main {
        if let Some(main) = dom::by_id("main") {
            main.set_inner_html(html);
        }
    }
    for (id, html) in &patch.pieces {
        if let Some(piece) = dom::by_id(id) {
            keeping_focus(id, || piece.set_outer_html(html));
        }
    }
    for value in &patch.values {
        if let Some(place) = dom::by_id(&value.id) {
            put(&place, value);
        }
    }
}

fn put(place: &Element, value: &ValuePatch) {
    if let Some(shown) = &value.shown {
        if let Some(data) = dom::within(place, "data.reading") {
            dom::set_text(&data, &shown.text);
            dom::set(&data, "value", &shown.data);
        }
        if let Some(pin) = dom::within(place, ".gauge__pin") {
            dom::set(&pin, "cx", &shown.pin);
        }
    }
    let clock = if place.has_attribute("data-at") {
        Some(place.clone())
    } else {
        dom::within(place, "[data-at]")
    };
    if let Some(clock) = clock {
        dom::set(&clock, "data-at", &value.age.at.to_string());
        dom::set(&clock, "data-stale", &value.age.stale.to_string());
        dom::set(&clock, "data-gone", &value.age.gone.to_string());
        dom::set(&clock, "data-clock", &value.clock);
        let time =
            if clock.tag_name() == "TIME" { Some(clock) } else { dom::within(&clock, "time") };
        if let Some(time) = time {
            dom::set(&time, "datetime", &value.datetime);
        }
    }
}

/// A link that is being used stays in use when its piece is exchanged.
fn keeping_focus(id: &str, exchange: impl FnOnce()) {
    let had_focus = dom::within_id(id, ":focus").is_some();
    exchange();
    if had_focus && let Some(link) = dom::within_id(id, "a, button") {
        dom::focus(&link);
    }
}
