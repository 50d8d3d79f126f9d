//! Puts what the stream brings where it belongs. The server wrote the page and writes its pieces.
use super::{dom, json::Json};
use web_sys::Element;

/// Makes the page what the server says it is.
pub(super) fn apply(patch: &Json) {
    if patch.get("main").is_some()
        && let Some(main) = dom::by_id("main")
    {
        let used = dom::within(&main, ":focus").and_then(|used| used.closest("[id]").ok()?);
        let used = used.map(|piece| piece.id()).unwrap_or_default();
        keeping_focus(&used, || main.set_inner_html(&patch.text("main")));
    }
    for piece in patch.list("pieces") {
        let (id, html) = piece.pair();
        if let Some(piece) = dom::by_id(&id) {
            keeping_focus(&id, || piece.set_outer_html(&html));
        }
    }
    for value in patch.list("values") {
        if let Some(place) = dom::by_id(&value.text("id")) {
            put(&place, &value);
        }
    }
}

fn put(place: &Element, value: &Json) {
    if let Some(shown) = value.get("shown") {
        if let Some(data) = dom::within(place, "data.reading") {
            dom::set_text(&data, &shown.text("text"));
            dom::set(&data, "value", &shown.text("data"));
        }
        if let Some(pin) = dom::within(place, ".gauge__pin") {
            dom::set(&pin, "cx", &shown.text("pin"));
        }
    }
    let is_clock = place.has_attribute("data-at");
    let clock = if is_clock { Some(place.clone()) } else { dom::within(place, "[data-at]") };
    let (Some(clock), Some(age)) = (clock, value.get("age")) else { return };
    for name in ["at", "stale", "gone"] {
        dom::set(&clock, &format!("data-{name}"), &age.number(name).to_string());
    }
    dom::set(&clock, "data-clock", &value.text("clock"));
    if let Some(time) = dom::time_of(&clock) {
        dom::set(&time, "datetime", &value.text("datetime"));
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
