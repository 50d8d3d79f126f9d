//! The page on which a code is typed.
use crate::{
    forms::{Faults, TextField, consequence},
    icons::Icon,
    reader::Reader,
};
use domain::FarmId;
use leptos::prelude::*;

/// Where the code stands, and the field for it.
#[component]
pub(super) fn ClaimForm(
    reader: Reader,
    farm: (FarmId, String),
    typed: String,
    faults: Faults,
) -> impl IntoView {
    let (farm, name) = farm;
    let steps =
        [("power", "claim-step-power"), ("qr", "claim-step-code"), ("check", "claim-step-name")];
    let steps = steps.map(|(icon, text)| consequence(&reader, icon, text));
    view! {
        <div class="page__head">
            <h1>{reader.say("claim-title")}</h1>
            <p class="lead">{reader.say_with("claim-lead", &[("farm", &name)])}</p>
        </div>
        <ul class="list">{steps.collect_view()}</ul>
        <form class="form" method="post" action=format!("/farms/{farm}/claim")>
            <TextField
                name="code"
                label=reader.say("claim-code")
                help=Some(reader.say("code-help"))
                value=typed
                faults
                autocomplete="one-time-code"
                maxlength=40
            />
            <button class="button button--tall">
                <Icon name="plus"/>
                <span>{reader.say("claim-submit")}</span>
            </button>
        </form>
        <a class="button button--plain" href=format!("/farms/{farm}/devices")>{reader.say("cancel")}</a>
    }
}
