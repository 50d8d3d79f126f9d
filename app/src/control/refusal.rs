//! Why a tap was not done, below its device: said on the page that follows it, or put there by the island.
use super::{latch::Note, model::LatchNote, switches::Switches, tap::Became};
use crate::{
    commands::name_of,
    home::{Sentence, Teller},
};
use domain::{DeviceId, commands::Refused};
use leptos::prelude::*;
use std::sync::Arc;

/// What is said below which devices.
#[derive(Debug, Clone, Default)]
pub(crate) struct Refusals(Arc<Vec<(String, LatchNote)>>);

impl Refusals {
    /// Several at once.
    pub(super) fn new(all: impl IntoIterator<Item = (DeviceId, LatchNote)>) -> Self {
        let all = all.into_iter().map(|(device, note)| (device.to_string(), note));
        Self(Arc::new(all.collect()))
    }
}

/// The place below a device. News leave it alone.
#[component]
pub(crate) fn Refusal(
    /// The device's identity.
    id: String,
) -> impl IntoView {
    let said = use_context::<Refusals>().unwrap_or_default();
    let note = said.0.iter().find(|(device, _)| *device == id).map(|(_, note)| note.clone());
    view! {
        <div class="device__refusal" id=format!("n-{id}") role="status">
            {note.map(|note| view! { <Note note/> }.into_any())}
        </div>
    }
}

/// What is said of a tap that came to nothing; nothing of one that is under way.
pub(super) fn note(
    (teller, switches): (Teller<'_>, &Switches),
    wish: &str,
    became: Became,
) -> Option<LatchNote> {
    let reader = teller.reader;
    let (icon, title, text) = match became {
        Became::Told => return None,
        Became::Old => ("refresh", "control-old", reader.say("control-old-help")),
        Became::Refused(refused) => {
            let title = match wish {
                "on" => "control-not-on",
                "off" => "control-not-off",
                _ => "control-not-done",
            };
            let words = switches.words(teller);
            ("lock", title, words.refused(&refused, running(teller, &refused).as_deref()))
        }
    };
    let title = Sentence::plain(reader.say(title));
    Some(LatchNote::new("warn", icon, title).with(Sentence::plain(text)))
}

/// The name of what runs instead.
fn running(teller: Teller<'_>, refused: &Refused) -> Option<String> {
    let Refused::Interlocked(held) = refused else { return None };
    name_of(&teller.facts.farm.devices, held.by?)
}
