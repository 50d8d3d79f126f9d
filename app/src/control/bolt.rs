//! The bolt of a latch as HTML: where the device says that it is, and how far a command has come that is to move it.
use super::model::{Bolt, BoltWords, Trail, Way};
use crate::icons::Icon;
use leptos::prelude::*;

/// The chick that carries a command.
const WALKER: &str = include_str!("../drawings/walker.svg");

/// The bolt of a device, with what it looks like the moment that it is tapped.
#[component]
pub(super) fn OneBolt(
    bolt: Bolt,
    words: BoltWords,
    /// What stands where its command goes.
    goal: String,
    /// The device's identity.
    id: String,
) -> impl IntoView {
    // a bolt that can be moved, with what it looks like from then on
    let shut = |way: Way, bolt: AnyView| {
        let sending = Sending { id: id.clone(), from: Some(way.other()), way };
        view! { {bolt} <SendingTemplate sending words=words.clone()/> }.into_any()
    };
    let why = format!("w-{id}");
    let on = plate(Some(Way::On), &words);
    let off = plate(Some(Way::Off), &words);
    match bolt {
        Bolt::On => shut(
            Way::Off,
            view! {
                <button class="latch latch--on" name="wish" value="off" aria-describedby=why>
                    <span class="latch__verb">{words.turn_off.clone()}</span>
                    {on}
                </button>
            }
            .into_any(),
        ),
        Bolt::Off => shut(
            Way::On,
            view! {
                <button class="latch" name="wish" value="on" aria-describedby=why>
                    {off}
                    <span class="latch__verb">{words.turn_on.clone()}</span>
                </button>
            }
            .into_any(),
        ),
        Bolt::Unknown => {
            let sending = |way| Sending { id: id.clone(), from: None, way };
            view! {
                <div class="latch latch--unknown">
                    <button name="wish" value="off" aria-describedby=why.clone()>
                        {words.turn_off.clone()}
                    </button>
                    {plate(None, &words)}
                    <button name="wish" value="on" aria-describedby=why>
                        {words.turn_on.clone()}
                    </button>
                </div>
                <SendingTemplate sending=sending(Way::Off) words=words.clone()/>
                <SendingTemplate sending=sending(Way::On) words=words.clone()/>
            }
            .into_any()
        }
        Bolt::Going(trail) => view! { <OnItsWay trail words goal class="latch latch--going"/> }.into_any(),
        Bolt::Halted(trail) => {
            view! { <OnItsWay trail words goal class="latch latch--going latch--halted"/> }.into_any()
        }
        Bolt::Locked => view! {
            <div class="latch latch--locked">
                {off}
                <span class="latch__verb"><Icon name="lock"/><span>{words.locked.clone()}</span></span>
            </div>
        }
        .into_any(),
        Bolt::Act => shut(
            Way::On,
            view! {
                <button class="latch latch--act" name="wish" value="on" aria-describedby=why>
                    <Icon name="feeder"/>
                    <span>{words.turn_on.clone()}</span>
                </button>
            }
            .into_any(),
        ),
    }
}

/// What the device says.
fn plate(says: Option<Way>, words: &BoltWords) -> impl IntoView + use<> {
    let (icon, word) = match says {
        Some(Way::On) => ("on", words.on.clone()),
        Some(Way::Off) => ("off", words.off.clone()),
        None => ("question", words.unknown.clone()),
    };
    view! { <span class="latch__plate" aria-hidden="true"><Icon name=icon/><span>{word}</span></span> }
}

/// A bolt whose plate stands where it stood, and a command that is going or has stopped.
#[component]
fn OnItsWay(trail: Trail, words: BoltWords, goal: String, class: &'static str) -> impl IntoView {
    let is_back = trail.from == Some(Way::On) || (trail.from.is_none() && trail.way == Way::Off);
    let is_halted = class.ends_with("--halted");
    let class = if is_back { format!("{class} latch--back") } else { class.to_owned() };
    let mut parts = vec![
        plate(trail.from, &words).into_any(),
        view! { <Steps trail is_halted is_back/> }.into_any(),
        view! { <span class="latch__goal" aria-hidden="true">{goal}</span> }.into_any(),
    ];
    if is_back {
        parts.reverse();
    }
    view! { <div class=class>{parts}</div> }
}

/// Three places: those behind the chick are filled, and it stands at the next one.
#[component]
fn Steps(trail: Trail, is_halted: bool, is_back: bool) -> impl IntoView {
    let place = |place: u8| {
        if place < trail.done {
            view! { <span class="stop stop--done"></span> }.into_any()
        } else if place > trail.done {
            view! { <span class="stop"></span> }.into_any()
        } else if !is_halted {
            view! {
                <svg class="walker" viewBox="0 0 24 24" aria-hidden="true" inner_html=WALKER></svg>
            }
            .into_any()
        } else if trail.is_bad {
            view! { <Icon name="critical" class="trail__end trail__end--bad"/> }.into_any()
        } else {
            view! { <Icon name="question" class="trail__end"/> }.into_any()
        }
    };
    let mut places: Vec<AnyView> = (0..3).map(place).collect();
    if is_back {
        places.reverse();
    }
    view! { <span class="trail" aria-hidden="true">{places}</span> }
}

/// What a tap looks like until the server has answered.
#[derive(Debug, Clone)]
struct Sending {
    id: String,
    from: Option<Way>,
    way: Way,
}

/// The island puts it in the bolt's place the moment that it is tapped.
#[component]
fn SendingTemplate(sending: Sending, words: BoltWords) -> impl IntoView {
    let Sending { id, from, way } = sending;
    let (end, goal) = match way {
        Way::On => ("on", words.on.clone()),
        Way::Off => ("off", words.off.clone()),
    };
    let trail = Trail { way, from, done: 0, is_bad: false };
    view! {
        <template id=format!("s-{id}-{end}")>
            <OnItsWay trail words goal class="latch latch--going"/>
        </template>
    }
}
