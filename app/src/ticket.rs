//! A code to hand over: for a phone's camera, to read out and type, and as a link.
use crate::{qr::Qr, reader::Reader, state::AppState};
use domain::codes::Code;
use leptos::prelude::*;

/// What is handed over.
#[derive(Debug, Clone)]
pub(crate) struct Handover {
    /// The code.
    pub(crate) code: Code,
    /// Where it leads, whole.
    pub(crate) link: String,
}

impl Handover {
    /// A code that leads to a place of ours, such as `join`.
    pub(crate) fn new(state: &AppState, place: &str, code: Code) -> Self {
        let link = format!("{}/{place}/{}", state.origin, code.as_str());
        Self { code, link }
    }

    /// The code of a controller, as it stands on its box.
    pub(crate) fn by_claim(state: &AppState, code: Code) -> Self {
        let link = format!("{}/claim?code={}", state.origin, code.as_str());
        Self { code, link }
    }
}

/// Any code: each has as many bits as a code can have.
pub(crate) fn new_code() -> Code {
    Code::from_bits(rand::random())
}

/// The ticket.
#[component]
pub(crate) fn Ticket(
    /// How the person reads.
    reader: Reader,
    /// What is handed over.
    handover: Handover,
    /// What it is for.
    about: String,
    /// What the drawing is, for people who do not see it.
    label: String,
    /// How long it is good for.
    until: String,
) -> impl IntoView {
    view! {
        <div class="ticket">
            <p>{about}</p>
            <Qr text=handover.link.clone() label/>
            <p>{reader.say("ticket-help")}</p>
            <p class="code">{handover.code.to_string()}</p>
            <p>{reader.say("ticket-link")}</p>
            <p class="address">{handover.link}</p>
            <p class="lead">{until}</p>
        </div>
    }
}
