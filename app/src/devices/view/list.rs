//! The list of devices, and of those that are out of use.
use super::{
    super::{known::Known, tell::Chosen, words::kind_name},
    To,
};
use crate::{
    board::{Board, Groups},
    houses::{HousePick, Picked},
    icons::Icon,
    reader::Reader,
};
use chrono_tz::Tz;
use domain::{FarmId, Timestamp};
use leptos::prelude::*;
use store::devices::Device;

/// All devices, live.
#[component]
pub(crate) fn List(
    reader: Reader,
    known: Known,
    chosen: Chosen,
    board: Board,
    /// How many are out of use.
    retired: i64,
) -> impl IntoView {
    let farm = known.facts.farm.id;
    let is_empty = board.groups.is_empty();
    let title = reader.say(if is_empty { "devices-none" } else { "devices-title" });
    let lead = is_empty.then(|| view! { <p class="lead">{reader.say("devices-none-help")}</p> });
    let claim = chosen.may_edit.then(|| {
        let word = reader.say("claim-title");
        view! { <To href=format!("/farms/{farm}/claim") icon="plus" word class=""/> }
    });
    let (house, houses) = (chosen.house, known.facts.farm.houses);
    let picked = Picked { farm, place: "devices", house, houses };
    let again = picked.address();
    let out = (retired > 0).then(|| {
        let word = reader.say_with("devices-retired-number", &[("n", &reader.whole(retired))]);
        let href = format!("/farms/{farm}/devices?list=retired");
        view! { <To href icon="pause" word class="button--quiet"/> }
    });
    view! {
        <div class="page__head"><h1>{title}</h1>{lead}</div>
        <HousePick reader picked/>
        <Groups board/>
        {claim}
        <To href=again icon="refresh" word=reader.say("home-check-now") class="button--quiet"/>
        {out}
    }
}

/// Devices that are out of use; each leads to its page, where it comes back.
#[component]
pub(crate) fn Retired(
    reader: Reader,
    farm: FarmId,
    retired: Vec<Device>,
    now: Timestamp,
    zone: Tz,
) -> impl IntoView {
    let is_empty = retired.is_empty();
    let rows = retired.into_iter().map(|device| {
        let icon = device.icon.unwrap_or(device.kind.icon()).name();
        let since = device.retired_at.map(|at| {
            let when = reader.when(at, now, zone);
            reader.say_with("device-retired-since", &[("when", &when)])
        });
        let about = [Some(kind_name(&reader, device.kind)), since];
        let about = about.into_iter().flatten().collect::<Vec<_>>().join(" · ");
        view! {
            <li>
                <a class="row row--to" href=format!("/farms/{farm}/devices/{}", device.id)>
                    <Icon name=icon/>
                    <span><b>{device.name}</b><small>{about}</small></span>
                    <Icon name="next"/>
                </a>
            </li>
        }
    });
    let title = if is_empty { "devices-retired-none" } else { "devices-retired" };
    view! {
        <div class="page__head">
            <h1>{reader.say(title)}</h1>
            <p class="lead">{reader.say("devices-retired-help")}</p>
        </div>
        {(!is_empty).then(|| view! { <ul class="list">{rows.collect_view()}</ul> })}
        <To
            href=format!("/farms/{farm}/devices")
            icon="back"
            word=reader.say("devices-all")
            class="button--quiet"
        />
    }
}
