//! The island at work.
use super::api::{Answer, Failed, tap};
use crate::live::dom;
use leptos::{prelude::set_timeout, task::spawn_local};
use std::time::Duration;
use wasm_bindgen::JsCast;
use web_sys::{Element, Event, SubmitEvent};

/// What the stream has not told after so long it does not tell: the page is asked for again.
const PATIENCE: Duration = Duration::from_secs(4);

/// A tap under way: what stood there, and what stands there now.
struct Tapped {
    form: Element,
    device: String,
    /// The bolt as it was, and as it is shown.
    bolt: Option<(Element, Element)>,
    note: Option<Element>,
}

/// From now on taps are sent from here.
pub(super) fn start() {
    dom::on_document("submit", |event| _ = tapped(&event));
}

/// Takes a tap from the browser, if it is one.
fn tapped(event: &Event) -> Option<()> {
    let form: Element = event.target()?.dyn_into().ok()?;
    // a second tap while the first is under way was stopped before
    if event.default_prevented() || !form.has_attribute("data-taps") {
        return None;
    }
    let button: Element = event.dyn_ref::<SubmitEvent>()?.submitter()?.into();
    let (wish, id) = (button.get_attribute("value")?, field(&form, "id")?);
    let device = form.closest("[data-id]").ok()??.get_attribute("data-id")?;
    let [of, portion] = ["of", "portion_ms"].map(|name| field(&form, name).unwrap_or_default());
    serve_from(&form.get_attribute("action")?);
    event.prevent_default();
    let shown = Tapped::show(form, device.clone(), &wish);
    spawn_local(async move {
        match tap(device, id, wish, of, portion).await {
            Ok(Answer { refusal }) if refusal.is_empty() => shown.wait(),
            Ok(Answer { refusal }) => shown.take_back(&refusal),
            Err(Failed::NotReached) => shown.take_back(&dom::template_html("not-sent")),
            Err(Failed::NotDone) => shown.take_back(&dom::template_html("not-done")),
        }
    });
    Some(())
}

fn field(form: &Element, name: &str) -> Option<String> {
    dom::within(form, &format!("input[name={name}]"))?.get_attribute("value")
}

/// Server functions are served below the farm, which is the same for all of a page.
fn serve_from(action: &str) {
    let farm: Vec<&str> = action.split('/').take(3).collect();
    // set before, it is the same
    _ = leptos::server_fn::client::try_set_server_url(farm.join("/").leak());
}

impl Tapped {
    /// Says that it is on this phone, and moves nothing.
    fn show(form: Element, device: String, wish: &str) -> Self {
        if let Some(place) = dom::by_id(&format!("n-{device}")) {
            place.set_inner_html("");
        }
        let bolt = dom::within(&form, ".latch").zip(dom::template(&format!("s-{device}-{wish}")));
        let bolt = bolt.and_then(|(old, new)| {
            old.replace_with_with_node_1(&new).ok()?;
            Some((old, dom::within(&form, ".latch")?))
        });
        let note = dom::template("sending").and_then(|note| {
            form.append_child(&note).ok()?;
            form.last_element_child()
        });
        // its button may be gone: whoever uses the keyboard stays here
        dom::set(&form, "tabindex", "-1");
        dom::focus(&form);
        Self { form, device, bolt, note }
    }

    /// It is under way. The stream exchanges all of this for what is true.
    fn wait(self) {
        set_timeout(
            move || {
                if self.form.is_connected() {
                    dom::reload();
                }
            },
            PATIENCE,
        );
    }

    /// It came to nothing: all is as it was, and it is said why.
    fn take_back(self, why: &str) {
        // nothing of this fails: whatever the stream has exchanged meanwhile is not on the page any more
        _ = self.form.remove_attribute("data-sent");
        if let Some(note) = self.note {
            note.remove();
        }
        if let Some((old, new)) = self.bolt {
            _ = new.replace_with_with_node_1(&old);
        }
        if let Some(place) = dom::by_id(&format!("n-{}", self.device)) {
            place.set_inner_html(why);
        }
    }
}
