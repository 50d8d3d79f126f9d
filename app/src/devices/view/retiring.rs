//! The page that asks before what runs goes out of use.
use super::super::retire::may_run;
use crate::{forms::consequence, icons::Icon, reader::Reader};
use leptos::prelude::*;
use store::devices::Device;

/// Whether a device that runs is to go out of use.
#[component]
pub(crate) fn AskRetiring(
    reader: Reader,
    title: String,
    device: Device,
    back: String,
) -> impl IntoView {
    let unheard = (!device.is_online).then_some(("offline", "device-retire-unheard"));
    let first = may_run(&device).then_some(("off", "device-retire-off"));
    let all = [first, unheard, Some(("undo", "device-retire-back"))].into_iter().flatten();
    let all = all.map(|(icon, text)| consequence(&reader, icon, text));
    view! {
        <div class="page__head"><h1>{title}</h1></div>
        <ul class="list">{all.collect_view()}</ul>
        <form method="post" class="group">
            <button class="button button--danger" name="sure" value="yes">
                <Icon name="pause"/>
                <span>{reader.say("device-retire")}</span>
            </button>
            <a class="button button--plain" href=back>{reader.say("cancel")}</a>
        </form>
    }
}
